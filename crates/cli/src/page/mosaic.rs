//! Slices side by side, as one picture.

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use serde::Serialize;

use crate::page::axial::Axial;
use crate::page::numbers::millimetres;
use crate::page::scale::{Colour, Scale, palette};

/// Slices of a mosaic, and those in a row.
const SLICES: usize = 12;
const ACROSS: usize = 6;
/// About so wide is a slice, in pixels.
const WIDTH: usize = 180;
/// Between slices and above a row, and below it; both have room for what is written there.
const GAP: usize = 16;
const BELOW: usize = 24;

/// A picture of slices, and where what is written on them stands.
#[derive(Debug, Serialize)]
pub(crate) struct Mosaic {
    pub(crate) width: usize,
    pub(crate) height: usize,
    tiles: Vec<Tile>,
    /// Where the highest value is: the middle of its voxel, and a radius around it.
    peak: Option<[usize; 3]>,
    /// A colour of the palette for each pixel, in rows.
    #[serde(skip)]
    pixels: Vec<u8>,
}

/// A slice of a mosaic: the place and the size of its brain, and z.
#[derive(Debug, Serialize)]
struct Tile {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    z: String,
    #[serde(skip)]
    slice: usize,
}

impl Mosaic {
    /// Of values of the mask's voxels, with a lesion, by the numbers of its voxels, and the place of the
    /// highest value.
    pub(crate) fn new(
        axial: &Axial<'_>,
        values: &[f32],
        lesion: &[u32],
        highest: Option<usize>,
        scale: Scale,
    ) -> Self {
        let at = |voxel: usize| axial.at(axial.mask.voxels()[voxel]);
        let [across, along, _] = axial.spans();
        let [side, length, _] = axial.sides();
        let zoom = (WIDTH / across).clamp(2, 12) as f64;
        let pixels = |side: f64, other: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            let pixels = (zoom * side / side.min(other)).round().clamp(2.0, 48.0) as usize;
            pixels
        };
        let voxel = [pixels(side, length), pixels(length, side)];

        let mut wanted: Vec<usize> = highest.map(|voxel| at(voxel)[2]).into_iter().collect();
        wanted.extend(fullest(lesion.iter().map(|&voxel| at(voxel as usize)[2])));
        let slices = axial.slices(SLICES, &wanted);
        let columns = slices.len().min(ACROSS);
        let [wide, high] = [across * voxel[0], along * voxel[1]];
        let tile = |(number, slice): (usize, usize)| Tile {
            x: GAP + number % columns * (wide + 2 * GAP),
            y: GAP + number / columns * (high + GAP + BELOW),
            width: wide,
            height: high,
            z: millimetres(axial.height(slice)),
            slice,
        };
        let tiles: Vec<Tile> = slices.into_iter().enumerate().map(tile).collect();
        let rows = tiles.len().div_ceil(columns);
        let (width, height) = (columns * (wide + 2 * GAP), rows * (high + GAP + BELOW));
        let peak = highest.and_then(|peak| {
            let [x, y, z] = at(peak);
            let tile = tiles.iter().find(|tile| tile.slice == z)?;
            let (column, row) = (x - axial.first()[0], axial.first()[1] + along - 1 - y);
            let middle = [(column, tile.x, voxel[0]), (row, tile.y, voxel[1])]
                .map(|(at, start, side)| start + at * side + side / 2);
            Some([middle[0], middle[1], 4 + voxel[0].max(voxel[1])])
        });
        let mut mosaic = Self {
            width,
            height,
            peak,
            pixels: vec![Colour::Outside.index(); width * height],
            tiles,
        };
        mosaic.paint(axial, values, lesion, voxel, scale);
        mosaic
    }

    /// Paints all slices.
    fn paint(
        &mut self,
        axial: &Axial<'_>,
        values: &[f32],
        lesion: &[u32],
        voxel: [usize; 2],
        scale: Scale,
    ) {
        let mut is_lesion = vec![false; values.len()];
        for &voxel in lesion {
            is_lesion[voxel as usize] = true;
        }
        let [across, along, _] = axial.spans();
        let first = axial.first();
        let tiles: Vec<_> = self.tiles.iter().map(|tile| (tile.x, tile.y, tile.slice)).collect();
        for (left, top, slice) in tiles {
            // The number of a voxel, by column and by row from the back; none around the brain.
            let number = |column: usize, row: usize| {
                let inside = (1..=across).contains(&column) && (1..=along).contains(&row);
                let at = inside.then(|| [first[0] + column - 1, first[1] + row - 1, slice]);
                at.and_then(|at| axial.mask.number(axial.voxel(at))).map(|number| number as usize)
            };
            let in_lesion = |number: Option<usize>| number.is_some_and(|number| is_lesion[number]);
            for row in 1..=along {
                for column in 1..=across {
                    let Some(here) = number(column, row) else { continue };
                    let (x, y) = (left + (column - 1) * voxel[0], top + (along - row) * voxel[1]);
                    // Left, right, front, back.
                    let around = [
                        (column - 1, row),
                        (column + 1, row),
                        (column, row + 1),
                        (column, row - 1),
                    ]
                    .map(|(column, row)| number(column, row));
                    let colour = scale.of(values[here]);
                    self.fill([x, y], voxel, colour);
                    self.border([x, y], voxel, 1, around.map(|n| n.is_none()), Colour::Edge);
                    if is_lesion[here] {
                        let width = (voxel[0].min(voxel[1]) / 4).clamp(1, 3);
                        let ends = around.map(|number| !in_lesion(number));
                        self.border([x, y], voxel, width, ends, Colour::Lesion);
                    }
                }
            }
        }
    }

    fn fill(&mut self, [x, y]: [usize; 2], [wide, high]: [usize; 2], colour: Colour) {
        for row in y..y + high {
            let start = row * self.width + x;
            self.pixels[start..start + wide].fill(colour.index());
        }
    }

    /// Fills the sides of a voxel that are marked: left, right, top, bottom.
    fn border(
        &mut self,
        [x, y]: [usize; 2],
        [wide, high]: [usize; 2],
        width: usize,
        sides: [bool; 4],
        colour: Colour,
    ) {
        let strips = [
            ([x, y], [width, high]),
            ([x + wide - width, y], [width, high]),
            ([x, y], [wide, width]),
            ([x, y + high - width], [wide, width]),
        ];
        for ((at, size), _) in strips.into_iter().zip(sides).filter(|(_, marked)| *marked) {
            self.fill(at, size, colour);
        }
    }

    /// The picture as PNG, in base 64.
    pub(crate) fn picture(&self) -> Result<String> {
        let mut bytes = Vec::new();
        let [width, height] = [u32::try_from(self.width)?, u32::try_from(self.height)?];
        let mut encoder = Encoder::new(&mut bytes, width, height);
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_palette(palette());
        encoder.set_compression(Compression::Balanced);
        // Numbers of colours next to each other have nothing in common.
        encoder.set_filter(Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(STANDARD.encode(bytes))
    }
}

/// The slice that has most of these; the lowest of those that have as many.
fn fullest(slices: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    slices.for_each(|slice| *counts.entry(slice).or_insert(0usize) += 1);
    let best = counts.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(slice, _)| slice)
}

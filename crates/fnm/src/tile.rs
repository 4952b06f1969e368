//! A tile of voxels of one subject into the state.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use twoblade_brain::{Parcels, Run};

use crate::artanh::{CAP, artanh};
use crate::product::{self, correlate};
use crate::seeds::{GROUP, Seeds};
use crate::series::{TILE, Tile, normalize};
use crate::state::Shape;
use crate::wide::wide;

/// Above this a correlation is computed again from doubles: floats leave an error of 1e-7, and z
/// magnifies it by 1 / (1 - r^2).
const EXACT: f64 = 0.98;
/// Voxels that are searched for such a one at a time.
const FEW: usize = 64;
/// Added to a number below 2^51 it leaves the nearest integer in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 x 2^52

/// What a thread needs for a tile.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    tile: Tile,
    products: Vec<f64>,
    /// Of several parts, for each lesion: sums of z, and in how many parts there is one.
    z: Vec<f64>,
    counts: Vec<f64>,
    /// Voxels that have a z.
    counted: Vec<bool>,
    /// Voxels that vary in a part.
    varies: Vec<bool>,
}

impl Scratch {
    /// Bytes of one.
    pub(crate) fn bytes(shape: &Shape, (runs, parts): (usize, usize)) -> usize {
        let sums = if parts > 1 { 2 * shape.plane() * size_of::<f64>() } else { 0 };
        // And a series that is computed again.
        let again = 2 * shape.time_points * size_of::<f64>();
        Tile::bytes(shape.time_points, runs) + product::bytes() + sums + again + 2 * TILE
    }
}

/// One part of a subject: some runs, with the seeds of all lesions.
pub(crate) struct Part<'a> {
    pub(crate) runs: &'a [Run],
    pub(crate) seeds: Seeds,
}

/// What a tile is of: a subject, all of its parts.
pub(crate) struct Parts<'a> {
    pub(crate) all: Vec<Part<'a>>,
    /// Voxels with a sample that is not finite.
    pub(crate) bad: &'a [bool],
    /// z is rounded to a grid of so many steps to 1.
    pub(crate) units: f64,
    /// Regions whose means are wanted.
    pub(crate) parcels: Option<ParcelSums<'a>>,
}

/// What is counted in a tile beside its maps.
pub(crate) struct Counts {
    /// For each lesion, z that are capped.
    pub(crate) capped: Vec<i64>,
    /// Voxels that are finite, and constant.
    pub(crate) constant: i64,
}

/// Adds a tile of voxels of a subject to its part of the state.
pub(crate) fn add_tile(
    shape: &Shape,
    subject: &Parts<'_>,
    range: &Range<usize>,
    maps: &mut [i64],
    scratch: &mut Scratch,
) -> Counts {
    let Parts { all: parts, bad, .. } = subject;
    let Scratch { tile, products, z, counts, counted, varies } = scratch;
    let several = parts.len() > 1;
    products.resize(GROUP * TILE, 0.0);
    varies.clear();
    varies.resize(TILE, false);
    if several {
        for sums in [&mut *z, &mut *counts] {
            sums.clear();
            sums.resize(shape.plane(), 0.0);
        }
    }
    let mut capped = vec![0; shape.lesions];
    let mut planes = Planes::new(maps, shape.plane());
    for Part { runs, seeds } in parts {
        tile.fill(runs, shape.voxels, range, bad);
        for (any, varies) in varies.iter_mut().zip(&tile.varies) {
            *any |= varies;
        }
        let everywhere = tile.valid[..range.len()].iter().all(|valid| *valid);
        let counted = (!everywhere).then_some(tile.valid.as_slice());
        for first in (0..shape.lesions).step_by(GROUP) {
            correlate(seeds.group(first / GROUP), &tile.values, products);
            let lesions = first..(first + GROUP).min(shape.lesions);
            for (lesion, r) in lesions.zip(products.chunks_exact_mut(TILE)) {
                if !seeds.valid[lesion] {
                    continue;
                }
                let near = wide(
                    #[inline(always)]
                    || scale(r, seeds.lengths[lesion], &tile.lengths),
                );
                if near {
                    again(runs, shape.voxels, range, seeds.exact(lesion), r);
                }
                wide(
                    #[inline(always)]
                    || r.iter_mut().for_each(|r| *r = artanh(*r)),
                );
                if several {
                    let sums =
                        (&mut z[lesion * TILE..][..TILE], &mut counts[lesion * TILE..][..TILE]);
                    wide(
                        #[inline(always)]
                        || add_part(sums, r, &tile.valid),
                    );
                } else {
                    capped[lesion] = subject.add_row(&mut planes, (lesion, range), r, counted);
                }
            }
        }
    }
    if several {
        let sums = z.chunks_exact_mut(TILE).zip(counts.chunks_exact(TILE));
        for (lesion, (z, counts)) in sums.enumerate() {
            if parts.iter().all(|part| !part.seeds.valid[lesion]) {
                continue;
            }
            counted.clear();
            counted.extend(counts.iter().map(|count| *count > 0.0));
            for (z, count) in z.iter_mut().zip(counts) {
                *z = if *count > 0.0 { *z / count } else { 0.0 };
            }
            capped[lesion] = subject.add_row(&mut planes, (lesion, range), z, Some(counted));
        }
    }
    let finite = bad[range.clone()].iter().zip(&*varies).filter(|(bad, _)| !**bad);
    let constant = finite.map(|(_, varies)| i64::from(!varies)).sum();
    Counts { capped, constant }
}

/// The integers of a tile: sums of a, of a^2, and how often a voxel did not count, each lesion by
/// lesion.
struct Planes<'a> {
    sums: &'a mut [i64],
    squares: &'a mut [i64],
    absent: &'a mut [i64],
}

impl<'a> Planes<'a> {
    fn new(maps: &'a mut [i64], plane: usize) -> Self {
        let (sums, rest) = maps.split_at_mut(plane);
        let (squares, absent) = rest.split_at_mut(plane);
        Self { sums, squares, absent }
    }

    fn row(&mut self, lesion: usize) -> [&mut [i64]; 3] {
        [&mut *self.sums, &mut *self.squares, &mut *self.absent]
            .map(|plane| &mut plane[lesion * TILE..][..TILE])
    }
}

impl Parts<'_> {
    /// Adds z of the voxels of a tile to what there is of a lesion; how many are capped. z is 0 where it
    /// does not count; all count unless they are said to.
    fn add_row(
        &self,
        planes: &mut Planes<'_>,
        (lesion, range): (usize, &Range<usize>),
        z: &[f64],
        counted: Option<&[bool]>,
    ) -> i64 {
        if let Some(parcels) = &self.parcels {
            parcels.add(lesion, range, (z, counted), self.units);
        }
        let [sums, squares, absent] = planes.row(lesion);
        for (absent, counted) in absent.iter_mut().zip(counted.unwrap_or_default()) {
            *absent = absent.wrapping_add(i64::from(!counted));
        }
        wide(
            #[inline(always)]
            || add_z((sums, squares), z, self.units),
        )
    }
}

/// Divides by the lengths that rounding left; whether a correlation is near 1 then.
#[inline]
fn scale(r: &mut [f64], length: f64, lengths: &[f64]) -> bool {
    let mut near = false;
    for (r, of_voxel) in r.iter_mut().zip(lengths) {
        *r *= length * of_voxel;
        near |= r.abs() > EXACT;
    }
    near
}

#[inline]
fn add_part((sums, counts): (&mut [f64], &mut [f64]), z: &[f64], valid: &[bool]) {
    for ((sum, count), (z, valid)) in sums.iter_mut().zip(counts).zip(z.iter().zip(valid)) {
        let one = f64::from(u8::from(*valid));
        *sum += one * z;
        *count += one;
    }
}

#[inline]
fn add_z((sums, squares): (&mut [i64], &mut [i64]), z: &[f64], units: f64) -> i64 {
    let mut capped = 0;
    for ((a, square), z) in sums.iter_mut().zip(squares).zip(z) {
        let value = nearest(z * units);
        *a = a.wrapping_add(value);
        *square = square.wrapping_add(product_of_halves(value));
        capped += i64::from(z.abs() >= CAP);
    }
    capped
}

/// The square of an integer below 2^31, which is what z is on its grid: machines multiply these many at
/// a time, and larger ones not.
#[inline]
fn product_of_halves(value: i64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "it is below 2^31")]
    let half = value as i32;
    i64::from(half) * i64::from(half)
}

/// What parcels have of one subject: for each lesion, sums of z on the grid, and voxels.
pub(crate) struct ParcelSums<'a> {
    parcels: &'a Parcels,
    /// Integers add up to the same in any order, and tiles share parcels.
    lesions: Vec<Mutex<&'a mut [i64]>>,
}

impl<'a> ParcelSums<'a> {
    /// Of the integers of a subject.
    pub(crate) fn new(parcels: &'a Parcels, of_subject: &'a mut [i64]) -> Self {
        let lesions = of_subject.chunks_exact_mut(2 * parcels.count()).map(Mutex::new).collect();
        Self { parcels, lesions }
    }

    fn add(
        &self,
        lesion: usize,
        range: &Range<usize>,
        (z, counted): (&[f64], Option<&[bool]>),
        units: f64,
    ) {
        let mut sums = self.lesions[lesion].lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |voxel: usize| counted.is_none_or(|counted| counted[voxel]);
        let voxels = z.iter().zip(self.parcels.of_voxels(range.clone())).enumerate();
        for (_, (z, parcel)) in voxels.filter(|(voxel, _)| counts(*voxel)) {
            if let Some(parcel) = parcel {
                sums[2 * parcel] = sums[2 * parcel].wrapping_add(nearest(z * units));
                sums[2 * parcel + 1] = sums[2 * parcel + 1].wrapping_add(1);
            }
        }
    }
}

/// Correlations near 1 once more, from doubles.
fn again(runs: &[Run], voxels: usize, range: &Range<usize>, seed: &[f64], r: &mut [f64]) {
    let mut series = Vec::new();
    for (first, some) in range.clone().step_by(FEW).zip(r.chunks_mut(FEW)) {
        if !wide(
            #[inline(always)]
            || some.iter().fold(false, |near, r| near | (r.abs() > EXACT)),
        ) {
            continue;
        }
        for (voxel, r) in (first..range.end).zip(some) {
            if r.abs() > EXACT {
                series.clear();
                series.extend(
                    runs.iter()
                        .flat_map(|run| run.values.iter().skip(voxel).step_by(voxels))
                        .map(|&x| f64::from(x)),
                );
                if normalize(&mut series, runs) {
                    *r = series.iter().zip(seed).map(|(x, s)| x * s).sum();
                }
            }
        }
    }
}

/// The nearest integer of a number below 2^51 in size.
#[inline]
fn nearest(x: f64) -> i64 {
    (x + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()).cast_signed()
}

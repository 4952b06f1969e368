//! A tile of voxels of one subject into the state.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use twoblade_brain::{Parcels, Run};

use crate::artanh::{CAP, artanh};
use crate::product::{GROUP, PANEL, correlate};
use crate::seeds::Seeds;
use crate::series::{Strip, TILE, normalize, strip_voxels};
use crate::state::Shape;
use crate::wide::wide;

/// Above this a correlation is computed again from doubles: floats leave an error of 1e-7, and z
/// magnifies it by 1 / (1 - r^2).
const EXACT: f64 = 0.98;
/// Voxels that are gone over a few times while they are near.
const FEW: usize = 64;
/// Added to a number below 2^51 it leaves the nearest integer in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 x 2^52

/// What a thread needs for a tile.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    strip: Strip,
    /// Lesion by lesion, voxels of the strip.
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
        let voxels = voxels_at_once(shape, parts > 1);
        let sums = if parts > 1 { 2 * shape.lesions * voxels * size_of::<f64>() } else { 0 };
        let products = shape.lesions.next_multiple_of(GROUP) * voxels * size_of::<f64>();
        // And a series that is computed again.
        let again = 2 * shape.time_points * size_of::<f64>();
        Strip::bytes(shape.time_points, runs, voxels) + products + sums + again + 2 * voxels
    }
}

/// Voxels of a strip.
fn voxels_at_once(shape: &Shape, several: bool) -> usize {
    let rows = if several { 3 } else { 1 };
    let bytes = shape.time_points * size_of::<f32>() + rows * shape.lesions * size_of::<f64>();
    strip_voxels(bytes)
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
    let mut counts = Counts { capped: vec![0; shape.lesions], constant: 0 };
    let mut planes = Planes::new(maps, shape.plane());
    let voxels = voxels_at_once(shape, subject.all.len() > 1);
    for first in range.clone().step_by(voxels) {
        let strip =
            Place { tile: first - range.start, of_mask: first..(first + voxels).min(range.end) };
        subject.add_strip(shape, &strip, &mut planes, scratch, &mut counts);
    }
    counts
}

/// Where a strip is.
struct Place {
    /// The first voxel in its tile.
    tile: usize,
    of_mask: Range<usize>,
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

    fn row(&mut self, lesion: usize, place: &Place) -> [&mut [i64]; 3] {
        [&mut *self.sums, &mut *self.squares, &mut *self.absent]
            .map(|plane| &mut plane[lesion * TILE + place.tile..][..place.of_mask.len()])
    }
}

impl Parts<'_> {
    fn add_strip(
        &self,
        shape: &Shape,
        place: &Place,
        planes: &mut Planes<'_>,
        scratch: &mut Scratch,
        totals: &mut Counts,
    ) {
        let Scratch { strip, products, z, counts, counted, varies } = scratch;
        let (several, range) = (self.all.len() > 1, &place.of_mask);
        let stride = range.len().next_multiple_of(PANEL);
        products.resize(shape.lesions.next_multiple_of(GROUP) * stride, 0.0);
        varies.clear();
        varies.resize(range.len(), false);
        if several {
            for sums in [&mut *z, &mut *counts] {
                sums.clear();
                sums.resize(shape.lesions * stride, 0.0);
            }
        }
        for Part { runs, seeds } in &self.all {
            strip.fill((runs, shape.voxels), range, self.bad, |panel, values| {
                correlate(&seeds.rounded, values, (&mut products[panel * PANEL..], stride));
            });
            for (any, varies) in varies.iter_mut().zip(&strip.varies) {
                *any |= varies;
            }
            let valid = &strip.valid[..range.len()];
            let counted = valid.contains(&false).then_some(valid);
            for (lesion, r) in products.chunks_exact_mut(stride).take(shape.lesions).enumerate() {
                if !seeds.valid[lesion] {
                    continue;
                }
                let r = &mut r[..range.len()];
                let near = wide(
                    #[inline(always)]
                    || scale(r, seeds.lengths[lesion], &strip.lengths),
                );
                if near {
                    again(runs, shape.voxels, range, seeds.exact(lesion), r);
                }
                if several {
                    let sums = (&mut z[lesion * stride..], &mut counts[lesion * stride..]);
                    wide(
                        #[inline(always)]
                        || add_part(sums, r, valid),
                    );
                } else {
                    totals.capped[lesion] +=
                        self.add_row(planes, (lesion, place), (r, counted), artanh);
                }
            }
        }
        if several {
            let sums = z.chunks_exact_mut(stride).zip(counts.chunks_exact(stride));
            for (lesion, (z, counts)) in sums.enumerate() {
                if self.all.iter().all(|part| !part.seeds.valid[lesion]) {
                    continue;
                }
                let (z, counts) = (&mut z[..range.len()], &counts[..range.len()]);
                counted.clear();
                counted.extend(counts.iter().map(|count| *count > 0.0));
                for (z, count) in z.iter_mut().zip(counts) {
                    *z = if *count > 0.0 { *z / count } else { 0.0 };
                }
                totals.capped[lesion] +=
                    self.add_row(planes, (lesion, place), (z, Some(counted)), |z| z);
            }
        }
        let finite = self.bad[range.clone()].iter().zip(&*varies).filter(|(bad, _)| !**bad);
        totals.constant += finite.map(|(_, varies)| i64::from(!varies)).sum::<i64>();
    }

    /// Adds z of the voxels of a strip, which `z` makes of what there is of a lesion; how many are
    /// capped. z is 0 where it does not count; all count unless they are said to.
    #[inline]
    fn add_row(
        &self,
        planes: &mut Planes<'_>,
        (lesion, place): (usize, &Place),
        (row, counted): (&mut [f64], Option<&[bool]>),
        z: impl Fn(f64) -> f64,
    ) -> i64 {
        let [sums, squares, absent] = planes.row(lesion, place);
        for (absent, counted) in absent.iter_mut().zip(counted.unwrap_or_default()) {
            *absent = absent.wrapping_add(i64::from(!counted));
        }
        let capped = wide(
            #[inline(always)]
            || add_z((sums, squares), row, self.units, z),
        );
        if let Some(parcels) = &self.parcels {
            parcels.add(lesion, &place.of_mask, (row, counted), self.units);
        }
        capped
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

/// Adds z of one part.
#[inline]
fn add_part((sums, counts): (&mut [f64], &mut [f64]), r: &[f64], valid: &[bool]) {
    for ((sum, count), (r, valid)) in sums.iter_mut().zip(counts).zip(r.iter().zip(valid)) {
        let one = f64::from(u8::from(*valid));
        *sum += one * artanh(*r);
        *count += one;
    }
}

/// Makes z of what there is, and adds it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn add_z(
    (sums, squares): (&mut [i64], &mut [i64]),
    row: &mut [f64],
    units: f64,
    z: impl Fn(f64) -> f64,
) -> i64 {
    let mut capped = 0;
    let rows = row.chunks_mut(FEW).zip(sums.chunks_mut(FEW).zip(squares.chunks_mut(FEW)));
    for (row, (sums, squares)) in rows {
        for x in &mut *row {
            *x = z(*x);
        }
        for ((a, square), z) in sums.iter_mut().zip(squares).zip(row) {
            let value = nearest(*z * units);
            *a = a.wrapping_add(value);
            *square = square.wrapping_add(product_of_halves(value));
            capped += i64::from(z.abs() >= CAP);
        }
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

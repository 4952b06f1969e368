//! A tile of voxels of one subject into the state.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use twoblade_brain::{Parcels, Run};

use crate::artanh::{CAP, artanh};
use crate::product::correlate;
use crate::seeds::{GROUP, Seeds};
use crate::series::{TILE, Tile, normalize};
use crate::state::Shape;

/// Above this a correlation is computed again from doubles: floats leave an error of 1e-7, and z
/// magnifies it by 1 / (1 - r^2).
const EXACT: f64 = 0.98;
/// Added to a number below 2^51 it leaves the nearest integer in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 x 2^52

/// What a thread needs for a tile.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    tile: Tile,
    wide: Vec<f64>,
    products: Vec<f64>,
    /// For each lesion of one part after the other: sums of z, and in how many parts there is one.
    z: Vec<f64>,
    parts: Vec<f64>,
}

/// One part of a subject: some runs, with the seeds of all lesions.
pub(crate) struct Part<'a> {
    pub(crate) runs: &'a [Run],
    pub(crate) seeds: Seeds,
}

/// Adds a tile of voxels of a subject to its part of the state, and counts z that are capped; z is
/// rounded to a grid of `units` to 1.
pub(crate) fn add_tile(
    (shape, units): (&Shape, f64),
    (parts, bad): (&[Part<'_>], &[bool]),
    range: &Range<usize>,
    maps: &mut [i64],
    scratch: &mut Scratch,
) -> Vec<i64> {
    let (voxels, plane) = (shape.voxels, shape.plane());
    let Scratch { tile, wide, products, z, parts: counts } = scratch;
    products.resize(GROUP * TILE, 0.0);
    for sums in [&mut *z, &mut *counts] {
        sums.clear();
        sums.resize(plane, 0.0);
    }
    for Part { runs, seeds } in parts {
        tile.fill(runs, voxels, range, bad);
        for first in (0..shape.lesions).step_by(GROUP) {
            correlate(seeds.group(first / GROUP), &tile.values, wide, products);
            let lesions = first..(first + GROUP).min(shape.lesions);
            for (lesion, r) in lesions.zip(products.chunks_exact_mut(TILE)) {
                if !seeds.valid[lesion] {
                    continue;
                }
                let length = seeds.lengths[lesion];
                for (r, of_voxel) in r.iter_mut().zip(&tile.lengths) {
                    *r *= length * of_voxel;
                }
                again(runs, voxels, range, seeds.exact(lesion), r);
                let sums = z[lesion * TILE..].iter_mut().zip(&mut counts[lesion * TILE..]);
                for ((z, count), (r, valid)) in sums.zip(r.iter().zip(&tile.valid)) {
                    let one = f64::from(u8::from(*valid));
                    *z += one * artanh(*r);
                    *count += one;
                }
            }
        }
    }
    let (sums_of_z, rest) = maps.split_at_mut(plane);
    let (sums_of_squares, numbers) = rest.split_at_mut(plane);
    let mut capped = vec![0; shape.lesions];
    let places = sums_of_z.iter_mut().zip(sums_of_squares).zip(numbers);
    for (place, (((a, square), n), (z, count))) in
        places.zip(z.iter().zip(counts.iter())).enumerate()
    {
        let mean = mean_of_parts(*z, *count);
        let value = nearest(mean * units);
        *a = a.wrapping_add(value);
        *square = square.wrapping_add(value * value);
        *n = n.wrapping_add(i64::from(*count > 0.0));
        capped[place / TILE] += i64::from(mean.abs() >= CAP);
    }
    capped
}

/// Of z over the parts that have one; 0 if none has.
fn mean_of_parts(z: f64, count: f64) -> f64 {
    if count > 0.0 { z / count } else { 0.0 }
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

    /// Adds a tile of voxels that was just added to the maps.
    pub(crate) fn add(&self, range: &Range<usize>, units: f64, scratch: &Scratch) {
        let columns = scratch.z.chunks_exact(TILE).zip(scratch.parts.chunks_exact(TILE));
        for (sums, (z, counts)) in self.lesions.iter().zip(columns) {
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            for (parcel, (&z, &count)) in
                self.parcels.of_voxels(range.clone()).zip(z.iter().zip(counts))
            {
                if let Some(parcel) = parcel.filter(|_| count > 0.0) {
                    let value = nearest(mean_of_parts(z, count) * units);
                    sums[2 * parcel] = sums[2 * parcel].wrapping_add(value);
                    sums[2 * parcel + 1] = sums[2 * parcel + 1].wrapping_add(1);
                }
            }
        }
    }
}

/// Correlations near 1 once more, from doubles.
fn again(runs: &[Run], voxels: usize, range: &Range<usize>, seed: &[f64], r: &mut [f64]) {
    let mut series = Vec::new();
    for (voxel, r) in range.clone().zip(r) {
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

/// The nearest integer of a number below 2^51 in size.
fn nearest(x: f64) -> i64 {
    (x + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()).cast_signed()
}

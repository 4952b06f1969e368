//! One sweep over the individuals of a total, less a block: the sums of products of its sketches.
//!
//! Individuals are summed tile by tile, and the tiles in their order; so the sums are the same whether a
//! tile of the block comes out of a state or has just been computed, and on any number of threads.

use std::ops::Range;
use std::slice::ChunksExactMut;

use pulp::{Simd, WithSimd};
use twoblade_core::{Instructions, Number, Reach, Strip, Strips, Threads, tiles};
use twoblade_geno::STRIP;
use twoblade_geno::kernel::run_wide;

use crate::environment::Environment;
use crate::grids::Grids;
use crate::loaded::tile_height;
use crate::noise::Noise;
use crate::pairs::pairs;
use crate::panel::Projected;
use crate::projection::Projection;
use crate::rows::{Rows, add_along, add_pairs};
use crate::state::{Shape, State};

/// Numbers read at a time, which stay near, or those of some rows, so that sums stay in registers for a while.
const READ: usize = 4096;
const READ_ROWS: usize = 12;
/// Doubles in the longest vector.
const MOST_LANES: usize = 8;

/// What a sweep needs beside the states.
#[derive(Clone, Debug)]
pub(crate) struct Sweep<'a> {
    pub(crate) shape: &'a Shape,
    /// Individuals of a tile.
    pub(crate) height: usize,
    pub(crate) grids: Grids,
    pub(crate) projection: &'a Projection,
    pub(crate) environments: &'a [Environment],
    pub(crate) noise: &'a Noise,
    /// They change no bit.
    pub(crate) instructions: Instructions,
    /// V z, where there is noise.
    pub(crate) probes: Option<Projected<'a>>,
}

impl Sweep<'_> {
    /// For k <= l and probe the sums of V a_k V a_l over the individuals of `total` less `held_out`.
    ///
    /// V is applied after the subtraction, through Q'A: |V a|^2 = |a|^2 - |Q'a|^2.
    pub(crate) fn over(&self, (total, held_out): (&State, Option<&State>)) -> Vec<f64> {
        let mut sums = vec![0.0; sums_of_tile(self.shape)];
        let mut tile = sums.clone();
        for individuals in self.tiles() {
            tile.fill(0.0);
            let states = (total, held_out);
            run_wide(self.instructions, Tile { of: self, states, individuals, sums: &mut tile });
            sums.iter_mut().zip(&tile).for_each(|(sum, of_tile)| *sum += of_tile);
        }
        self.project(sums)
    }

    /// The same of sums that `fill` makes of each tile, for each of so many blocks.
    pub(crate) fn by_tile(
        &self,
        threads: &dyn Threads,
        blocks: usize,
        fill: &(dyn Fn(Range<usize>, ChunksExactMut<'_, f64>) + Sync),
    ) -> Vec<Vec<f64>> {
        let (size, count) = (sums_of_tile(self.shape), self.tiles().count());
        let mut all = vec![0.0; size * blocks * count];
        tiles(threads, &mut all, size * blocks.max(1), &|tile, sums| {
            let first = tile * self.height;
            let rows = first..(first + self.height).min(self.shape.individuals);
            fill(rows, sums.chunks_exact_mut(size));
        });
        let of = |block: usize| {
            let mut sums = vec![0.0; size];
            for tile in all.chunks_exact(size).skip(block).step_by(blocks) {
                sums.iter_mut().zip(tile).for_each(|(sum, of_tile)| *sum += of_tile);
            }
            self.project(sums)
        };
        (0..blocks).map(of).collect()
    }

    /// Fills the sums of a tile with those of a total less `rest` and a last chunk, and says how far this reaches.
    pub(crate) fn without<E: Number>(
        &self,
        last: LastOfTile<'_, E>,
        states: (&State, Option<&State>),
        individuals: Range<usize>,
        sums: &mut [f64],
    ) -> Reach {
        let tile = Tile { of: self, states, individuals, sums };
        run_wide(self.instructions, Without { tile, last })
    }

    fn tiles(&self) -> impl Iterator<Item = Range<usize>> {
        let (all, height) = (self.shape.individuals, self.height);
        (0..all).step_by(height).map(move |first| first..(first + height).min(all))
    }

    /// Takes from the sums of products those of Q'A.
    fn project(&self, mut sums: Vec<f64>) -> Vec<f64> {
        let (components, probes) = (self.shape.layout.components(), self.shape.probes);
        let along = sums.split_off(pairs(components) * probes);
        for along in along.chunks_exact(components * probes) {
            let of = |k: usize| &along[k * probes..][..probes];
            let each = (0..components).flat_map(|k| (k..components).map(move |l| (k, l)));
            for (sums, (k, l)) in sums.chunks_exact_mut(probes).zip(each) {
                for (sum, (a, b)) in sums.iter_mut().zip(of(k).iter().zip(of(l))) {
                    *sum -= a * b;
                }
            }
        }
        sums
    }

    /// K_k z~ of individual `i` for every component and probe, from what a state holds of it; from one
    /// component to the next there are `wide` places.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn sketch(&self, i: usize, held: &[f64], wide: usize, row: &mut [f64]) {
        let Shape { layout, probes, .. } = *self.shape;
        let (columns, noise) = row.split_at_mut(layout.of_columns() * wide);
        let versions = layout.versions();
        for (place, held) in held.chunks_exact(probes).enumerate() {
            let (set, version) = (place / versions, place % versions);
            let e = version.checked_sub(1).map_or(1.0, |of| self.environments[of].scaled()[i]);
            let k = version * layout.sets + set;
            for (to, a) in columns[k * wide..][..probes].iter_mut().zip(held) {
                *to = e * a;
            }
        }
        let Some(projected) = &self.probes else { return };
        let mut each = noise.chunks_exact_mut(wide).map(|to| &mut to[..probes]);
        let Some(first) = each.next() else { return };
        projected.fill(i, first);
        for (environment, to) in self.environments[1..].iter().zip(each) {
            let square = environment.scaled()[i].powi(2);
            to.iter_mut().zip(&*first).for_each(|(to, z)| *to = square * z);
        }
        let square = self.environments[0].scaled()[i].powi(2);
        for z in first {
            *z *= square;
        }
    }
}

/// The sums of some individuals.
struct Tile<'a, 'b> {
    of: &'b Sweep<'a>,
    states: (&'b State, Option<&'b State>),
    individuals: Range<usize>,
    sums: &'b mut [f64],
}

impl Tile<'_, '_> {
    /// Adds the individuals, of whom `read` puts into a buffer what a state holds of some.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add<S: Simd>(self, simd: S, mut read: impl FnMut(Range<usize>, &mut [f64])) {
        let Self { of, individuals, sums, .. } = self;
        let Shape { layout, probes, .. } = *of.shape;
        let components = layout.components();
        let held = of.shape.row();
        let filled = probes.next_multiple_of(S::F64_LANES);
        // Without environments the row of a state is that of the components; otherwise these are made, in whole
        // vectors.
        let plain = layout.environments == 0;
        let (apart, stride) = if plain { (probes, held) } else { (filled, components * filled) };
        let some = rows_at_a_time(of.shape).min(individuals.len()).max(1);
        let mut buffer = vec![0.0; some * held + 2 * MOST_LANES];
        let buffer = aligned(&mut buffer, some * held + MOST_LANES);
        let room = if plain { 0 } else { some * stride };
        let mut sketches = vec![0.0; room + 2 * MOST_LANES];
        let sketches = aligned(&mut sketches, room + MOST_LANES);
        let numbers = pairs(components) * filled;
        let width = (components * apart).next_multiple_of(S::F64_LANES);
        let mut all = vec![0.0; numbers + of.shape.covariates * width + MOST_LANES];
        let all = aligned(&mut all, numbers + of.shape.covariates * width);
        let (numbers, along) = all.split_at_mut(numbers);
        for first in individuals.clone().step_by(some) {
            let last = (first + some).min(individuals.end);
            let count = last - first;
            let read_here = &mut buffer[..count * held];
            read(first..last, read_here);
            if !plain {
                let each = read_here.chunks_exact(held).zip(sketches.chunks_exact_mut(stride));
                for (i, (held, sketch)) in (first..last).zip(each) {
                    of.sketch(i, held, filled, sketch);
                }
            }
            let read = if plain { &*buffer } else { &*sketches };
            let rows = Rows { numbers: read, count, stride, components, apart, filled };
            add_pairs(simd, numbers, rows);
            let basis: Vec<_> = of.projection.basis().iter().map(|q| &q[first..last]).collect();
            add_along(simd, along, rows, &basis);
        }
        let (sums, sums_along) = sums.split_at_mut(pairs(components) * probes);
        for (sums, filled) in sums.chunks_exact_mut(probes).zip(numbers.chunks_exact(filled)) {
            sums.copy_from_slice(&filled[..probes]);
        }
        let rows = sums_along.chunks_exact_mut(components * probes);
        for (sums, along) in rows.zip(along.chunks_exact(width)) {
            for (k, sums) in sums.chunks_exact_mut(probes).enumerate() {
                sums.copy_from_slice(&along[k * apart..][..probes]);
            }
        }
    }
}

impl WithSimd for Tile<'_, '_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let (total, held_out) = self.states;
        let (without, grid) = (held_out.map(|state| &state.sketches), self.of.grids.sketches);
        let row = self.of.shape.row();
        self.add(simd, |individuals, buffer| {
            let places = individuals.start * row..individuals.end * row;
            total.sketches.read(without, grid, places, buffer);
        });
    }
}

/// What a last chunk adds to the sketches of a tile.
pub(crate) enum LastOfTile<'a, E> {
    /// As it was multiplied.
    Strips(&'a [Strip<'a, E, STRIP>]),
    /// As the sketches lie.
    Rows(&'a [E]),
}

/// A tile, less a last chunk.
struct Without<'a, 'b, E> {
    tile: Tile<'a, 'b>,
    last: LastOfTile<'b, E>,
}

impl<E: Number> WithSimd for Without<'_, '_, E> {
    type Output = Reach;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) -> Reach {
        let Self { tile, last } = self;
        let (total, rest) = tile.states;
        let (rest, row, grid) =
            (rest.map(|state| &state.sketches), tile.of.shape.row(), tile.of.grids.sketches);
        let (strips, kept) = match last {
            LastOfTile::Strips(strips) => (Some(Strips::new(grid, row, strips)), &[][..]),
            LastOfTile::Rows(rows) => (None, rows),
        };
        let (start, mut staged) = (tile.individuals.start, Vec::new());
        let mut reach = Reach::default();
        tile.add(simd, |individuals, buffer| {
            let first = individuals.start * row;
            let rows = individuals.start - start..individuals.end - start;
            let sums = &total.sketches;
            reach.join(if let Some(of) = &strips {
                sums.read_less_strips(rest, first, (of, rows), &mut staged, buffer)
            } else {
                let of = &kept[rows.start * row..rows.end * row];
                sums.read_less(rest, (first, grid), of, buffer)
            });
        });
        reach
    }
}

/// So many of some numbers, from the first that begins a line of the cache: no vector then reaches into two.
fn aligned(numbers: &mut [f64], count: usize) -> &mut [f64] {
    let first = numbers.as_ptr().align_offset(MOST_LANES * size_of::<f64>());
    let last = numbers.len() - count;
    &mut numbers[first.min(last)..][..count]
}

/// Sums of a tile: of products of components, and Q'A.
fn sums_of_tile(shape: &Shape) -> usize {
    let components = shape.layout.components();
    (pairs(components) + shape.covariates * components) * shape.probes
}

/// Bytes of buffers and sums, with what a product of numbers of `number` bytes is staged in.
pub(crate) fn sweep_bytes(shape: &Shape, number: usize) -> usize {
    let (held, probes) = (shape.row(), shape.probes);
    let wide = shape.layout.components() * probes.next_multiple_of(MOST_LANES);
    let filled = sums_of_tile(shape) / probes.max(1) * probes.next_multiple_of(MOST_LANES);
    let tiles = shape.individuals.div_ceil(tile_height(shape, number));
    let rows = rows_at_a_time(shape);
    let buffers =
        rows * (held + wide) + (tiles + 2) * sums_of_tile(shape) + filled + 6 * MOST_LANES;
    buffers * size_of::<f64>() + (rows * held + STRIP) * number + tiles * 64
}

/// Bytes of the sums of another block that is swept at the same time, and of its state but for sketches.
pub(crate) fn further_bytes(shape: &Shape, number: usize) -> usize {
    let tiles = shape.individuals.div_ceil(tile_height(shape, number));
    (tiles + 1) * sums_of_tile(shape) * size_of::<f64>()
        + State::bytes(&Shape { individuals: 0, ..*shape })
}

/// As many on every machine, so that a plan is right on each.
fn rows_at_a_time(shape: &Shape) -> usize {
    let row = shape.layout.components() * shape.probes.next_multiple_of(MOST_LANES);
    (READ / row.max(1)).max(READ_ROWS)
}

//! One chunk into the state: two products, and what is summed of them.

use std::sync::{Mutex, PoisonError};

use twoblade_core::{Instructions, Reach, Strip, Threads, Tile, staged_bytes};
use twoblade_geno::kernel::{Loop, run};
use twoblade_geno::{
    Column, Element, PackedChunk, Panel, PanelSize, STRIP, scratch_bytes, transposed_product,
};

use crate::features::Columns;
use crate::gist::Gist;
use crate::grids::Grids;
use crate::loaded::{Loaded, Scratch, strips, tile_height};
use crate::state::{Shape, State};
use crate::sweep::{LastOfTile, Sweep};

/// What a fold needs beside the chunk, in numbers of the kind `E`.
#[derive(Debug)]
pub(crate) struct Fold<'a, E> {
    pub(crate) shape: Shape,
    pub(crate) grids: Grids,
    pub(crate) panel: &'a Panel,
    /// The squares of the environments.
    pub(crate) weights: &'a Panel,
    /// For each column of Q, q'z of every probe.
    pub(crate) along: &'a [Vec<f64>],
    pub(crate) instructions: Instructions,
    pub(crate) scratch: &'a Scratch<E>,
}

/// A block that is left out: what its last chunk comes to, the sketches of that, and the state of the others.
#[derive(Debug)]
pub(crate) struct Out<'a, E> {
    pub(crate) gist: &'a Gist<E>,
    pub(crate) sketches: Sketches<'a, E>,
    pub(crate) rest: Option<&'a State>,
}

/// Where sketches of a chunk come from.
#[derive(Debug)]
pub(crate) enum Sketches<'a, E> {
    /// They are made of its genotypes.
    Made(&'a PackedChunk),
    /// They are kept, as they lie in a state.
    Kept(&'a [E]),
}

impl<E: Element> Fold<'_, E> {
    /// Adds chunks to the state, all of them to one tile after the other: so a tile goes through memory once. The
    /// sketches of the only one may be put where they are kept, as long as those of a state.
    pub(crate) fn add(
        &self,
        chunks: &[(&PackedChunk, &Gist<E>)],
        kept: Option<&mut [E]>,
        state: &mut State,
        threads: &dyn Threads,
    ) {
        for (_, gist) in chunks {
            gist.add_to(state, self.grids);
        }
        let (row, height) = (self.shape.row(), tile_height(&self.shape, size_of::<E>()));
        debug_assert!(kept.is_none() || chunks.len() == 1);
        let places = kept.unwrap_or_default().chunks_mut((height * row).max(1));
        let places: Vec<_> = places.map(Mutex::new).collect();
        state.sketches.add_tiles(self.grids.sketches, height * row, threads, &|tile, sums| {
            let rows = tile * height..((tile + 1) * height).min(self.shape.individuals);
            let mut product = self.scratch.take(self.instructions);
            for (number, (chunk, gist)) in chunks.iter().enumerate() {
                if number > 0 {
                    sums.again();
                }
                let strips = gist.loaded.multiply(chunk, rows.clone(), &mut product);
                // A tile has one visitor.
                let place = places.get(tile).map(|place| place.lock());
                let mut place = place.map(|place| place.unwrap_or_else(PoisonError::into_inner));
                let kept = place.as_mut().map(|place| &mut place[..]);
                run(self.instructions, Adding { to: sums, row, strips: &strips, kept });
            }
            self.scratch.give_back(product);
        });
    }

    /// The sums of a sweep over a total less each of some blocks that are left out, of which the rest has all but
    /// the last chunk: tile by tile, all blocks of one after the other, and no state is made of these chunks. And the
    /// state of each block, but for its sketches.
    pub(crate) fn sweep_without(
        &self,
        blocks: &[Out<'_, E>],
        total: &State,
        sweep: &Sweep<'_>,
        threads: &dyn Threads,
    ) -> Vec<(State, Vec<f64>)> {
        let held_out = |of: &Out<'_, E>| {
            let mut held_out = State::but_sketches(&self.shape, of.rest);
            of.gist.add_to(&mut held_out, self.grids);
            held_out
        };
        let mut held_out: Vec<_> = blocks.iter().map(held_out).collect();
        let reaches = Mutex::new(vec![Reach::default(); blocks.len()]);
        let row = self.shape.row();
        let sums = sweep.by_tile(threads, blocks.len(), &|rows, sums| {
            let mut product = self.scratch.take(self.instructions);
            for (number, (of, sums)) in blocks.iter().zip(sums).enumerate() {
                let strips;
                let last = match of.sketches {
                    Sketches::Made(chunk) => {
                        strips = of.gist.loaded.multiply(chunk, rows.clone(), &mut product);
                        LastOfTile::Strips(&strips)
                    }
                    Sketches::Kept(all) => LastOfTile::Rows(&all[rows.start * row..rows.end * row]),
                };
                let tile = sweep.without(last, (total, of.rest), rows.clone(), sums);
                // Nothing can go wrong while it is held.
                reaches.lock().unwrap_or_else(PoisonError::into_inner)[number].join(tile);
            }
            self.scratch.give_back(product);
        });
        let reaches = reaches.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (state, reach) in held_out.iter_mut().zip(reaches) {
            state.sketches.include(reach);
        }
        held_out.into_iter().zip(sums).collect()
    }

    /// What the columns `made` of a chunk come to.
    pub(crate) fn gist(
        &self,
        chunk: &PackedChunk,
        made: &Columns,
        threads: &dyn Threads,
    ) -> Gist<E> {
        let Shape { layout, probes, traits, covariates, .. } = self.shape;
        let (sets, versions) = (layout.sets, layout.versions());
        let instructions = self.instructions;
        let products = transposed_product(instructions, chunk, &made.all, self.panel, threads);
        let weighted = self.weighted_squares(chunk, &made.all, threads);

        let mut squares = vec![0.0; layout.of_columns()];
        let of_traits = self.shape.products();
        let mut crossed = vec![0.0; layout.of_columns() * of_traits];
        // One look at the genotypes serves a set as it is and times every environment.
        let mut loaded = Loaded::new(made.of.iter().map(Vec::len), versions * probes);
        let (mut projected, mut loadings) = (vec![0.0; probes], Vec::new());
        let width = self.shape.width();
        for (set, of) in made.of.iter().enumerate() {
            for &place in of {
                let row = &products[place * width..][..width];
                let of_column = std::iter::once(made.all[place].squares);
                let of_column = of_column.chain(weighted[place * (versions - 1)..].iter().copied());
                loadings.clear();
                let each = row.chunks_exact(self.shape.version()).zip(of_column);
                for (version, (row, square)) in each.enumerate() {
                    let k = version * sets + set;
                    let (with_probes, rest) = row.split_at(probes);
                    let (with_traits, with_covariates) = rest.split_at(traits);
                    debug_assert_eq!(with_covariates.len(), covariates);
                    // x'V z = x'z - (x'Q)(Q'z)
                    projected.copy_from_slice(with_probes);
                    for (along, q) in self.along.iter().zip(with_covariates) {
                        projected.iter_mut().zip(along).for_each(|(x, z)| *x -= q * z);
                    }
                    loadings.extend(projected.iter().map(|&x| E::nearest(x)));
                    // |V x|^2 = |x|^2 - |Q'x|^2
                    squares[k] += square - with_covariates.iter().map(|q| q * q).sum::<f64>();
                    let mut crossed = crossed[k * of_traits..][..of_traits].iter_mut();
                    for (t, a) in with_traits.iter().enumerate() {
                        let others = if self.shape.crossed { traits } else { t + 1 };
                        with_traits[t..others]
                            .iter()
                            .zip(&mut crossed)
                            .for_each(|(b, x)| *x += a * b);
                    }
                }
                loaded.push(set, made.all[place], &loadings);
            }
        }
        Gist::new(made, (squares, crossed), loaded)
    }

    /// |e x|^2 for each column x and environment e, column by column.
    fn weighted_squares(
        &self,
        chunk: &PackedChunk,
        columns: &[Column],
        threads: &dyn Threads,
    ) -> Vec<f64> {
        if self.weights.width() == 0 {
            return Vec::new();
        }
        let square = |of: &Column| Column { values: of.values.map(|x| x * x), ..*of };
        let squared: Vec<Column> = columns.iter().map(square).collect();
        transposed_product(self.instructions, chunk, &squared, self.weights, threads)
    }
}

/// Strips of X U added to the sums of a tile.
struct Adding<'a, 'b, E> {
    to: &'a mut Tile<'b>,
    row: usize,
    strips: &'a [Strip<'a, E, STRIP>],
    /// Where they are kept.
    kept: Option<&'a mut [E]>,
}

impl<E: Element> Loop for Adding<'_, '_, E> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        self.to.add_strips(self.row, self.strips, self.kept);
    }
}

/// Bytes that one thread holds while it folds a chunk of `variants`, with a panel of this size and
/// numbers of `number` bytes, where a variant is in `most` sets.
pub(crate) fn fold_bytes(
    shape: &Shape,
    (variants, most): (usize, usize),
    panel: PanelSize,
    number: usize,
) -> usize {
    let width = shape.width();
    // Columns are made once and lie a second time in the order of components.
    let versions = shape.layout.versions();
    let of_column = size_of::<Column>() * versions.min(2)
        + width * size_of::<f64>()
        + (versions - 1) * size_of::<f64>();
    let of_member = size_of::<Column>() + size_of::<usize>() + versions * shape.probes * number;
    let of_chunk = variants * (of_column + most * of_member);
    // A lock for each tile of rows.
    let height = tile_height(shape, number);
    let of_rows = shape.individuals.div_ceil(height) * 128;
    let strips = strips(shape);
    let scratch = scratch_bytes((variants, shape.individuals), panel, (strips, number))
        + strips * 64
        + staged_bytes(shape.row(), number);
    of_chunk + of_rows + scratch
}

/// About how many nanoseconds of one core it takes to fold so many bytes of genotypes again, where a variant
/// is in `most` components; their gist is remembered, or has to be found out by the products of a panel.
/// Measured on one core with AVX-512; with AVX2 a mask costs four times as much.
pub(crate) fn again_nanoseconds(
    shape: &Shape,
    most: usize,
    found_out: Option<PanelSize>,
    bytes: usize,
) -> u64 {
    // Of a genotype, in thousandths: counting it, and then for a mask of X'Z, for a plane of digits, for sixteen
    // columns of floats, for a set of weights and for each column of signs that it multiplies, and for sixteen columns
    // of X U.
    const COUNTED: usize = 30;
    const MASK: usize = 2;
    const PLANE: usize = 8;
    const FLOATS: usize = 270;
    const WEIGHTS: usize = 150;
    const SIGNS: usize = 7;
    const LOOKED_UP: usize = 120;
    let gist = found_out.map_or(0, |panel| {
        COUNTED
            + MASK * panel.masks
            + PLANE * panel.planes
            + FLOATS * panel.floats.div_ceil(16)
            + (WEIGHTS + SIGNS * panel.signs) * panel.weights
    });
    let strips = (shape.layout.versions() * shape.probes).div_ceil(STRIP);
    let thousandths = gist + LOOKED_UP * strips * most;
    (4 * bytes as u64).saturating_mul(thousandths as u64) / 1000
}

//! One chunk into the state: two products, and what is summed of them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use twoblade_core::{Instructions, Merge, Strip, Threads, Tile};
use twoblade_geno::kernel::{Loop, run};
use twoblade_geno::{
    Column, Element, PackedChunk, Panel, PanelSize, Product, STRIP, scratch_bytes, tile_rows,
    transposed_product,
};

use crate::features::Columns;
use crate::grids::Grids;
use crate::state::{Shape, State};

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

impl<E: Element> Fold<'_, E> {
    /// Adds the columns `made` of a chunk to the state.
    pub(crate) fn add(
        &self,
        chunk: &PackedChunk,
        made: &Columns,
        state: &mut State,
        threads: &dyn Threads,
    ) {
        let Shape { layout, probes, traits, covariates, .. } = self.shape;
        let (sets, versions) = (layout.sets, layout.versions());
        let instructions = self.instructions;
        let products = transposed_product(instructions, chunk, &made.all, self.panel, threads);
        let weighted = self.weighted_squares(chunk, &made.all, threads);

        let mut squares = vec![0.0; layout.of_columns()];
        let of_traits = self.shape.products();
        let mut crossed = vec![0.0; layout.of_columns() * of_traits];
        let memberships = made.of.iter().map(Vec::len).sum::<usize>();
        let mut columns = Vec::with_capacity(memberships);
        let mut loadings = Vec::with_capacity(memberships * versions * probes);
        let mut projected = vec![0.0; probes];
        let width = self.shape.width();
        for (set, of) in made.of.iter().enumerate() {
            for &place in of {
                let row = &products[place * width..][..width];
                let of_column = std::iter::once(made.all[place].squares);
                let of_column = of_column.chain(weighted[place * (versions - 1)..].iter().copied());
                columns.push(made.all[place]);
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
            }
        }
        state.traces.add(self.grids.traces, &squares);
        state.products.add(self.grids.products, &crossed);

        let row = self.shape.row();
        let individuals = chunk.individuals();
        let height = tile_height::<E>(&self.shape);
        state.sketches.add_tiles(self.grids.sketches, height * row, threads, &|tile, sums| {
            let mut product = self.scratch.take(instructions);
            product.restart(tile * height..((tile + 1) * height).min(individuals));
            let mut places = Vec::with_capacity(strips(&self.shape));
            let (mut columns, mut loadings) = (columns.as_slice(), loadings.as_slice());
            // One look at the genotypes serves a set as it is and times every environment.
            let wide = versions * probes;
            for (set, of) in made.of.iter().enumerate().filter(|(_, of)| !of.is_empty()) {
                let (here, loaded);
                (here, columns) = columns.split_at(of.len());
                (loaded, loadings) = loadings.split_at(of.len() * wide);
                product.push(chunk, here, (loaded, wide));
                let firsts = (0..wide).step_by(STRIP);
                places.extend(firsts.map(|at| (set * wide + at, STRIP.min(wide - at))));
            }
            let strip = |(rows, (at, width))| Strip { at, width, rows };
            let strips: Vec<_> = product.strips().zip(places).map(strip).collect();
            run(instructions, Adding { to: sums, row, strips: &strips });
            self.scratch.give_back(product);
        });
        state.shared.merge(&made.shared);
        state.columns += made.all.len() as u64;
        state.variants += made.variants;
        made.long.iter().for_each(|&variant| state.note_long(variant));
        state.dropped.merge(&made.dropped);
        state.missing += made.missing;
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

/// Buffers of the threads, taken once and not for every tile.
#[derive(Debug)]
pub(crate) struct Scratch<E>(Mutex<Vec<Product<E>>>);

impl<E> Default for Scratch<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<E: Element> Scratch<E> {
    fn take(&self, instructions: Instructions) -> Product<E> {
        let free = self.lock().pop();
        free.unwrap_or_else(|| Product::new(instructions))
    }

    fn give_back(&self, product: Product<E>) {
        self.lock().push(product);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Product<E>>> {
        // Nothing can go wrong while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Strips of X U of one chunk.
fn strips(shape: &Shape) -> usize {
    let Shape { layout, probes, .. } = *shape;
    layout.sets * (layout.versions() * probes).div_ceil(STRIP)
}

/// Rows of a tile of X U.
fn tile_height<E>(shape: &Shape) -> usize {
    tile_rows(shape.individuals, strips(shape), size_of::<E>())
}

/// Strips of X U added to the sums of a tile.
struct Adding<'a, 'b, E> {
    to: &'a mut Tile<'b>,
    row: usize,
    strips: &'a [Strip<'a, E, STRIP>],
}

impl<E: Element> Loop for Adding<'_, '_, E> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        self.to.add_strips(self.row, self.strips);
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
    let height = tile_rows(shape.individuals, strips(shape), number);
    let of_rows = shape.individuals.div_ceil(height) * 128;
    let strips = strips(shape);
    let scratch = scratch_bytes((variants, shape.individuals), panel, (strips, number))
        + strips * 64
        + Tile::staged_bytes(shape.row(), number);
    of_chunk + of_rows + scratch
}

/// About how many nanoseconds of one core it takes to fold so many bytes of genotypes, where a variant is in
/// `most` components. Measured on one core with AVX-512; with AVX2 a mask costs four times as much.
pub(crate) fn fold_nanoseconds(shape: &Shape, most: usize, panel: PanelSize, bytes: usize) -> u64 {
    // Of a genotype, in thousandths: counting it, and then for a mask of X'Z, for sixteen columns of floats
    // of X'Z, for a set of weights and for each column of signs that it multiplies, and for sixteen columns
    // of X U.
    const COUNTED: usize = 30;
    const MASK: usize = 2;
    const FLOATS: usize = 250;
    const WEIGHTS: usize = 150;
    const SIGNS: usize = 7;
    const LOOKED_UP: usize = 150;
    let thousandths = COUNTED
        + MASK * panel.masks
        + FLOATS * panel.floats.div_ceil(16)
        + (WEIGHTS + SIGNS * panel.signs) * panel.weights
        + LOOKED_UP * (shape.layout.versions() * shape.probes).div_ceil(STRIP) * most;
    (4 * bytes as u64).saturating_mul(thousandths as u64) / 1000
}

//! One chunk into the state: two products, and what is summed of them.

use twoblade_core::{Merge, Threads};
use twoblade_geno::{
    Column, Element, PackedChunk, Panel, Product, TILE_ROWS, scratch_bytes, transposed_product,
};

use crate::features::Columns;
use crate::grids::Grids;
use crate::state::{Shape, State};

/// What a fold needs beside the chunk, in numbers of the kind `E`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fold<'a, E> {
    pub(crate) shape: Shape,
    pub(crate) grids: Grids,
    pub(crate) panel: &'a Panel<E>,
    /// The squares of the environments.
    pub(crate) weights: &'a Panel<E>,
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
        let products = transposed_product(chunk, &made.all, self.panel, threads);
        let weighted = self.weighted_squares(chunk, &made.all, threads);

        let mut squares = vec![0.0; layout.of_columns()];
        let mut crossed = vec![0.0; layout.of_columns() * traits * traits];
        let memberships = made.of.iter().map(Vec::len).sum::<usize>();
        let mut columns = Vec::with_capacity(memberships);
        let mut loadings = Vec::with_capacity(memberships * versions * probes);
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
                    loadings.extend(with_probes.iter().map(|&x| E::nearest(x)));
                    // |V x|^2 = |x|^2 - |Q'x|^2
                    squares[k] += square - with_covariates.iter().map(|q| q * q).sum::<f64>();
                    let crossed = &mut crossed[k * traits * traits..][..traits * traits];
                    for (sums, a) in crossed.chunks_exact_mut(traits).zip(with_traits) {
                        sums.iter_mut().zip(with_traits).for_each(|(sum, b)| *sum += a * b);
                    }
                }
            }
        }
        state.traces.add(self.grids.traces, &squares);
        state.products.add(self.grids.products, &crossed);

        let row = self.shape.row();
        state.sketches.add_tiles(self.grids.sketches, TILE_ROWS * row, threads, &|tile, sums| {
            let first = tile * TILE_ROWS;
            let rows = first..(first + TILE_ROWS).min(chunk.individuals());
            let mut product = Product::default();
            let (mut columns, mut loadings) = (columns.as_slice(), loadings.as_slice());
            // One look at the genotypes serves a set as it is and times every environment.
            let wide = versions * probes;
            for (set, of) in made.of.iter().enumerate().filter(|(_, of)| !of.is_empty()) {
                let (here, loaded);
                (here, columns) = columns.split_at(of.len());
                (loaded, loadings) = loadings.split_at(of.len() * wide);
                let sketches = product.rows(chunk, here, loaded, wide, &rows);
                sums.add_rows(set * wide, row, wide, sketches);
            }
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
        transposed_product(chunk, &squared, self.weights, threads)
    }
}

/// Bytes that one thread holds while it folds a chunk of `variants`, in numbers of `number` bytes,
/// where a variant is in `most` sets.
pub(crate) fn fold_bytes(shape: &Shape, variants: usize, most: usize, number: usize) -> usize {
    let width = shape.width();
    // Columns are made once and lie a second time in the order of components.
    let versions = shape.layout.versions();
    let of_column = size_of::<Column>() * versions.min(2)
        + width * (size_of::<f64>() + number)
        + (versions - 1) * size_of::<f64>();
    let of_member = size_of::<Column>() + size_of::<usize>() + versions * shape.probes * number;
    let of_chunk = variants * (of_column + most * of_member);
    // A lock for each tile of rows.
    let of_rows = shape.individuals.div_ceil(TILE_ROWS) * 128;
    of_chunk + of_rows + scratch_bytes(variants, width, number)
}

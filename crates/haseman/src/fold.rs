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
        let Shape { components, probes, traits, covariates, .. } = self.shape;
        let columns: Vec<Column> = made.of.iter().flatten().copied().collect();
        let products = transposed_product(chunk, &columns, self.panel, threads);

        let mut squares = vec![0.0; components];
        let mut crossed = vec![0.0; components * traits * traits];
        let mut loadings = Vec::with_capacity(columns.len() * probes);
        let mut rows = columns.iter().zip(products.chunks_exact(self.shape.width()));
        for (k, of) in made.of.iter().enumerate() {
            for (column, row) in rows.by_ref().take(of.len()) {
                let (with_probes, rest) = row.split_at(probes);
                let (with_traits, with_covariates) = rest.split_at(traits);
                debug_assert_eq!(with_covariates.len(), covariates);
                loadings.extend(with_probes.iter().map(|&x| E::nearest(x)));
                // |V x|^2 = |x|^2 - |Q'x|^2
                squares[k] += column.squares - with_covariates.iter().map(|q| q * q).sum::<f64>();
                let crossed = &mut crossed[k * traits * traits..][..traits * traits];
                for (sums, a) in crossed.chunks_exact_mut(traits).zip(with_traits) {
                    sums.iter_mut().zip(with_traits).for_each(|(sum, b)| *sum += a * b);
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
            let mut loadings = loadings.as_slice();
            for (k, columns) in made.of.iter().enumerate().filter(|(_, of)| !of.is_empty()) {
                let (mine, others) = loadings.split_at(columns.len() * probes);
                loadings = others;
                let sketches = product.rows(chunk, columns, mine, probes, &rows);
                sums.add_rows(k * probes, row, probes, sketches);
            }
        });
        for k in 0..components {
            state.columns[k] += made.of[k].len() as u64;
        }
        state.dropped.merge(&made.dropped);
        state.missing += made.missing;
    }
}

/// Bytes that one thread holds while it folds a chunk of `variants`, in numbers of `number` bytes.
pub(crate) fn fold_bytes(shape: &Shape, variants: usize, number: usize) -> usize {
    let width = shape.width();
    let of_chunk = variants * (size_of::<Column>() * 2 + width * (size_of::<f64>() + number));
    // A lock for each tile of rows.
    let of_rows = shape.individuals.div_ceil(TILE_ROWS) * 128;
    of_chunk + of_rows + scratch_bytes(variants, width, number)
}

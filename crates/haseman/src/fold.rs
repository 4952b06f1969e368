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
        let products = transposed_product(chunk, &made.all, self.panel, threads);

        let mut squares = vec![0.0; components];
        let mut crossed = vec![0.0; components * traits * traits];
        let memberships = made.of.iter().map(Vec::len).sum::<usize>();
        let mut columns = Vec::with_capacity(memberships);
        let mut loadings = Vec::with_capacity(memberships * probes);
        let width = self.shape.width();
        for (k, of) in made.of.iter().enumerate() {
            for &place in of {
                let (column, row) = (made.all[place], &products[place * width..][..width]);
                columns.push(column);
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
            let (mut columns, mut loadings) = (columns.as_slice(), loadings.as_slice());
            for (k, of) in made.of.iter().enumerate().filter(|(_, of)| !of.is_empty()) {
                let (here, loaded);
                (here, columns) = columns.split_at(of.len());
                (loaded, loadings) = loadings.split_at(of.len() * probes);
                let sketches = product.rows(chunk, here, loaded, probes, &rows);
                sums.add_rows(k * probes, row, probes, sketches);
            }
        });
        state.shared.merge(&made.shared);
        state.variants += made.variants;
        state.dropped.merge(&made.dropped);
        state.missing += made.missing;
    }
}

/// Bytes that one thread holds while it folds a chunk of `variants`, in numbers of `number` bytes,
/// where a variant is in `most` components.
pub(crate) fn fold_bytes(shape: &Shape, variants: usize, most: usize, number: usize) -> usize {
    let width = shape.width();
    // Columns are made once and lie a second time in the order of components.
    let of_column = size_of::<Column>() + width * (size_of::<f64>() + number);
    let of_member = size_of::<Column>() + size_of::<usize>() + shape.probes * number;
    let of_chunk = variants * (of_column + most * of_member);
    // A lock for each tile of rows.
    let of_rows = shape.individuals.div_ceil(TILE_ROWS) * 128;
    of_chunk + of_rows + scratch_bytes(variants, width, number)
}

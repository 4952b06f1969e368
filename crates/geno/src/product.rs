//! The two products of every Haseman-Elston model: X'Z and X U, on packed genotypes.
//!
//! A tile of genotypes is decoded and multiplied by a library product. Tiles have fixed shapes, so
//! the order of every sum follows from the shapes of the data alone. This module is the place for a
//! faster kernel: nothing else knows how the products are made.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use twoblade_core::{Threads, tiles};

use crate::chunk::PackedChunk;
use crate::column::Column;
use crate::decode::decode;
use crate::element::Element;

/// Rows of a tile: sums of 32-bit floats are flushed to doubles after so many individuals.
pub const TILE_ROWS: usize = 1024;
/// Columns of a tile.
const TILE_COLUMNS: usize = 128;

/// Numbers by individual: `individuals` rows of `width`, row after row.
#[derive(Clone, Debug)]
pub struct Panel<E> {
    width: usize,
    numbers: Vec<E>,
}

impl<E: Element> Panel<E> {
    /// Rows of `width` numbers.
    ///
    /// # Panics
    /// If `numbers` is not whole rows.
    pub fn new(width: usize, numbers: Vec<E>) -> Self {
        assert!(numbers.len().is_multiple_of(width.max(1)), "whole rows");
        Self { width, numbers }
    }

    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    fn rows(&self, rows: &Range<usize>) -> MatRef<'_, E> {
        let numbers = &self.numbers[rows.start * self.width..rows.end * self.width];
        MatRef::from_row_major_slice(numbers, rows.len(), self.width)
    }
}

/// X'Z: for each of `columns` a row of `panel.width()` sums over individuals.
///
/// Each tile of columns is on one thread.
///
/// # Panics
/// If the panel has not a row for every individual of the chunk.
pub fn transposed_product<E: Element>(
    chunk: &PackedChunk,
    columns: &[Column],
    panel: &Panel<E>,
    threads: &dyn Threads,
) -> Vec<f64> {
    let width = panel.width();
    assert_eq!(panel.numbers.len(), chunk.individuals() * width, "a row for every individual");
    let mut sums = vec![0.0; columns.len() * width];
    tiles(threads, &mut sums, TILE_COLUMNS * width.max(1), &|index, sums| {
        let first = index * TILE_COLUMNS;
        let columns = &columns[first..(first + TILE_COLUMNS).min(columns.len())];
        let mut tile = vec![E::default(); TILE_ROWS * columns.len()];
        let mut partial = vec![E::default(); sums.len()];
        for rows in row_tiles(chunk.individuals()) {
            let tile = &mut tile[..rows.len() * columns.len()];
            decode(chunk, columns, rows.clone(), tile);
            let genotypes = MatRef::from_column_major_slice(tile, rows.len(), columns.len());
            matmul(
                MatMut::from_row_major_slice_mut(&mut partial, columns.len(), width),
                Accum::Replace,
                genotypes.transpose(),
                panel.rows(&rows),
                E::nearest(1.0),
                Par::Seq,
            );
            for (sum, &partial) in sums.iter_mut().zip(&partial) {
                *sum += partial.into();
            }
        }
    });
    sums
}

/// X U for the individuals of one tile, in buffers that are reused.
#[derive(Debug, Default)]
pub struct Product<E> {
    tile: Vec<E>,
    out: Vec<E>,
}

impl<E: Element> Product<E> {
    /// For every individual of `rows` the `width` sums over `columns`, row after row; `loadings` has
    /// a row of `width` for each column.
    ///
    /// # Panics
    /// If `loadings` has not a row for every column.
    pub fn rows(
        &mut self,
        chunk: &PackedChunk,
        columns: &[Column],
        loadings: &[E],
        width: usize,
        rows: &Range<usize>,
    ) -> &[E] {
        assert_eq!(loadings.len(), columns.len() * width, "a row for every column");
        self.out.clear();
        self.out.resize(rows.len() * width, E::default());
        let parts = columns.chunks(TILE_COLUMNS).zip(loadings.chunks(TILE_COLUMNS * width.max(1)));
        for (columns, loadings) in parts {
            self.tile.resize(rows.len() * columns.len(), E::default());
            decode(chunk, columns, rows.clone(), &mut self.tile);
            matmul(
                MatMut::from_row_major_slice_mut(&mut self.out, rows.len(), width),
                Accum::Add,
                MatRef::from_column_major_slice(&self.tile, rows.len(), columns.len()),
                MatRef::from_row_major_slice(loadings, columns.len(), width),
                E::nearest(1.0),
                Par::Seq,
            );
        }
        &self.out
    }
}

/// The tiles of `individuals` rows, in order.
pub fn row_tiles(individuals: usize) -> impl Iterator<Item = Range<usize>> {
    (0..individuals).step_by(TILE_ROWS).map(move |row| row..(row + TILE_ROWS).min(individuals))
}

/// Bytes that one thread holds in either product, for chunks of `variants`, panels of `width` and
/// numbers of `number` bytes.
pub fn scratch_bytes(variants: usize, width: usize, number: usize) -> usize {
    let columns = TILE_COLUMNS.min(variants);
    (TILE_ROWS * columns + (TILE_ROWS + columns) * width) * number
}

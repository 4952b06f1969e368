//! The columns of a chunk with what each is multiplied by, and their product, tile by tile.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use twoblade_core::{Instructions, Strip};
use twoblade_geno::{Column, Element, PackedChunk, Product, STRIP, put_row, tile_rows};

use crate::state::Shape;

/// Columns set by set, and a row of loadings for each, as products read them.
#[derive(Debug)]
pub(crate) struct Loaded<E> {
    columns: Vec<Column>,
    loadings: Vec<E>,
    /// Loadings of a column.
    width: usize,
    /// Columns of each set.
    sets: Vec<usize>,
}

impl<E: Element> Loaded<E> {
    /// Memory for sets of so many columns, in their order.
    pub(crate) fn new(sets: impl Iterator<Item = usize>, width: usize) -> Self {
        let sets: Vec<usize> = sets.collect();
        let all = sets.iter().sum::<usize>();
        let (columns, loadings) = (Vec::with_capacity(all), vec![E::default(); all * width]);
        Self { columns, loadings, width, sets }
    }

    /// Adds the next column of a set: those of one after those of another.
    pub(crate) fn push(&mut self, set: usize, column: Column, row: &[E]) {
        let before: usize = self.sets[..set].iter().sum();
        let (number, columns) = (self.columns.len() - before, self.sets[set]);
        let of_set = &mut self.loadings[before * self.width..][..columns * self.width];
        put_row(of_set, (number, columns), row);
        self.columns.push(column);
    }

    /// Bytes that it holds beside itself.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.columns.capacity() * size_of::<Column>()
            + self.loadings.capacity() * size_of::<E>()
            + self.sets.capacity() * size_of::<usize>()
    }

    /// X U of every set for some individuals, as strips of their sketches.
    pub(crate) fn multiply<'a>(
        &self,
        chunk: &PackedChunk,
        individuals: Range<usize>,
        product: &'a mut Product<E>,
    ) -> Vec<Strip<'a, E, STRIP>> {
        let width = self.width;
        product.restart(individuals);
        let mut places = Vec::with_capacity(self.sets.len() * width.div_ceil(STRIP));
        let (mut columns, mut loadings) = (self.columns.as_slice(), self.loadings.as_slice());
        for (set, &count) in self.sets.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (here, loaded);
            (here, columns) = columns.split_at(count);
            (loaded, loadings) = loadings.split_at(count * width);
            product.push(chunk, here, (loaded, width));
            let firsts = (0..width).step_by(STRIP);
            places.extend(firsts.map(|at| (set * width + at, STRIP.min(width - at))));
        }
        let strip = |(rows, (at, width))| Strip { at, width, rows };
        product.strips().zip(places).map(strip).collect()
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
    pub(crate) fn take(&self, instructions: Instructions) -> Product<E> {
        let free = self.lock().pop();
        free.unwrap_or_else(|| Product::new(instructions))
    }

    pub(crate) fn give_back(&self, product: Product<E>) {
        self.lock().push(product);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Product<E>>> {
        // Nothing can go wrong while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Strips of X U of one chunk.
pub(crate) fn strips(shape: &Shape) -> usize {
    let Shape { layout, probes, .. } = *shape;
    layout.sets * (layout.versions() * probes).div_ceil(STRIP)
}

/// Individuals of a tile, of numbers of `number` bytes.
pub(crate) fn tile_height(shape: &Shape, number: usize) -> usize {
    tile_rows(shape.individuals, strips(shape), number)
}

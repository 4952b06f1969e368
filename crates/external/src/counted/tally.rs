//! Where blocks begin, found as rows come.

use xxhash_rust::xxh3::Xxh3;

use super::bounds::Bounds;
use super::extent::{Extent, Measure};
use super::found::Block;
use super::options::CountOptions;
use crate::input::{Place, Scanned, Table, Text};

/// Counts rows as they come.
pub(super) struct Tally {
    bounds: Bounds,
    pub(super) rows: u64,
    /// Of each file.
    pub(super) files: Vec<u64>,
    blocks: Vec<Block>,
    /// Of the last block's text.
    digest: Xxh3,
    measure: Measure,
}

impl Tally {
    pub(super) fn new(table: &Table, options: &CountOptions) -> Self {
        let bounds = Bounds::of(options);
        Self {
            bounds,
            rows: 0,
            files: vec![0; table.paths().len()],
            blocks: Vec::new(),
            digest: Xxh3::new(),
            measure: Measure::new(bounds),
        }
    }

    /// The rows that come next.
    pub(super) fn add(&mut self, scanned: &Scanned) {
        let rows = &scanned.rows;
        self.measure.add(rows.first(), rows.batch());
        if let Some(text) = &scanned.text {
            self.add_text(text, rows.first());
        }
        self.rows += rows.count() as u64;
    }

    fn add_text(&mut self, text: &Text, first: u64) {
        self.files[text.file()] += text.count() as u64;
        let (longest, shortest) = text.lengths();
        let extent = &mut self.measure.extent;
        extent.longest = extent.longest.max(longest);
        extent.shortest = extent.shortest.min(shortest.unwrap_or(usize::MAX));
        let begins = |&record: &usize| self.bounds.begins(first + record as u64);
        let mut rest = text.all();
        let mut at = text.place().offset;
        for place in text.places((0..text.count()).filter(begins)) {
            let (before, behind) = rest.split_at(distance(at, place.offset));
            self.digest.update(before);
            self.end_block();
            self.blocks.push(Block { place, digest: None });
            (rest, at) = (behind, place.offset);
        }
        // What comes before the first row belongs to no block.
        if !self.blocks.is_empty() {
            self.digest.update(rest);
        }
    }

    fn end_block(&mut self) {
        if let Some(block) = self.blocks.last_mut() {
            block.digest = Some(self.digest.digest());
        }
        self.digest.reset();
    }

    /// Rows of each file, and the blocks.
    pub(super) fn finish(mut self, table: &Table) -> (Vec<u64>, Vec<Block>, Extent) {
        self.end_block();
        let Some(parquet) = table.parquet() else {
            return (self.files, self.blocks, self.measure.extent);
        };
        let files: Vec<u64> = parquet.iter().map(crate::input::ParquetFile::rows).collect();
        let (mut file, mut before) = (0, 0);
        for block in 0..self.bounds.count(self.rows) {
            let row = self.bounds.rows(block, self.rows).start;
            while row - before >= files[file] {
                before += files[file];
                file += 1;
            }
            let offset = row - before;
            let place = Place { file, offset, line: offset + 1 };
            self.blocks.push(Block { place, digest: None });
        }
        (files, self.blocks, self.measure.extent)
    }
}

fn distance(from: u64, to: u64) -> usize {
    usize::try_from(to - from).expect("within a piece")
}

//! Rows as they come, cut into chunks.

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use twoblade_table::Rows;

use super::bounds::Bounds;
use crate::error::Error;

/// Puts rows together that come in pieces of any length, and cuts them where chunks end.
#[derive(Debug)]
pub(super) struct Recut {
    bounds: Bounds,
    /// The first row that waits, and the one that comes next.
    first: u64,
    next: u64,
    waiting: Vec<RecordBatch>,
}

/// Takes a chunk.
pub(super) type Take<'a> = dyn FnMut(&Rows) -> ControlFlow<()> + 'a;

impl Recut {
    /// From row `first` of the table on.
    pub(super) fn new(bounds: Bounds, first: u64) -> Self {
        Self { bounds, first, next: first, waiting: Vec::new() }
    }

    /// The row that comes next.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The rows that come next; chunks that are whole are given on.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        take: &mut Take<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        for range in self.bounds.cut(self.next, batch.num_rows()) {
            self.next += range.len() as u64;
            self.waiting.push(batch.slice(range.start, range.len()));
            if self.next == self.bounds.end(self.first) && self.flush(take)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Gives on what waits.
    pub(super) fn flush(&mut self, take: &mut Take<'_>) -> Result<ControlFlow<()>, Error> {
        let batch = match self.waiting.as_slice() {
            [] => return Ok(ControlFlow::Continue(())),
            [batch] => batch.clone(),
            [first, ..] => concat_batches(first.schema_ref(), &self.waiting)?,
        };
        self.waiting.clear();
        let rows = Rows::new(self.first, batch);
        self.first = self.next;
        Ok(take(&rows))
    }
}

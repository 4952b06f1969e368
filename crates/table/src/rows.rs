//! A run of rows: the chunk of every model over tables.

use arrow_array::RecordBatch;

/// Some rows that stand together in a table, column by column.
#[derive(Clone, Debug)]
pub struct Rows {
    first: u64,
    batch: RecordBatch,
}

impl Rows {
    /// These rows, of which the first is row `first` of the whole table, from 0.
    ///
    /// Columns have the types of [`Kind::arrow`](crate::Kind::arrow).
    pub fn new(first: u64, batch: RecordBatch) -> Self {
        Self { first, batch }
    }

    /// The first row's index in the whole table, from 0.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many rows.
    pub fn count(&self) -> usize {
        self.batch.num_rows()
    }

    /// Some of these rows, `count` from `from` on, without copying them.
    ///
    /// # Panics
    /// If there are not so many.
    #[must_use]
    pub fn slice(&self, from: usize, count: usize) -> Self {
        Self { first: self.first + from as u64, batch: self.batch.slice(from, count) }
    }

    /// The columns.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }
}

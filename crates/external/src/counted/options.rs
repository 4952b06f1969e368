//! How a table is counted.

use serde::{Deserialize, Serialize};
use twoblade_table::describe::Detail;

use crate::error::Error;
use crate::input::Table;

/// What is counted of a table, and how it is cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountOptions {
    /// Places of the columns that are read, in the order in which they come out.
    pub columns: Vec<usize>,
    /// Rows of a block; the last one has perhaps fewer.
    pub block_rows: u64,
    /// The most rows of a chunk. A block's last one has perhaps fewer.
    pub chunk_rows: u64,
    /// The most different words of a category that are counted one by one.
    pub levels: usize,
    /// How much is found out about the columns meanwhile.
    pub detail: Detail,
}

impl CountOptions {
    /// All columns of a table, in blocks of 65,536 rows and chunks of 4,096, with up to 1,000 levels and
    /// no more detail than [`Detail::Moments`].
    pub fn new(table: &Table) -> Self {
        let columns = (0..table.schema().columns().len()).collect();
        let detail = Detail::Moments;
        Self { columns, block_rows: 1 << 16, chunk_rows: 1 << 12, levels: 1000, detail }
    }

    /// Refuses what cannot be counted.
    pub(super) fn check(&self, table: &Table) -> Result<(), Error> {
        for (option, rows) in [("block_rows", self.block_rows), ("chunk_rows", self.chunk_rows)] {
            if rows == 0 {
                let expected = "1 row at least";
                return Err(Error::Counting { option, found: rows.to_string(), expected });
            }
        }
        let mut seen = vec![false; table.schema().columns().len()];
        for &column in &self.columns {
            if seen.get(column) != Some(&false) {
                let (option, found) = ("columns", format!("{:?}", self.columns));
                let expected = "places of columns, from 0, each once";
                return Err(Error::Counting { option, found, expected });
            }
            seen[column] = true;
        }
        Ok(())
    }
}

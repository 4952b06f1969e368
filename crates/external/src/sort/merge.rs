//! Records in their order.

use crate::error::Error;
use crate::sort::arena::Arena;
use crate::sort::tree::Tree;
use crate::spill::Pair;

/// The records of a [`Sorter`](crate::Sorter), in their order.
#[derive(Debug)]
pub struct Merge {
    from: From,
    records: u64,
    spilled: u64,
    begun: bool,
}

#[derive(Debug)]
enum From {
    Memory { arena: Arena, at: usize },
    Runs(Tree),
}

impl Merge {
    pub(crate) fn of_memory(arena: Arena) -> Self {
        let records = arena.count() as u64;
        Self { from: From::Memory { arena, at: 0 }, records, spilled: 0, begun: false }
    }

    pub(crate) fn of_runs(tree: Tree, records: u64, spilled: u64) -> Self {
        Self { from: From::Runs(tree), records, spilled, begun: false }
    }

    /// How many there are, read or not.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The bytes of runs that were written, several times where there were several rounds.
    pub fn spilled(&self) -> u64 {
        self.spilled
    }

    /// The next record: its key and its row.
    ///
    /// # Errors
    /// If a run cannot be read, or is not as it was written.
    #[expect(clippy::should_implement_trait, reason = "it lends what it holds")]
    pub fn next(&mut self) -> Result<Option<Pair<'_>>, Error> {
        let begun = std::mem::replace(&mut self.begun, true);
        match &mut self.from {
            From::Memory { arena, at } => {
                *at += usize::from(begun && *at < arena.count());
                Ok((*at < arena.count()).then(|| {
                    let record = arena.record(*at);
                    (record.key, record.row)
                }))
            }
            From::Runs(tree) => {
                if begun && tree.smallest().is_some() {
                    tree.advance()?;
                }
                Ok(tree.smallest().map(|reader| (reader.key(), reader.row())))
            }
        }
    }
}

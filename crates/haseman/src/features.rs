//! What columns a model makes of the variants of a chunk.

use serde::{Deserialize, Serialize};
use twoblade_core::group_fields;
use twoblade_geno::{Column, Dropped, PackedChunk};

/// The features of a model: which columns, in which variance component.
///
/// # Contract
/// The columns of a chunk depend on the chunk and the configuration alone. A column belongs to one
/// individual at a time (no row looks at another, but for what the genotype counts of the variant
/// say), and is nearly standardized: its squares add up to about the number of individuals.
pub trait Features: Serialize + Sync {
    /// A short name, for messages and files.
    fn name(&self) -> &'static str;

    /// The names of the components, in order.
    fn components(&self) -> Vec<String>;

    /// Makes the columns of a chunk.
    fn columns(&self, chunk: &PackedChunk, into: &mut Columns);

    /// Bytes that the features hold.
    fn bytes(&self) -> usize;
}

/// Variants without a column, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drops {
    pub(crate) missing: u64,
    pub(crate) monomorphic: u64,
    pub(crate) rare: u64,
}
group_fields!(Drops { missing, monomorphic, rare });

/// The columns of one chunk, by component, and what became of the others.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub(crate) of: Vec<Vec<Column>>,
    pub(crate) dropped: Drops,
    pub(crate) missing: u64,
}

impl Columns {
    /// None yet, for so many components.
    pub(crate) fn new(components: usize) -> Self {
        Self { of: vec![Vec::new(); components], ..Self::default() }
    }

    /// Adds a column to a component, `missing` of whose genotypes count as the mean.
    ///
    /// # Panics
    /// If there is no such component.
    pub fn push(&mut self, component: usize, column: Column, missing: u64) {
        self.of[component].push(column);
        self.missing += missing;
    }

    /// Counts a variant of a component that has no column.
    pub fn drop(&mut self, why: Dropped) {
        match why {
            Dropped::Missing => self.dropped.missing += 1,
            Dropped::Monomorphic => self.dropped.monomorphic += 1,
            Dropped::Rare => self.dropped.rare += 1,
        }
    }
}

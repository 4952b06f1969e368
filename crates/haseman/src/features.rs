//! What columns a model makes of the variants of a chunk.

use serde::{Deserialize, Serialize};
use twoblade_core::group_fields;
use twoblade_geno::{Column, Counts, Dropped};

use crate::pairs::{pair, pairs};

/// The features of a model: which columns, in which variance components.
///
/// # Contract
/// The columns of a variant depend on the variant, its genotype counts and the configuration alone. A
/// column belongs to one individual at a time (no row looks at another, but for what the counts say),
/// and is nearly standardized: its squares add up to about the number of individuals.
pub trait Features: Serialize + Sync {
    /// A short name, for messages and files.
    fn name(&self) -> &'static str;

    /// The names of the components, in order.
    fn components(&self) -> Vec<String>;

    /// Whether a variant of the study is in any component: others are not looked at.
    fn uses(&self, variant: usize) -> bool;

    /// Makes the columns of a variant that is used, and that the filter leaves.
    fn columns(&self, variant: &Variant, into: &mut Columns);

    /// The most columns that one variant can have, each counted once for every component it is in.
    fn most_per_variant(&self) -> usize;

    /// Bytes that the features hold.
    fn bytes(&self) -> usize;
}

/// A variant of a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its number in the study.
    pub number: usize,
    /// Its number in the chunk.
    pub place: usize,
    /// The genotypes of the individuals that stay; those that were missing too, if they are imputed.
    pub counts: Counts,
}

impl Variant {
    /// The column that gives each of its genotypes a value, by [code](twoblade_geno::code).
    pub fn column(&self, values: [f64; 4]) -> Column {
        Column::new(self.place, values, &self.counts)
    }
}

/// Variants without a column, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drops {
    pub(crate) missing: u64,
    pub(crate) monomorphic: u64,
    pub(crate) rare: u64,
}
group_fields!(Drops { missing, monomorphic, rare });

/// The columns of one chunk, by component, and what became of the other variants.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub(crate) all: Vec<Column>,
    /// Which of them each component has.
    pub(crate) of: Vec<Vec<usize>>,
    /// Columns that are in both of two components k <= l.
    pub(crate) shared: Vec<u64>,
    /// Variants with a column.
    pub(crate) variants: u64,
    pub(crate) dropped: Drops,
    /// Genotypes that are missing in variants with a column.
    pub(crate) missing: u64,
}

impl Columns {
    /// None yet, for so many components.
    pub(crate) fn new(components: usize) -> Self {
        Self {
            of: vec![Vec::new(); components],
            shared: vec![0; pairs(components)],
            ..Self::default()
        }
    }

    /// Adds a column to components, whose numbers ascend.
    ///
    /// # Panics
    /// If there is no such component.
    pub fn push(&mut self, components: &[u16], column: Column) {
        let count = self.of.len();
        for (place, &k) in components.iter().enumerate() {
            self.of[usize::from(k)].push(self.all.len());
            for &l in &components[place..] {
                self.shared[pair(usize::from(k), usize::from(l), count)] += 1;
            }
        }
        self.all.push(column);
    }

    /// Counts a variant that has no column.
    pub(crate) fn drop(&mut self, why: Dropped) {
        match why {
            Dropped::Missing => self.dropped.missing += 1,
            Dropped::Monomorphic => self.dropped.monomorphic += 1,
            Dropped::Rare => self.dropped.rare += 1,
        }
    }
}

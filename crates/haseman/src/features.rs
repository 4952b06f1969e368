//! What columns a model makes of the variants of a chunk.

use serde::{Deserialize, Serialize};
use twoblade_core::group_fields;
use twoblade_geno::{Column, Counts, Dropped};

use crate::environment::{Interactions, NONE};
use crate::pairs::{pair, pairs};

/// The features of a model: which columns, in which sets, and what becomes of these.
///
/// # Contract
/// The columns of a variant depend on the variant, its genotype counts and the configuration alone. A
/// column belongs to one individual at a time (no row looks at another, but for what the counts say),
/// and is nearly standardized: its squares add up to about the number of individuals.
///
/// What is provided is right for a model of columns alone. A model whose columns interact with
/// environments overrides [`interactions`](Self::interactions) and
/// [`shares_by_trace`](Self::shares_by_trace), and nothing else changes.
pub trait Features: Serialize + Sync {
    /// A short name, for messages and files.
    fn name(&self) -> &'static str;

    /// The names of the sets that columns are put in, in order: each is a component.
    fn components(&self) -> Vec<String>;

    /// What kind of effects a set stands for: kinds have totals of their own, where a model has several.
    ///
    /// # Panics
    /// May panic if there is no such set.
    fn kind(&self, _set: usize) -> &'static str {
        "bin"
    }

    /// What the columns are multiplied by, individual by individual: for each environment every set is
    /// one more component. Nothing, unless a model says so.
    fn interactions(&self) -> &Interactions {
        &NONE
    }

    /// Whether h2 is a share of the variance that the individuals have, sigma_k tr(V K_k) over the sum
    /// of these. Where K_k is not of unit scale sigma_k says little. Otherwise it is sigma_k over the
    /// sum of all sigma.
    fn shares_by_trace(&self) -> bool {
        false
    }

    /// Whether a column may be far longer than the root of the number of individuals. Those whose
    /// squares add up to more than 100 times that number are then noted, at the cost of a bit for every
    /// variant in the state.
    fn may_be_long(&self) -> bool {
        false
    }

    /// Whether a variant of the study is in any set: others are not looked at.
    fn uses(&self, variant: usize) -> bool;

    /// Makes the columns of a variant that is used, and that the filter leaves.
    fn columns(&self, variant: &Variant, into: &mut Columns);

    /// The most columns that one variant can have, each counted once for every set it is in.
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

/// The columns of one chunk, by set, and what became of the other variants.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub(crate) all: Vec<Column>,
    /// Which of them each set has.
    pub(crate) of: Vec<Vec<usize>>,
    /// Columns that are in both of two sets k <= l.
    pub(crate) shared: Vec<u64>,
    /// Variants with a column.
    pub(crate) variants: u64,
    /// Numbers of variants with a column that is far longer than others.
    pub(crate) long: Vec<usize>,
    pub(crate) dropped: Drops,
    /// Genotypes that are missing in variants with a column.
    pub(crate) missing: u64,
}

impl Columns {
    /// None yet, for so many sets.
    pub(crate) fn new(sets: usize) -> Self {
        Self { of: vec![Vec::new(); sets], shared: vec![0; pairs(sets)], ..Self::default() }
    }

    /// Adds a column to sets, whose numbers ascend.
    ///
    /// # Panics
    /// If there is no such set.
    pub fn push(&mut self, sets: &[u16], column: Column) {
        let count = self.of.len();
        for (place, &k) in sets.iter().enumerate() {
            self.of[usize::from(k)].push(self.all.len());
            for &l in &sets[place..] {
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

//! What is known of a study before any genotype is read.

use serde::{Deserialize, Serialize};

use crate::cut::Cut;

/// Individuals, traits, bins of variants and the cut: all from text files and options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Individuals listed in the genotype files.
    pub listed: usize,
    /// The rows of those that stay, counted from 0 before any filter, ascending.
    pub individuals: Vec<u32>,
    /// The traits, each with a value for every individual that stays.
    pub traits: Vec<Trait>,
    /// Which bin each variant is in.
    pub bins: Bins,
    /// The cut into blocks and chunks.
    pub cut: Cut,
}

/// A phenotype.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trait {
    /// From the header of its file.
    pub name: String,
    /// One finite value for every individual that stays.
    pub values: Vec<f64>,
}

/// The bin of every listed variant. Bins need not be contiguous.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bins {
    names: Vec<String>,
    /// Empty if there is one bin that holds everything.
    of_variant: Vec<u16>,
}

impl Bins {
    /// Stands for a variant that is in no bin.
    pub const NONE: u16 = u16::MAX;

    /// One bin with every variant.
    pub fn one(name: impl Into<String>) -> Self {
        Self { names: vec![name.into()], of_variant: Vec::new() }
    }

    /// `of_variant[v]` is the bin of variant `v`, or [`NONE`](Self::NONE).
    ///
    /// # Panics
    /// If a bin has no name, or there are 65,535 bins or more.
    pub fn new(names: Vec<String>, of_variant: Vec<u16>) -> Self {
        assert!(names.len() < usize::from(Self::NONE), "fewer than 65,535 bins");
        let named = |&bin: &u16| bin == Self::NONE || usize::from(bin) < names.len();
        assert!(of_variant.iter().all(named), "every bin has a name");
        Self { names, of_variant }
    }

    /// Their names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many bins.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The bin of a variant, if it is in one.
    ///
    /// # Panics
    /// If there is no such variant.
    pub fn of(&self, variant: usize) -> Option<usize> {
        if self.of_variant.is_empty() {
            return Some(0);
        }
        let bin = self.of_variant[variant];
        (bin != Self::NONE).then(|| usize::from(bin))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.of_variant.len() * size_of::<u16>()
    }
}

/// A covariate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covariate {
    /// From the header of its file; `column=level` for an indicator.
    pub name: String,
    /// One finite value for every individual that stays.
    pub values: Vec<f64>,
}

//! Which bins each variant is in.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::subset::Subset;

/// The bins (annotations) of every variant of a study. A variant may be in one, in several or in
/// none, and bins need not be contiguous. A clone shares the memory.
///
/// Few different sets of bins occur beside many variants: each is held once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bins {
    names: Arc<Vec<String>>,
    /// The sets that occur, each ascending.
    sets: Arc<Vec<Vec<u16>>>,
    /// The set of each variant; empty if all have the first.
    of_variant: Arc<Vec<u32>>,
}

/// Bins that are told variant by variant.
#[derive(Clone, Debug)]
pub struct BinsBuilder {
    names: Vec<String>,
    numbers: HashMap<Vec<u16>, u32>,
    sets: Vec<Vec<u16>>,
    of_variant: Vec<u32>,
}

impl Bins {
    /// Most bins: they are numbered by 16 bits.
    pub const MOST: usize = u16::MAX as usize;

    /// One bin with every variant.
    pub fn one(name: impl Into<String>) -> Self {
        Self {
            names: vec![name.into()].into(),
            sets: vec![vec![0]].into(),
            of_variant: Vec::new().into(),
        }
    }

    /// Bins of these names; `of_variant` has for each variant the numbers of its bins, ascending.
    ///
    /// # Panics
    /// As [`BinsBuilder::push`].
    pub fn new<S: AsRef<[u16]>>(
        names: Vec<String>,
        of_variant: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut builder = BinsBuilder::new(names);
        of_variant.into_iter().for_each(|set| builder.push(set.as_ref()));
        builder.build()
    }

    /// Their names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many bins.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// How many variants they are of; none if every variant, however many there are, is in one bin.
    pub fn variants(&self) -> Option<usize> {
        (!self.of_variant.is_empty()).then_some(self.of_variant.len())
    }

    /// The bins of a variant, ascending.
    ///
    /// # Panics
    /// If there is no such variant.
    pub fn of(&self, variant: usize) -> &[u16] {
        let set = if self.of_variant.is_empty() { 0 } else { self.of_variant[variant] };
        &self.sets[set as usize]
    }

    /// The bins of some of the variants: variant i is then the i-th of those that stay.
    ///
    /// # Panics
    /// If the list is of another length than these variants.
    #[must_use]
    pub fn among(&self, variants: &Subset) -> Self {
        if self.of_variant.is_empty() || variants.is_all() {
            return self.clone();
        }
        assert_eq!(self.of_variant.len(), variants.listed(), "bins of the listed variants");
        let of = (0..variants.kept()).map(|kept| self.of_variant[variants.row(kept)]).collect();
        Self { of_variant: Arc::new(of), ..self.clone() }
    }

    /// Whether some variant may be in more than one.
    pub fn overlap(&self) -> bool {
        self.most() > 1
    }

    /// The largest number of bins that a variant is in.
    pub fn most(&self) -> usize {
        self.sets.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let sets = self.sets.iter().map(|set| size_of::<Vec<u16>>() + set.len() * size_of::<u16>());
        self.of_variant.len() * size_of::<u32>() + sets.sum::<usize>()
    }
}

impl BinsBuilder {
    /// Bins of these names, with no variant yet.
    pub fn new(names: Vec<String>) -> Self {
        Self { names, numbers: HashMap::new(), sets: Vec::new(), of_variant: Vec::new() }
    }

    /// Takes memory for so many variants at once.
    pub fn reserve(&mut self, variants: usize) {
        self.of_variant.reserve_exact(variants);
    }

    /// The next variant is in these bins, whose numbers ascend.
    ///
    /// # Panics
    /// If a bin has no name or does not ascend, or 2^32 different sets occur.
    pub fn push(&mut self, set: &[u16]) {
        let number = if let Some(&number) = self.numbers.get(set) {
            number
        } else {
            assert!(set.iter().all(|&b| usize::from(b) < self.names.len()), "every bin has a name");
            assert!(set.windows(2).all(|pair| pair[0] < pair[1]), "bins ascend");
            let number = u32::try_from(self.sets.len()).expect("fewer than 2^32 sets of bins");
            self.sets.push(set.to_vec());
            self.numbers.insert(set.to_vec(), number);
            number
        };
        self.of_variant.push(number);
    }

    /// The bins.
    ///
    /// # Panics
    /// If there are more than [`Bins::MOST`] bins.
    pub fn build(self) -> Bins {
        assert!(self.names.len() <= Bins::MOST, "at most {} bins", Bins::MOST);
        Bins {
            names: self.names.into(),
            sets: self.sets.into(),
            of_variant: self.of_variant.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_has_its_set() {
        let sets: [&[u16]; 5] = [&[0], &[0, 2], &[], &[0, 2], &[1]];
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let bins = Bins::new(names, sets);
        assert!((0..5).map(|variant| bins.of(variant)).eq(sets));
        assert_eq!((bins.count(), bins.sets.len(), bins.overlap()), (3, 4, true));
        assert_eq!((bins.variants(), Bins::one("all").variants()), (Some(5), None));
        let some = bins.among(&Subset::new(5, vec![1, 4]));
        assert!((0..2).map(|variant| some.of(variant)).eq([sets[1], sets[4]]));
        let one = Bins::one("all");
        assert_eq!(
            (one.of(1_000_000), one.overlap(), one.names()),
            (&[0][..], false, &["all".to_owned()][..])
        );
    }
}

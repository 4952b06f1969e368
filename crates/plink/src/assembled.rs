//! Studies that share genotypes.

use twoblade_geno::{Bins, Covariate, Cut, Selection, Study, Subset};

use crate::annotation::Annotation;
use crate::error::PlinkError;
use crate::joined::{GroupJoined, Joined};

/// The studies of all traits, and what came of making them.
///
/// Traits that the same individuals have are one study. All studies are of the same variants in the
/// same bins and blocks, so one read of the genotypes serves them all.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The studies, in the order of their first traits.
    pub groups: Vec<Group>,
    /// The rows of the individuals that are in any of them, counted from 0, ascending.
    pub individuals: Vec<u32>,
    /// Which of the listed variants are looked at.
    pub variants: Subset,
    /// Their cut into blocks and chunks.
    pub cut: Cut,
    /// What was joined and what was left out, whatever the trait.
    pub joined: Joined,
}

/// Traits that the same individuals have.
#[derive(Clone, Debug)]
pub struct Group {
    /// Their study.
    pub study: Study,
    /// The covariates of its individuals, in the order of `study.individuals`, file after file.
    pub covariates: Vec<Covariate>,
    /// What was joined and what was left out.
    pub joined: GroupJoined,
}

impl Assembled {
    /// The individuals of a group among those that a source of all groups lends: what a model of the
    /// group takes out of every chunk ([`Among`](twoblade_geno::Among)).
    ///
    /// # Panics
    /// If the group is not one of these.
    pub fn selection(&self, group: &Group) -> Selection {
        let mut places = (0u32..).zip(&self.individuals);
        let mut place = |row: u32| {
            let found = places.find(|&(_, &other)| other == row);
            found.map(|(place, _)| place).expect("a row of the groups' individuals")
        };
        let rows: Vec<u32> = group.study.individuals.iter().map(|&row| place(row)).collect();
        Selection::new(self.individuals.len(), &rows)
    }

    /// The same in [chunks that are worth](Cut::for_sketches) going through a state of so many sketches for
    /// each individual: one for each component of columns and probe.
    #[must_use]
    pub fn for_sketches(mut self, sketches: usize) -> Self {
        self.cut = self.cut.for_sketches(sketches);
        for group in &mut self.groups {
            group.study.cut = self.cut;
        }
        self
    }

    /// The same in the bins of another annotation of the variants that are listed: for bins that
    /// are known only once genotypes were counted.
    ///
    /// # Errors
    /// [`PlinkError::OtherBins`] if the annotation is of other variants, or
    /// [`PlinkError::NothingInBin`].
    pub fn rebinned(mut self, annotation: &Annotation) -> Result<Self, PlinkError> {
        let (bins, in_no_bin) = among(annotation, &self.variants)?;
        for group in &mut self.groups {
            group.study.bins = bins.clone();
        }
        self.joined.in_no_bin = in_no_bin;
        Ok(self)
    }
}

/// The bins of the variants that were chosen, and how many of these are in none.
pub(crate) fn among(annotation: &Annotation, chosen: &Subset) -> Result<(Bins, usize), PlinkError> {
    let (all, listed) = (annotation.bins(), chosen.listed());
    if let Some(found) = all.variants().filter(|&found| found != listed) {
        return Err(PlinkError::OtherBins { found, expected: listed });
    }
    let bins = all.among(chosen);
    let (mut filled, mut in_no_bin) = (vec![false; bins.count()], 0);
    for variant in 0..chosen.kept() {
        let set = bins.of(variant);
        in_no_bin += usize::from(set.is_empty());
        for &bin in set {
            filled[usize::from(bin)] = true;
        }
    }
    match filled.iter().position(|filled| !filled) {
        None => Ok((bins, in_no_bin)),
        Some(empty) => {
            let name = bins.names()[empty].clone();
            Err(PlinkError::NothingInBin { name, variants: chosen.kept() })
        }
    }
}

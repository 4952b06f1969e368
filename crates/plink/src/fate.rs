//! What becomes of each individual that has genotypes.

/// Why an individual stays or does not; the first reason counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    NotKept,
    Removed,
    WithoutPhenotype,
    MissingTrait,
    WithoutCovariates,
    MissingCovariate,
    Stays,
}

/// The fate of every individual of the .fam file.
pub(crate) struct Fates(Vec<Fate>);

impl Fates {
    pub(crate) fn of(listed: usize, fate: impl Fn(usize) -> Fate) -> Self {
        Self((0..listed).map(fate).collect())
    }

    /// How many have this fate.
    pub(crate) fn count(&self, fate: Fate) -> usize {
        self.0.iter().filter(|&&other| other == fate).count()
    }

    /// The rows of those that stay, ascending.
    pub(crate) fn staying(&self) -> Vec<u32> {
        let numbered = (0u32..).zip(&self.0);
        numbered.filter(|&(_, &fate)| fate == Fate::Stays).map(|(row, _)| row).collect()
    }
}

//! What becomes of each individual that has genotypes, whichever trait is asked about.

/// Why an individual does not stay; the first reason counts. Between `WithoutPhenotype` and
/// `WithoutCovariates` comes a missing value of the trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    NotKept,
    Removed,
    TooManyMissing,
    WithoutPhenotype,
    WithoutCovariates,
    MissingCovariate,
    /// Stays if the trait has a value.
    Stays,
}

impl Fate {
    /// Whether the lists to keep and to remove leave the individual.
    pub(crate) fn is_chosen(self) -> bool {
        !matches!(self, Self::NotKept | Self::Removed)
    }
}

/// The fate of every individual of the .fam file: a byte each.
pub(crate) struct Fates(Vec<Fate>);

impl Fates {
    pub(crate) fn of(listed: usize, fate: impl FnMut(usize) -> Fate) -> Self {
        Self((0..listed).map(fate).collect())
    }

    /// One for each row of the .fam file.
    pub(crate) fn each(&self) -> impl Iterator<Item = Fate> {
        self.0.iter().copied()
    }

    /// How many have this fate.
    pub(crate) fn count(&self, fate: Fate) -> usize {
        self.0.iter().filter(|&&other| other == fate).count()
    }

    /// Who stays of those for whom `has` is true of the row: of those that have a trait.
    pub(crate) fn with(&self, has: impl Fn(usize) -> bool) -> Staying {
        let mut staying = Staying {
            bits: vec![0; self.0.len().div_ceil(64)],
            with_trait: 0,
            absent: 0,
            missing: 0,
            kept: 0,
        };
        for (row, &fate) in self.0.iter().enumerate() {
            let counted = match fate {
                Fate::WithoutCovariates => &mut staying.absent,
                Fate::MissingCovariate => &mut staying.missing,
                Fate::Stays => &mut staying.kept,
                _ => continue,
            };
            if has(row) {
                *counted += 1;
                staying.with_trait += 1;
                if fate == Fate::Stays {
                    staying.bits[row / 64] |= 1 << (row % 64);
                }
            }
        }
        staying
    }
}

/// Who stays for a trait, and what became of the others that have it.
#[derive(Clone)]
pub(crate) struct Staying {
    /// A bit for each row of the .fam file.
    pub(crate) bits: Vec<u64>,
    /// Individuals that have the trait, of those that the lists leave.
    pub(crate) with_trait: usize,
    /// Those of them that are not in the covariate file.
    pub(crate) absent: usize,
    /// Those of them that lack a covariate there.
    pub(crate) missing: usize,
    /// Those of them that stay.
    pub(crate) kept: usize,
}

/// The rows whose bits are set, ascending.
pub(crate) fn rows(bits: &[u64]) -> Vec<u32> {
    let count = bits.iter().map(|word| word.count_ones() as usize).sum();
    let mut rows = Vec::with_capacity(count);
    for (&word, first) in bits.iter().zip((0u32..).step_by(64)) {
        let mut word = word;
        while word != 0 {
            rows.push(first + word.trailing_zeros());
            word &= word - 1;
        }
    }
    rows
}

//! Which values of a phenotype are missing, and which traits are of cases and controls.

/// How a phenotype file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhenotypeOptions {
    /// Whether some numbers stand for a missing value.
    pub missing_code: MissingCode,
}

/// The numbers that stand for a missing value, beside `NA` and `nan`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingCode {
    /// Those of PLINK: -9, and 0 where a trait is otherwise coded 1 and 2.
    #[default]
    MinusNine,
    /// None: -9 and 0 are values.
    None,
}

/// What becomes of an individual that has some traits and lacks others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingTraits {
    /// Stays for those that it has: each trait is analysed as if it were alone.
    #[default]
    PerTrait,
    /// Does not stay: only individuals that have every trait are analysed.
    Common,
}

/// Missing values of one trait, by how they are written, among individuals with genotypes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Written `NA`.
    pub na: usize,
    /// Written `nan`.
    pub nan: usize,
    /// Written `-9`, which is how PLINK writes a missing phenotype. Worth a look where a trait may
    /// really be -9.
    pub minus_nine: usize,
    /// Written `0` where all other values are 1 and 2, which is how PLINK codes controls and cases.
    /// Worth a look where a trait may really be a count of 0, 1 or 2.
    pub zero: usize,
}

impl Missing {
    /// All of them.
    pub fn total(&self) -> usize {
        self.na + self.nan + self.minus_nine + self.zero
    }
}

impl MissingCode {
    /// What is missing, in words, with `and` or `or` before the last.
    pub(crate) fn words(self, conjunction: &str) -> String {
        match self {
            Self::MinusNine => format!("NA, nan {conjunction} -9"),
            Self::None => format!("NA {conjunction} nan"),
        }
    }

    /// Puts NaN for the numbers that stand for a missing value, and counts them; whether what is
    /// left is of cases and controls.
    pub(crate) fn apply(self, values: &mut [f64], missing: &mut Missing) -> bool {
        if self == Self::MinusNine {
            missing.minus_nine += take_out(values, -9.0);
        }
        let [zeros, ones, twos] = [0.0, 1.0, 2.0].map(|code| count(values, code));
        let there = values.iter().filter(|value| !value.is_nan()).count();
        if zeros + ones + twos < there || ones == 0 {
            return false;
        }
        if twos > 0 && zeros > 0 && self == Self::MinusNine {
            missing.zero += take_out(values, 0.0);
            return true;
        }
        (zeros > 0) != (twos > 0)
    }
}

fn is(value: f64, code: f64) -> bool {
    // Adding 0 makes 0 of -0.
    (value + 0.0).total_cmp(&code).is_eq()
}

fn count(values: &[f64], code: f64) -> usize {
    values.iter().filter(|&&value| is(value, code)).count()
}

fn take_out(values: &mut [f64], code: f64) -> usize {
    let mut taken = 0;
    for value in values.iter_mut().filter(|value| is(**value, code)) {
        *value = f64::NAN;
        taken += 1;
    }
    taken
}

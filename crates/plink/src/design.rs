//! Covariates as columns of numbers, for the individuals that stay.

use std::path::Path;

use twoblade_geno::Covariate;

use crate::column::{Column, MISSING};
use crate::covariates::Covariates;
use crate::error::PlinkError;
use crate::names::unique;

/// How a covariate became columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CovariateUse {
    /// From the header of its file.
    pub name: String,
    /// Individuals that stay and have the mean in place of a missing value.
    pub imputed: usize,
    /// The first level among those that stay, which has no column of its own: the others are
    /// measured against it. None for numbers.
    pub reference: Option<String>,
    /// Levels that nobody who stays has: they have no column either.
    pub absent: Vec<String>,
}

/// Columns for the individuals on these rows of the .fam file, who stay for the trait `phenotype`,
/// and how each covariate became some.
pub(crate) fn columns(
    covariates: &Covariates,
    phenotype: &str,
    individuals: &[u32],
) -> Result<(Vec<Covariate>, Vec<CovariateUse>), PlinkError> {
    let (mut columns, mut uses) = (Vec::new(), Vec::new());
    for (name, column) in covariates.named() {
        let covariate = One { file: covariates.file(), name, phenotype, individuals };
        let (new, how) = match column {
            Column::Numbers(values) => covariate.numbers(values)?,
            Column::Categories { levels, codes } => covariate.indicators(levels, codes)?,
        };
        columns.extend(new);
        uses.push(how);
    }
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    unique(covariates.file(), &names)?;
    Ok((columns, uses))
}

/// One covariate and those who stay.
struct One<'a> {
    file: &'a Path,
    name: &'a str,
    phenotype: &'a str,
    individuals: &'a [u32],
}

type Columns = (Vec<Covariate>, CovariateUse);

impl One<'_> {
    fn numbers(&self, all: &[f64]) -> Result<Columns, PlinkError> {
        let values: Vec<f64> = self.individuals.iter().map(|&row| all[row as usize]).collect();
        let missing = values.iter().filter(|value| value.is_nan()).count();
        if missing == values.len() {
            return Err(self.nobody());
        }
        let column = filled(self.name.to_owned(), values);
        Ok((vec![column], self.how(missing, None, Vec::new())))
    }

    fn indicators(&self, levels: &[String], codes: &[u8]) -> Result<Columns, PlinkError> {
        let codes: Vec<u8> = self.individuals.iter().map(|&row| codes[row as usize]).collect();
        let missing = codes.iter().map(|&code| usize::from(code == MISSING)).sum();
        let (present, absent): (Vec<_>, Vec<_>) =
            (0u8..).zip(levels).partition(|(code, _)| codes.contains(code));
        let Some((&(_, reference), others)) = present.split_first() else {
            return Err(self.nobody());
        };
        let indicator = |&(level, name): &(u8, &String)| {
            let value = |&code: &u8| match code {
                MISSING => f64::NAN,
                code => f64::from(u8::from(code == level)),
            };
            filled(format!("{}={name}", self.name), codes.iter().map(value).collect())
        };
        let absent = absent.into_iter().map(|(_, name)| name.clone()).collect();
        let how = self.how(missing, Some(reference.clone()), absent);
        Ok((others.iter().map(indicator).collect(), how))
    }

    fn how(&self, imputed: usize, reference: Option<String>, absent: Vec<String>) -> CovariateUse {
        CovariateUse { name: self.name.to_owned(), imputed, reference, absent }
    }

    fn nobody(&self) -> PlinkError {
        PlinkError::NoCovariate {
            file: self.file.to_path_buf(),
            name: self.name.to_owned(),
            phenotype: self.phenotype.to_owned(),
            individuals: self.individuals.len(),
        }
    }
}

/// A column with its mean in place of what is missing.
fn filled(name: String, mut values: Vec<f64>) -> Covariate {
    let there = || values.iter().filter(|value| !value.is_nan());
    let mean = there().sum::<f64>() / there().count() as f64;
    for value in values.iter_mut().filter(|value| value.is_nan()) {
        *value = mean;
    }
    Covariate { name, values }
}

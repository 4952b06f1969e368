//! The phenotype file, joined to the .fam file by identifier.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::PlinkError;
use crate::fam::{ByIndividual, Fam};
use crate::lines::Lines;

/// Traits of the individuals of a .fam file.
#[derive(Clone, Debug)]
pub struct Phenotypes {
    file: PathBuf,
    names: Vec<String>,
    /// Per trait, per row of the .fam file; NaN where there is none.
    values: Vec<Vec<f64>>,
    missing: Vec<Missing>,
    rows: usize,
    matched: usize,
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
}

impl Missing {
    /// All of them.
    pub fn total(&self) -> usize {
        self.na + self.nan + self.minus_nine
    }
}

impl Phenotypes {
    /// Reads a phenotype file and finds each of its individuals in `fam`.
    ///
    /// Columns are separated by whitespace. The header is `FID IID` and a name for each trait, or
    /// `IID` and the names, also with `#` in front as PLINK 2 writes it; without FID, individuals
    /// are found by IID alone. `NA`, `nan` and `-9` are missing values.
    ///
    /// # Errors
    /// [`PlinkError::NoHeader`], [`PlinkError::NoTraits`], [`PlinkError::DuplicateColumn`],
    /// [`PlinkError::Columns`], [`PlinkError::NotANumber`], [`PlinkError::Infinite`],
    /// [`PlinkError::DuplicateIndividual`], [`PlinkError::Ambiguous`], [`PlinkError::Empty`], or
    /// what reading text has to say.
    pub fn read(file: impl AsRef<Path>, fam: &Fam) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut lines = Lines::open(file)?;
        let Some((_, header)) = lines.next()? else {
            let expected = "a header and one line for each individual are";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        };
        let (keys, names) = parse_header(file, header)?;
        let mut join = Join::new(file, fam, keys == 2);
        let mut phenotypes = Self {
            file: file.to_path_buf(),
            values: vec![vec![f64::NAN; fam.count()]; names.len()],
            missing: vec![Missing::default(); names.len()],
            names,
            rows: 0,
            matched: 0,
        };
        while let Some((line, row)) = lines.next()? {
            let found = row.split_ascii_whitespace().count();
            if found != keys + phenotypes.names.len() {
                let expected = format!("{}, as in the header,", keys + phenotypes.names.len());
                return Err(PlinkError::Columns {
                    file: file.to_path_buf(),
                    line,
                    found,
                    expected,
                });
            }
            let mut words = row.split_ascii_whitespace();
            let family = if keys == 2 { words.next().unwrap_or_default() } else { "" };
            let matched = join.row(line, family, words.next().unwrap_or_default())?;
            phenotypes.rows += 1;
            phenotypes.matched += usize::from(matched.is_some());
            phenotypes.store(line, matched, words)?;
        }
        if phenotypes.rows == 0 {
            let expected = "a header and one line for each individual are";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        }
        Ok(phenotypes)
    }

    /// Checks every value of a line, and keeps it if its individual has genotypes.
    fn store<'a>(
        &mut self,
        line: usize,
        matched: Option<usize>,
        words: impl Iterator<Item = &'a str>,
    ) -> Result<(), PlinkError> {
        for (column, word) in words.enumerate() {
            let value = parse(word).map_err(|bad| {
                let (file, column) = (self.file.clone(), self.names[column].clone());
                let found = word.to_owned();
                match bad {
                    Bad::Text => PlinkError::NotANumber { file, line, column, found },
                    Bad::Infinite => PlinkError::Infinite { file, line, column, found },
                }
            })?;
            let Some(row) = matched else { continue };
            let missing = &mut self.missing[column];
            match value {
                Value::Number(value) => self.values[column][row] = value,
                Value::Na => missing.na += 1,
                Value::Nan => missing.nan += 1,
                Value::MinusNine => missing.minus_nine += 1,
            }
        }
        Ok(())
    }

    /// The traits of these names alone, in this order.
    ///
    /// # Errors
    /// [`PlinkError::NoSuchTrait`], or [`PlinkError::DuplicateColumn`] if a name is asked for twice.
    pub fn select(&self, names: &[impl AsRef<str>]) -> Result<Self, PlinkError> {
        let mut columns = Vec::with_capacity(names.len());
        for name in names.iter().map(AsRef::as_ref) {
            let column = self.names.iter().position(|other| other == name).ok_or_else(|| {
                let available = self.names.join(", ");
                PlinkError::NoSuchTrait {
                    file: self.file.clone(),
                    name: name.to_owned(),
                    available,
                }
            })?;
            if columns.contains(&column) {
                let (file, name) = (self.file.clone(), name.to_owned());
                return Err(PlinkError::DuplicateColumn { file, name });
            }
            columns.push(column);
        }
        Ok(Self {
            file: self.file.clone(),
            names: columns.iter().map(|&column| self.names[column].clone()).collect(),
            values: columns.iter().map(|&column| self.values[column].clone()).collect(),
            missing: columns.iter().map(|&column| self.missing[column]).collect(),
            rows: self.rows,
            matched: self.matched,
        })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The names of the traits, from the header.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One trait: a value for each row of the .fam file, NaN where there is none.
    ///
    /// # Panics
    /// If there is no such trait.
    pub fn values(&self, column: usize) -> &[f64] {
        &self.values[column]
    }

    /// The missing values of each trait, among individuals that are in the .fam file.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Individuals in the file.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Individuals of the file that are in the .fam file too.
    pub fn matched(&self) -> usize {
        self.matched
    }

    /// Individuals of the file that are not in the .fam file.
    pub fn unmatched(&self) -> usize {
        self.rows - self.matched
    }

    /// The rows of the .fam file that have a value for every trait, ascending.
    pub(crate) fn complete_rows(&self) -> impl Iterator<Item = u32> {
        (0u32..)
            .zip(0..self.listed())
            .filter(|&(_, row)| self.values.iter().all(|values| !values[row].is_nan()))
            .map(|(number, _)| number)
    }

    /// How many individuals of the .fam file the values are for.
    pub(crate) fn listed(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }
}

/// How many columns identify an individual, and the names of the traits.
fn parse_header(file: &Path, header: &str) -> Result<(usize, Vec<String>), PlinkError> {
    let words: Vec<&str> = header.split_ascii_whitespace().collect();
    let is = |column: usize, name: &str| {
        words.get(column).is_some_and(|word| {
            let word = if column == 0 { word.trim_start_matches('#') } else { word };
            word.eq_ignore_ascii_case(name)
        })
    };
    let keys = if is(0, "FID") && is(1, "IID") {
        2
    } else if is(0, "IID") {
        1
    } else {
        let found = words[..words.len().min(3)].join(" ");
        return Err(PlinkError::NoHeader { file: file.to_path_buf(), found });
    };
    let names: Vec<String> = words[keys..].iter().map(|&name| name.to_owned()).collect();
    if names.is_empty() {
        return Err(PlinkError::NoTraits { file: file.to_path_buf() });
    }
    unique(file, &names)?;
    Ok((keys, names))
}

/// Refuses two columns of the same name.
pub(crate) fn unique(file: &Path, names: &[String]) -> Result<(), PlinkError> {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            let (file, name) = (file.to_path_buf(), pair[0].clone());
            Err(PlinkError::DuplicateColumn { file, name })
        }
        None => Ok(()),
    }
}

/// Finds the individuals of a file in the .fam file, and notices those that come twice.
struct Join<'a> {
    file: &'a Path,
    fam: &'a Fam,
    /// Only for a file without family identifiers.
    by_individual: Option<ByIndividual<'a>>,
    /// The line of each row found so far, 0 for none.
    lines: Vec<usize>,
    /// The lines of individuals that are not in the .fam file.
    others: HashMap<(String, String), usize>,
}

impl<'a> Join<'a> {
    fn new(file: &'a Path, fam: &'a Fam, families: bool) -> Self {
        let by_individual = (!families).then(|| fam.by_individual());
        Self { file, fam, by_individual, lines: vec![0; fam.count()], others: HashMap::new() }
    }

    fn row(
        &mut self,
        line: usize,
        family: &str,
        individual: &str,
    ) -> Result<Option<usize>, PlinkError> {
        let found = match &self.by_individual {
            None => self.fam.row(family, individual),
            Some(by_individual) => match by_individual.rows(individual) {
                [Some(first), Some(second)] => {
                    return Err(PlinkError::Ambiguous {
                        file: self.file.to_path_buf(),
                        line,
                        individual: individual.to_owned(),
                        fam: self.fam.file().to_path_buf(),
                        first: first + 1,
                        second: second + 1,
                    });
                }
                [first, _] => first,
            },
        };
        let earlier = if let Some(row) = found {
            std::mem::replace(&mut self.lines[row], line)
        } else {
            let key = (family.to_owned(), individual.to_owned());
            self.others.insert(key, line).unwrap_or(0)
        };
        if earlier > 0 {
            return Err(PlinkError::DuplicateIndividual {
                file: self.file.to_path_buf(),
                individual: format!("{family} {individual}").trim_start().to_owned(),
                first: earlier,
                second: line,
            });
        }
        Ok(found)
    }
}

enum Value {
    Number(f64),
    Na,
    Nan,
    MinusNine,
}

enum Bad {
    Text,
    Infinite,
}

fn parse(word: &str) -> Result<Value, Bad> {
    if word.eq_ignore_ascii_case("NA") {
        return Ok(Value::Na);
    }
    let value: f64 = word.parse().map_err(|_| Bad::Text)?;
    if value.is_nan() {
        Ok(Value::Nan)
    } else if value.is_infinite() {
        Err(Bad::Infinite)
    } else if value.total_cmp(&-9.0).is_eq() {
        Ok(Value::MinusNine)
    } else {
        Ok(Value::Number(value))
    }
}

//! Which columns of a table are features, from what one read has found.

use twoblade_table::describe::{Described, Description, Summary};
use twoblade_table::{Error as TableError, Kind};

use crate::error::Error;
use crate::features::{Features, Missing, Scale, Target, Term};

/// Which columns of a table are features, and what each of them becomes.
///
/// A column of numbers, booleans, dates or times becomes a number, counted in its mean and standard
/// deviation; a column of categories an indicator for each of its words, in the order of their letters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// The column that is predicted.
    pub target: String,
    /// Whether it is one of some classes; else it is a number.
    pub class: bool,
    /// The features, in this order; `None` for every column that is not said here otherwise.
    pub features: Option<Vec<String>>,
    /// Columns that are no features.
    pub without: Vec<String>,
    /// Columns that are hashed, with the number of buckets.
    pub hashed: Vec<(String, u32)>,
    /// What becomes of rows in which something is missing.
    pub missing: Missing,
    /// The classes, where the target is one and its words were not counted.
    pub classes: Option<Vec<String>>,
}

impl Choice {
    /// The features, from a description of the table.
    ///
    /// # Errors
    /// [`Error::Table`] if a column is not there; [`Error::Options`] if one cannot be what it is to
    /// become: infinite or only missing values, more words than were counted, one class.
    pub fn features(&self, table: &Description) -> Result<Features, Error> {
        let target = self.target(find(table, &self.target)?)?;
        let without = self.without.iter().map(|name| find(table, name));
        without.collect::<Result<Vec<_>, Error>>()?;
        let columns = match &self.features {
            Some(names) => {
                names.iter().map(|name| find(table, name)).collect::<Result<Vec<_>, _>>()?
            }
            None => table.columns.iter().filter(|column| column.name != self.target).collect(),
        };
        let mut hashed = Vec::new();
        for (name, buckets) in &self.hashed {
            hashed.push((find(table, name)?, *buckets));
        }
        let mut terms = Vec::new();
        for column in columns.iter().filter(|column| !self.without.contains(&column.name)) {
            let buckets = hashed.iter().find(|(of, _)| of.name == column.name);
            terms.push(match buckets {
                Some(&(_, buckets)) => Term::Hashed { column: column.name.clone(), buckets },
                None => term(column)?,
            });
        }
        let features = Features { target, terms, missing: self.missing };
        features.check()?;
        Ok(features)
    }

    fn target(&self, column: &Described) -> Result<Target, Error> {
        let name = column.name.clone();
        if !self.class {
            return match term(column)? {
                Term::Number { column, scale } => Ok(Target::Number { column, scale }),
                _ => Err(Error::Options(format!(
                    "the target `{name}` is a category, and this model predicts numbers; one that \
                     predicts classes is bayes, logistic or forest"
                ))),
            };
        }
        let classes = match (&self.classes, &column.summary) {
            (Some(classes), _) => classes.clone(),
            (None, Summary::Words { commonest: Some(words) }) => {
                let mut words: Vec<_> = words.iter().map(|level| level.word.clone()).collect();
                words.sort_unstable();
                words
            }
            (None, Summary::Booleans { .. }) => vec!["false".to_owned(), "true".to_owned()],
            (None, Summary::Numbers(numbers)) if column.kind == Kind::Integer => {
                // Where there are as many different integers as between the least and the greatest,
                // they are known.
                let (from, to) = (numbers.min.to_f64(), numbers.max.to_f64());
                let all = column.distinct.is_some_and(|distinct| {
                    (to - from + 1.0 - distinct.count as f64).abs() < 0.5 && distinct.error == 0.0
                });
                if !all {
                    return Err(Error::UnknownClasses { column: name });
                }
                #[expect(clippy::cast_possible_truncation, reason = "distinct and few")]
                (from as i64..=to as i64).map(|class| class.to_string()).collect()
            }
            (None, Summary::Words { commonest: None }) => {
                return Err(Error::Options(format!(
                    "the target `{name}` has too many different words to be classes"
                )));
            }
            (None, _) => {
                return Err(Error::Options(format!(
                    "the target `{name}` is of kind {}; classes are words, integers or booleans",
                    column.kind
                )));
            }
        };
        Ok(Target::Class { column: name, classes })
    }
}

fn find<'a>(table: &'a Description, name: &str) -> Result<&'a Described, Error> {
    table.columns.iter().find(|column| column.name == name).ok_or_else(|| {
        let there = table.columns.iter().map(|column| column.name.clone()).collect();
        TableError::NoSuchColumn { name: name.to_owned(), there }.into()
    })
}

/// What a column becomes that nothing else is said of.
fn term(column: &Described) -> Result<Term, Error> {
    let name = column.name.clone();
    let refuse = |why: String| Err(Error::Options(format!("column `{name}` {why}")));
    if column.present == 0 {
        return refuse("is missing in every row; leave it out".to_owned());
    }
    let scale = match &column.summary {
        Summary::Numbers(numbers) if numbers.infinite > 0 => {
            return refuse(format!(
                "is infinite in {} rows; leave it out, or have them read as missing",
                numbers.infinite
            ));
        }
        Summary::Numbers(numbers) => Scale::of(numbers.mean, numbers.sd),
        Summary::Booleans { yes, no } => {
            let mean = *yes as f64 / (yes + no) as f64;
            Scale::of(mean, (mean * (1.0 - mean)).sqrt())
        }
        Summary::Instants { extremes } => {
            let (from, to) = extremes.unwrap_or_default();
            // As if they were spread evenly; a scale only keeps digits.
            let (from, to) = (from as f64, to as f64);
            Scale::of(f64::midpoint(from, to), (to - from) / 12f64.sqrt())
        }
        Summary::Words { commonest: Some(words) } => {
            let mut levels: Vec<_> = words.iter().map(|level| level.word.clone()).collect();
            levels.sort_unstable();
            return Ok(Term::Levels { column: name, levels });
        }
        Summary::Words { commonest: None } => {
            return refuse(
                "has more different words than are counted; hash it, leave it out, or count more"
                    .to_owned(),
            );
        }
    };
    Ok(Term::Number { column: name, scale })
}

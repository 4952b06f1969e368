//! Which columns become which numbers.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What a learner predicts, and from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// What is predicted.
    pub target: Target,
    /// What it is predicted from, in this order.
    pub terms: Vec<Term>,
    /// What becomes of rows in which a column of these is missing.
    pub missing: Missing,
}

/// What a learner predicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A number.
    Number {
        /// The column.
        column: String,
        /// In which it is counted.
        scale: Scale,
    },
    /// One of some classes.
    Class {
        /// The column.
        column: String,
        /// Its values as text, each once; class c is at place c.
        classes: Vec<String>,
    },
}

/// What a column becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Term {
    /// A number of its own.
    Number {
        /// The column: numbers, 0 and 1 for false and true, days, or microseconds.
        column: String,
        /// In which it is counted, so that sums of squares keep their digits.
        scale: Scale,
    },
    /// An indicator for each of these levels; another value has none.
    Levels {
        /// The column.
        column: String,
        /// Its values as text, each once.
        levels: Vec<String>,
    },
    /// An indicator for each bucket; a value is in the bucket of its hash (xxh3 modulo their number).
    Hashed {
        /// The column.
        column: String,
        /// How many buckets.
        buckets: u32,
    },
}

/// A mean and a standard deviation, from the counting read: a value is counted as (value - mean) / sd.
///
/// Estimates are told in the units of the column again; the scale only keeps digits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Finite.
    pub mean: f64,
    /// Finite and above 0.
    pub sd: f64,
}

impl Scale {
    /// Values as they are.
    pub const ONE: Self = Self { mean: 0.0, sd: 1.0 };

    /// From moments that may be of no use: a column that is constant or was never seen is only moved.
    pub fn of(mean: f64, sd: f64) -> Self {
        let mean = if mean.is_finite() { mean } else { 0.0 };
        Self { mean, sd: if sd.is_normal() && sd > 0.0 { sd } else { 1.0 } }
    }
}

/// What becomes of rows in which a column of the features is missing. A row without target is always
/// left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// They are left out, and counted.
    #[default]
    Drop,
    /// A missing number is its mean (that of its [`Scale`]); a missing word has no indicator.
    Mean,
}

impl Target {
    /// The name of its column.
    pub fn column(&self) -> &str {
        match self {
            Self::Number { column, .. } | Self::Class { column, .. } => column,
        }
    }
}

impl Term {
    /// The name of its column.
    pub fn column(&self) -> &str {
        match self {
            Self::Number { column, .. }
            | Self::Levels { column, .. }
            | Self::Hashed { column, .. } => column,
        }
    }

    /// How many numbers it becomes.
    pub fn width(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Levels { levels, .. } => levels.len(),
            Self::Hashed { buckets, .. } => *buckets as usize,
        }
    }
}

impl Features {
    /// How many numbers a row becomes, the target not among them.
    pub fn width(&self) -> usize {
        self.terms.iter().map(Term::width).sum()
    }

    /// What each of them is called: the column, or `column=level`, or `column#bucket`.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.width());
        for term in &self.terms {
            match term {
                Term::Number { column, .. } => names.push(column.clone()),
                Term::Levels { column, levels } => {
                    names.extend(levels.iter().map(|level| format!("{column}={level}")));
                }
                Term::Hashed { column, buckets } => {
                    names.extend((0..*buckets).map(|bucket| format!("{column}#{bucket}")));
                }
            }
        }
        names
    }

    /// In which each of them is counted.
    pub(crate) fn scales(&self) -> Vec<Scale> {
        let mut scales = Vec::with_capacity(self.width());
        for term in &self.terms {
            match term {
                Term::Number { scale, .. } => scales.push(*scale),
                other => scales.extend(std::iter::repeat_n(Scale::ONE, other.width())),
            }
        }
        scales
    }

    /// Refuses features without sense.
    ///
    /// # Errors
    /// [`Error::Options`], which names the column.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::Options(text));
        if self.terms.is_empty() {
            return refuse("there are no features; name one column or more".to_owned());
        }
        if let Target::Class { column, classes } = &self.target
            && classes.len() < 2
        {
            let found = classes.join(", ");
            return refuse(format!("`{column}` has fewer than 2 classes ({found})"));
        }
        for (place, term) in self.terms.iter().enumerate() {
            let column = term.column();
            if column == self.target.column() {
                return refuse(format!("`{column}` is the target, and cannot predict itself"));
            }
            if self.terms[..place].iter().any(|other| other.column() == column) {
                return refuse(format!("`{column}` is among the features twice"));
            }
            if let Term::Hashed { buckets: 0, .. } = term {
                return refuse(format!(
                    "`{column}` is hashed into 0 buckets; 1 or more are needed"
                ));
            }
        }
        Ok(())
    }
}

//! Which rows are scored together.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use twoblade_table::Rows;

use crate::encode::{Text, column};
use crate::error::Error;

/// Which rows are scored together, beside all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// There are no groups.
    #[default]
    Nothing,
    /// Rows that have the same value of a column.
    Column {
        /// Its name.
        column: String,
        /// Its values as text, each once. Other values are one more group, missing ones another.
        words: Vec<String>,
    },
    /// Rows of the same fold; there are so many.
    Folds(usize),
}

/// A group of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupName {
    /// Those that have this value.
    Word(String),
    /// Those that have a value which was not among the known ones.
    Other,
    /// Those that have none.
    Missing,
    /// Those of this fold, from 0.
    Fold(usize),
}

impl By {
    /// How many groups there are; 1 if there are none, which has all rows.
    pub fn count(&self) -> usize {
        match self {
            Self::Nothing => 1,
            Self::Column { words, .. } => words.len() + 2,
            Self::Folds(folds) => *folds,
        }
    }

    /// The name of a group below that count; `None` if there are no groups.
    pub fn name(&self, group: usize) -> Option<GroupName> {
        match self {
            Self::Nothing => None,
            Self::Column { words, .. } => Some(match words.get(group) {
                Some(word) => GroupName::Word(word.clone()),
                None if group == words.len() => GroupName::Other,
                None => GroupName::Missing,
            }),
            Self::Folds(_) => Some(GroupName::Fold(group)),
        }
    }

    /// Which place each word has.
    pub(crate) fn places(&self) -> HashMap<&str, usize> {
        match self {
            Self::Column { words, .. } => {
                words.iter().enumerate().map(|(place, word)| (word.as_str(), place)).collect()
            }
            _ => HashMap::new(),
        }
    }

    /// The group of each of these rows, which are in this fold; `places` are [`places`](Self::places).
    ///
    /// # Errors
    /// [`Error::Table`] if the column is not there.
    pub(crate) fn groups(
        &self,
        places: &HashMap<&str, usize>,
        rows: &Rows,
        kept: &[usize],
        fold: usize,
    ) -> Result<Vec<usize>, Error> {
        let (name, words) = match self {
            Self::Nothing => return Ok(vec![0; kept.len()]),
            Self::Folds(_) => return Ok(vec![fold; kept.len()]),
            Self::Column { column, words } => (column, words.len()),
        };
        let mut text = Text::of(column(rows.batch(), name)?);
        let group = |&row: &usize| match text.at(row) {
            Some(word) => places.get(word).copied().unwrap_or(words),
            None => words + 1,
        };
        Ok(kept.iter().map(group).collect())
    }
}

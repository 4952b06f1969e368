//! What can be wrong with a table.

use crate::kind::Kind;

/// Why something is no table, or not the one expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two columns of one name: neither could be asked for.
    #[error(
        "two columns are called `{name}`: columns {first} and {second}, counted from 1; rename one"
    )]
    TwoOfOneName {
        /// The name.
        name: String,
        /// The first of them, from 1.
        first: usize,
        /// The second, from 1.
        second: usize,
    },
    /// A name that no column has.
    #[error("there is no column `{name}`; there are: {}", there.join(", "))]
    NoSuchColumn {
        /// What was asked for.
        name: String,
        /// What there is.
        there: Vec<String>,
    },
    /// An Arrow type that stands for none of ours.
    #[error("column `{name}` is of Arrow type {found}, which is none that is read here")]
    Type {
        /// Of the column.
        name: String,
        /// Its type.
        found: String,
    },
    /// A share that is none.
    #[error("{share} is no share for a quantile; give one from 0 to 1")]
    Share {
        /// What was asked for.
        share: f64,
    },
    /// A chunk with another number of columns than the table.
    #[error("{found} columns were read where the table has {expected}")]
    Columns {
        /// In the chunk.
        found: usize,
        /// In the table.
        expected: usize,
    },
    /// A column that is not what it was said to be.
    #[error("column `{name}` was said to be {expected} and comes as {found}")]
    Unlike {
        /// Of the column.
        name: String,
        /// What it was said to be.
        expected: Kind,
        /// What it is.
        found: String,
    },
}

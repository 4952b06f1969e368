//! What can go wrong with a table on a disk.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be done with a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk, with the file concerned.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried: "read", "write", …
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Columns that are not as expected.
    #[error(transparent)]
    Table(#[from] twoblade_table::Error),
    /// Told to stop by [`Watch::stop`](crate::Watch::stop).
    #[error("stopped")]
    Stopped,
    /// A temporary file that is not as it was written.
    #[error(
        "{} is not as it was written: {how}; the disk, or another program, has changed it; run it again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What shows it.
        how: &'static str,
    },
    /// Too little room for temporary files.
    #[error(
        "{} has room for {free} bytes and {needed} bytes are needed for temporary files; make room or name another folder",
        path.display()
    )]
    NoRoom {
        /// The folder.
        path: PathBuf,
        /// How many bytes are needed.
        needed: u64,
        /// How many there are.
        free: u64,
    },
    /// A row that is too long for the memory.
    #[error(
        "a row takes {bytes} bytes and at most {most} are possible with this much memory; allow more memory"
    )]
    LongRow {
        /// Its length, with its key.
        bytes: usize,
        /// The longest possible.
        most: usize,
    },
    /// A column that rows would be sorted by twice.
    #[error("column `{name}` stands twice among those to sort by; leave one out")]
    SortedTwice {
        /// The column.
        name: String,
    },
    /// No column where one is to be sorted by.
    #[error(
        "a column to sort by is missing; write names with commas between, and a minus before those \
         that go from large to small, as in `a,-b`"
    )]
    SortedByNothing,
    /// A column's name that begins with a minus and may also mean another column's reverse order.
    #[error(
        "`{word}` is a column and would be `{name}` from large to small too; rename one of them"
    )]
    SortedByEither {
        /// What was asked for.
        word: String,
        /// The other column.
        name: String,
    },
    /// Arrow refuses columns.
    #[error("the columns cannot be worked on")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A text that is no list of aggregates.
    #[error("`{text}` is no aggregate; give a list like `sum(x),mean(y),count()`")]
    NoAggregate {
        /// The text, from there on.
        text: String,
    },
    /// A function that is none of ours.
    #[error("there is no function `{name}`; there are: {known}")]
    NoFunction {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// An aggregate of numbers, of a column that has none.
    #[error(
        "{aggregate} needs numbers, and the column's values are of kind {kind}; count, min, max, first and last go with any"
    )]
    NoNumber {
        /// What was asked for.
        aggregate: String,
        /// What the column's values are.
        kind: twoblade_table::Kind,
    },
    /// An aggregate without a column that needs one.
    #[error("{function}() needs a column: only count() goes without")]
    OfNothing {
        /// The function.
        function: String,
    },
    /// A sum of integers that is too large.
    #[error(
        "{aggregate} of a group is {sum}, which is more than 64 bits hold; ask for the mean, or read the column as float"
    )]
    LargeSum {
        /// What was asked for.
        aggregate: String,
        /// The sum.
        sum: i128,
    },
}

impl Error {
    /// For `map_err`: what was tried with which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }
}

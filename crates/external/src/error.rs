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
    /// What are no fractions.
    #[error(
        "`{list}` are no fractions: {what}; write positive decimal numbers with sum 1 and commas \
         between, as in `0.8,0.2`"
    )]
    Fractions {
        /// What was given.
        list: String,
        /// What is wrong.
        what: String,
    },
    /// A label with too many values for the memory.
    #[error(
        "the label has more than {strata} different values, which is more than {memory} bytes of \
         memory can hold; allow more memory or split by another column"
    )]
    ManyStrata {
        /// How many there is memory for.
        strata: usize,
        /// The memory for them.
        memory: usize,
    },
    /// Not one target for each fraction.
    #[error(
        "there are {parts} fractions and {found} files to write; name one file for each fraction"
    )]
    Targets {
        /// How many fractions there are.
        parts: usize,
        /// How many files are named.
        found: usize,
    },
    /// A target that is named twice.
    #[error("{} is named twice among the files to write; each part has its own", path.display())]
    SameTarget {
        /// The file.
        path: PathBuf,
    },
    /// Targets of different formats.
    #[error(
        "{} and {} are of different formats; the parts of a table have one",
        first.display(),
        path.display()
    )]
    UnlikeTargets {
        /// The first target.
        first: PathBuf,
        /// One of another format.
        path: PathBuf,
    },
    /// A table that is read twice and was not the same.
    #[error(
        "the files have changed between two readings; run it again when nothing writes to them"
    )]
    Changed,
    /// Arrow refuses columns.
    #[error("the columns cannot be worked on")]
    Arrow(#[from] arrow_schema::ArrowError),
}

impl Error {
    /// For `map_err`: what was tried with which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }
}

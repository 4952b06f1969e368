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
    /// A simulation that cannot be.
    #[error("the {option} is {found}; expected {expected}")]
    Simulation {
        /// Which option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// Told to stop by [`Watch::stop`](crate::Watch::stop).
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// For `map_err`: what was tried with which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }
}

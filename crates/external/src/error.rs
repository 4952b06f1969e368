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
}

impl Error {
    /// For `map_err`: what was tried with which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }
}

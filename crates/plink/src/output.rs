//! Files that are there whole or not at all, with their names in errors.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use twoblade_files::{Complete, Whole};

use crate::error::PlinkError;

/// A file being written beside its target.
pub(crate) struct Output {
    target: PathBuf,
    file: Whole,
}

impl Output {
    /// Begins a file; dropped before it is complete, it leaves nothing.
    pub(crate) fn create(target: PathBuf) -> Result<Self, PlinkError> {
        match Whole::create(&target) {
            Ok(file) => Ok(Self { target, file }),
            Err(source) => Err(PlinkError::Write { file: target, source }),
        }
    }

    /// Appends bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), PlinkError> {
        let written = self.file.write_all(bytes);
        written.map_err(|source| PlinkError::Write { file: self.target.clone(), source })
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: fmt::Arguments<'_>) -> Result<(), PlinkError> {
        let written = self.file.write_fmt(text);
        written.map_err(|source| PlinkError::Write { file: self.target.clone(), source })
    }

    /// Puts everything on the disk.
    pub(crate) fn complete(self) -> Result<Complete, PlinkError> {
        let Self { target, file } = self;
        file.complete().map_err(|source| PlinkError::Write { file: target, source })
    }
}

/// Gives a file its name.
pub(crate) fn persist(file: Complete) -> Result<(), PlinkError> {
    let target = file.target().to_path_buf();
    file.persist().map_err(|source| PlinkError::Write { file: target, source })
}

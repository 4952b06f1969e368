//! A file as it was written, to tell whether it is there still.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A file that was written: its name, its length, and its BLAKE3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    file: String,
    bytes: u64,
    blake3: String,
}

impl Written {
    /// A file that is there.
    pub(crate) fn of(file: &Path) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        let bytes = io::copy(&mut std::fs::File::open(file)?, &mut hasher)?;
        Ok(Self { file: name(file), bytes, blake3: hasher.finalize().to_hex().to_string() })
    }

    /// A file that will be there.
    pub(crate) fn with(file: &Path, contents: &str) -> Self {
        let blake3 = blake3::hash(contents.as_bytes()).to_hex().to_string();
        Self { file: name(file), bytes: contents.len() as u64, blake3 }
    }

    /// Whether it is still what it was; the length is looked at first.
    pub(crate) fn is_there(&self, folder: &Path) -> bool {
        let file = folder.join(&self.file);
        let same_length = std::fs::metadata(&file).is_ok_and(|found| found.len() == self.bytes);
        same_length && Self::of(&file).is_ok_and(|found| found == *self)
    }

    /// What is in it, as a hash.
    pub(crate) fn into_hash(self) -> String {
        self.blake3
    }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

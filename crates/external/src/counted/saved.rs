//! What was counted, in a file.
//!
//! A line that says what it is and in which version, the BLAKE3 of the rest, and the rest as postcard.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use super::found::Counted;
use super::options::CountOptions;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Table, open};
use crate::output::{begin, end};

const MAGIC: &[u8] = b"twoblade counted table ";
const VERSION: &[u8] = b"2\n";
const HASH: usize = 32;

impl Counted {
    /// What was counted of this table with these options before, if that is in the file: then no read
    /// of the table is needed. The file may be missing, or be of other options or of a table that has
    /// changed.
    ///
    /// # Errors
    /// [`Error::NotCounted`] if the file is something else, and if a file cannot be read.
    pub fn load(
        path: &Path,
        table: &Table,
        options: &CountOptions,
        disk: &Disk,
    ) -> Result<Option<Self>, Error> {
        options.check(table)?;
        let mut file = match open(path, disk) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                return Ok(None);
            }
            file => file?,
        };
        let mut bytes = Vec::new();
        let first = Read::by_ref(&mut file).take(MAGIC.len() as u64).read_to_end(&mut bytes);
        first.map_err(Error::io("read", path))?;
        if bytes != MAGIC {
            return Err(Error::NotCounted { path: path.to_path_buf() });
        }
        bytes.clear();
        file.read_to_end(&mut bytes).map_err(Error::io("read", path))?;
        let Some(counted) = whole(&bytes) else { return Ok(None) };
        if counted.options != *options {
            return Ok(None);
        }
        match counted.check(table, disk) {
            Ok(()) => Ok(Some(counted)),
            Err(Error::ChangedSinceCounted { .. } | Error::OtherCounting { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Saves it, whole or not at all. What was there before is replaced.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn save(&self, path: &Path, disk: &Disk) -> Result<(), Error> {
        let mut file = begin(path, disk)?;
        file.write_all(&self.to_bytes()).map_err(Error::io("write", path))?;
        end(file, path, disk)?.name()
    }

    /// As bytes, for a plan that others read by.
    ///
    /// # Panics
    /// Never: these fields can be serialized.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = postcard::to_stdvec(self).expect("numbers and text");
        [MAGIC, VERSION, blake3::hash(&bytes).as_bytes(), &bytes].concat()
    }

    /// From such bytes; `None` if they are something else, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        whole(bytes.strip_prefix(MAGIC)?)
    }
}

/// What stands behind the first words, if it is of this version and as it was written.
fn whole(bytes: &[u8]) -> Option<Counted> {
    let (hash, bytes) = bytes.strip_prefix(VERSION)?.split_at_checked(HASH)?;
    (blake3::hash(bytes).as_bytes() == hash).then(|| postcard::from_bytes(bytes).ok())?
}

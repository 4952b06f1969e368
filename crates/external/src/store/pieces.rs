//! Pieces of bytes in a temporary file, to be read by their number.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::disk::Through;
use crate::error::Error;
use crate::spill::{Packer, Scratch, Unpacker};

/// Pieces of bytes in a temporary file. Memory grows by 8 bytes for each.
#[derive(Debug)]
pub(crate) struct Pieces {
    file: Through<File>,
    path: PathBuf,
    packer: Packer,
    unpacker: Unpacker,
    /// Where each begins.
    begins: Vec<u64>,
    end: u64,
    /// Whether the file stands at its end.
    at_end: bool,
    // Its folder is there as long as it.
    _scratch: Scratch,
}

impl Pieces {
    /// None yet, and none with more than `largest` bytes.
    pub(crate) fn new(scratch: &Scratch, largest: usize) -> Result<Self, Error> {
        let (path, file) = scratch.create("store")?;
        Ok(Self {
            file,
            path,
            packer: Packer::new(),
            unpacker: Unpacker::new(largest),
            begins: Vec::new(),
            end: 0,
            at_end: true,
            _scratch: scratch.clone(),
        })
    }

    /// The bytes of memory that are held beside the pieces, the places of which come to it.
    pub(crate) const fn memory(largest: usize) -> usize {
        Packer::memory(largest) + largest
    }

    pub(crate) fn count(&self) -> usize {
        self.begins.len()
    }

    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        let written = |error| Error::io("write", &self.path)(error);
        if !self.at_end {
            // After a failure too: what was written of a piece is written over.
            self.file.seek(SeekFrom::Start(self.end)).map_err(written)?;
        }
        let block = self.packer.pack(piece);
        self.at_end = false;
        self.file.write_all(block).map_err(written)?;
        self.at_end = true;
        self.begins.push(self.end);
        self.end += block.len() as u64;
        Ok(())
    }

    /// Puts piece `number` into `bytes`.
    pub(crate) fn read(&mut self, number: usize, bytes: &mut Vec<u8>) -> Result<(), Error> {
        self.at_end = false;
        let begin = SeekFrom::Start(self.begins[number]);
        self.file.seek(begin).map_err(Error::io("read", &self.path))?;
        self.unpacker.unpack(&mut self.file, &self.path, bytes)
    }

    pub(crate) fn damaged(&self, how: &'static str) -> Error {
        Error::Damaged { path: self.path.clone(), how }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        // The scratch folder takes with it what cannot be removed now.
        let _ = std::fs::remove_file(&self.path);
    }
}

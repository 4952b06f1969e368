//! Blocks of bytes as they lie in temporary files.
//!
//! A block is a header of 16 bytes (the length of its bytes, the length of what is stored, both as
//! little-endian `u32`, and the xxh3 of what is stored, seeded with the first length) and its bytes, by
//! LZ4 where that pays.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::error::Error;

/// The length of blocks where there is memory: the longest that LZ4 does with its small table.
pub const BLOCK: usize = 63 << 10;

/// The longest block: lengths are `u32`.
pub(crate) const LONGEST: usize = 1 << 30;

const HEADER: usize = 16;

/// How many blocks are stored as they are after one that LZ4 did not halve.
///
/// To write and read a byte takes a quarter of the processor time that it takes LZ4 to look at it
/// (half a second against two per gigabyte), so digits, which become a third shorter, are not worth
/// it, and labels and zeros are.
const PATIENCE: u32 = 15;

/// Makes blocks.
pub(crate) struct Packer {
    table: CompressTable,
    packed: Vec<u8>,
    /// How many blocks to store before LZ4 is tried again.
    plain: u32,
}

impl Packer {
    pub(crate) fn new() -> Self {
        Self { table: CompressTable::small(), packed: Vec::new(), plain: 0 }
    }

    /// The bytes of memory that are held for blocks of `raw` bytes.
    pub(crate) const fn memory(raw: usize) -> usize {
        HEADER + get_maximum_output_size(raw) + (16 << 10)
    }

    /// The block of these bytes, of which there are at most [`LONGEST`].
    pub(crate) fn pack(&mut self, raw: &[u8]) -> &[u8] {
        let most = HEADER + get_maximum_output_size(raw.len());
        if self.packed.len() < most {
            self.packed.reserve_exact(most - self.packed.len());
            self.packed.resize(most, 0);
        }
        let (header, rest) = self.packed.split_at_mut(HEADER);
        let stored = if let Some(rest_of_them) = self.plain.checked_sub(1) {
            self.plain = rest_of_them;
            raw.len()
        } else {
            let packed = compress_into_with_table(raw, rest, &mut self.table);
            let packed = packed.unwrap_or(raw.len());
            if packed > raw.len() / 2 {
                self.plain = PATIENCE;
            }
            packed.min(raw.len())
        };
        if stored == raw.len() {
            rest[..stored].copy_from_slice(raw);
        }
        let word = |length| u32::try_from(length).expect("at most 1 GiB").to_le_bytes();
        header[..4].copy_from_slice(&word(raw.len()));
        header[4..8].copy_from_slice(&word(stored));
        let hash = xxh3_64_with_seed(&rest[..stored], raw.len() as u64);
        header[8..].copy_from_slice(&hash.to_le_bytes());
        &self.packed[..HEADER + stored]
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

/// Reads blocks again.
#[derive(Debug)]
pub(crate) struct Unpacker {
    /// No block has more bytes.
    largest: usize,
    stored: Vec<u8>,
}

impl Unpacker {
    pub(crate) fn new(largest: usize) -> Self {
        Self { largest, stored: Vec::with_capacity(largest) }
    }

    /// Puts the bytes of the next block into `raw`. `path` is for the error.
    pub(crate) fn unpack(
        &mut self,
        file: &mut impl Read,
        path: &Path,
        raw: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let damaged = |how| Error::Damaged { path: path.to_path_buf(), how };
        let read = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged("it ends early"),
            _ => Error::io("read", path)(error),
        };
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(read)?;
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("4 bytes"));
        let (length, stored) = (word(0) as usize, word(4) as usize);
        if length > self.largest || stored > length {
            return Err(damaged("a block has an impossible length"));
        }
        self.stored.resize(stored, 0);
        file.read_exact(&mut self.stored).map_err(read)?;
        if xxh3_64_with_seed(&self.stored, length as u64).to_le_bytes() != header[8..] {
            return Err(damaged("a block is not what was written"));
        }
        if stored == length {
            std::mem::swap(raw, &mut self.stored);
            return Ok(());
        }
        raw.resize(length, 0);
        match decompress_into(&self.stored, raw) {
            Ok(found) if found == length => Ok(()),
            _ => Err(damaged("a block cannot be unpacked")),
        }
    }

    /// What is allocated.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.stored.capacity()
    }
}

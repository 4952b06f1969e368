//! Rows rewritten so that each block can be read alone.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use xxhash_rust::xxh3::Xxh3;

use super::bounds::Bounds;
use super::options::CountOptions;
use crate::disk::Through;
use crate::error::Error;
use crate::spill::{LONGEST, Packer, Scratch, Unpacker};

/// Writes rows as Arrow IPC to a temporary file, in pieces that no two blocks share.
pub(super) struct Rewriter {
    file: Through<File>,
    packer: Packer,
    buffer: Vec<u8>,
    end: u64,
    bounds: Bounds,
    rewritten: Rewritten,
}

/// Rows that were rewritten.
#[derive(Debug)]
pub(super) struct Rewritten {
    path: PathBuf,
    /// Where each block begins.
    begins: Vec<u64>,
    /// The longest piece.
    largest: usize,
    scratch: Scratch,
}

impl Rewriter {
    pub(super) fn new(scratch: &Scratch, options: &CountOptions) -> Result<Self, Error> {
        let (path, file) = scratch.create("blocks")?;
        let rewritten =
            Rewritten { path, begins: Vec::new(), largest: 0, scratch: scratch.clone() };
        Ok(Self {
            file,
            packer: Packer::new(),
            buffer: Vec::new(),
            end: 0,
            bounds: Bounds::blocks(options),
            rewritten,
        })
    }

    /// Rows from row `first` of the table on.
    pub(super) fn push(&mut self, first: u64, batch: &RecordBatch) -> Result<(), Error> {
        for range in self.bounds.cut(first, batch.num_rows()) {
            if self.bounds.begins(first + range.start as u64) {
                self.rewritten.begins.push(self.end);
            }
            self.write(&batch.slice(range.start, range.len()))?;
        }
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.buffer.clear();
        let mut writer = StreamWriter::try_new(&mut self.buffer, batch.schema_ref())?;
        writer.write(batch)?;
        writer.finish()?;
        drop(writer);
        let bytes = self.buffer.len();
        if bytes > LONGEST {
            return Err(Error::LongRow { bytes, most: LONGEST });
        }
        let block = self.packer.pack(&self.buffer);
        self.file.write_all(block).map_err(Error::io("write", &self.rewritten.path))?;
        self.end += block.len() as u64;
        self.rewritten.largest = self.rewritten.largest.max(bytes);
        Ok(())
    }

    pub(super) fn finish(self) -> Rewritten {
        self.rewritten
    }
}

impl Rewritten {
    /// The bytes that reading a block holds, beside a batch.
    pub(super) fn held(&self) -> usize {
        2 * self.largest
    }

    /// Begins to read a block, of so many rows.
    pub(super) fn read(&self, block: usize, rows: u64) -> Result<BlockReader, Error> {
        let mut file = self.scratch.open(&self.path)?;
        let begin = SeekFrom::Start(self.begins[block]);
        file.seek(begin).map_err(Error::io("read", &self.path))?;
        Ok(BlockReader {
            file,
            path: self.path.clone(),
            unpacker: Unpacker::new(self.largest),
            raw: Vec::new(),
            left: rows,
            digest: Xxh3::new(),
        })
    }
}

/// Reads a block of what was rewritten.
pub(super) struct BlockReader {
    file: Through<File>,
    path: PathBuf,
    unpacker: Unpacker,
    raw: Vec<u8>,
    left: u64,
    digest: Xxh3,
}

impl BlockReader {
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.unpacker.unpack(&mut self.file, &self.path, &mut self.raw)?;
        self.digest.update(&self.raw);
        let damaged = |how| Error::Damaged { path: self.path.clone(), how };
        let batch = StreamReader::try_new(self.raw.as_slice(), None)?.next().transpose()?;
        let batch = batch.ok_or_else(|| damaged("a piece has no rows"))?;
        let left = self.left.checked_sub(batch.num_rows() as u64);
        self.left = left.ok_or_else(|| damaged("a block has too many rows"))?;
        Ok(Some(batch))
    }

    pub(super) fn digest(&self) -> u64 {
        self.digest.digest()
    }
}

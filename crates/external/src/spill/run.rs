//! A file of byte records, in the order in which they were written.
//!
//! A run is a row of blocks of whole records.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::Through;
use crate::error::Error;
use crate::spill::block::{LONGEST, Packer, Unpacker};
use crate::spill::record::Record;
use crate::spill::scratch::Scratch;

/// A key and a row.
pub(crate) type Pair<'a> = (&'a [u8], &'a [u8]);

/// Writes a run.
#[derive(Debug)]
pub struct RunWriter {
    file: Through<File>,
    run: RunFile,
    block: usize,
    raw: Vec<u8>,
    packer: Packer,
    largest: usize,
    blocks: u64,
    records: u64,
    bytes: u64,
}

/// A whole run. Its file is removed when nobody has or reads it any more.
#[derive(Clone, Debug)]
pub struct Run {
    file: Arc<RunFile>,
    /// The length of the longest block.
    largest: usize,
    blocks: u64,
    records: u64,
    bytes: u64,
}

/// Reads a run, one record after the other.
///
/// It holds one block, as stored and as records: at most twice [`Run::largest`].
#[derive(Debug)]
pub struct RunReader {
    file: Through<File>,
    run: Run,
    blocks: u64,
    raw: Vec<u8>,
    unpacker: Unpacker,
    at: usize,
    // Of the record in front: where its key begins, where it ends, and where the row does.
    key: usize,
    row: usize,
}

#[derive(Debug)]
struct RunFile {
    path: PathBuf,
    // Its folder is there as long as it.
    scratch: Scratch,
}

impl Drop for RunFile {
    fn drop(&mut self) {
        // The scratch folder takes with it what cannot be removed now.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl RunWriter {
    /// Begins a run of blocks of `block` bytes, at most 1 GiB; a longer record has a block of its own.
    ///
    /// # Errors
    /// If no file can be made.
    pub fn create(scratch: &Scratch, block: usize) -> Result<Self, Error> {
        let block = block.clamp(1, LONGEST);
        let (path, file) = scratch.create("run")?;
        Ok(Self {
            file,
            run: RunFile { path, scratch: scratch.clone() },
            block,
            raw: Vec::with_capacity(block),
            packer: Packer::new(),
            largest: 0,
            blocks: 0,
            records: 0,
            bytes: 0,
        })
    }

    /// The bytes of memory that a writer of such blocks holds.
    pub const fn memory(block: usize) -> usize {
        block + Packer::memory(block)
    }

    /// Appends a record.
    ///
    /// # Errors
    /// If it is longer than 1 GiB, or cannot be written.
    pub fn push(&mut self, key: &[u8], row: &[u8]) -> Result<(), Error> {
        let record = Record { key, row };
        self.make_room(record.len())?;
        record.write(&mut self.raw);
        Ok(())
    }

    /// Appends a record that is encoded already.
    pub(crate) fn push_encoded(&mut self, record: &[u8]) -> Result<(), Error> {
        self.make_room(record.len())?;
        self.raw.extend_from_slice(record);
        Ok(())
    }

    fn make_room(&mut self, length: usize) -> Result<(), Error> {
        if length > self.block.saturating_sub(self.raw.len()) {
            if length > LONGEST {
                return Err(Error::LongRow { bytes: length, most: LONGEST });
            }
            self.flush()?;
            self.raw.reserve_exact(length);
        }
        self.records += 1;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let block = self.packer.pack(&self.raw);
        self.file.write_all(block).map_err(Error::io("write", &self.run.path))?;
        self.bytes += block.len() as u64;
        self.blocks += 1;
        self.largest = self.largest.max(self.raw.len());
        self.raw.clear();
        Ok(())
    }

    /// Ends the run, and closes its file.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn finish(mut self) -> Result<Run, Error> {
        self.flush()?;
        let Self { run, largest, blocks, records, bytes, .. } = self;
        Ok(Run { file: Arc::new(run), largest, blocks, records, bytes })
    }
}

impl Run {
    /// How many records it has.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The bytes of its file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bytes of its longest block; of a reader's memory this is half.
    pub fn largest(&self) -> usize {
        self.largest
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Reads it from its start.
    ///
    /// # Errors
    /// If its file cannot be opened.
    pub fn read(&self) -> Result<RunReader, Error> {
        Ok(RunReader {
            file: self.file.scratch.open(self.path())?,
            run: self.clone(),
            blocks: 0,
            raw: Vec::with_capacity(self.largest),
            unpacker: Unpacker::new(self.largest),
            at: 0,
            key: 0,
            row: 0,
        })
    }
}

impl RunReader {
    /// Goes to the next record; false after the last.
    ///
    /// # Errors
    /// If the file cannot be read, or is not as it was written.
    #[inline]
    pub fn advance(&mut self) -> Result<bool, Error> {
        if self.at == self.raw.len() && !self.refill()? {
            (self.key, self.row) = (self.at, self.at);
            return Ok(false);
        }
        let Some((record, length)) = Record::read(&self.raw[self.at..]) else {
            return Err(self.damaged("a record is longer than its block"));
        };
        self.row = self.at + length - record.row.len();
        self.key = self.row - record.key.len();
        self.at += length;
        Ok(true)
    }

    /// The key of the record that [`advance`](Self::advance) went to.
    #[inline]
    pub fn key(&self) -> &[u8] {
        &self.raw[self.key..self.row]
    }

    /// Its row.
    #[inline]
    pub fn row(&self) -> &[u8] {
        &self.raw[self.row..self.at]
    }

    /// The next record: its key and its row.
    ///
    /// # Errors
    /// If the file cannot be read, or is not as it was written.
    #[expect(clippy::should_implement_trait, reason = "it lends what it holds")]
    pub fn next(&mut self) -> Result<Option<Pair<'_>>, Error> {
        Ok(if self.advance()? { Some((self.key(), self.row())) } else { None })
    }

    fn refill(&mut self) -> Result<bool, Error> {
        self.raw.clear();
        self.at = 0;
        if self.blocks == self.run.blocks {
            return Ok(false);
        }
        self.blocks += 1;
        self.unpacker.unpack(&mut self.file, &self.run.file.path, &mut self.raw)?;
        Ok(true)
    }

    fn damaged(&self, how: &'static str) -> Error {
        Error::Damaged { path: self.run.path().to_path_buf(), how }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::disk::Disk;
    use crate::spill::block::BLOCK;

    type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

    fn written(scratch: &Scratch, block: usize, pairs: &Pairs) -> Run {
        let mut writer = RunWriter::create(scratch, block).unwrap();
        for (key, row) in pairs {
            writer.push(key, row).unwrap();
        }
        writer.finish().unwrap()
    }

    fn read(run: &Run) -> Result<Pairs, Error> {
        let mut reader = run.read()?;
        let mut pairs = Vec::new();
        while let Some((key, row)) = reader.next()? {
            pairs.push((key.to_vec(), row.to_vec()));
        }
        assert!(reader.next()?.is_none() && reader.key().is_empty());
        Ok(pairs)
    }

    fn pairs() -> impl Strategy<Value = Pairs> {
        let bytes = || {
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                prop::collection::vec(Just(7u8), 0..4000),
            ]
        };
        prop::collection::vec((bytes(), bytes()), 0..60)
    }

    proptest! {
        #[test]
        fn records_come_back_in_their_order(pairs in pairs(), block in 0usize..9000) {
            let temp = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
            let run = written(&scratch, block, &pairs);
            prop_assert_eq!(run.records(), pairs.len() as u64);
            prop_assert_eq!(run.bytes(), std::fs::metadata(run.path()).unwrap().len());
            prop_assert_eq!(read(&run).unwrap(), pairs);
        }

        /// Whatever happens to the file: an error, and no panic.
        #[test]
        fn damage_is_noticed(
            place in any::<prop::sample::Index>(),
            change in 1u8..,
            cut in any::<prop::sample::Index>(),
        ) {
            let temp = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
            let pairs = (0..200u32)
                .map(|i| (i.to_be_bytes().to_vec(), vec![(i * 37 % 11) as u8; (i % 70) as usize]))
                .collect();
            let run = written(&scratch, 600, &pairs);
            let whole = std::fs::read(run.path()).unwrap();
            let mut changed = whole.clone();
            changed[place.index(whole.len())] ^= change;
            std::fs::write(run.path(), &changed).unwrap();
            let error = read(&run).unwrap_err();
            prop_assert!(matches!(error, Error::Damaged { .. }), "{}", error);
            std::fs::write(run.path(), &whole[..cut.index(whole.len())]).unwrap();
            let message = read(&run).unwrap_err().to_string();
            prop_assert!(message.contains(": it ends early;"), "{}", message);
        }
    }

    #[test]
    fn a_length_that_was_never_written_is_not_allocated() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let run = written(&scratch, BLOCK, &vec![(vec![1], vec![2]); 100]);
        let mut bytes = std::fs::read(run.path()).unwrap();
        bytes[..8].fill(0xff);
        std::fs::write(run.path(), &bytes).unwrap();
        let message = read(&run).unwrap_err().to_string();
        assert!(message.contains(": a block has an impossible length;"), "{message}");
    }

    #[test]
    fn a_run_goes_with_the_last_that_reads_it() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let run = written(&scratch, 10, &vec![(vec![1], vec![2]); 100]);
        let path = run.path().to_path_buf();
        let mut reader = run.read().unwrap();
        drop((run, scratch));
        assert!(path.exists());
        assert_eq!(reader.next().unwrap(), Some((&[1][..], &[2][..])));
        drop(reader);
        assert!(!path.exists());
    }

    #[test]
    fn blocks_keep_the_memory_that_is_stated() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let mut writer = RunWriter::create(&scratch, BLOCK).unwrap();
        for i in 0..40_000u64 {
            writer
                .push(&i.to_be_bytes(), &i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
                .unwrap();
        }
        let held = writer.raw.capacity() + Packer::memory(BLOCK);
        assert!(held <= RunWriter::memory(BLOCK), "{held}");
        let run = writer.finish().unwrap();
        let mut reader = run.read().unwrap();
        while reader.advance().unwrap() {}
        assert!(reader.raw.capacity() + reader.unpacker.held() <= 2 * run.largest());
        assert!(run.largest() <= BLOCK);
    }
}

//! The sorter: records in, in any order; out, in theirs.

use crate::error::Error;
use crate::sort::arena::Arena;
use crate::sort::merge::Merge;
use crate::sort::shares::Shares;
use crate::sort::tree::Tree;
use crate::spill::{Record, Run, RunWriter, Scratch};
use crate::watch::Watch;

/// How many records are merged between two looks at the watch.
const LOOK: u64 = 4096;

/// Sorts records of bytes by their keys, within a budget.
///
/// Records whose keys are equal stay in the order in which they came. What does not fit into memory
/// goes to the disk as sorted runs; what comes out does not depend on the budget.
///
/// ```
/// use twoblade_external::{Disk, Scratch, Sorter, Unwatched};
///
/// # let folder = tempfile::tempdir()?;
/// let scratch = Scratch::new(folder.path(), &Disk::new())?;
/// let mut sorter = Sorter::new(&scratch, 1 << 20);
/// for i in 0..100_000_u32 {
///     let key = i.wrapping_mul(2_654_435_761).to_be_bytes();
///     sorter.push(&key, format!("row {i}").as_bytes())?;
/// }
/// let mut merge = sorter.finish(&Unwatched)?;
/// let (key, row) = merge.next()?.unwrap();
/// assert_eq!((key, row), (&[0; 4][..], &b"row 0"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sorter {
    scratch: Scratch,
    shares: Shares,
    arena: Arena,
    runs: Vec<Run>,
    records: u64,
    spilled: u64,
    /// The longest record so far.
    longest: usize,
}

impl Sorter {
    /// Within `memory` bytes, of which 256 KiB are needed.
    pub fn new(scratch: &Scratch, memory: usize) -> Self {
        Self::with(scratch, Shares::of(memory))
    }

    pub(crate) fn with(scratch: &Scratch, shares: Shares) -> Self {
        let arena = Arena::new(shares.beside_writer(0));
        let scratch = scratch.clone();
        Self { scratch, shares, arena, runs: Vec::new(), records: 0, spilled: 0, longest: 0 }
    }

    /// Takes a record. Keys are compared byte by byte; the row is carried along.
    ///
    /// # Errors
    /// If the record is longer than an eighth of the memory, or a run cannot be written.
    pub fn push(&mut self, key: &[u8], row: &[u8]) -> Result<(), Error> {
        let record = Record { key, row };
        let length = record.len();
        if length > self.shares.longest {
            return Err(Error::LongRow { bytes: length, most: self.shares.longest });
        }
        if length > self.longest {
            self.longest = length;
            self.arena.set_limit(self.shares.beside_writer(length));
        }
        if !self.arena.fits(length) {
            self.spill()?;
        }
        self.arena.push(&record);
        self.records += 1;
        Ok(())
    }

    fn spill(&mut self) -> Result<(), Error> {
        self.arena.sort();
        let mut run = RunWriter::create(&self.scratch, self.shares.block)?;
        for record in self.arena.encoded() {
            run.push_encoded(record)?;
        }
        let run = run.finish()?;
        self.spilled += run.bytes();
        self.runs.push(run);
        self.arena.clear();
        Ok(())
    }

    /// All records in their order.
    ///
    /// Where there are more runs than can be read at once, some are merged to longer ones before.
    ///
    /// # Errors
    /// If a run cannot be written or read, or `watch` says stop.
    pub fn finish(mut self, watch: &dyn Watch) -> Result<Merge, Error> {
        if self.runs.is_empty() {
            self.arena.sort();
            return Ok(Merge::of_memory(self.arena));
        }
        if self.arena.count() > 0 {
            self.spill()?;
        }
        drop(std::mem::replace(&mut self.arena, Arena::new(0)));
        let mut at = 0;
        while self.together(0, self.shares.memory, self.shares.runs) < self.runs.len() {
            at = self.shorten(at, watch)?;
        }
        Ok(Merge::of_runs(Tree::new(&self.runs)?, self.records, self.spilled))
    }

    /// Merges some neighbours, from place `at` on, to one run; where to go on.
    ///
    /// Only neighbours, since the order of runs is that of their records; and no more of them than
    /// needed, so that the fewest bytes are written twice.
    fn shorten(&mut self, at: usize, watch: &dyn Watch) -> Result<usize, Error> {
        let at = if at + 2 > self.runs.len() { 0 } else { at };
        let most = match self.runs.len().saturating_sub(self.shares.runs) {
            0 => self.shares.runs,
            excess => self.shares.runs.min(excess + 1),
        };
        let room = self.shares.beside_writer(self.longest);
        let end = at + self.together(at, room, most);
        let run = merged(&self.scratch, &self.runs[at..end], self.shares.block, watch)?;
        self.spilled += run.bytes();
        self.runs.splice(at..end, [run]);
        Ok(at + 1)
    }

    /// How many runs from place `at` on can be read at once: at least two, if there are.
    fn together(&self, at: usize, room: usize, most: usize) -> usize {
        let mut held = 0;
        let fits = |run: &&Run| {
            held += 2 * run.largest();
            held <= room
        };
        let count = self.runs[at..].iter().take_while(fits).take(most).count();
        count.max(2).min(self.runs.len() - at)
    }
}

fn merged(scratch: &Scratch, runs: &[Run], block: usize, watch: &dyn Watch) -> Result<Run, Error> {
    let total = runs.iter().map(Run::records).sum();
    let mut tree = Tree::new(runs)?;
    let mut writer = RunWriter::create(scratch, block)?;
    for done in 0_u64.. {
        if done % LOOK == 0 {
            if watch.stop() {
                return Err(Error::Stopped);
            }
            watch.progress("merging runs", done, total);
        }
        let Some(reader) = tree.smallest() else { break };
        writer.push(reader.key(), reader.row())?;
        tree.advance()?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests;

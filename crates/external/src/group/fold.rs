//! Rows in, groups out, within a budget.

use twoblade_table::Kind;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::accumulate::Accumulator;
use super::aggregate::Aggregate;
use super::batch::{Batch, Values, read_string, take, write_string};
use super::table::Table;
use crate::error::Error;
use crate::sort::{Merge, Sorter};
use crate::spill::{BLOCK, Run, RunWriter, Scratch};
use crate::watch::Watch;

/// Parts that rows are divided into, by their keys, when there is no room for all groups.
const PARTS: usize = 16;

/// The most rows, and the bytes of rows, that are folded at once when they come back from the disk.
const ROWS: usize = 4096;
const BYTES: usize = 256 << 10;

/// What a record on the disk is: a row as it came, or a group as it was known.
const ROW: u8 = 0;
const GROUP: u8 = 1;

/// What a group-by does with its memory.
#[derive(Clone, Copy, Debug)]
struct Shares {
    /// Groups in memory.
    table: usize,
    /// The sorter that they go to.
    sorter: usize,
    /// The blocks of runs, of which there are one to read and [`PARTS`] to write.
    block: usize,
}

impl Shares {
    fn of(memory: usize) -> Self {
        let runs = memory / 8;
        // A writer holds a block twice and a little more, and a reader twice.
        let block = (runs / (2 * PARTS + 6)).saturating_sub(10 << 10).clamp(4 << 10, BLOCK);
        let rest = memory.saturating_sub(PARTS * RunWriter::memory(block) + 2 * block + 2 * BYTES);
        let sorter = (rest / 4).max(256 << 10);
        Self { table: rest.saturating_sub(sorter), sorter, block }
    }
}

/// Groups that take rows.
///
/// Groups are kept in a table. When that is full, the rows of keys that are not in it go to the disk in
/// the order in which they came, divided by hashes of their keys; each part is then folded in the same
/// way, with other hashes. So each part has at least a group fewer, a key is either in the table or on
/// the disk, and its rows reach it in their order whatever the memory is.
#[derive(Debug)]
pub(super) struct Fold {
    accumulators: Vec<Accumulator>,
    /// What the aggregates are called, for errors.
    names: Vec<String>,
    results: Vec<Values>,
    table: Table,
    parts: Parts,
    sorter: Sorter,
    places: Vec<u32>,
}

/// Where the rows go that have no place in memory.
#[derive(Debug)]
struct Parts {
    scratch: Scratch,
    block: usize,
    writers: Vec<Option<RunWriter>>,
    row: Vec<u8>,
}

/// A part that waits, and how many times its rows were divided.
type Waiting = Vec<(Run, u64)>;

impl Fold {
    /// `aggregates` with the place of their columns in batches and the kinds of those.
    pub(super) fn new(
        aggregates: &[(Aggregate, Option<usize>, Kind, Kind)],
        names: Vec<String>,
        scratch: &Scratch,
        memory: usize,
    ) -> Self {
        let shares = Shares::of(memory);
        let mut words = 0;
        let accumulator = |&(aggregate, input, kind, _): &(Aggregate, _, _, _)| {
            let keep = super::accumulate::Keep::of(aggregate.function, kind);
            let at = words;
            words += keep.words();
            Accumulator { at, keep, function: aggregate.function, input, kind }
        };
        let accumulators: Vec<_> = aggregates.iter().map(accumulator).collect();
        Self {
            accumulators,
            names,
            results: aggregates.iter().map(|&(_, _, _, kind)| Values::new(kind)).collect(),
            table: Table::new(words, shares.table),
            parts: Parts {
                scratch: scratch.clone(),
                block: shares.block,
                writers: (0..PARTS).map(|_| None).collect(),
                row: Vec::new(),
            },
            sorter: Sorter::new(scratch, shares.sorter),
            places: Vec::new(),
        }
    }

    /// Takes rows in their order; the hashes of the keys are set here.
    pub(super) fn add(&mut self, batch: &mut Batch) -> Result<(), Error> {
        self.add_at(batch, 0)
    }

    /// Takes rows that were divided so many times.
    fn add_at(&mut self, batch: &mut Batch, depth: u64) -> Result<(), Error> {
        batch.hashes.clear();
        batch.hashes.extend(batch.keys.iter().map(|key| xxh3_64_with_seed(key, depth)));
        self.places.clear();
        for (key, &hash) in batch.keys.iter().zip(&batch.hashes) {
            self.places.push(self.table.place(hash, key));
        }
        let (words, kept) = self.table.words_mut();
        for accumulator in &self.accumulators {
            let column = accumulator.input.map(|input| &batch.columns[input]);
            accumulator.add(column, &self.places, words, kept);
        }
        for row in 0..batch.rows() {
            if self.places[row] == 0 {
                self.parts.push_row(batch, row)?;
            }
        }
        if self.table.is_over() { self.evict(depth) } else { Ok(()) }
    }

    /// Strings have outgrown the memory: all groups go to the disk, as they are, ahead of the rows
    /// that still come for them.
    fn evict(&mut self, depth: u64) -> Result<(), Error> {
        let (accumulators, parts) = (&self.accumulators, &mut self.parts);
        let mut row = Vec::new();
        self.table.each(|key, words, kept| {
            row.clear();
            row.push(GROUP);
            for accumulator in accumulators {
                accumulator.write(words, kept, &mut row);
            }
            parts.push(key, xxh3_64_with_seed(key, depth), &row)
        })?;
        self.table.clear();
        self.table.close();
        Ok(())
    }

    /// All groups, in the order of their keys: the key, and what [`Values::write`] makes of each
    /// aggregate. Also, how many bytes went to the disk.
    pub(super) fn finish(
        mut self,
        batch: &mut Batch,
        watch: &dyn Watch,
    ) -> Result<(Merge, u64), Error> {
        let mut waiting = Waiting::new();
        self.end(0, &mut waiting)?;
        let mut done = 0;
        while let Some((run, depth)) = waiting.pop() {
            let left: u64 = waiting.iter().map(|(run, _)| run.bytes()).sum();
            watch.progress("grouping", done, done + run.bytes() + left);
            if watch.stop() {
                return Err(Error::Stopped);
            }
            done += run.bytes();
            self.fold(&run, depth, batch, watch)?;
            drop(run);
            self.end(depth, &mut waiting)?;
        }
        let Self { sorter, table, .. } = self;
        drop(table);
        let groups = sorter.finish(watch)?;
        let spilled = done + groups.spilled();
        Ok((groups, spilled))
    }

    /// Folds a part into the empty table.
    fn fold(
        &mut self,
        run: &Run,
        depth: u64,
        batch: &mut Batch,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let damaged = || Error::Damaged {
            path: run.path().to_path_buf(),
            how: "a record is not what a group-by writes",
        };
        let mut reader = run.read()?;
        batch.clear();
        while let Some((key, row)) = reader.next()? {
            let (&what, mut row) = row.split_first().ok_or_else(damaged)?;
            if what == GROUP {
                // Ahead of all rows of its key: those in the batch are of others.
                self.take_back(key, row, depth)?.ok_or_else(damaged)?;
                continue;
            }
            batch.keys.push(key);
            for column in &mut batch.columns {
                column.read(&mut row).ok_or_else(damaged)?;
            }
            if batch.rows() == ROWS || batch.bytes() >= BYTES {
                if watch.stop() {
                    return Err(Error::Stopped);
                }
                self.add_at(batch, depth)?;
                batch.clear();
            }
        }
        self.add_at(batch, depth)?;
        batch.clear();
        Ok(())
    }

    /// Takes a group as it was known; `None` if it is none.
    fn take_back(&mut self, key: &[u8], row: &[u8], depth: u64) -> Result<Option<()>, Error> {
        let hash = xxh3_64_with_seed(key, depth);
        let place = self.table.place(hash, key) as usize;
        if place == 0 {
            let mut whole = vec![GROUP];
            whole.extend_from_slice(row);
            return self.parts.push(key, hash, &whole).map(Some);
        }
        let mut row = row;
        let (words, kept) = self.table.words_mut();
        for accumulator in &self.accumulators {
            if accumulator.read(&mut row, &mut words[place..], kept).is_none() {
                return Ok(None);
            }
        }
        if self.table.is_over() {
            self.evict(depth)?;
        }
        Ok(Some(()))
    }

    /// The groups in memory are complete; what is on the disk waits.
    fn end(&mut self, depth: u64, waiting: &mut Waiting) -> Result<(), Error> {
        let Self { accumulators, names, results, table, sorter, .. } = self;
        let mut row = Vec::new();
        table.each(|key, words, kept| {
            row.clear();
            for ((accumulator, result), name) in
                accumulators.iter().zip(results.iter_mut()).zip(names.iter())
            {
                result.clear();
                accumulator
                    .finish(words, kept, result)
                    .map_err(|sum| Error::LargeSum { aggregate: name.clone(), sum })?;
                result.write(0, &mut row);
            }
            sorter.push(key, &row)
        })?;
        table.clear();
        // The last part is the next: what waits is then no more than the parts of each depth.
        for writer in self.parts.writers.iter_mut().rev() {
            if let Some(writer) = writer.take() {
                waiting.push((writer.finish()?, depth + 1));
            }
        }
        Ok(())
    }
}

impl Parts {
    fn push_row(&mut self, batch: &Batch, row: usize) -> Result<(), Error> {
        let mut bytes = std::mem::take(&mut self.row);
        bytes.clear();
        bytes.push(ROW);
        for column in &batch.columns {
            column.write(row, &mut bytes);
        }
        self.push(batch.keys.get(row), batch.hashes[row], &bytes)?;
        self.row = bytes;
        Ok(())
    }

    /// By the lower bits of the hash, where the table takes the upper ones.
    fn push(&mut self, key: &[u8], hash: u64, row: &[u8]) -> Result<(), Error> {
        let part = &mut self.writers[usize::from(hash.to_le_bytes()[0]) % PARTS];
        let writer = match part {
            Some(writer) => writer,
            None => part.insert(RunWriter::create(&self.scratch, self.block)?),
        };
        writer.push(key, row)
    }
}

impl Accumulator {
    /// Appends what is known of a group: its words, or the string.
    fn write(&self, words: &[u64], kept: &super::accumulate::Kept, to: &mut Vec<u8>) {
        if self.keep == super::accumulate::Keep::String {
            let string = kept.get(words[self.at]);
            to.push(u8::from(string.is_some()));
            if let Some(string) = string {
                write_string(string, to);
            }
            return;
        }
        for word in &words[self.at..self.at + self.keep.words()] {
            to.extend_from_slice(&word.to_le_bytes());
        }
    }

    /// Takes it back into the words of a new group.
    fn read(
        &self,
        from: &mut &[u8],
        words: &mut [u64],
        kept: &mut super::accumulate::Kept,
    ) -> Option<()> {
        if self.keep == super::accumulate::Keep::String {
            if take::<1>(from)? != [0] {
                words[self.at] = kept.put(0, read_string(from)?);
            }
            return Some(());
        }
        for word in &mut words[self.at..self.at + self.keep.words()] {
            *word = u64::from_le_bytes(take(from)?);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_no_more_than_the_whole() {
        for memory in (20..34).flat_map(|power| [1usize << power, (1 << power) + 12_345]) {
            let Shares { table, sorter, block } = Shares::of(memory);
            // Where rows come back from the disk: a reader, what it makes of records, and all writers.
            let held = table + sorter + PARTS * RunWriter::memory(block) + 2 * block + 2 * BYTES;
            assert!(held <= memory.max(2 << 20), "{held} of {memory}");
            assert!(memory < 2 << 20 || table > memory / 8, "{table} of {memory}");
        }
    }
}

//! Rows that do not fit into memory.

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;

use crate::error::Error;
use crate::spill::Scratch;
use crate::store::cache::Cache;
use crate::store::pieces::Pieces;

/// Rows of typed columns that need not fit into memory.
///
/// They go to a temporary file, as Arrow IPC, and come back in the pieces that they were appended in, or
/// in smaller ones where those were large. The pieces that were used last are in memory.
#[derive(Debug)]
pub struct Batches {
    schema: SchemaRef,
    pieces: Pieces,
    cache: Cache<RecordBatch>,
    /// The longest piece, in bytes of Arrow IPC.
    largest: usize,
    /// Of each piece, how many rows there are up to its end.
    ends: Vec<u64>,
    buffer: Vec<u8>,
}

impl Batches {
    /// None yet, of these columns, in `memory` bytes, of which 1 MiB is needed. Every piece takes 16
    /// bytes more.
    ///
    /// # Errors
    /// If no file can be made.
    pub fn new(scratch: &Scratch, schema: SchemaRef, memory: usize) -> Result<Self, Error> {
        let memory = memory.max(1 << 20);
        // Held at once, at most: what is written, packed or as stored, read, and two pieces as Arrow
        // has them, of which one is not counted by the cache.
        let largest = memory / 8;
        let room = memory - (Pieces::memory(largest) + 2 * largest).min(memory);
        let pieces = Pieces::new(scratch, largest)?;
        let cache = Cache::new(room);
        Ok(Self { schema, pieces, cache, largest, ends: Vec::new(), buffer: Vec::new() })
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// How many pieces they come back in.
    pub fn pieces(&self) -> usize {
        self.ends.len()
    }

    /// Appends rows.
    ///
    /// # Errors
    /// If they have other columns, if one row alone is longer than an eighth of the memory, or if the
    /// disk fails; then some of them may be there.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if batch.schema_ref().fields() != self.schema.fields() {
            let (found, expected) = (batch.schema(), &self.schema);
            let message = format!("rows of {found} were given to a store of {expected}");
            return Err(arrow_schema::ArrowError::SchemaError(message).into());
        }
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        // A slice of a batch counts as the whole, so that this errs on the side of small pieces.
        if batch.get_array_memory_size() / 2 <= self.largest || rows == 1 {
            self.buffer.clear();
            let mut writer = StreamWriter::try_new(&mut self.buffer, &self.schema)?;
            writer.write(batch)?;
            writer.finish()?;
            drop(writer);
            if self.buffer.len() <= self.largest {
                self.pieces.push(&self.buffer)?;
                self.ends.push(self.rows() + rows as u64);
                return Ok(());
            }
            if rows == 1 {
                return Err(Error::LongRow { bytes: self.buffer.len(), most: self.largest });
            }
        }
        let half = rows / 2;
        self.push(&taken(batch, 0, half)?)?;
        self.push(&taken(batch, half, rows)?)
    }

    /// Piece `number`, from 0; `None` beyond the last.
    ///
    /// # Errors
    /// If the disk fails, or its file is not as it was written.
    pub fn piece(&mut self, number: usize) -> Result<Option<RecordBatch>, Error> {
        if number >= self.ends.len() {
            return Ok(None);
        }
        if let Some(batch) = self.cache.get(number) {
            return Ok(Some(batch.clone()));
        }
        self.pieces.read(number, &mut self.buffer)?;
        let mut batches = StreamReader::try_new(&self.buffer[..], None)?;
        let Some(batch) = batches.next().transpose()? else {
            return Err(self.pieces.damaged("a piece has no rows"));
        };
        let bytes = batch.get_array_memory_size();
        self.cache.make_room(bytes);
        Ok(Some(self.cache.put(number, bytes, batch).clone()))
    }

    /// The piece that row `index` is in, from 0, and the row's place there; `None` beyond the last.
    ///
    /// # Errors
    /// As [`piece`](Self::piece).
    pub fn row(&mut self, index: u64) -> Result<Option<(RecordBatch, usize)>, Error> {
        let number = self.ends.partition_point(|&end| end <= index);
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        Ok(self.piece(number)?.map(|batch| (batch, distance(begin, index))))
    }

    /// All pieces, from the first on.
    pub fn iter(&mut self) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        (0..self.pieces()).filter_map(|number| self.piece(number).transpose())
    }
}

fn distance(begin: u64, index: u64) -> usize {
    usize::try_from(index - begin).expect("within a batch")
}

/// Some rows, alone: what is sliced keeps the memory of all, and is counted so.
fn taken(batch: &RecordBatch, begin: usize, end: usize) -> Result<RecordBatch, Error> {
    let slice = batch.slice(begin, end - begin);
    let copied = |column| arrow_select::concat::concat(&[column]);
    let columns = slice.columns().iter().map(|column| copied(column.as_ref()));
    Ok(RecordBatch::try_new(batch.schema(), columns.collect::<Result<_, _>>()?)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use arrow_array::{ArrayRef, Float64Array, StringArray};
    use arrow_schema::{DataType, Field, Schema};
    use arrow_select::concat::concat_batches;
    use proptest::prelude::*;

    use super::*;
    use crate::disk::Disk;

    fn schema() -> SchemaRef {
        let field = |name, kind| Field::new(name, kind, true);
        Arc::new(Schema::new(vec![field("a", DataType::Float64), field("b", DataType::Utf8)]))
    }

    fn batch(rows: &[(Option<f64>, Option<String>)]) -> RecordBatch {
        let numbers: Float64Array = rows.iter().map(|row| row.0).collect();
        let words: StringArray = rows.iter().map(|row| row.1.as_deref()).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(words)];
        RecordBatch::try_new(schema(), columns).unwrap()
    }

    fn rows() -> impl Strategy<Value = Vec<(Option<f64>, Option<String>)>> {
        let word = prop_oneof![4 => "[a-zé]{0,9}", 1 => "[a-z]{3000,9000}"];
        prop::collection::vec((prop::option::of(-1e9..1e9), prop::option::of(word)), 0..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn all_rows_come_back(
            all in prop::collection::vec(rows(), 0..12),
            places in prop::collection::vec(any::<prop::sample::Index>(), 20),
        ) {
            let temp = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
            let mut store = Batches::new(&scratch, schema(), 0).unwrap();
            let batches: Vec<_> = all.iter().map(|rows| batch(rows)).collect();
            for batch in &batches {
                store.push(batch).unwrap();
            }
            let whole = concat_batches(&schema(), &batches).unwrap();
            prop_assert_eq!(store.rows(), whole.num_rows() as u64);
            let pieces = store.iter().collect::<Result<Vec<_>, _>>().unwrap();
            prop_assert_eq!(&concat_batches(&schema(), &pieces).unwrap(), &whole);
            for place in places {
                let index = place.index(whole.num_rows() + 2);
                match store.row(index as u64).unwrap() {
                    Some((piece, row)) => {
                        prop_assert_eq!(piece.slice(row, 1), whole.slice(index, 1));
                    }
                    None => prop_assert!(index >= whole.num_rows()),
                }
            }
        }
    }

    /// The operation with each number fails: rows that cannot be appended are not there, all others are,
    /// and no file stays.
    #[test]
    fn every_operation_may_fail() {
        let rows = |from: u32| -> Vec<_> {
            (from..from + 80).map(|i| (Some(f64::from(i)), Some("x".repeat(1500)))).collect()
        };
        // One piece each; more of them than are kept in memory.
        let batches: Vec<_> = (0..12).map(|number| batch(&rows(100 * number))).collect();
        let mut failed = 0;
        for fault in 0.. {
            let temp = tempfile::tempdir().unwrap();
            let count = Arc::new(AtomicU64::new(0));
            let disk = Disk::watched(move |_| match count.fetch_add(1, Ordering::Relaxed) {
                now if now == fault => Err(std::io::Error::other("no more")),
                _ => Ok(()),
            });
            let done = (|| {
                let scratch = Scratch::new(temp.path(), &disk)?;
                let mut store = Batches::new(&scratch, schema(), 0)?;
                let mut again = 0;
                for (number, batch) in batches.iter().enumerate() {
                    // What failed can be tried again.
                    while let Err(error) = store.push(batch) {
                        assert!(matches!(error, Error::Io { .. }), "{error}");
                        assert_eq!(store.pieces(), number);
                        again += 1;
                    }
                }
                // Backwards and forwards, so that pieces come from the disk.
                for number in (0..batches.len()).rev().chain(0..batches.len()) {
                    let found = match store.piece(number) {
                        Err(_) => {
                            again += 1;
                            store.piece(number)?
                        }
                        found => found?,
                    };
                    assert_eq!(found.as_ref(), Some(&batches[number]));
                }
                Ok::<u32, Error>(again)
            })();
            assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
            match done {
                Ok(0) => break,
                Ok(_) => failed += 1,
                Err(Error::Io { source, .. }) if source.to_string() == "no more" => failed += 1,
                Err(error) => panic!("{error}"),
            }
        }
        // Folder and file, a write for each piece, and two reads at least for most of them.
        assert!(failed > 3 * batches.len(), "{failed}");
    }

    #[test]
    fn large_batches_are_cut_and_a_row_too_long_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let mut store = Batches::new(&scratch, schema(), 1 << 20).unwrap();
        let rows: Vec<_> =
            (0..1000).map(|i| (Some(f64::from(i)), Some("x".repeat(1000)))).collect();
        let large = batch(&rows);
        store.push(&large).unwrap();
        assert!(store.pieces() >= 8, "{}", store.pieces());
        let pieces = store.iter().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(concat_batches(&schema(), &pieces).unwrap(), large);
        let message =
            store.push(&batch(&[(None, Some("x".repeat(200_000)))])).unwrap_err().to_string();
        assert!(
            message.starts_with("a row takes 200") && message.contains("at most 131072"),
            "{message}"
        );
        assert_eq!(store.rows(), 1000);
    }

    #[test]
    fn other_columns_are_refused() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let fields = vec![Field::new("a", DataType::Float64, true)];
        let mut store = Batches::new(&scratch, Arc::new(Schema::new(fields)), 0).unwrap();
        let error = store.push(&batch(&[])).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("were given to a store of"), "{cause}");
    }
}

//! What is made of all rows that have a key in common.

mod accumulate;
mod aggregate;
mod batch;
mod file;
mod fold;
mod table;
#[cfg(test)]
mod tests;

use arrow_array::{ArrayRef, RecordBatch};
use twoblade_table::{Column, Rows, Schema};

pub use aggregate::{Aggregate, Function};
pub use file::{Grouped, group};

use crate::error::Error;
use crate::sort::{By, Keys, Merge};
use crate::spill::Scratch;
use crate::watch::Watch;
use batch::{Batch, Strings, Values};
use fold::Fold;

/// The most rows, and the bytes of rows, that come out at once.
const ROWS: usize = 4096;
const BYTES: usize = 256 << 10;

/// By what rows are grouped, and what is made of each group.
///
/// Rows whose keys are missing are a group, too; 0 and -0 are one key, and so are all NaN. Groups come
/// out in the order of their keys. All aggregates pass over missing values: of a group without any, a
/// count is 0 and everything else is missing, as a variance is of one. NaN and infinities take part; of
/// two extremes that are equal, as 0 and -0 are, the first is kept.
///
/// Rows reach their group in the order of the file, and float sums are compensated: bits depend on the
/// rows alone. A sum of integers is exact, and one beyond 64 bits is refused.
///
/// ```
/// use twoblade_external::{Aggregate, By, Disk, Grouping, Limits, ReadOptions, Table, Unwatched, group};
///
/// # let folder = tempfile::tempdir()?;
/// # let (rows, target) = (folder.path().join("rows.csv"), folder.path().join("groups.csv"));
/// std::fs::write(&rows, "town,x\nUlm,1\nBonn,2.5\nUlm,4\n")?;
/// let table = Table::open(&[rows], &ReadOptions::default())?;
/// let by = By::parse("town", table.schema())?;
/// let aggregates = Aggregate::parse("count(),mean(x)", table.schema())?;
/// let grouping = Grouping::new(table.schema(), by, aggregates)?;
/// let limits = Limits { memory: 64 << 20, threads: 2, temp: folder.path().into() };
/// group(&table, &grouping, &target, &limits, &Unwatched, &Disk::new())?;
/// let groups = std::fs::read_to_string(&target)?;
/// assert_eq!(groups, "town,count(),mean(x)\nBonn,1,2.5\nUlm,2,2.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Grouping {
    by: By,
    table: Schema,
    schema: Schema,
    aggregates: Vec<Aggregate>,
    /// Columns of the table that are read: the keys, then what something is made of.
    wanted: Vec<usize>,
}

impl Grouping {
    /// Groups of a table with these columns.
    ///
    /// # Errors
    /// If an aggregate is none of its column, or two columns that come out have one name.
    pub fn new(table: &Schema, by: By, aggregates: Vec<Aggregate>) -> Result<Self, Error> {
        let mut wanted = by.places();
        let mut columns: Vec<Column> =
            wanted.iter().map(|&place| table.columns()[place].clone()).collect();
        for aggregate in &aggregates {
            aggregate.check(table)?;
            columns.push(Column { name: aggregate.name(table), kind: aggregate.kind(table) });
            wanted.extend(aggregate.column.filter(|place| !wanted.contains(place)));
        }
        let schema = Schema::new(columns)?;
        Ok(Self { by, table: table.clone(), schema, aggregates, wanted })
    }

    /// The columns of the table that have to be read, in the order in which they are to be given.
    pub fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    /// The columns that come out: the keys, then the aggregates.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Takes rows within so many bytes of memory, of which 2 MiB are needed.
    ///
    /// # Errors
    /// If there are no keys of such columns.
    pub fn begin(&self, scratch: &Scratch, memory: usize) -> Result<Grouper, Error> {
        let keys = Keys::new(&self.by, &self.table)?;
        let mut inputs: Vec<usize> = Vec::new();
        let mut plan = Vec::new();
        for aggregate in &self.aggregates {
            let input = aggregate.column.map(|place| {
                inputs.iter().position(|&other| other == place).unwrap_or_else(|| {
                    inputs.push(place);
                    inputs.len() - 1
                })
            });
            let result = aggregate.kind(&self.table);
            let kind = aggregate.column.map_or(result, |place| self.table.columns()[place].kind);
            plan.push((*aggregate, input, kind, result));
        }
        let names = self.aggregates.iter().map(|aggregate| aggregate.name(&self.table));
        let fold = Fold::new(&plan, names.collect(), scratch, memory);
        let wanted = |places: &[usize]| -> Vec<usize> {
            let at = |place| self.wanted.iter().position(|wanted| wanted == place);
            places.iter().filter_map(at).collect()
        };
        Ok(Grouper {
            keys,
            key_columns: wanted(&self.by.places()),
            input_columns: wanted(&inputs),
            batch: Batch::new(inputs.iter().map(|&place| self.table.columns()[place].kind)),
            fold,
            schema: self.schema.clone(),
        })
    }
}

/// Groups that take rows.
#[derive(Debug)]
pub struct Grouper {
    keys: Keys,
    key_columns: Vec<usize>,
    input_columns: Vec<usize>,
    batch: Batch,
    fold: Fold,
    schema: Schema,
}

impl Grouper {
    /// Takes rows, in the order of the file; columns are those of [`Grouping::wanted`].
    ///
    /// # Errors
    /// If they have to go to the disk and cannot.
    pub fn push(&mut self, rows: &Rows) -> Result<(), Error> {
        let columns = rows.batch().columns();
        let keys: Vec<ArrayRef> =
            self.key_columns.iter().map(|&place| ArrayRef::clone(&columns[place])).collect();
        self.batch.clear();
        for key in self.keys.encode(&keys)? {
            self.batch.keys.push(key.data());
        }
        for (values, &place) in self.batch.columns.iter_mut().zip(&self.input_columns) {
            values.extend(&columns[place]);
        }
        self.fold.add(&mut self.batch)
    }

    /// All groups, in the order of their keys.
    ///
    /// # Errors
    /// If what is on the disk cannot be read, a sum of integers needs more than 64 bits, or `watch` says
    /// stop.
    pub fn finish(self, watch: &dyn Watch) -> Result<Groups, Error> {
        let Self { keys, mut batch, fold, schema, key_columns, .. } = self;
        let (merge, spilled) = fold.finish(&mut batch, watch)?;
        let results = schema.columns()[key_columns.len()..].iter();
        let results = results.map(|column| Values::new(column.kind)).collect();
        Ok(Groups { keys, merge, schema, found: Strings::default(), results, first: 0, spilled })
    }
}

/// Groups as they come out: runs of rows, each with its keys and aggregates.
#[derive(Debug)]
pub struct Groups {
    keys: Keys,
    merge: Merge,
    schema: Schema,
    found: Strings,
    results: Vec<Values>,
    first: u64,
    spilled: u64,
}

impl Groups {
    /// The columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many groups there are, read or not.
    pub fn total(&self) -> u64 {
        self.merge.records()
    }

    /// The bytes that went to temporary files.
    pub fn spilled(&self) -> u64 {
        self.spilled
    }

    fn read(&mut self) -> Result<Option<Rows>, Error> {
        self.found.clear();
        self.results.iter_mut().for_each(Values::clear);
        while self.found.len() < ROWS
            && self.found.bytes() + self.results.iter().map(Values::bytes).sum::<usize>() < BYTES
        {
            let Some((key, mut row)) = self.merge.next()? else { break };
            self.found.push(key);
            for values in &mut self.results {
                values.read(&mut row).expect("as it was written: runs are checked");
            }
        }
        if self.found.len() == 0 {
            return Ok(None);
        }
        let mut columns = self.keys.decode(self.found.iter())?;
        for values in &self.results {
            columns.push(values.column().expect("words of a table are UTF-8"));
        }
        let batch = RecordBatch::try_new(self.schema.arrow(), columns)?;
        let rows = Rows::new(self.first, batch);
        self.first += self.found.len() as u64;
        Ok(Some(rows))
    }
}

impl Iterator for Groups {
    type Item = Result<Rows, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

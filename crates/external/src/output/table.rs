//! A table as it is written.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use twoblade_table::Schema;

use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Dialect, Format};
use crate::output::cells::{Cells, Words};
use crate::output::parquet::ParquetOutput;
use crate::output::sink::{Nameless, Sink};

/// A table as it is written: beside its target under another name, which it gets when it is whole.
/// Dropped before [`finish`](Self::finish) it leaves nothing.
///
/// What is written as CSV is read back to the bit under the default
/// [`ReadOptions`](crate::ReadOptions) and the kinds it had, but for floats that are no number: those
/// are written as `NaN`, which is read as missing.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    schema: Schema,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Text(Box<TextOutput>),
    Parquet(Box<ParquetOutput>),
}

#[derive(Debug)]
struct TextOutput {
    sink: Sink,
    dialect: Dialect,
    words: Words,
}

impl Output {
    /// Begins a file; a header is written if the dialect has one. `dialect` says nothing of Parquet.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn create(
        target: &Path,
        format: Format,
        dialect: Dialect,
        schema: &Schema,
        disk: &Disk,
    ) -> Result<Self, Error> {
        let path = target.to_path_buf();
        let schema = schema.clone();
        let Format::Csv(packing) = format else {
            let way = Way::Parquet(Box::new(ParquetOutput::create(target, &schema, disk)?));
            return Ok(Self { path, schema, way });
        };
        let words = Words::new(dialect, schema.columns().len());
        let mut sink = Sink::create(target, packing, disk)?;
        if dialect.header {
            let to = sink.buffer();
            for (place, column) in schema.columns().iter().enumerate() {
                if place > 0 {
                    to.push(dialect.delimiter);
                }
                words.put_name(&column.name, to);
            }
            to.extend_from_slice(dialect.terminator());
        }
        Ok(Self { path, schema, way: Way::Text(Box::new(TextOutput { sink, dialect, words })) })
    }

    /// Writes rows, which have the columns of the table.
    ///
    /// # Errors
    /// If the disk fails, or a value cannot be written in this format.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let (sink, dialect, words) = match &mut self.way {
            Way::Text(output) => {
                let TextOutput { sink, dialect, words } = &mut **output;
                (sink, dialect, words)
            }
            Way::Parquet(output) => return output.write(batch),
        };
        let columns = self.schema.columns();
        let cells = columns.iter().zip(batch.columns());
        let cells: Vec<Cells<'_>> =
            cells.map(|(column, values)| Cells::new(column.kind, values)).collect();
        for row in 0..batch.num_rows() {
            for (place, cell) in cells.iter().enumerate() {
                let to = sink.buffer();
                if place > 0 {
                    to.push(dialect.delimiter);
                }
                cell.put(row, words, to).map_err(|value| Error::Unfit {
                    path: self.path.clone(),
                    column: columns[place].name.clone(),
                    value,
                    reason: "and CSV has years from 0000 to 9999; write Parquet",
                })?;
            }
            sink.buffer().extend_from_slice(dialect.terminator());
            sink.flush()?;
        }
        Ok(())
    }

    /// Writes a record as it stands in a file of the same dialect, without what ends it.
    ///
    /// # Errors
    /// If the disk fails.
    ///
    /// # Panics
    /// If the table is written as Parquet, which has no text.
    #[inline]
    pub fn write_text(&mut self, record: &[u8]) -> Result<(), Error> {
        let Way::Text(output) = &mut self.way else { panic!("Parquet has no text") };
        let TextOutput { sink, dialect, .. } = &mut **output;
        let to = sink.buffer();
        to.extend_from_slice(record);
        to.extend_from_slice(dialect.terminator());
        sink.flush()
    }

    /// Puts the table on the disk and gives it its name.
    ///
    /// # Errors
    /// If that fails; nothing is left then.
    pub fn finish(self) -> Result<(), Error> {
        self.complete()?.name()
    }

    /// Puts the table on the disk, to be given its name together with others.
    pub(crate) fn complete(self) -> Result<Nameless, Error> {
        match self.way {
            Way::Text(output) => output.sink.complete(),
            Way::Parquet(output) => output.complete(),
        }
    }
}

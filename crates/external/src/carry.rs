//! How rows get from a table to a file.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_row::{RowConverter, RowParser, SortField};
use twoblade_table::Schema;

use crate::error::Error;
use crate::input::{Dialect, Format, Limits, Scanned, Share, Table, Text, Wanted};
use crate::wide;

/// How rows get from a table to a file: as the text that they are, if that stays as it is, so that
/// nothing is written in another way and only the columns that decide are parsed; else as values.
#[derive(Debug)]
pub(crate) struct Carry {
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    pub(crate) schema: Schema,
    text: bool,
}

impl Carry {
    /// To a file of this name, the end of which says what it is.
    pub(crate) fn new(table: &Table, target: &Path) -> Self {
        let format = Format::of(target);
        let found = table.dialect();
        let mut dialect = found.unwrap_or_default();
        let name = target.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if name.split('.').any(|part| part == "tsv") {
            dialect.delimiter = b'\t';
        }
        let text = found == Some(dialect) && format != Format::Parquet;
        if !text {
            // A header names what had none.
            dialect.header = true;
        }
        Self { format, dialect, schema: table.schema().clone(), text }
    }

    /// Whether rows stay the text that they are.
    pub(crate) fn is_text(&self) -> bool {
        self.text
    }

    /// What to read if these columns decide.
    pub(crate) fn wanted(&self, deciding: &[usize]) -> Wanted {
        let all = || (0..self.schema.columns().len()).collect();
        let columns = if self.text { deciding.to_vec() } else { all() };
        Wanted { columns, text: self.text }
    }

    /// What reading has of the memory where so many targets are written at once.
    pub(crate) fn share(
        &self,
        table: &Table,
        deciding: &[usize],
        targets: usize,
        parts: usize,
        limits: &Limits,
    ) -> Result<Share, Error> {
        let (read, written) = (self.wanted(deciding).columns.len(), self.schema.columns().len());
        let held = wide::reading(table, read) + wide::writing(self.format, written, targets);
        wide::beside(held, parts, written, limits)
    }

    /// The deciding columns of what was read.
    pub(crate) fn deciding(&self, batch: &RecordBatch, deciding: &[usize]) -> Vec<ArrayRef> {
        let of = |(place, &column)| batch.column(if self.text { place } else { column }).clone();
        deciding.iter().enumerate().map(of).collect()
    }

    /// Rows as bytes, and back.
    pub(crate) fn rows(&self) -> Result<RowBytes, Error> {
        if self.text {
            return Ok(RowBytes::Text);
        }
        let field = |column: &twoblade_table::Column| SortField::new(column.kind.arrow());
        let converter = RowConverter::new(self.schema.columns().iter().map(field).collect())?;
        let (rows, parser) = (converter.empty_rows(0, 0), converter.parser());
        Ok(RowBytes::Values { converter, rows, parser })
    }
}

/// Makes bytes of rows, and rows of bytes.
#[derive(Debug)]
pub(crate) enum RowBytes {
    /// The bytes are the record's.
    Text,
    /// The bytes are arrow-row's.
    Values { converter: RowConverter, rows: arrow_row::Rows, parser: RowParser },
}

/// The bytes of some rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoded<'a> {
    Text(&'a Text),
    Values(&'a arrow_row::Rows),
}

impl RowBytes {
    /// The bytes of what was read.
    pub(crate) fn encode<'a>(&'a mut self, scanned: &'a Scanned) -> Result<Encoded<'a>, Error> {
        match (self, &scanned.text) {
            (Self::Values { converter, rows, .. }, _) => {
                rows.clear();
                converter.append(rows, scanned.rows.batch().columns())?;
                Ok(Encoded::Values(rows))
            }
            (Self::Text, text) => Ok(Encoded::Text(text.as_ref().expect("text was wanted"))),
        }
    }

    /// The rows of bytes that [`encode`](Self::encode) made of values.
    pub(crate) fn decode<'a>(
        &self,
        encoded: impl Iterator<Item = &'a [u8]>,
        schema: &Schema,
    ) -> Result<RecordBatch, Error> {
        let Self::Values { converter, parser, .. } = self else {
            unreachable!("text is no values")
        };
        let columns = converter.convert_rows(encoded.map(|bytes| parser.parse(bytes)))?;
        Ok(RecordBatch::try_new(schema.arrow(), columns)?)
    }
}

impl<'a> Encoded<'a> {
    /// The bytes of a row.
    #[inline]
    pub(crate) fn row(self, index: usize) -> &'a [u8] {
        match self {
            Self::Text(text) => text.record(index),
            Self::Values(rows) => rows.row(index).data(),
        }
    }
}

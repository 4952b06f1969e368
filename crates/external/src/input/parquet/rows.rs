//! The rows of Parquet files, in order.

use std::sync::{Arc, PoisonError};

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use twoblade_table::Kind;

use crate::disk::Disk;
use crate::error::Error;
use crate::input::parquet::source::{Digest, Fault, ParquetFile, guarded};
use crate::input::parquet::widen::widen;

/// Bytes of rows that are decoded at once, as they are in memory; and the most rows.
const BYTES: u64 = 1 << 20;
const ROWS: u64 = 1 << 16;
/// Rows at once where a column may be longer than its file says: words of a dictionary, without their
/// sum.
const UNKNOWN: u64 = 1 << 10;

/// Reads files, one group of rows after another, where it is asked.
pub(crate) struct ParquetRows {
    files: Vec<ParquetFile>,
    disk: Disk,
    /// The columns that are wanted, and their kinds.
    wanted: Vec<(usize, Kind)>,
    schema: SchemaRef,
    file: usize,
    group: usize,
    reader: Option<(ParquetRecordBatchReader, Fault)>,
    /// Rows of this file so far, and bytes of those before.
    rows: u64,
    before: u64,
    /// Rows to pass over in the next group, and rows that are wanted yet.
    skip: usize,
    left: u64,
    digest: Digest,
}

impl ParquetRows {
    pub(crate) fn new(
        files: Vec<ParquetFile>,
        wanted: Vec<(usize, Kind)>,
        schema: SchemaRef,
        disk: Disk,
    ) -> Self {
        Self {
            files,
            disk,
            wanted,
            schema,
            file: 0,
            group: 0,
            reader: None,
            rows: 0,
            before: 0,
            skip: 0,
            left: u64::MAX,
            digest: Digest::default(),
        }
    }

    /// From row `row` of a file on, and `count` rows at most.
    pub(crate) fn between(mut self, file: usize, row: u64, count: u64) -> Self {
        (self.file, self.rows, self.left) = (file, row, count);
        let mut skip = row;
        for group in self.files[file].metadata.metadata().row_groups() {
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            if skip < rows {
                break;
            }
            skip -= rows;
            self.group += 1;
        }
        self.skip = usize::try_from(skip).unwrap_or(usize::MAX);
        self
    }

    /// The xxh3 of the bytes that were read.
    pub(crate) fn digest(&self) -> u64 {
        self.digest.lock().unwrap_or_else(PoisonError::into_inner).digest()
    }

    /// The next rows, and bytes of all files that are read.
    pub(crate) fn next(&mut self) -> Result<Option<(RecordBatch, u64)>, Error> {
        while let Some(file) = self.files.get(self.file).filter(|_| self.left > 0) {
            if let Some((reader, fault)) = &mut self.reader {
                let batch = guarded(&file.path, fault, || Ok(reader.next().transpose()?))?;
                let Some(batch) = batch else {
                    self.reader = None;
                    self.group += 1;
                    continue;
                };
                self.rows += batch.num_rows() as u64;
                self.left = self.left.saturating_sub(batch.num_rows() as u64);
                let batch = self.widened(&batch)?;
                return Ok(Some((batch, self.read())));
            }
            if self.group < file.metadata.metadata().num_row_groups() {
                self.reader = Some(self.open()?);
                self.skip = 0;
            } else {
                self.end()?;
            }
        }
        Ok(None)
    }

    /// Begins the next group of rows.
    fn open(&self) -> Result<(ParquetRecordBatchReader, Fault), Error> {
        let file = &self.files[self.file];
        let bytes = file.bytes(&self.disk, &self.digest)?;
        let rows = usize::try_from(self.at_once()).unwrap_or(1);
        let fault = bytes.fault();
        let reader = guarded(&file.path, &fault, || {
            let metadata = file.metadata.clone();
            let columns = self.wanted.iter().map(|&(column, _)| column);
            let mask = ProjectionMask::roots(metadata.parquet_schema(), columns);
            let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata)
                .with_row_groups(vec![self.group])
                .with_projection(mask)
                .with_batch_size(rows);
            if self.skip > 0 {
                builder = builder.with_offset(self.skip);
            }
            if let (Ok(left), true) = (usize::try_from(self.left), self.left < u64::MAX) {
                builder = builder.with_limit(left);
            }
            builder.build()
        })?;
        Ok((reader, fault))
    }

    /// How many rows of this group to decode at once.
    fn at_once(&self) -> u64 {
        let metadata = self.files[self.file].metadata.metadata();
        let group = metadata.row_group(self.group);
        let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        let mut most = ROWS;
        let mut bytes = 0;
        for &(column, kind) in &self.wanted {
            let chunk = group.column(column);
            let written = u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
            bytes += match (kind, chunk.unencoded_byte_array_data_bytes()) {
                (Kind::Category, Some(words)) => {
                    written.max(u64::try_from(words).unwrap_or(0)).saturating_add(4 * rows)
                }
                (Kind::Category, None) => {
                    most = UNKNOWN;
                    written
                }
                _ => 8 * rows,
            };
        }
        (BYTES.saturating_mul(rows) / bytes.max(1)).clamp(1, most)
    }

    /// The columns in the order and of the kinds in which they are wanted.
    fn widened(&self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        // They come in the order of the file.
        let mut order: Vec<usize> = self.wanted.iter().map(|&(column, _)| column).collect();
        order.sort_unstable();
        let mut columns = Vec::with_capacity(order.len());
        for &(column, kind) in &self.wanted {
            let at = order.binary_search(&column).expect("among them");
            columns.push(widen(batch.column(at), kind).map_err(|(value, reason)| {
                let file = &self.files[self.file];
                let name = file.metadata.schema().field(column).name().clone();
                Error::Unfit { path: file.path.clone(), column: name, value, reason }
            })?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let schema = Arc::clone(&self.schema);
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)
            .expect("columns of the schema's types, of one length"))
    }

    /// Bytes that are read, by the share of rows.
    fn read(&self) -> u64 {
        let file = &self.files[self.file];
        let rows = file.rows().max(1);
        let share = u128::from(file.length) * u128::from(self.rows.min(rows)) / u128::from(rows);
        self.before + u64::try_from(share).unwrap_or(file.length)
    }

    /// Ends a file, which has as many rows as it said.
    fn end(&mut self) -> Result<(), Error> {
        let file = &self.files[self.file];
        let (promised, rows) = (file.rows(), self.rows);
        if promised != rows {
            let reason = format!("{promised} rows are promised and {rows} are there");
            return Err(Error::Parquet { doing: "read", path: file.path.clone(), reason });
        }
        self.before += file.length;
        self.file += 1;
        self.group = 0;
        self.rows = 0;
        Ok(())
    }
}

//! Rows as Parquet.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use arrow_select::concat::concat_batches;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use twoblade_files::Whole;
use twoblade_table::Schema;

use crate::disk::{Disk, Through};
use crate::error::Error;
use crate::output::sink::{Nameless, begin, end};

/// Rows go to the writer in blocks of so many, or of so many bytes: the same whatever runs they come
/// in, so that the file is the same too.
const ROWS: usize = 1024;
const BYTES: usize = 1 << 20;
/// A group of rows is in memory until it is written: so many bytes as they will be in the file, or as
/// they are in memory.
const GROUP: usize = 8 << 20;
pub(crate) const WAITING: usize = 16 << 20;

/// A Parquet file that is being written.
pub(crate) struct ParquetOutput {
    path: PathBuf,
    disk: Disk,
    schema: SchemaRef,
    file: Shared,
    writer: ArrowWriter<Shared>,
    waiting: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

impl std::fmt::Debug for ParquetOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetOutput").field("path", &self.path).finish_non_exhaustive()
    }
}

/// For `map_err`: what was being written.
fn said(path: &Path) -> impl FnOnce(ParquetError) -> Error {
    move |error| Error::of_parquet("write", path, error)
}

impl ParquetOutput {
    pub(crate) fn create(path: &Path, schema: &Schema, disk: &Disk) -> Result<Self, Error> {
        let properties = WriterProperties::builder()
            .set_created_by("twoblade".into())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let schema = schema.arrow();
        let file = Shared(Arc::new(Mutex::new(begin(path, disk)?)));
        let writer = ArrowWriter::try_new(file.clone(), schema.clone(), Some(properties));
        let writer = writer.map_err(said(path))?;
        let (path, disk) = (path.to_path_buf(), disk.clone());
        Ok(Self { path, disk, schema, file, writer, waiting: Vec::new(), rows: 0, bytes: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let fixed = 8 * batch.num_columns();
        let words: Vec<&[i32]> = batch
            .columns()
            .iter()
            .filter(|column| *column.data_type() == DataType::Utf8)
            .map(|column| column.as_string::<i32>().value_offsets())
            .collect();
        let mut from = 0;
        for row in 0..batch.num_rows() {
            let length = |ends: &&[i32]| usize::try_from(ends[row + 1] - ends[row]).unwrap_or(0);
            let bytes = fixed + words.iter().map(length).sum::<usize>();
            if self.rows > 0 && (self.rows == ROWS || self.bytes + bytes > BYTES) {
                self.wait(batch, from, row);
                self.block()?;
                from = row;
            }
            self.rows += 1;
            self.bytes += bytes;
        }
        self.wait(batch, from, batch.num_rows());
        Ok(())
    }

    fn wait(&mut self, batch: &RecordBatch, from: usize, to: usize) {
        if to > from {
            self.waiting.push(batch.slice(from, to - from));
        }
    }

    fn block(&mut self) -> Result<(), Error> {
        let block = concat_batches(&self.schema, &self.waiting);
        let block = block.map_err(|error| said(&self.path)(error.into()))?;
        self.writer.write(&block).map_err(said(&self.path))?;
        self.waiting.clear();
        self.rows = 0;
        self.bytes = 0;
        if self.writer.in_progress_size() >= GROUP || self.writer.memory_size() >= WAITING {
            self.writer.flush().map_err(said(&self.path))?;
        }
        Ok(())
    }

    pub(crate) fn complete(mut self) -> Result<Nameless, Error> {
        if self.rows > 0 {
            self.block()?;
        }
        self.writer.finish().map_err(said(&self.path))?;
        self.writer.sync().map_err(Error::io("write", &self.path))?;
        drop(self.writer);
        let file = Arc::into_inner(self.file.0).expect("the writer had the other");
        let file = file.into_inner().unwrap_or_else(PoisonError::into_inner);
        end(file, &self.path, &self.disk)
    }
}

/// A file that is kept beside its writer: what that gives back of it does not say why a disk fails.
#[derive(Clone)]
struct Shared(Arc<Mutex<Through<Whole>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

//! A Parquet file: its bytes, and what its footer says.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{DataType, Field, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};
use twoblade_table::{Column, Kind};
use xxhash_rust::xxh3::Xxh3;

use crate::disk::{Disk, Through};
use crate::error::Error;
use crate::input::packing::open;
use crate::input::parquet::widen::natural;

/// A file whose footer is read.
#[derive(Clone, Debug)]
pub(crate) struct ParquetFile {
    pub(crate) path: PathBuf,
    pub(crate) length: u64,
    pub(crate) metadata: ArrowReaderMetadata,
}

/// Why the disk failed: of that the reader of Parquet passes on the words at most.
pub(crate) type Fault = Arc<Mutex<Option<io::Error>>>;

/// The xxh3 of the bytes that were read, in the order of reading.
pub(crate) type Digest = Arc<Mutex<Xxh3>>;

/// Runs the reader of Parquet: its errors and panics are ours, with the file they are about.
pub(crate) fn guarded<T>(
    path: &Path,
    fault: &Fault,
    read: impl FnOnce() -> ParquetResult<T>,
) -> Result<T, Error> {
    let read = catch_unwind(AssertUnwindSafe(read));
    if let Some(source) = fault.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(Error::Io { doing: "read", path: path.to_path_buf(), source });
    }
    let Ok(read) = read else {
        let reason = "the file is damaged".into();
        return Err(Error::Parquet { doing: "read", path: path.to_path_buf(), reason });
    };
    read.map_err(|error| Error::of_parquet("read", path, error))
}

impl ParquetFile {
    pub(crate) fn open(path: &Path, disk: &Disk) -> Result<Self, Error> {
        let bytes = FileBytes::open(path, disk)?;
        let metadata = guarded(path, &bytes.fault(), || {
            let found = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())?;
            let plain = ArrowReaderOptions::new().with_schema(plain(found.schema()));
            ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), plain)
        })?;
        Ok(Self { path: path.to_path_buf(), length: bytes.len(), metadata })
    }

    /// Its bytes; what is read of them goes into `digest`.
    pub(crate) fn bytes(&self, disk: &Disk, digest: &Digest) -> Result<FileBytes, Error> {
        Ok(FileBytes { digest: Arc::clone(digest), ..FileBytes::open(&self.path, disk)? })
    }

    /// How many rows it says it has.
    pub(crate) fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX)
    }

    /// The columns, with the kinds that their types have.
    pub(crate) fn columns(&self) -> Result<Vec<Column>, Error> {
        let column = |field: &Arc<Field>| match natural(field.data_type()) {
            Some(kind) => Ok(Column { name: field.name().clone(), kind }),
            None => Err(Error::ColumnType {
                path: self.path.clone(),
                column: field.name().clone(),
                found: field.data_type().to_string(),
            }),
        };
        self.metadata.schema().fields().iter().map(column).collect()
    }

    /// Refuses a kind that a column cannot be read as.
    pub(crate) fn admits(&self, place: usize, kind: Kind) -> Result<(), Error> {
        let field = self.metadata.schema().field(place);
        let found = natural(field.data_type());
        if found == Some(kind) || (found == Some(Kind::Integer) && kind == Kind::Category) {
            return Ok(());
        }
        Err(Error::Declared {
            path: self.path.clone(),
            column: field.name().clone(),
            found: field.data_type().to_string(),
            kind,
        })
    }
}

/// The same columns, all text of one type.
fn plain(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| {
        let text = match field.data_type() {
            DataType::Dictionary(_, values) => values.as_ref(),
            own => own,
        };
        if matches!(text, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
            Arc::new(Field::new(field.name(), DataType::Utf8, field.is_nullable()))
        } else {
            Arc::clone(field)
        }
    };
    Arc::new(arrow_schema::Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}

/// The bytes of a file at any place, through the disk.
pub(crate) struct FileBytes {
    file: Arc<Mutex<Through<File>>>,
    fault: Fault,
    digest: Digest,
    length: u64,
}

impl FileBytes {
    fn open(path: &Path, disk: &Disk) -> Result<Self, Error> {
        let file = open(path, disk)?;
        let length = file.get_ref().metadata().map_err(Error::io("read", path))?.len();
        let (file, fault) = (Arc::new(Mutex::new(file)), Fault::default());
        Ok(Self { file, fault, digest: Digest::default(), length })
    }

    /// Where it is kept why the disk failed.
    pub(crate) fn fault(&self) -> Fault {
        Arc::clone(&self.fault)
    }

    fn from(&self, at: u64) -> From {
        let (file, digest) = (Arc::clone(&self.file), Arc::clone(&self.digest));
        From { file, fault: self.fault(), digest, at }
    }
}

impl Length for FileBytes {
    fn len(&self) -> u64 {
        self.length
    }
}

/// Reading on from a place, whatever others read meanwhile.
pub(crate) struct From {
    file: Arc<Mutex<Through<File>>>,
    fault: Fault,
    digest: Digest,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(self.at)).and_then(|_| file.read(buffer));
        match read {
            Ok(count) => {
                self.at += count as u64;
                let mut digest = self.digest.lock().unwrap_or_else(PoisonError::into_inner);
                digest.update(&buffer[..count]);
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(kind.into())
            }
        }
    }
}

impl ChunkReader for FileBytes {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.from(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        // Before anything of that length is made: what the file says need not be so.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!(
                "{length} bytes are expected at {start}, and the file has {}",
                self.length
            )));
        }
        let mut bytes = vec![0; length];
        self.from(start).read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

//! What a file is: its format, how it is packed, and the bytes in it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::disk::{Disk, Operation, Through};
use crate::error::Error;

/// How a table stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text: fields separated by a delimiter, a record a line.
    Csv(Packing),
    /// Apache Parquet.
    Parquet,
}

/// How a text is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    #[default]
    Plain,
    /// gzip, of one or several members.
    Gzip,
    /// Zstandard, of one or several frames.
    Zstd,
}

const PACKED: usize = 128 << 10;
/// Windows of zstd above this are refused: 8 MiB is what its levels up to 19 use.
const WINDOW: u32 = 23;

impl Format {
    /// What a file of this name is to be: `.parquet`, or CSV, packed with `.gz` or `.zst`.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let ends = |ending: &str| name.ends_with(ending);
        if ends(".parquet") {
            Self::Parquet
        } else if ends(".gz") {
            Self::Csv(Packing::Gzip)
        } else if ends(".zst") {
            Self::Csv(Packing::Zstd)
        } else {
            Self::Csv(Packing::Plain)
        }
    }

    /// What a file is by its first bytes; what they do not tell its name promises.
    pub(crate) fn found(path: &Path, disk: &Disk) -> Result<Self, Error> {
        let mut first = Vec::with_capacity(4);
        let file = open(path, disk)?;
        file.take(4).read_to_end(&mut first).map_err(Error::io("read", path))?;
        Ok(match first.as_slice() {
            b"PAR1" => Self::Parquet,
            [0x1f, 0x8b, ..] => Self::Csv(Packing::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Self::Csv(Packing::Zstd),
            _ => Self::of(path),
        })
    }

    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv(_) => "CSV",
            Self::Parquet => "Parquet",
        }
    }
}

/// Opens a file.
pub(crate) fn open(path: &Path, disk: &Disk) -> Result<Through<File>, Error> {
    let ask = disk.ask(Operation::File);
    let file = ask.and_then(|()| File::open(path)).map_err(Error::io("open", path))?;
    Ok(disk.through(file))
}

/// The text in a file behind its first `skip` bytes; `read` counts the bytes of the file that it took.
pub(crate) fn unpacked(
    path: &Path,
    packing: Packing,
    skip: u64,
    disk: &Disk,
    read: Arc<AtomicU64>,
) -> Result<Box<dyn Read + Send>, Error> {
    let mut file = open(path, disk)?;
    if packing == Packing::Plain {
        file.seek(SeekFrom::Start(skip)).map_err(Error::io("read", path))?;
        read.fetch_add(skip, Ordering::Relaxed);
    }
    let file = Counted { file, read };
    let buffered = |file| BufReader::with_capacity(PACKED, file);
    let mut text: Box<dyn Read + Send> = match packing {
        Packing::Plain => return Ok(Box::new(file)),
        Packing::Gzip => Box::new(MultiGzDecoder::new(buffered(file))),
        Packing::Zstd => {
            let unpack = zstd::Decoder::with_buffer(buffered(file));
            let mut unpack = unpack.map_err(Error::io("unpack", path))?;
            unpack.window_log_max(WINDOW).map_err(Error::io("unpack", path))?;
            Box::new(unpack)
        }
    };
    io::copy(&mut text.by_ref().take(skip), &mut io::sink()).map_err(Error::io("read", path))?;
    Ok(text)
}

struct Counted {
    file: Through<File>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Fills as much of `buffer` as there are bytes; returns how much that is.
pub(crate) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

//! A file that is packed as it is written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use twoblade_files::{Complete, Whole};

use crate::disk::{Disk, Operation, Through};
use crate::error::Error;
use crate::input::Packing;

/// Bytes that are put together before they are written.
const BUFFER: usize = 256 << 10;
/// As `gzip` and `zstd` have it if nothing is said.
const GZIP: u32 = 6;
const ZSTD: i32 = 3;

enum Packed {
    Plain(Through<Whole>),
    Gzip(GzEncoder<Through<Whole>>),
    Zstd(zstd::Encoder<'static, Through<Whole>>),
}

/// A file that is packed as it is written, and that has its name when it is whole.
pub(crate) struct Sink {
    path: PathBuf,
    disk: Disk,
    packed: Packed,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Begins a file that will have this name.
pub(crate) fn begin(path: &Path, disk: &Disk) -> Result<Through<Whole>, Error> {
    let ask = disk.ask(Operation::File);
    let whole = ask.and_then(|()| Whole::create(path)).map_err(Error::io("create", path))?;
    Ok(disk.through(whole))
}

/// A file that is on the disk, and has everything but its name.
#[derive(Debug)]
pub(crate) struct Nameless {
    complete: Complete,
    disk: Disk,
}

/// Puts a file on the disk.
pub(crate) fn end(file: Through<Whole>, path: &Path, disk: &Disk) -> Result<Nameless, Error> {
    let ask = disk.ask(Operation::Write);
    let written = ask.and_then(|()| file.into_inner().complete());
    let complete = written.map_err(Error::io("write", path))?;
    Ok(Nameless { complete, disk: disk.clone() })
}

impl Nameless {
    /// Gives it its name.
    pub(crate) fn name(self) -> Result<(), Error> {
        let path = self.complete.target().to_path_buf();
        let ask = self.disk.ask(Operation::File);
        ask.and_then(|()| self.complete.persist()).map_err(Error::io("rename to", &path))
    }
}

impl Sink {
    pub(crate) fn create(path: &Path, packing: Packing, disk: &Disk) -> Result<Self, Error> {
        let file = begin(path, disk)?;
        let packed = match packing {
            Packing::Plain => Packed::Plain(file),
            Packing::Gzip => Packed::Gzip(GzEncoder::new(file, Compression::new(GZIP))),
            Packing::Zstd => {
                let packed = zstd::Encoder::new(file, ZSTD);
                let mut packed = packed.map_err(Error::io("write", path))?;
                packed.include_checksum(true).map_err(Error::io("write", path))?;
                Packed::Zstd(packed)
            }
        };
        let buffer = Vec::with_capacity(BUFFER);
        Ok(Self { path: path.to_path_buf(), disk: disk.clone(), packed, buffer })
    }

    /// What is to be written: to be appended to, and then [`flush`](Self::flush)ed now and then.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Writes what is put together if it is much.
    #[inline]
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        if self.buffer.len() < BUFFER / 2 { Ok(()) } else { self.write() }
    }

    #[cold]
    fn write(&mut self) -> Result<(), Error> {
        let written = match &mut self.packed {
            Packed::Plain(file) => file.write_all(&self.buffer),
            Packed::Gzip(file) => file.write_all(&self.buffer),
            Packed::Zstd(file) => file.write_all(&self.buffer),
        };
        written.map_err(Error::io("write", &self.path))?;
        self.buffer.clear();
        // One very long record does not stay for good.
        self.buffer.shrink_to(BUFFER);
        Ok(())
    }

    pub(crate) fn complete(mut self) -> Result<Nameless, Error> {
        self.write()?;
        let file: io::Result<Through<Whole>> = match self.packed {
            Packed::Plain(file) => Ok(file),
            Packed::Gzip(file) => file.finish(),
            Packed::Zstd(file) => file.finish(),
        };
        end(file.map_err(Error::io("write", &self.path))?, &self.path, &self.disk)
    }
}

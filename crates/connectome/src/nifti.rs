//! NIfTI-1 files, compressed or not, read volume by volume.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::ConnectomeError;
use crate::nifti_header::{HEAD, Header};

/// Bytes read of a file at a time.
const BUFFER: usize = 256 << 10;
/// Bytes that inflating holds: a window of 32 kB and its tables.
const INFLATING: usize = 64 << 10;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes that an open file holds.
pub(crate) const HELD: usize = BUFFER + INFLATING;

/// A file, from its first volume on.
pub(crate) struct Nifti {
    path: PathBuf,
    header: Header,
    reader: Box<dyn Read>,
    /// Volumes that were read.
    done: usize,
}

impl Nifti {
    /// Opens a file and reads its head.
    pub(crate) fn open(path: &Path) -> Result<Self, ConnectomeError> {
        let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
        let file = File::open(path).map_err(fault)?;
        let mut buffered = BufReader::with_capacity(BUFFER, file);
        let packed = buffered.fill_buf().map_err(fault)?.starts_with(&GZIP);
        let mut reader: Box<dyn Read> =
            if packed { Box::new(MultiGzDecoder::new(buffered)) } else { Box::new(buffered) };
        let mut head = [0; HEAD];
        let read = fill(&mut reader, &mut head).map_err(fault)?;
        if read < HEAD {
            let what = format!("too short for a head: {read} bytes of {HEAD}");
            return Err(ConnectomeError::Nifti { file: path.to_path_buf(), what });
        }
        let header = Header::parse(&head, path)?;
        let gap = header.offset - HEAD as u64;
        io::copy(&mut reader.by_ref().take(gap), &mut io::sink()).map_err(fault)?;
        Ok(Self { path: path.to_path_buf(), header, reader, done: 0 })
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// Reads the next volume; after the last one also what follows, so that the checksum is compared.
    pub(crate) fn volume(&mut self, to: &mut Vec<u8>) -> Result<(), ConnectomeError> {
        let fault = |source| ConnectomeError::Read { file: self.path.clone(), source };
        let expected = self.header.volume_bytes();
        to.clear();
        self.reader.by_ref().take(expected as u64).read_to_end(to).map_err(fault)?;
        if to.len() < expected {
            let before = self.done as u64 * expected as u64 + self.header.offset;
            return Err(ConnectomeError::Truncated {
                file: self.path.clone(),
                bytes: before + to.len() as u64,
                expected: self.header.offset + (self.header.volumes * expected) as u64,
            });
        }
        self.done += 1;
        if self.done == self.header.volumes {
            io::copy(&mut self.reader, &mut io::sink()).map_err(fault)?;
        }
        Ok(())
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match reader.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// A file of one volume, whole.
pub(crate) struct Image {
    pub(crate) header: Header,
    bytes: Vec<u8>,
}

impl Image {
    /// Reads a file of three dimensions, or of more with one volume.
    pub(crate) fn read(path: &Path) -> Result<Self, ConnectomeError> {
        let mut nifti = Nifti::open(path)?;
        let volumes = nifti.header.volumes;
        if volumes != 1 {
            return Err(ConnectomeError::Volumes {
                file: path.to_path_buf(),
                volumes,
                expected: "one",
            });
        }
        let mut bytes = Vec::new();
        nifti.volume(&mut bytes)?;
        Ok(Self { header: nifti.header, bytes })
    }

    /// The value of a voxel, by its number in the file: i fastest.
    pub(crate) fn value(&self, voxel: usize) -> f64 {
        self.header.value(&self.bytes, voxel)
    }
}

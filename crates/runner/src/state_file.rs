//! The file of a saved state: what it is, which blocks it covers, and the numbers.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic |
//! | 4 | format, little-endian |
//! | 4 | bytes of the header, little-endian |
//! | | header: [`Header`] as postcard |
//! | | payload: the state as postcard; long arrays are raw little-endian bytes |
//! | 32 | BLAKE3 of all bytes before |
//!
//! The first byte is no text and the fourth to sixth are line ends, so that a file which was sent as
//! text is refused at once.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cover::Cover;
use crate::identity::Identity;
use crate::pass::Pass;
use crate::state_error::StateError;

/// The format that is written, and the only one so far.
const FORMAT: u32 = 1;
const MAGIC: [u8; 8] = *b"\x892B\r\n\x1aST";
const HASH: usize = 32;
const BUFFER: usize = 128 << 10;
/// What one borrowed piece of an array needs at most, of 8,192 integers.
const PIECE: usize = 96 << 10;
/// A header holds a digest of at most 10 bytes for each block, and little else.
const LARGEST_HEADER: u64 = 1 << 28;

/// What a saved state says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Of which run.
    pub identity: Identity,
    /// What the payload is: a state, or estimates without blocks.
    pub pass: Pass,
    /// Which blocks it covers.
    pub cover: Cover,
    /// The digest of each of these blocks, as it was read, in order.
    pub digests: Vec<u64>,
}

/// Writes a state, whole or not at all.
pub(crate) fn write(
    file: &Path,
    header: &Header,
    payload: &impl Serialize,
) -> Result<(), StateError> {
    let written = twoblade_files::write(file, |whole| write_to(whole, header, payload));
    written.map_err(|source| StateError::Write { file: file.to_path_buf(), source })
}

/// Writes everything but the name.
fn write_to(to: &mut impl Write, header: &Header, payload: &impl Serialize) -> io::Result<()> {
    let mut hashing = Hashing { inner: to, hasher: blake3::Hasher::new() };
    let mut writer = BufWriter::with_capacity(BUFFER, &mut hashing);
    let header = postcard::to_stdvec(header).map_err(io::Error::other)?;
    let length = u32::try_from(header.len()).map_err(io::Error::other)?;
    writer.write_all(&MAGIC)?;
    writer.write_all(&FORMAT.to_le_bytes())?;
    writer.write_all(&length.to_le_bytes())?;
    writer.write_all(&header)?;
    // What the disk says is lost on the way through the serializer, so it is asked again.
    let mut careful = Careful { inner: &mut writer, failure: None };
    let done = postcard::to_io(payload, &mut careful).map(|_| ());
    if let Some(failure) = careful.failure {
        return Err(failure);
    }
    done.map_err(io::Error::other)?;
    writer.flush()?;
    drop(writer);
    let hash = hashing.hasher.finalize();
    to.write_all(hash.as_bytes())
}

/// Reads what a state says of itself; everything is checked but not kept.
pub(crate) fn read_header(file: &Path) -> Result<Header, StateError> {
    let (header, _) = open(open_file(file)?, file)?;
    Ok(header)
}

/// Reads a state.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> Result<(Header, T), StateError> {
    read_from(open_file(file)?, file)
}

fn open_file(file: &Path) -> Result<File, StateError> {
    File::open(file).map_err(|source| StateError::Read { file: file.to_path_buf(), source })
}

/// Reads a state out of what `file` is the name of.
fn read_from<T: DeserializeOwned>(
    from: impl Read + Seek,
    file: &Path,
) -> Result<(Header, T), StateError> {
    let read = |source| StateError::Read { file: file.to_path_buf(), source };
    let (header, mut reader) = open(from, file)?;
    let mut piece = vec![0; PIECE];
    // What the disk says is lost on the way through the deserializer, so it is asked again.
    let mut careful = Careful { inner: &mut reader, failure: None };
    let payload = postcard::from_io((&mut careful, &mut piece)).map(|(payload, _)| payload);
    if let Some(failure) = careful.failure {
        return Err(read(failure));
    }
    let payload = payload.map_err(|_| corrupt(file, "its state is of another shape"))?;
    match read_up_to(&mut reader, &mut [0]).map_err(read)? {
        0 => Ok((header, payload)),
        _ => Err(corrupt(file, "there is more in it than a state")),
    }
}

/// Checks a file, and stands before its payload.
fn open<R: Read + Seek>(
    mut from: R,
    file: &Path,
) -> Result<(Header, io::Take<BufReader<R>>), StateError> {
    let read = |source| StateError::Read { file: file.to_path_buf(), source };
    let mut start = [0; 16];
    let got = read_up_to(&mut from, &mut start).map_err(read)?;
    if got < MAGIC.len() || start[..8] != MAGIC {
        return Err(StateError::NotAState { file: file.to_path_buf() });
    }
    if got < start.len() {
        return Err(corrupt(file, "it ends early"));
    }
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| start[at + byte]));
    if number(8) != FORMAT {
        let (found, reads) = (number(8), FORMAT);
        return Err(StateError::OtherFormat { file: file.to_path_buf(), found, reads });
    }
    let length = from.seek(SeekFrom::End(0)).map_err(read)?;
    let of_header = u64::from(number(12));
    let before = start.len() as u64 + of_header;
    if of_header > LARGEST_HEADER || before + HASH as u64 > length {
        return Err(corrupt(file, "it ends early"));
    }
    check_hash(file, &mut from, length - HASH as u64)?;
    let mut reader = BufReader::with_capacity(BUFFER, from);
    reader.seek(SeekFrom::Start(start.len() as u64)).map_err(read)?;
    let mut header = vec![0; usize::try_from(of_header).unwrap_or(usize::MAX)];
    reader.read_exact(&mut header).map_err(read)?;
    let header: Header =
        postcard::from_bytes(&header).map_err(|_| corrupt(file, "its header cannot be read"))?;
    let blocks = usize::try_from(header.identity.blocks).unwrap_or(usize::MAX);
    if !header.cover.is_sound(blocks) || header.cover.count() != header.digests.len() {
        return Err(corrupt(file, "its header contradicts itself"));
    }
    Ok((header, reader.take(length - HASH as u64 - before)))
}

fn check_hash(file: &Path, from: &mut (impl Read + Seek), length: u64) -> Result<(), StateError> {
    let read = |source| StateError::Read { file: file.to_path_buf(), source };
    from.rewind().map_err(read)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    let mut body = Read::by_ref(from).take(length);
    loop {
        let got = read_up_to(&mut body, &mut buffer).map_err(read)?;
        if got == 0 {
            break;
        }
        hasher.update(&buffer[..got]);
    }
    let mut stored = [0; HASH];
    let got = read_up_to(from, &mut stored).map_err(read)?;
    if got < stored.len() || stored != *hasher.finalize().as_bytes() {
        return Err(corrupt(file, "its checksum differs"));
    }
    Ok(())
}

fn corrupt(file: &Path, what: &'static str) -> StateError {
    StateError::Corrupt { file: file.to_path_buf(), what }
}

/// Fills as much of a buffer as there is.
fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match reader.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

struct Hashing<'a, W> {
    inner: &'a mut W,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for Hashing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Keeps the first error.
struct Careful<'a, T> {
    inner: &'a mut T,
    failure: Option<io::Error>,
}

impl<T> Careful<'_, T> {
    fn keep<N>(&mut self, done: io::Result<N>) -> io::Result<N> {
        done.map_err(|error| {
            let copy = io::Error::from(error.kind());
            // Who is interrupted tries again.
            if error.kind() != io::ErrorKind::Interrupted {
                self.failure.get_or_insert(error);
            }
            copy
        })
    }
}

impl<W: Write> Write for Careful<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.inner.write(bytes);
        self.keep(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.inner.flush();
        self.keep(done)
    }
}

impl<R: Read> Read for Careful<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let done = self.inner.read(buffer);
        self.keep(done)
    }
}

#[cfg(test)]
mod tests;

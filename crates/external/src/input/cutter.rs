//! A table's text, cut between records.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::Disk;
use crate::error::Error;
use crate::input::bounds::bounds;
use crate::input::field::lines;
use crate::input::length::Length;
use crate::input::packing::{Packing, fill, unpacked};
use crate::input::place::Place;
use crate::input::pool::Pool;
use crate::input::share::{ENDLESS, Share};

/// A file of text, and where its rows begin.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub(crate) path: PathBuf,
    pub(crate) packing: Packing,
    /// Bytes before the rows: a mark of byte order, and the header.
    pub(crate) skip: u64,
    /// The line at which the rows begin, from 1.
    pub(crate) line: u64,
}

/// Whole records of one file.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Of which the first `end` bytes count.
    pub(crate) buffer: Vec<u8>,
    pub(crate) end: usize,
    /// Where it begins.
    pub(crate) place: Place,
    /// Bytes of all files that are read.
    pub(crate) read: u64,
}

/// Where buffers have room.
pub(crate) trait Room {
    /// Makes one of `held` bytes one of `to`, which may take waiting. `false`: nobody wants it.
    fn grow(&self, held: usize, to: usize) -> bool;
}

/// Cuts files into pieces of a size that depends on nothing but their bytes.
pub(crate) struct Cutter {
    files: Vec<TextFile>,
    delimiter: u8,
    disk: Disk,
    pool: Pool,
    size: usize,
    /// The memory, and what of it is for reading: the longest record follows from that.
    memory: usize,
    share: Share,
    at: usize,
    /// Where the next piece begins, once its file is open.
    place: Place,
    /// Where the last piece ends, if not with the last file.
    to: Option<Place>,
    reader: Option<Box<dyn Read + Send>>,
    read: Arc<AtomicU64>,
    /// What is read behind the last cut.
    rest: Vec<u8>,
}

impl Cutter {
    pub(crate) fn new(
        files: Vec<TextFile>,
        delimiter: u8,
        disk: Disk,
        pool: Pool,
        size: usize,
        (share, memory): (Share, usize),
    ) -> Self {
        let (read, rest, place) = (Arc::default(), Vec::new(), Place::default());
        Self {
            files,
            delimiter,
            disk,
            pool,
            size,
            memory,
            share,
            at: 0,
            place,
            to: None,
            reader: None,
            read,
            rest,
        }
    }

    /// From the record that begins here to before the one that begins there. None of the files is
    /// packed.
    pub(crate) fn between(mut self, from: Place, to: Option<Place>) -> Self {
        self.at = from.file;
        self.files[from.file].skip = from.offset;
        self.files[from.file].line = from.line;
        self.to = to;
        if let Some(to) = to {
            self.files.truncate(to.file + 1);
        }
        self
    }

    /// The next piece, for which `room` is asked; `None` after the last, or where there is no room.
    pub(crate) fn next(&mut self, room: &dyn Room) -> Result<Option<Piece>, Error> {
        if self.at == self.files.len() || !room.grow(0, self.size) {
            return Ok(None);
        }
        let mut buffer = self.pool.take();
        while self.at < self.files.len() {
            self.open()?;
            let Some(piece) = self.piece(buffer, room)? else { return Ok(None) };
            if piece.end > 0 {
                return Ok(Some(piece));
            }
            buffer = piece.buffer; // of an empty rest of a file
        }
        room.grow(buffer.len(), 0);
        self.pool.give(buffer);
        Ok(None)
    }

    /// Whole records from where the last piece ended; none if there the file ends.
    fn piece(&mut self, mut buffer: Vec<u8>, room: &dyn Room) -> Result<Option<Piece>, Error> {
        let mut filled = self.rest.len();
        let mut length = buffer.len();
        while length <= filled {
            length *= 2;
        }
        loop {
            if length > buffer.len() {
                if !room.grow(buffer.len(), length) {
                    return Ok(None);
                }
                let mut larger = vec![0; length];
                larger[..buffer.len()].copy_from_slice(&buffer);
                self.pool.give(buffer);
                buffer = larger;
            }
            buffer[..self.rest.len()].copy_from_slice(&self.rest);
            let reader = self.reader.as_mut().expect("opened before");
            let read = fill(reader.as_mut(), &mut buffer[filled..]);
            filled += read.map_err(Error::io("read", &self.files[self.at].path))?;
            let whole = filled < buffer.len();
            let found = bounds(&buffer[..filled], self.delimiter, whole);
            let (path, line) = (&self.files[self.at].path, self.place.line);
            if whole && found.open.is_some() {
                let line = line + lines(&buffer[..found.end]);
                return Err(Error::OpenQuote { path: path.clone(), line });
            }
            let end = if whole { filled } else { found.end };
            if whole || end > 0 {
                let (place, read) = (self.place, self.read.load(Ordering::Relaxed));
                self.rest.clear();
                self.rest.extend_from_slice(&buffer[end..filled]);
                self.place.line += lines(&buffer[..end]);
                self.place.offset += end as u64;
                if whole {
                    self.reader = None;
                    self.at += 1;
                }
                return Ok(Some(Piece { buffer, end, place, read }));
            }
            let longest = self.share.longest(self.memory).max(self.size);
            if length >= longest {
                return Err(self.long(&mut buffer[..filled], longest, found.open.is_some()));
            }
            length = (2 * length).min(longest);
        }
    }

    /// What is wrong with a record that begins with these bytes and does not end in them.
    fn long(&mut self, buffer: &mut [u8], limit: usize, quoted: bool) -> Error {
        let (path, line) = (self.files[self.at].path.clone(), self.place.line);
        let reader = self.reader.as_mut().expect("opened before");
        let mut length = Length::new(self.delimiter);
        let mut ended = length.pass(buffer);
        while !ended {
            if length.bytes() > ENDLESS as u64 {
                return Error::EndlessRecord { path, line, limit: ENDLESS, quoted };
            }
            ended = match fill(reader.as_mut(), buffer) {
                Err(error) => return Error::io("read", &path)(error),
                Ok(0) if length.is_open() => return Error::OpenQuote { path, line },
                Ok(0) => true,
                Ok(count) => length.pass(&buffer[..count]),
            };
        }
        let (memory, bytes) = (self.memory, length.bytes());
        let give = self.share.needed(bytes);
        Error::LongRecord { path, line, bytes, limit, memory, give, quoted }
    }

    /// Opens the file that comes, and passes over what is before its rows.
    fn open(&mut self) -> Result<(), Error> {
        if self.reader.is_some() {
            return Ok(());
        }
        let file = &self.files[self.at];
        self.place = Place { file: self.at, offset: file.skip, line: file.line };
        let (skip, read) = (file.skip, Arc::clone(&self.read));
        let reader = unpacked(&file.path, file.packing, skip, &self.disk, read)?;
        self.reader = Some(match self.to.filter(|to| to.file == self.at) {
            Some(to) => Box::new(reader.take(to.offset.saturating_sub(skip))),
            None => reader,
        });
        Ok(())
    }
}

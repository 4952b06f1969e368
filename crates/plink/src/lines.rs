//! Text files read line by line, numbered, hashed on the way, and never held.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::PlinkError;

/// Bytes that a line may have: 65,534 annotations take 131 kB, and alleles can be long.
const LONGEST: usize = 64 << 20;
const BUFFER: usize = 256 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file. Blank lines at its end are passed over, others are an error.
pub(crate) struct Lines {
    file: PathBuf,
    reader: BufReader<Hashed>,
    line: usize,
    buffer: Vec<u8>,
    longest: usize,
}

impl Lines {
    /// Opens a file.
    pub(crate) fn open(file: &Path) -> Result<Self, PlinkError> {
        Self::with_longest(file, LONGEST)
    }

    fn with_longest(file: &Path, longest: usize) -> Result<Self, PlinkError> {
        let opened = File::open(file)
            .map_err(|source| PlinkError::Read { file: file.to_path_buf(), source })?;
        let hashed = Hashed { file: opened, hasher: blake3::Hasher::new() };
        Ok(Self {
            file: file.to_path_buf(),
            reader: BufReader::with_capacity(BUFFER, hashed),
            line: 0,
            buffer: Vec::new(),
            longest,
        })
    }

    /// The next line that is not blank, with its number.
    pub(crate) fn next(&mut self) -> Result<Option<(usize, &str)>, PlinkError> {
        let mut blank = None;
        loop {
            if !self.read()? {
                return Ok(None);
            }
            if !self.buffer.iter().all(u8::is_ascii_whitespace) {
                break;
            }
            blank.get_or_insert(self.line);
        }
        if let Some(line) = blank {
            return Err(PlinkError::BlankLine { file: self.file.clone(), line });
        }
        Ok(Some((self.line, self.text()?)))
    }

    /// The next line, which may be blank.
    pub(crate) fn next_or_blank(&mut self) -> Result<Option<&str>, PlinkError> {
        if self.read()? { self.text().map(Some) } else { Ok(None) }
    }

    /// The line that was read.
    fn text(&self) -> Result<&str, PlinkError> {
        std::str::from_utf8(&self.buffer)
            .map_err(|_| PlinkError::NotText { file: self.file.clone(), line: self.line })
    }

    /// Reads one line into the buffer; false at the end of the file.
    fn read(&mut self) -> Result<bool, PlinkError> {
        self.buffer.clear();
        let most = self.longest as u64 + 1;
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|source| PlinkError::Read { file: self.file.clone(), source })?;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        if read > self.longest {
            let (file, line, limit) = (self.file.clone(), self.line, self.longest);
            return Err(PlinkError::LongLine { file, line, limit });
        }
        if self.line == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.buffer.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(true)
    }

    /// The hash of the bytes read: of the whole file, once `next` has returned nothing.
    pub(crate) fn hash(&self) -> blake3::Hash {
        self.reader.get_ref().hasher.finalize()
    }
}

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: File,
    hasher: blake3::Hasher,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_longer_than_any_is_refused_before_it_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("long");
        std::fs::write(&file, "0123456\n01234567\n").unwrap();
        let mut lines = Lines::with_longest(&file, 8).unwrap();
        assert_eq!(lines.next().unwrap(), Some((1, "0123456\n")));
        let error = lines.next().unwrap_err().to_string();
        let file = file.display();
        assert_eq!(error, format!("{file}, line 2: longer than 8 bytes; is this a text file?"));
    }

    #[test]
    fn the_hash_is_that_of_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text");
        let text = "\u{feff}a b\r\nc d\n\n\n";
        std::fs::write(&file, text).unwrap();
        let mut lines = Lines::open(&file).unwrap();
        assert_eq!(lines.next().unwrap(), Some((1, "a b\r\n")));
        assert_eq!(lines.next().unwrap(), Some((2, "c d\n")));
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!(lines.hash(), blake3::hash(text.as_bytes()));
    }
}

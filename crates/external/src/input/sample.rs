//! What the beginning of a text shows: its dialect, its columns and their kinds.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use twoblade_table::Kind;

use crate::disk::Disk;
use crate::error::Error;
use crate::input::bounds::bounds;
use crate::input::dialect::Dialect;
use crate::input::field::{field, lines, record};
use crate::input::options::{Header, ReadOptions};
use crate::input::packing::{Packing, unpacked};
use crate::input::value::{Missing, both, kind};

/// Bytes and rows that are looked at.
const BYTES: usize = 4 << 20;
const ROWS: usize = 10_000;
/// Records that a delimiter is judged by.
const JUDGED: usize = 100;
/// The first that gives most records the same number of fields, above one.
const DELIMITERS: [u8; 5] = [b',', b'\t', b';', b'|', b' '];
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The beginning of a text: whole records.
#[derive(Debug)]
pub(crate) struct Sample {
    bytes: Vec<u8>,
    /// Bytes of the mark of byte order before them.
    mark: usize,
}

/// A field's value, and whether it is quoted.
type Value = (Vec<u8>, bool);

/// What a sample shows of a file whose delimiter is known.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The fields of the first record.
    pub(crate) first: Vec<Value>,
    /// What the values of each column are in all other records of that length; `None`: all missing.
    pub(crate) rest: Vec<Option<Kind>>,
    /// Bytes and lines before the second record.
    pub(crate) before: (u64, u64),
    /// Whether the first record ends in CR LF.
    pub(crate) crlf: bool,
}

impl Sample {
    pub(crate) fn read(path: &Path, packing: Packing, disk: &Disk) -> Result<Self, Error> {
        let reader = unpacked(path, packing, 0, disk, Arc::default())?;
        // At once: growing would hold it twice.
        let mut bytes = Vec::with_capacity(BYTES);
        let read = reader.take(BYTES as u64).read_to_end(&mut bytes);
        read.map_err(Error::io("read", path))?;
        let mark = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        bytes.drain(..mark);
        if record(&bytes, 0).is_none() {
            return Err(Error::Empty { path: path.to_path_buf() });
        }
        Ok(Self { bytes, mark })
    }

    /// The delimiter under which most records have the same number of fields.
    pub(crate) fn delimiter(&self) -> u8 {
        let mut best = (0, b',');
        for delimiter in DELIMITERS {
            let mut lengths = Vec::new();
            let end = self.end(delimiter);
            records(&self.bytes[..end], delimiter, JUDGED, |_, fields| lengths.push(fields.len()));
            let mut same: Vec<(usize, usize)> = Vec::new();
            for length in lengths.into_iter().filter(|&length| length > 1) {
                match same.iter_mut().find(|(other, _)| *other == length) {
                    Some((_, count)) => *count += 1,
                    None => same.push((length, 1)),
                }
            }
            let count = same.iter().map(|&(_, count)| count).max().unwrap_or(0);
            if count > best.0 {
                best = (count, delimiter);
            }
        }
        best.1
    }

    /// Where the last record ends that is here as a whole.
    fn end(&self, delimiter: u8) -> usize {
        let whole = self.bytes.len() + self.mark < BYTES;
        if whole { self.bytes.len() } else { bounds(&self.bytes, delimiter, false).end }
    }

    /// Bytes before the first record.
    pub(crate) fn mark(&self) -> u64 {
        self.mark as u64
    }

    pub(crate) fn shown(
        &self,
        path: &Path,
        delimiter: u8,
        missing: &Missing,
    ) -> Result<Shown, Error> {
        let bytes = &self.bytes[..self.end(delimiter)];
        let mut first: Option<Vec<Value>> = None;
        let mut rest = Vec::new();
        let mut next = bytes.len();
        records(bytes, delimiter, ROWS, |behind, fields| match &first {
            None => {
                rest = vec![None; fields.len()];
                next = behind;
                first = Some(fields);
            }
            Some(first) if first.len() == fields.len() => {
                for (known, (value, _)) in rest.iter_mut().zip(&fields) {
                    if let Some(kind) = shown(value, missing) {
                        *known = Some(known.map_or(kind, |known| both(known, kind)));
                    }
                }
            }
            // Of another length: refused or counted when it is read.
            Some(_) => {}
        });
        let Some(first) = first else {
            return Err(Error::LongFirst { path: path.to_path_buf(), limit: BYTES });
        };
        let crlf = bytes[..next].ends_with(b"\r\n");
        let before = ((self.mark + next) as u64, lines(&bytes[..next]));
        Ok(Shown { first, rest, before, crlf })
    }
}

/// What a value shows of its column; `None` if it is missing.
fn shown(value: &[u8], missing: &Missing) -> Option<Kind> {
    let value = crate::input::value::trimmed(value);
    (!missing.is(value)).then(|| kind(value))
}

/// The first records: where what follows each begins, and its fields.
fn records(bytes: &[u8], delimiter: u8, most: usize, mut each: impl FnMut(usize, Vec<Value>)) {
    let mut scratch = Vec::new();
    let mut at = 0;
    for _ in 0..most {
        let Some(begin) = record(bytes, at) else { break };
        at = begin;
        let mut fields = Vec::new();
        loop {
            let found = field(bytes, at, delimiter, &mut scratch);
            fields.push((found.value.to_vec(), found.quoted));
            at = found.next(bytes);
            if found.last {
                break;
            }
        }
        if bytes[..at].ends_with(b"\r") && bytes.get(at) == Some(&b'\n') {
            at += 1;
        }
        each(at, fields);
    }
}

impl Shown {
    /// Whether the first record is a header, if that is to be found out.
    pub(crate) fn header(&self, asked: Header, missing: &Missing) -> bool {
        match asked {
            Header::Yes => true,
            Header::No => false,
            Header::Auto => {
                let firsts = self.first.iter().map(|(value, _)| shown(value, missing));
                let word = |first: Option<Kind>| first == Some(Kind::Category);
                let other = |rest: Option<Kind>| rest.is_some_and(|kind| kind != Kind::Category);
                if firsts.clone().zip(&self.rest).any(|(first, rest)| word(first) && other(*rest)) {
                    return true;
                }
                let different = (1..self.first.len())
                    .all(|place| !self.first[..place].contains(&self.first[place]));
                // As pandas writes the column of row numbers, which has no name.
                let nameless = self.first[0].0.is_empty() && self.rest[0] == Some(Kind::Integer);
                let passed = usize::from(nameless && self.first.len() > 1);
                different && firsts.skip(passed).all(word)
            }
        }
    }

    /// The names of the columns: `column1` and so on where none is given.
    pub(crate) fn names(&self, header: bool, path: &Path) -> Result<Vec<String>, Error> {
        let name = |(place, (value, quoted)): (usize, &Value)| {
            let value = if *quoted { value } else { crate::input::value::trimmed(value) };
            if !header || value.is_empty() {
                return Ok(format!("column{}", place + 1));
            }
            std::str::from_utf8(value).map(str::to_owned).map_err(|_| Error::Encoding {
                path: path.to_path_buf(),
                line: 1,
                what: "the header".into(),
            })
        };
        self.first.iter().enumerate().map(name).collect()
    }

    /// What the values of each column are.
    pub(crate) fn kinds(&self, header: bool, missing: &Missing) -> Vec<Option<Kind>> {
        let both = |(rest, (value, _)): (&Option<Kind>, &Value)| {
            let first = if header { None } else { shown(value, missing) };
            match (first, *rest) {
                (Some(one), Some(other)) => Some(both(one, other)),
                (one, other) => one.or(other),
            }
        };
        self.rest.iter().zip(&self.first).map(both).collect()
    }

    /// The dialect of the file.
    pub(crate) fn dialect(&self, delimiter: u8, header: bool) -> Dialect {
        Dialect { delimiter, header, crlf: self.crlf }
    }
}

/// The delimiter that is asked for.
pub(crate) fn asked(options: &ReadOptions) -> Result<Option<u8>, Error> {
    let Some(found) = options.delimiter else { return Ok(None) };
    match u8::try_from(found) {
        Ok(byte)
            if byte.is_ascii()
                && !byte.is_ascii_alphanumeric()
                && !matches!(byte, b'"' | b'\n' | b'\r' | b'.' | b'-' | b'+') =>
        {
            Ok(Some(byte))
        }
        _ => Err(Error::Delimiter { found }),
    }
}

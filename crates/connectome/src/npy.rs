//! Connectomes in .npy files: (S,T,V), or (T,V) for a run.
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::ConnectomeError;
use crate::number::{Kind, Stored};
use crate::series::{Format, Series, SeriesFile};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Heads are a line; structured arrays have longer ones, and are refused anyhow.
const LONGEST: usize = 1 << 20;
/// Bytes read at a time, a whole number of numbers of any kind.
const BUFFER: usize = 64 << 10;

/// Bytes that reading holds.
pub(crate) const HELD: usize = BUFFER;

/// An array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Npy {
    pub(crate) stored: Stored,
    pub(crate) shape: Vec<usize>,
    /// Where the numbers begin.
    offset: u64,
}

/// Opens a file of one subject, (T,V), or of several, (S,T,V), which only a connectome of one file may be.
pub(crate) fn open(path: &Path, alone: bool) -> Result<SeriesFile, ConnectomeError> {
    let npy = Npy::read(path)?;
    let (subjects, time_points, voxels) = match *npy.shape.as_slice() {
        [time_points, voxels] if time_points * voxels > 0 => (1, time_points, voxels),
        [subjects, time_points, voxels] if alone && subjects * time_points * voxels > 0 => {
            (subjects, time_points, voxels)
        }
        _ => {
            let several = if alone { ", or with subjects before them" } else { "" };
            return Err(ConnectomeError::Shape {
                file: path.to_path_buf(),
                array: "the array".to_owned(),
                found: npy.shape,
                expected: format!("time points x voxels{several}"),
            });
        }
    };
    let path = path.to_path_buf();
    Ok(SeriesFile { path, format: Format::Npy(npy), subjects, time_points, voxels })
}

/// A file that was opened before.
pub(crate) fn reopen<'a>(
    series: &'a SeriesFile,
    npy: &'a Npy,
) -> Result<Box<dyn Series + 'a>, ConnectomeError> {
    if Npy::read(&series.path)? != *npy {
        return Err(ConnectomeError::Changed { file: series.path.clone() });
    }
    let file = File::open(&series.path)
        .map_err(|source| ConnectomeError::Read { file: series.path.clone(), source })?;
    Ok(Box::new(Rows { series, npy, file }))
}

struct Rows<'a> {
    series: &'a SeriesFile,
    npy: &'a Npy,
    file: File,
}

impl Rows<'_> {
    fn read(&mut self, first: usize, to: &mut [f32]) -> io::Result<()> {
        let bytes = self.npy.stored.kind.bytes();
        let start = (first * self.series.row() * bytes) as u64;
        self.file.seek(SeekFrom::Start(self.npy.offset + start))?;
        let mut buffer = vec![0; BUFFER];
        for to in to.chunks_mut(BUFFER / bytes) {
            let raw = &mut buffer[..to.len() * bytes];
            self.file.read_exact(raw)?;
            for (to, raw) in to.iter_mut().zip(raw.chunks_exact(bytes)) {
                #[expect(clippy::cast_possible_truncation, reason = "rounded, as said")]
                let number = self.npy.stored.number(raw) as f32;
                *to = number;
            }
        }
        Ok(())
    }
}

impl Series for Rows<'_> {
    fn rows(&mut self, first: usize, to: &mut [f32]) -> Result<(), ConnectomeError> {
        self.read(first, to)
            .map_err(|source| ConnectomeError::Read { file: self.series.path.clone(), source })
    }
}

impl Npy {
    /// Reads the head of a file, and compares the length of the file with it.
    fn read(path: &Path) -> Result<Self, ConnectomeError> {
        let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
        let refuse = |what: String| ConnectomeError::Npy { file: path.to_path_buf(), what };
        let mut file = File::open(path).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        let mut start = Vec::new();
        file.by_ref().take(12).read_to_end(&mut start).map_err(fault)?;
        let (head, offset) = match *start.as_slice() {
            [ref magic @ .., 1, _, a, b, _, _] if magic == MAGIC => {
                (usize::from(u16::from_le_bytes([a, b])), 10)
            }
            [ref magic @ .., 2 | 3, _, a, b, c, d] if magic == MAGIC => {
                (u32::from_le_bytes([a, b, c, d]) as usize, 12)
            }
            _ => return Err(refuse("the head of an .npy file is missing".to_owned())),
        };
        if head > LONGEST {
            return Err(refuse(format!("a head of {head} bytes")));
        }
        file.seek(SeekFrom::Start(offset)).map_err(fault)?;
        let mut text = Vec::new();
        file.by_ref().take(head as u64).read_to_end(&mut text).map_err(fault)?;
        let text = String::from_utf8_lossy(&text);
        let npy = Self::parse(&text, offset + head as u64).map_err(refuse)?;
        let numbers =
            npy.shape.iter().try_fold(npy.stored.kind.bytes(), |all, &side| all.checked_mul(side));
        let expected = numbers.map(|bytes| npy.offset + bytes as u64);
        match expected {
            Some(expected) if expected <= length => Ok(npy),
            _ => Err(ConnectomeError::Truncated {
                file: path.to_path_buf(),
                bytes: length,
                expected: expected.unwrap_or(u64::MAX),
            }),
        }
    }

    /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    fn parse(head: &str, offset: u64) -> Result<Self, String> {
        let after = |key: &str| {
            let quoted = [format!("'{key}'"), format!("\"{key}\"")];
            let rest = quoted.iter().find_map(|key| head.split_once(key.as_str()));
            let rest = rest.and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
            rest.map(str::trim_start).ok_or_else(|| format!("a head without '{key}'"))
        };
        let descr = after("descr")?;
        let descr = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next());
        let descr = descr.ok_or_else(|| "a structured array".to_owned())?;
        let stored = stored(descr).ok_or_else(|| format!("numbers of kind '{descr}'"))?;
        if !after("fortran_order")?.starts_with("False") {
            return Err(
                "an array in Fortran's order (save numpy.ascontiguousarray of it)".to_owned()
            );
        }
        let shape = after("shape")?.strip_prefix('(').and_then(|rest| rest.split(')').next());
        let shape = shape.ok_or_else(|| "a head without a shape".to_owned())?;
        let sides = shape.split(',').map(str::trim).filter(|side| !side.is_empty());
        let shape: Result<Vec<usize>, _> = sides.map(str::parse).collect();
        let shape = shape.map_err(|_| "a head without a shape".to_owned())?;
        Ok(Self { stored, shape, offset })
    }
}

fn stored(descr: &str) -> Option<Stored> {
    let order = descr.chars().next()?;
    let big_endian = match order {
        '<' | '|' => false,
        '>' => true,
        _ => return None,
    };
    let kind = match &descr[1..] {
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        "i1" => Kind::I8,
        "i2" => Kind::I16,
        "i4" => Kind::I32,
        "i8" => Kind::I64,
        "u1" => Kind::U8,
        "u2" => Kind::U16,
        "u4" => Kind::U32,
        "u8" => Kind::U64,
        _ => return None,
    };
    Some(Stored { kind, big_endian })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let head = "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 30, 4), }   \n";
        let npy = Npy::parse(head, 128).unwrap();
        assert_eq!((npy.shape.as_slice(), npy.offset), ([2, 30, 4].as_slice(), 128));
        assert_eq!(npy.stored, Stored { kind: Kind::F64, big_endian: true });
    }

    #[test]
    fn heads_that_are_none_are_refused() {
        let refused = |head: &str| Npy::parse(head, 0).unwrap_err();
        assert_eq!(refused("{'shape': (2,)}"), "a head without 'descr'");
        let complex = "{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}";
        assert_eq!(refused(complex), "numbers of kind '<c8'");
        let records = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}";
        assert_eq!(refused(records), "a structured array");
        let columns = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}";
        let expected = "an array in Fortran's order (save numpy.ascontiguousarray of it)";
        assert_eq!(refused(columns), expected);
    }
}

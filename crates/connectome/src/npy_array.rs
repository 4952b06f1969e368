//! The head of a .npy file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::ConnectomeError;
use crate::number::{Kind, Stored};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Heads are a line; structured arrays have longer ones, and are refused anyhow.
const LONGEST: usize = 1 << 20;
/// An array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Npy {
    pub(crate) stored: Stored,
    pub(crate) shape: Vec<usize>,
    /// Where the numbers begin.
    pub(crate) offset: u64,
}

impl Npy {
    /// Reads the head of a file, and compares the length of the file with it.
    pub(crate) fn read(path: &Path) -> Result<Self, ConnectomeError> {
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

//! Some rows, as far as groups need them: keys, and the columns that something is made of.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Date32Array, Float64Array, Int64Array,
    PrimitiveArray, StringArray, TimestampMicrosecondArray,
};
use twoblade_table::Kind;

/// Byte strings, one behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Strings {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Strings {
    pub(super) fn push(&mut self, string: &[u8]) {
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len());
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[index]]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// The values of a column.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) kind: Kind,
    pub(super) present: Vec<bool>,
    /// Integers, bits of floats, days, microseconds, 0 and 1; anything where a value is missing.
    pub(super) words: Vec<u64>,
    /// Instead of those, if they are categories.
    pub(super) strings: Strings,
}

impl Values {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, present: Vec::new(), words: Vec::new(), strings: Strings::default() }
    }

    pub(super) fn clear(&mut self) {
        self.present.clear();
        self.words.clear();
        self.strings.clear();
    }

    /// The bytes of the values, about.
    pub(super) fn bytes(&self) -> usize {
        9 * self.present.len() + self.strings.bytes()
    }

    /// Appends all values of a column of this kind.
    pub(super) fn extend(&mut self, column: &ArrayRef) {
        match column.nulls() {
            None => self.present.resize(self.present.len() + column.len(), true),
            Some(nulls) => self.present.extend(nulls.iter()),
        }
        match self.kind {
            Kind::Integer => self.numbers::<Int64Type>(column, i64::cast_unsigned),
            Kind::Float => self.numbers::<Float64Type>(column, f64::to_bits),
            Kind::Date => self.numbers::<Date32Type>(column, |day| i64::from(day).cast_unsigned()),
            Kind::Time => self.numbers::<TimestampMicrosecondType>(column, i64::cast_unsigned),
            Kind::Boolean => {
                self.words.extend(column.as_boolean().values().iter().map(u64::from));
            }
            Kind::Category => {
                let words = column.as_string::<i32>();
                for row in 0..words.len() {
                    let word = if words.is_valid(row) { words.value(row) } else { "" };
                    self.strings.push(word.as_bytes());
                }
            }
        }
    }

    fn numbers<T: ArrowPrimitiveType>(&mut self, column: &ArrayRef, bits: fn(T::Native) -> u64) {
        let column: &PrimitiveArray<T> = column.as_primitive();
        self.words.extend(column.values().iter().map(|&value| bits(value)));
    }

    /// Appends one as bytes: whether it is there, then the word, or the length and the letters.
    pub(super) fn write(&self, row: usize, to: &mut Vec<u8>) {
        to.push(u8::from(self.present[row]));
        if !self.present[row] {
            return;
        }
        if self.kind == Kind::Category {
            write_string(self.strings.get(row), to);
        } else {
            to.extend_from_slice(&self.words[row].to_le_bytes());
        }
    }

    /// Appends the value at the start of bytes that [`write`](Self::write) made, and goes behind it;
    /// `None` if it did not make them.
    pub(super) fn read(&mut self, from: &mut &[u8]) -> Option<()> {
        let present = take::<1>(from)? != [0];
        self.present.push(present);
        if self.kind == Kind::Category {
            self.strings.push(if present { read_string(from)? } else { &[] });
        } else {
            self.words.push(if present { u64::from_le_bytes(take(from)?) } else { 0 });
        }
        Some(())
    }

    /// As an Arrow column; `None` if the strings are no UTF-8.
    pub(super) fn column(&self) -> Option<ArrayRef> {
        let values = || self.words.iter().zip(&self.present);
        let integers = || values().map(|(&word, &there)| there.then_some(word.cast_signed()));
        Some(match self.kind {
            Kind::Integer => Arc::new(integers().collect::<Int64Array>()),
            Kind::Float => {
                let value = |(&word, &there): (&u64, &bool)| there.then_some(f64::from_bits(word));
                Arc::new(values().map(value).collect::<Float64Array>())
            }
            Kind::Boolean => {
                let value = |(&word, &there): (&u64, &bool)| there.then_some(word != 0);
                Arc::new(values().map(value).collect::<BooleanArray>())
            }
            Kind::Date => {
                let days = integers().map(|day| day.map(|day| i32::try_from(day).ok()));
                Arc::new(days.map(Option::flatten).collect::<Date32Array>())
            }
            Kind::Time => {
                let times = integers().collect::<TimestampMicrosecondArray>();
                Arc::new(times.with_timezone("UTC"))
            }
            Kind::Category => {
                let words = self.strings.iter().zip(&self.present);
                let word = |(word, &there): (_, &bool)| {
                    there.then(|| std::str::from_utf8(word)).transpose()
                };
                let words = words.map(word).collect::<Result<Vec<_>, _>>().ok()?;
                Arc::new(StringArray::from(words))
            }
        })
    }
}

pub(super) fn write_string(string: &[u8], to: &mut Vec<u8>) {
    to.extend_from_slice(&(string.len() as u64).to_le_bytes());
    to.extend_from_slice(string);
}

pub(super) fn read_string<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u64::from_le_bytes(take(from)?)).ok()?;
    let (string, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(string)
}

pub(super) fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*first)
}

/// Some rows: their keys as bytes, hashes of those, and the columns that something is made of.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) keys: Strings,
    pub(super) hashes: Vec<u64>,
    pub(super) columns: Vec<Values>,
}

impl Batch {
    pub(super) fn new(kinds: impl Iterator<Item = Kind>) -> Self {
        let columns = kinds.map(Values::new).collect();
        Self { keys: Strings::default(), hashes: Vec::new(), columns }
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.hashes.clear();
        for column in &mut self.columns {
            column.clear();
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.keys.len()
    }

    /// The bytes of the rows, about.
    pub(super) fn bytes(&self) -> usize {
        self.keys.bytes() + 16 * self.rows() + self.columns.iter().map(Values::bytes).sum::<usize>()
    }
}

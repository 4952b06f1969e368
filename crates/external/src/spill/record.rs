//! A record of bytes as it lies in memory and in runs: two lengths, a key, a row.

/// A key to compare by, byte by byte, and the row that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// What is compared.
    pub key: &'a [u8],
    /// What is carried along.
    pub row: &'a [u8],
}

impl<'a> Record<'a> {
    /// The bytes that it takes.
    pub(crate) fn len(&self) -> usize {
        digits(self.key.len()) + digits(self.row.len()) + self.key.len() + self.row.len()
    }

    /// Appends it.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        length(self.key.len(), to);
        length(self.row.len(), to);
        to.extend_from_slice(self.key);
        to.extend_from_slice(self.row);
    }

    /// The record at the start of `bytes`, and where it ends; `None` if they are none.
    #[inline]
    pub(crate) fn read(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let mut at = 0;
        let key = take(bytes, &mut at)?;
        let row = take(bytes, &mut at)?;
        let rest = &bytes[at..];
        let end = key.checked_add(row)?;
        let (key, row) = rest.get(..end)?.split_at(key);
        Some((Self { key, row }, at + end))
    }
}

/// Seven bits a byte, the lowest first, the top bit saying that more follow.
fn length(mut value: usize, to: &mut Vec<u8>) {
    loop {
        #[expect(clippy::cast_possible_truncation, reason = "seven bits")]
        let bits = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return to.push(bits);
        }
        to.push(0x80 | bits);
    }
}

fn digits(value: usize) -> usize {
    (usize::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

#[inline]
fn take(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let first = *bytes.get(*at)?;
    *at += 1;
    if first < 0x80 {
        return Some(first.into());
    }
    let mut value = usize::from(first & 0x7f);
    let mut shift = 7;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        let bits = usize::from(byte & 0x7f);
        if shift >= usize::BITS || bits << shift >> shift != bits {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            key in prop::collection::vec(any::<u8>(), 0..300),
            row in prop::collection::vec(any::<u8>(), 0..300),
            after in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let record = Record { key: &key, row: &row };
            let mut bytes = Vec::new();
            record.write(&mut bytes);
            prop_assert_eq!(bytes.len(), record.len());
            let whole = bytes.len();
            for short in 0..whole {
                prop_assert_eq!(Record::read(&bytes[..short]), None);
            }
            bytes.extend(after);
            prop_assert_eq!(Record::read(&bytes), Some((record, whole)));
        }

        #[test]
        fn lengths_of_any_size(value in any::<usize>()) {
            let mut bytes = Vec::new();
            length(value, &mut bytes);
            prop_assert_eq!(bytes.len(), digits(value));
            let mut at = 0;
            prop_assert_eq!(take(&bytes, &mut at), Some(value));
            prop_assert_eq!(at, bytes.len());
        }
    }

    #[test]
    fn lengths_beyond_all_bounds_are_no_record() {
        let mut bytes = vec![0xff; 9];
        bytes.extend([0x7f, 0, 1, 2, 3]);
        assert_eq!(Record::read(&bytes), None);
        let mut bytes = Vec::new();
        length(usize::MAX, &mut bytes);
        length(1, &mut bytes);
        assert_eq!(Record::read(&bytes), None);
    }
}

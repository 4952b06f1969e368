//! How long a record is that does not fit into memory.

/// Where a record is, while its bytes come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A field begins.
    Begin,
    Plain,
    Quoted,
    /// Behind a quote within a quoted field, which ends it unless another one follows.
    Behind,
}

/// Counts the bytes of a record, which may come in any pieces, up to what ends it.
///
/// The rules are those of [`field`](crate::input::field).
#[derive(Debug)]
pub(crate) struct Length {
    delimiter: u8,
    place: Place,
    bytes: u64,
}

impl Length {
    pub(crate) fn new(delimiter: u8) -> Self {
        Self { delimiter, place: Place::Begin, bytes: 0 }
    }

    /// Passes over bytes; whether the record ends in them.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            self.place = match (self.place, byte) {
                (Place::Begin | Place::Behind, b'"') | (Place::Quoted, 0..=33 | 35..) => {
                    Place::Quoted
                }
                (Place::Quoted, b'"') => Place::Behind,
                (_, b'\n' | b'\r') => return true,
                (_, byte) if byte == self.delimiter => Place::Begin,
                _ => Place::Plain,
            };
            self.bytes += 1;
        }
        false
    }

    /// The bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether a quote is open.
    pub(crate) fn is_open(&self) -> bool {
        self.place == Place::Quoted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::field::field;

    proptest! {
        /// As long as its fields make it, however it is cut.
        #[test]
        fn lengths_are_those_of_the_fields(
            text in "[a,\"\n\r]{1,12}".prop_filter("it begins", |text| {
                !text.starts_with(['\n', '\r'])
            }),
            piece in 1..5_usize,
        ) {
            let bytes = text.as_bytes();
            let (mut at, mut scratch) = (0, Vec::new());
            let end = loop {
                let found = field(bytes, at, b',', &mut scratch);
                at = found.next(bytes);
                if found.last {
                    break found.end;
                }
            };
            let mut length = Length::new(b',');
            let ended = bytes.chunks(piece).any(|piece| length.pass(piece));
            prop_assert_eq!(length.bytes(), end as u64);
            prop_assert_eq!(ended, end < bytes.len());
        }
    }
}

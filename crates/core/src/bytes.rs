//! Arrays of integers saved as raw little-endian bytes, in pieces, so that saving needs little memory.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Integers in one piece.
pub(crate) const PIECE: usize = 8192;
/// Room that is taken for the first piece, in integers: 1 MiB.
const FIRST: usize = 16 * PIECE;

/// One piece, as bytes rather than as a sequence of numbers of varying length.
struct Piece(Vec<u8>);

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Piece;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Piece, E> {
                Ok(Piece(bytes.to_vec()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Piece, A::Error> {
                let mut piece = Vec::new();
                while let Some(byte) = bytes.next_element()? {
                    piece.push(byte);
                }
                Ok(Piece(piece))
            }
        }
        // As something that is taken at once, so that a reader may lend the same buffer to each piece.
        deserializer.deserialize_byte_buf(Bytes)
    }
}

pub(crate) fn serialize<S: Serializer>(values: &[i64], serializer: S) -> Result<S::Ok, S::Error> {
    let mut pieces = serializer.serialize_seq(Some(values.len().div_ceil(PIECE)))?;
    for piece in values.chunks(PIECE) {
        let bytes = piece.iter().flat_map(|value| value.to_le_bytes()).collect();
        pieces.serialize_element(&Piece(bytes))?;
    }
    pieces.end()
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<i64>, D::Error> {
    struct Pieces;
    impl<'de> Visitor<'de> for Pieces {
        type Value = Vec<i64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("pieces of whole 64-bit integers")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Vec<i64>, A::Error> {
            let mut values: Vec<i64> = Vec::new();
            loop {
                // Those that are left, as a file says: never more room than that, and, since it may say
                // anything, never more than as much again as was there.
                let left = pieces.size_hint().unwrap_or(0).saturating_mul(PIECE);
                let Some(Piece(bytes)) = pieces.next_element()? else { break };
                let (whole, rest) = bytes.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(de::Error::invalid_length(bytes.len(), &self));
                }
                if values.capacity() - values.len() < whole.len() {
                    let room = left.min(values.len().max(FIRST)).max(whole.len());
                    let reserved = values.try_reserve_exact(room);
                    reserved
                        .map_err(|_| de::Error::custom("memory has no room for the integers"))?;
                }
                values.extend(whole.iter().copied().map(i64::from_le_bytes));
            }
            Ok(values)
        }
    }
    deserializer.deserialize_seq(Pieces)
}

#[cfg(test)]
mod tests {
    use serde::de::value::{BytesDeserializer, Error, SeqDeserializer};

    use super::*;

    /// Pieces that say that there are many more of them.
    struct Wild(std::vec::IntoIter<Vec<u8>>, usize);

    struct Bytes(Vec<u8>);

    impl<'de> de::IntoDeserializer<'de, Error> for Bytes {
        type Deserializer = BytesDeserializer<'de, Error>;
        fn into_deserializer(self) -> Self::Deserializer {
            BytesDeserializer::new(self.0.leak())
        }
    }

    impl Iterator for Wild {
        type Item = Bytes;
        fn next(&mut self) -> Option<Bytes> {
            self.1 = self.1.saturating_sub(1);
            self.0.next().map(Bytes)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.1, Some(self.1))
        }
    }

    /// What is read of so many whole pieces and one of three integers, and the room that it takes.
    fn read(whole: usize, said: usize) -> (Vec<i64>, usize) {
        let count = i64::try_from(whole * PIECE + 3).unwrap();
        let bytes = |piece: &[i64]| piece.iter().flat_map(|value| value.to_le_bytes()).collect();
        let pieces: Vec<Vec<u8>> =
            (0..count).collect::<Vec<_>>().chunks(PIECE).map(bytes).collect();
        let values = deserialize(SeqDeserializer::new(Wild(pieces.into_iter(), said))).unwrap();
        let room = values.capacity();
        (values, room)
    }

    #[test]
    #[cfg_attr(miri, ignore = "a million integers are too many for Miri")]
    fn room_is_taken_for_what_is_there_and_not_for_what_is_said() {
        for whole in [0, 1, 5, 40, 100] {
            let expected: Vec<i64> = (0..).take(whole * PIECE + 3).collect();
            let (values, room) = read(whole, whole + 1);
            assert!(values == expected, "{whole}");
            assert!(room <= (whole + 1) * PIECE, "{whole}: {room}");
            // As many as there are addresses, more than any machine holds, and just too many.
            for said in [usize::MAX, 1 << 30, 3 * whole + 100] {
                let (values, room) = read(whole, said);
                assert!(values == expected, "{whole} of {said}");
                assert!(room <= 2 * expected.len() + FIRST, "{whole} of {said}: {room}");
            }
        }
    }
}

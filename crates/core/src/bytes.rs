//! Arrays of integers saved as raw little-endian bytes, in pieces, so that saving needs little memory.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Integers in one piece.
pub(crate) const PIECE: usize = 8192;

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
            // All of them but for what the last piece lacks: no room is taken twice.
            let mut values = Vec::new();
            let room = pieces.size_hint().unwrap_or(0).saturating_mul(PIECE);
            let reserved = values.try_reserve_exact(room);
            reserved.map_err(|_| de::Error::custom("more integers than memory has room for"))?;
            while let Some(Piece(bytes)) = pieces.next_element()? {
                let (whole, rest) = bytes.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(de::Error::invalid_length(bytes.len(), &self));
                }
                values.extend(whole.iter().copied().map(i64::from_le_bytes));
            }
            Ok(values)
        }
    }
    deserializer.deserialize_seq(Pieces)
}

//! Where chunks come from.

use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Any error, from a model or a source; the runner adds which model, pass and block.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// Data in blocks, each read as a few chunks.
///
/// # Contract
/// - The blocks and the chunks inside them are cut by the data and the options alone, never by
///   threads, memory or machine.
/// - `visit` pushes the chunks of one block, every one once and in order, from one buffer that it
///   reuses; several threads may visit at once, and a thread may visit another block while it is lent
///   a chunk: each visit has its own buffer.
/// - A chunk carries its own global indices, so it means the same whoever folds it.
///
/// ```
/// use std::ops::ControlFlow;
/// use twoblade_core::{BlockSource, Blocks, BoxError, Fingerprint};
///
/// /// A column in memory, in chunks of 2 values.
/// struct Column {
///     values: Vec<f64>,
///     blocks: Blocks,
/// }
///
/// impl BlockSource for Column {
///     type Chunk = Vec<f64>;
///     fn blocks(&self) -> usize {
///         self.blocks.count()
///     }
///     fn chunks(&self) -> u64 {
///         self.blocks.iter().map(|block| block.len().div_ceil(2) as u64).sum()
///     }
///     fn chunk_bytes(&self) -> usize {
///         2 * size_of::<f64>()
///     }
///     fn fingerprint(&self) -> Fingerprint {
///         Fingerprint::new([0; 32]) // a real source hashes what it reads
///     }
///     fn visit(
///         &self,
///         block: usize,
///         visit: &mut dyn FnMut(&Vec<f64>) -> ControlFlow<()>,
///     ) -> Result<u64, BoxError> {
///         let mut buffer = Vec::with_capacity(2);
///         for chunk in self.values[self.blocks.range(block)].chunks(2) {
///             buffer.clear();
///             buffer.extend_from_slice(chunk);
///             if visit(&buffer).is_break() {
///                 break;
///             }
///         }
///         Ok(0)
///     }
/// }
///
/// let source = Column { values: vec![1.0; 7], blocks: Blocks::even(7, 2).unwrap() };
/// let mut lengths = Vec::new();
/// source.visit(0, &mut |chunk| { lengths.push(chunk.len()); ControlFlow::Continue(()) }).unwrap();
/// assert_eq!(lengths, [2, 2]);
/// ```
pub trait BlockSource: Sync {
    /// What fits in memory; owned by the source, lent to the model.
    type Chunk;

    /// How many blocks there are.
    fn blocks(&self) -> usize;

    /// How many chunks all blocks have together.
    fn chunks(&self) -> u64;

    /// How many chunks a block has, where that is known before it is read: then a model can be told which
    /// is the last.
    fn chunks_in(&self, _block: usize) -> Option<u64> {
        None
    }

    /// The most bytes that one visit holds at a time, buffers included.
    fn chunk_bytes(&self) -> usize;

    /// The identity of the data: sizes, and hashes of what is small or sampled.
    fn fingerprint(&self) -> Fingerprint;

    /// Reads one block and lends each of its chunks, until told to break.
    ///
    /// Returns a digest of the bytes read, so that data which changed between two passes are
    /// noticed; after a break the digest means nothing.
    ///
    /// # Errors
    /// What the data or the disk has to say, in words for the user of this source.
    ///
    /// # Panics
    /// If there is no such block.
    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Self::Chunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError>;
}

/// The identity of some data, 256 bits. People read it as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// From the 32 bytes of a hash.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, ParseFingerprintError> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(ParseFingerprintError);
        }
        for (pair, byte) in bytes.iter_mut().enumerate() {
            let digits = &text[2 * pair..][..2];
            *byte = u8::from_str_radix(digits, 16).map_err(|_| ParseFingerprintError)?;
        }
        Ok(Self(bytes))
    }
}

/// A text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseFingerprintError;

impl fmt::Display for ParseFingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("64 hexadecimal digits expected")
    }
}

impl Error for ParseFingerprintError {}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(de::Error::custom);
        }
        Deserialize::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_as_it_is_written() {
        let fingerprint = Fingerprint([0, 1, 15, 16, 254, 255].repeat(6)[..32].try_into().unwrap());
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        let saved = postcard::to_stdvec(&fingerprint).unwrap();
        assert_eq!(saved, fingerprint.0);
        assert_eq!(postcard::from_bytes(&saved), Ok(fingerprint));
        for text in ["", "00", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
            assert_eq!(text.parse::<Fingerprint>(), Err(ParseFingerprintError));
        }
    }
}

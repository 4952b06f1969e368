//! Numbers that do not fit into memory.

use crate::error::Error;
use crate::spill::{BLOCK, Scratch};
use crate::store::cache::Cache;
use crate::store::pieces::Pieces;

const NUMBER: usize = size_of::<f64>();

/// How many numbers a piece has.
const PIECE: u64 = (BLOCK / NUMBER) as u64;

/// A vector of doubles that need not fit into memory.
///
/// The last numbers are in memory, and all others in a temporary file, of which the pieces that were
/// used last are in memory too.
///
/// The predictions of a model for three million rows, 24 MB, with 1 MB of memory:
///
/// ```
/// use twoblade_external::{Disk, Numbers, Scratch};
///
/// # let folder = tempfile::tempdir()?;
/// let scratch = Scratch::new(folder.path(), &Disk::new())?;
/// let mut predictions = Numbers::new(&scratch, 1 << 20)?;
/// for row in 0..3_000_000 {
///     predictions.push(0.25 * f64::from(row))?;
/// }
/// assert_eq!(predictions.len(), 3_000_000);
/// assert_eq!(predictions.get(1_234_567)?, Some(308_641.75));
///
/// let mut sum = 0.0;
/// let mut all = predictions.iter();
/// while let Some(prediction) = all.next().transpose()? {
///     sum += prediction;
/// }
/// assert_eq!(sum, 0.25 * (2_999_999.0 * 1_500_000.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Numbers {
    pieces: Pieces,
    cache: Cache<Vec<u8>>,
    /// Those that are no whole piece yet.
    last: Vec<u8>,
}

impl Numbers {
    /// None yet, in `memory` bytes, of which 512 KiB are needed; every million numbers takes a kilobyte
    /// more, for the places of the pieces.
    ///
    /// # Errors
    /// If no file can be made.
    pub fn new(scratch: &Scratch, memory: usize) -> Result<Self, Error> {
        let pieces = Pieces::new(scratch, BLOCK)?;
        let room = memory.saturating_sub(Pieces::memory(BLOCK) + BLOCK);
        Ok(Self { pieces, cache: Cache::new(room), last: Vec::with_capacity(BLOCK) })
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.pieces.count() as u64 * PIECE + (self.last.len() / NUMBER) as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a number.
    ///
    /// # Errors
    /// If the disk fails; the number is not there then, and all others are.
    pub fn push(&mut self, number: f64) -> Result<(), Error> {
        if self.last.len() == BLOCK {
            self.pieces.push(&self.last)?;
            self.last.clear();
        }
        self.last.extend_from_slice(&number.to_le_bytes());
        Ok(())
    }

    /// The number at `index`, from 0; `None` beyond the last.
    ///
    /// # Errors
    /// If the disk fails, or its file is not as it was written.
    pub fn get(&mut self, index: u64) -> Result<Option<f64>, Error> {
        if index >= self.len() {
            return Ok(None);
        }
        let (piece, at) = place(index);
        let bytes = if piece == self.pieces.count() { &self.last } else { self.piece(piece)? };
        Ok(bytes[at..].first_chunk().map(|&number| f64::from_le_bytes(number)))
    }

    /// All, from the first on.
    pub fn iter(&mut self) -> impl Iterator<Item = Result<f64, Error>> {
        (0..self.len()).filter_map(|index| self.get(index).transpose())
    }

    fn piece(&mut self, piece: usize) -> Result<&Vec<u8>, Error> {
        // Asked twice: the compiler does not see that what was found is not held where it was not.
        if self.cache.get(piece).is_none() {
            let mut bytes = self.cache.make_room(BLOCK).unwrap_or_default();
            self.pieces.read(piece, &mut bytes)?;
            self.cache.put(piece, BLOCK, bytes);
        }
        Ok(self.cache.get(piece).expect("it was put there"))
    }
}

/// The piece that has a number, and where it begins there.
fn place(index: u64) -> (usize, usize) {
    let whole = |number| usize::try_from(number).expect("no more than there is");
    (whole(index / PIECE), whole(index % PIECE) * NUMBER)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use proptest::prelude::*;

    use super::*;
    use crate::disk::Disk;

    /// Bits that are all different.
    fn number(index: u64) -> f64 {
        f64::from_bits(index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn all_numbers_come_back(
            count in 0..12 * PIECE,
            places in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
            memory in prop::sample::select(vec![0, 400_000, 600_000, 10_000_000]),
        ) {
            let temp = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
            let mut numbers = Numbers::new(&scratch, memory).unwrap();
            for index in 0..count {
                if index % 10_000 == 5000 {
                    prop_assert_eq!(numbers.get(index / 3).unwrap(), Some(number(index / 3)));
                }
                numbers.push(number(index)).unwrap();
            }
            prop_assert_eq!(numbers.len(), count);
            prop_assert_eq!(numbers.is_empty(), count == 0);
            for place in places {
                let index = place.index(2 * 12 * 8064) as u64;
                let expected = (index < count).then(|| number(index));
                prop_assert_eq!(numbers.get(index).unwrap(), expected);
            }
            let mut seen = 0;
            for found in numbers.iter() {
                prop_assert_eq!(found.unwrap().to_bits(), number(seen).to_bits());
                seen += 1;
            }
            prop_assert_eq!(seen, count);
        }
    }

    #[test]
    fn a_disk_that_fails_at_any_time() {
        let mut failed = 0;
        for fault in 0.. {
            let temp = tempfile::tempdir().unwrap();
            let count = Arc::new(AtomicU64::new(0));
            let disk = Disk::watched(move |_| match count.fetch_add(1, Ordering::Relaxed) {
                now if now == fault => Err(std::io::Error::other("no more")),
                _ => Ok(()),
            });
            let done = (|| {
                let scratch = Scratch::new(temp.path(), &disk)?;
                let mut numbers = Numbers::new(&scratch, 0)?;
                let mut again = 0;
                for index in 0..4 * PIECE {
                    // What failed can be tried again.
                    while let Err(error) = numbers.push(number(index)) {
                        assert!(matches!(error, Error::Io { .. }), "{error}");
                        again += 1;
                    }
                }
                for index in (0..4 * PIECE).step_by(1000) {
                    assert_eq!(numbers.get(index)?, Some(number(index)));
                }
                Ok::<u32, Error>(again)
            })();
            assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
            match done {
                Ok(0) => break,
                Ok(_) => failed += 1,
                Err(Error::Io { source, .. }) if source.to_string() == "no more" => failed += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(failed > 10, "{failed}");
    }

    #[test]
    fn memory_is_kept() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let mut numbers = Numbers::new(&scratch, 1 << 20).unwrap();
        for index in 0..40 * PIECE {
            numbers.push(number(index)).unwrap();
        }
        for index in (0..40 * PIECE).step_by(777) {
            numbers.get(index).unwrap();
        }
        let slots = ((1 << 20) - Pieces::memory(BLOCK) - BLOCK) / BLOCK;
        assert!(slots > 10 && numbers.cache.len() == slots, "{slots}");
    }
}

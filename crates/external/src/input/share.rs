//! What of the memory is for reading, and how long a record it holds.

/// Below this reading does not go.
const LEAST: usize = 4 << 20;
/// What a piece takes in memory as a multiple of its bytes: itself, 8 and a bit for a missing number
/// (a delimiter of one byte), 4 for the place of a record (of two bytes at least).
const WEIGHT: usize = 14;
/// A record alone may take more: its bytes, the buffer that it grew from, its words.
const ALONE: usize = 6;
/// More than this is for long records only: pieces that wait longer are no longer in the caches.
const AHEAD: usize = 32 << 20;
/// The most bytes of a record, whatever the memory: places in a piece are 32 bits.
pub(crate) const ENDLESS: usize = i32::MAX as usize / 2;

/// What of the memory is for reading: of all but `held` one of `parts` parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) held: usize,
    pub(crate) parts: usize,
}

impl Share {
    /// Everything.
    pub(crate) const ALL: Self = Self { held: 0, parts: 1 };

    /// The bytes that are there for everything, of so many in all.
    pub(crate) fn whole(self, memory: usize) -> usize {
        memory.saturating_sub(self.held)
    }

    /// The bytes for reading, of so many in all.
    pub(crate) fn of(self, memory: usize) -> usize {
        (self.whole(memory) / self.parts).max(LEAST)
    }

    /// The bytes of text that may be in memory at once, but for one long record.
    pub(crate) fn ahead(self, memory: usize) -> usize {
        self.of(memory).min(AHEAD) / WEIGHT
    }

    /// The bytes that a record may have.
    pub(crate) fn longest(self, memory: usize) -> usize {
        (self.of(memory) / ALONE).min(ENDLESS)
    }

    /// The memory in all that a record of so many bytes needs.
    pub(crate) fn needed(self, bytes: u64) -> u64 {
        // A byte more for each division that rounds down.
        (ALONE as u64 * (bytes + 1)).saturating_mul(self.parts as u64) + self.held as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Enough, and not much more than enough.
        #[test]
        fn what_is_needed_is_enough(
            bytes in 0..ENDLESS,
            parts in 1..9_usize,
            held in 0..100_000_000_usize,
        ) {
            let share = Share { held, parts };
            let needed = usize::try_from(share.needed(bytes as u64)).unwrap();
            prop_assert!(share.longest(needed) >= bytes);
            let less = needed - ALONE * parts * 3;
            prop_assert!(share.of(less) == LEAST || share.longest(less) < bytes);
        }
    }
}

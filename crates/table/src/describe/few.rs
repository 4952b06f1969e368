//! The hashes of different values, while these are few.

use serde::{Deserialize, Serialize};
use twoblade_core::Merge;

/// Kept up to so many.
pub(super) const MOST: usize = 1024;
/// At most half full.
const SLOTS: usize = 2 * MOST;

/// Every different hash, or that there are more than 1,024. Which of both does not depend on the order,
/// because what is too much for a part is too much for the whole.
///
/// Two of 1,024 values share their 64 bits with a chance of 3e-14.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Option<Vec<u64>>", try_from = "Option<Vec<u64>>")]
pub(super) struct Few {
    /// `None` when they are too many.
    known: Option<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    /// Open addressing; 0 is free.
    slots: Box<[u64]>,
    count: usize,
}

impl Few {
    pub(super) fn new() -> Self {
        Self { known: Some(Known { slots: vec![0; SLOTS].into(), count: 0 }) }
    }

    /// Bytes in memory, and more than when saved.
    pub(super) const fn bytes() -> usize {
        SLOTS * size_of::<u64>() + 64
    }

    /// Adds a hash.
    #[inline]
    pub(super) fn add(&mut self, hash: u64) {
        let Some(known) = &mut self.known else { return };
        // 0 says that a slot is free, and is counted as 1.
        let hash = hash.max(1);
        let mut slot = low(hash);
        loop {
            match known.slots[slot] {
                0 => break,
                other if other == hash => return,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
        if known.count == MOST {
            self.known = None;
            return;
        }
        known.slots[slot] = hash;
        known.count += 1;
    }

    /// How many there are, if they are few.
    pub(super) fn count(&self) -> Option<usize> {
        self.known.as_ref().map(|known| known.count)
    }
}

fn low(hash: u64) -> usize {
    usize::try_from(hash % SLOTS as u64).expect("below the number of slots")
}

impl Merge for Few {
    fn merge(&mut self, other: &Self) {
        match &other.known {
            None => self.known = None,
            Some(known) => {
                for &hash in known.slots.iter().filter(|&&hash| hash != 0) {
                    self.add(hash);
                }
            }
        }
    }
}

impl From<Few> for Option<Vec<u64>> {
    fn from(few: Few) -> Self {
        let known = few.known?;
        let mut hashes = known.slots.into_vec();
        hashes.retain(|&hash| hash != 0);
        hashes.sort_unstable();
        Some(hashes)
    }
}

impl TryFrom<Option<Vec<u64>>> for Few {
    type Error = &'static str;

    fn try_from(saved: Option<Vec<u64>>) -> Result<Self, Self::Error> {
        let Some(hashes) = saved else { return Ok(Self { known: None }) };
        if hashes.len() > MOST || hashes.contains(&0) || !hashes.is_sorted_by(|a, b| a < b) {
            return Err("hashes that are too many, or not in order");
        }
        let mut few = Self::new();
        for hash in hashes {
            few.add(hash);
        }
        Ok(few)
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Few {
        let mut few = Few::new();
        for value in values {
            few.add(xxh3_64(&value.to_le_bytes()));
        }
        few
    }

    #[test]
    fn different_hashes_are_counted_while_they_are_few() {
        assert_eq!(of([]).count(), Some(0));
        assert_eq!(of([3, 5, 3, 3, 5]).count(), Some(2));
        assert_eq!(of((0..5000).map(|value| value % 1024)).count(), Some(1024));
        assert_eq!(of(0..1025).count(), None);
        let mut zero = Few::new();
        zero.add(0);
        zero.add(0);
        assert_eq!(zero.count(), Some(1));
    }

    #[test]
    fn parts_are_the_whole() {
        for (cut, end) in [(0, 10), (512, 1024), (1, 1024), (700, 1025), (1100, 1200)] {
            let mut one = of(0..cut);
            one.merge(&of(cut / 2..end));
            let mut other = of(cut / 2..end);
            other.merge(&of(0..cut));
            let whole: Option<Vec<u64>> = of(0..end).into();
            assert_eq!(Option::<Vec<u64>>::from(one), whole);
            assert_eq!(Option::<Vec<u64>>::from(other), whole);
        }
    }

    #[test]
    fn what_is_loaded_is_checked() {
        let load = |saved: Option<Vec<u64>>| Few::try_from(saved);
        assert_eq!(load(Some(vec![1, 2, 9])).unwrap().count(), Some(3));
        assert_eq!(load(None).unwrap().count(), None);
        for wrong in [vec![0, 1], vec![2, 1], vec![1, 1], (1..=1025).collect()] {
            assert!(load(Some(wrong)).is_err());
        }
    }
}

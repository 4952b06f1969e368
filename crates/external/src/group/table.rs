//! The groups that are in memory: keys and their accumulators.

use super::accumulate::Kept;

/// Words of the keys' and accumulators' of a group stand together: the length of the key in bytes, the
/// accumulators, the key. Slots find them: open addressing, at most three quarters full; a slot is the
/// upper half of the hash and where the group begins, or 0.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<u64>,
    words: Vec<u64>,
    groups: usize,
    /// Of the accumulators of a group.
    stride: usize,
    limit: usize,
    /// Whether a group was refused: all new ones are, then.
    full: bool,
    pub(super) kept: Kept,
}

const SLOTS: usize = 64;

impl Table {
    /// In so many bytes, but always with room for one group.
    pub(super) fn new(stride: usize, limit: usize) -> Self {
        Self {
            slots: vec![0; SLOTS],
            words: vec![0], // no group begins at 0
            groups: 0,
            stride,
            limit,
            full: false,
            kept: Kept::default(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.slots.fill(0);
        self.words.truncate(1);
        self.groups = 0;
        self.full = false;
        self.kept.clear();
    }

    /// From now on no group is new.
    pub(super) fn close(&mut self) {
        self.full = true;
    }

    #[cfg(test)]
    fn groups(&self) -> usize {
        self.groups
    }

    /// The accumulators of all groups, at the places that [`place`](Self::place) tells.
    pub(super) fn words_mut(&mut self) -> (&mut [u64], &mut Kept) {
        (&mut self.words, &mut self.kept)
    }

    /// Whether strings have grown beyond the memory.
    pub(super) fn is_over(&self) -> bool {
        self.groups > 1
            && self.kept.bytes() > 0
            && self.slots.len() * 8 + self.words.len() * 8 + self.kept.bytes() > self.limit
    }

    /// Where the accumulators of the group of this key begin; 0 if there is no room for it.
    #[inline]
    pub(super) fn place(&mut self, hash: u64, key: &[u8]) -> u32 {
        let tag = hash >> 32;
        let mask = self.slots.len() - 1;
        let mut slot = self.first(tag);
        loop {
            let found = self.slots[slot];
            if found == 0 {
                return self.insert(tag, key);
            }
            if found >> 32 == tag {
                let at = low(found);
                if self.has_key(at as usize, key) {
                    return at + 1;
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Each group: its key, and its accumulators.
    pub(super) fn each<E>(
        &self,
        mut each: impl FnMut(&[u8], &[u64], &Kept) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut key = Vec::new();
        let mut at = 1;
        while at < self.words.len() {
            let length = usize::try_from(self.words[at]).expect("of a key in memory");
            let start = at + 1 + self.stride;
            let end = start + length.div_ceil(8);
            key.clear();
            key.extend(self.words[start..end].iter().flat_map(|word| word.to_le_bytes()));
            each(&key[..length], &self.words[at + 1..start], &self.kept)?;
            at = end;
        }
        Ok(())
    }

    /// The slot where a search begins: by the upper bits, so that slots can be doubled without keys.
    fn first(&self, tag: u64) -> usize {
        let bits = self.slots.len().trailing_zeros();
        usize::try_from(tag >> (32 - bits)).expect("fewer bits than slots")
    }

    #[inline]
    fn has_key(&self, at: usize, key: &[u8]) -> bool {
        if self.words[at] != key.len() as u64 {
            return false;
        }
        let start = at + 1 + self.stride;
        let (whole, rest) = key.as_chunks::<8>();
        let words = &self.words[start..];
        whole.iter().zip(words).all(|(bytes, &word)| u64::from_le_bytes(*bytes) == word)
            && (rest.is_empty() || words[whole.len()] == last(rest))
    }

    #[cold]
    fn insert(&mut self, tag: u64, key: &[u8]) -> u32 {
        let length = 1 + self.stride + key.len().div_ceil(8);
        if self.full || !self.make_room(length) {
            self.full = true;
            return 0;
        }
        let at = self.words.len();
        self.enter(tag << 32 | at as u64);
        self.words.push(key.len() as u64);
        self.words.resize(at + 1 + self.stride, 0);
        let (whole, rest) = key.as_chunks::<8>();
        self.words.extend(whole.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        if !rest.is_empty() {
            self.words.push(last(rest));
        }
        self.groups += 1;
        low(at as u64) + 1
    }

    /// Room for a group of so many words, and a slot for it.
    fn make_room(&mut self, length: usize) -> bool {
        let needed = self.words.len() + length;
        if needed > u32::MAX as usize {
            return false;
        }
        let (slots, limit) = (self.slots.len(), self.limit.saturating_sub(self.kept.bytes()) / 8);
        let tight = (self.groups + 1) * 4 > slots * 3;
        // Words are not to take what the slots of as many groups will: at most four a group, of which
        // a third are the old ones while slots are doubled.
        let each = (needed / (self.groups + 1)).max(1);
        let most = limit / (each + 4) * each;
        let grows = needed > self.words.capacity();
        let held = self.words.capacity() + if tight { 3 * slots } else { slots };
        let refused = needed > most.max(self.words.capacity()) || (tight && held > limit);
        if self.groups > 0 && (refused || (tight && slots >= 1 << 31)) {
            return false;
        }
        if tight {
            let old = std::mem::replace(&mut self.slots, vec![0; 2 * slots]);
            for found in old {
                if found != 0 {
                    self.enter(found);
                }
            }
        }
        if grows {
            let wanted = (2 * self.words.capacity()).max(1024).min(most).max(needed);
            self.words.reserve_exact(wanted - self.words.len());
        }
        true
    }

    fn enter(&mut self, found: u64) {
        let mask = self.slots.len() - 1;
        let mut slot = self.first(found >> 32);
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = found;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn low(found: u64) -> u32 {
    found as u32
}

/// Up to seven bytes as a word.
fn last(rest: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    proptest! {
        /// Keys are told apart whatever their hashes: `bits` of those are left.
        #[test]
        fn every_key_has_its_place(
            keys in prop::collection::vec(prop::collection::vec(0u8..3, 0..12), 1..400),
            bits in 0u32..64,
        ) {
            let mut table = Table::new(1, usize::MAX >> 1);
            let mut dense = HashMap::new();
            for key in &keys {
                let place = table.place(xxh3_64(key) >> bits, key);
                table.words_mut().0[place as usize] += 1;
                *dense.entry(key.clone()).or_insert(0u64) += 1;
            }
            let mut found = HashMap::new();
            table.each(|key, words, _| {
                found.insert(key.to_vec(), words[0]);
                Ok::<_, ()>(())
            }).unwrap();
            prop_assert_eq!(table.groups(), dense.len());
            prop_assert_eq!(found, dense);
        }

        #[test]
        fn a_table_keeps_its_memory(limit in 0usize..20_000, length in 0usize..40) {
            let mut table = Table::new(2, limit);
            let (mut places, mut refused) = (Vec::new(), false);
            for key in 0..1000u64 {
                let bytes = [&key.to_le_bytes()[..], &vec![7; length]].concat();
                let place = table.place(xxh3_64(&bytes), &bytes);
                prop_assert!(!refused || place == 0, "one was refused, and another was not");
                refused |= place == 0;
                places.push((bytes, place));
            }
            let held = table.slots.len() * 8 + table.words.capacity() * 8;
            // The least there is: 64 slots, and the first group.
            prop_assert!(held <= limit.max(SLOTS * 8 + 1024 * 8), "{} of {}", held, limit);
            prop_assert!(table.groups() >= 1);
            for (bytes, place) in places {
                prop_assert_eq!(table.place(xxh3_64(&bytes), &bytes), place);
            }
        }
    }
}

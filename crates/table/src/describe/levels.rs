//! How often each word occurs, as long as there are few of them.

use serde::{Deserialize, Serialize};
use twoblade_core::Merge;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes that the words of a column may take together, a level allowed.
const BYTES: usize = 64;

/// Every word with its count, or that there are too many: more than allowed, or of more than 64 bytes
/// each together. Which of both does not depend on the order, because what is too much for a part is
/// too much for the whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Saved", from = "Saved")]
pub(super) struct Levels {
    most: usize,
    /// `None` when they are too many.
    known: Option<Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    /// Places in `words`, plus one; open addressing, at most half full.
    slots: Vec<u32>,
    words: Vec<(u64, Box<str>, u64)>,
    bytes: usize,
}

impl Levels {
    pub(super) fn new(most: usize) -> Self {
        Self { most, known: Some(Known::default()) }
    }

    /// Bytes in memory and saved of at most so many levels.
    pub(super) const fn bytes(most: usize) -> usize {
        // Words, what stands beside each, slots while they are moved, and a word too many.
        (most + 1) * (BYTES + size_of::<(u64, Box<str>, u64)>() * 2 + 24) + 256
    }

    /// Adds a word `count` times; `hash` is its xxh3.
    pub(super) fn add(&mut self, hash: u64, word: &str, count: u64) {
        let Some(known) = &mut self.known else { return };
        if let Some(place) = known.find(hash, word) {
            let all = &mut known.words[place].2;
            *all = all.wrapping_add(count);
        } else if known.words.len() == self.most || known.bytes + word.len() > BYTES * self.most {
            self.known = None;
        } else {
            known.push(hash, word, count);
        }
    }

    /// Every word and its count, the commonest first and equally common ones by their letters.
    pub(super) fn commonest(&self) -> Option<Vec<(&str, u64)>> {
        let known = self.known.as_ref()?;
        let mut words: Vec<_> =
            known.words.iter().map(|(_, word, count)| (word.as_ref(), *count)).collect();
        words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        Some(words)
    }
}

impl Known {
    fn find(&self, hash: u64, word: &str) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = low(hash) & mask;
        loop {
            let place = (self.slots[slot] as usize).checked_sub(1)?;
            let (theirs, found, _) = &self.words[place];
            if *theirs == hash && found.as_ref() == word {
                return Some(place);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn push(&mut self, hash: u64, word: &str, count: u64) {
        self.bytes += word.len();
        self.words.push((hash, word.into(), count));
        if self.words.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.words.len() * 2).next_power_of_two().max(16)];
            for place in 0..self.words.len() {
                self.enter(place);
            }
        } else {
            self.enter(self.words.len() - 1);
        }
    }

    fn enter(&mut self, place: usize) {
        let mask = self.slots.len() - 1;
        let mut slot = low(self.words[place].0) & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = u32::try_from(place + 1).expect("far fewer levels");
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
fn low(hash: u64) -> usize {
    hash as usize
}

impl Merge for Levels {
    fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.known else {
            self.known = None;
            return;
        };
        for (hash, word, count) in &theirs.words {
            self.add(*hash, word, *count);
        }
    }
}

/// Words by their letters, so that a state has one form.
#[derive(Serialize, Deserialize)]
struct Saved {
    most: usize,
    known: Option<Vec<(Box<str>, u64)>>,
}

impl From<Levels> for Saved {
    fn from(levels: Levels) -> Self {
        let known = levels.known.map(|known| {
            let mut words: Vec<_> =
                known.words.into_iter().map(|(_, word, count)| (word, count)).collect();
            words.sort_unstable();
            words
        });
        Self { most: levels.most, known }
    }
}

impl From<Saved> for Levels {
    fn from(saved: Saved) -> Self {
        let mut levels = Self::new(saved.most);
        match saved.known {
            None => levels.known = None,
            Some(words) => {
                for (word, count) in words {
                    levels.add(xxh3_64(word.as_bytes()), &word, count);
                }
            }
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(most: usize, words: &[&str]) -> Levels {
        let mut levels = Levels::new(most);
        for word in words {
            levels.add(xxh3_64(word.as_bytes()), word, 1);
        }
        levels
    }

    #[test]
    fn words_are_counted_until_they_are_too_many() {
        let levels = of(3, &["b", "a", "c", "b", "c"]);
        assert_eq!(levels.commonest().unwrap(), [("b", 2), ("c", 2), ("a", 1)]);
        assert!(of(3, &["b", "a", "c", "d"]).commonest().is_none());
        let long = "x".repeat(BYTES * 3);
        assert!(of(3, &[&long]).commonest().is_some());
        assert!(of(3, &[&long, "a"]).commonest().is_none());
    }

    #[test]
    fn too_many_in_parts_are_too_many_together() {
        let mut left = of(3, &["a", "b"]);
        left.merge(&of(3, &["c", "a"]));
        assert_eq!(left.commonest().unwrap()[0], ("a", 2));
        left.merge(&of(3, &["d"]));
        assert!(left.commonest().is_none());
        let mut right = of(3, &[]);
        right.merge(&left);
        assert!(right.commonest().is_none());
    }

    /// Two words with one hash would be told apart, too.
    #[test]
    fn words_are_compared_and_not_only_their_hashes() {
        let mut levels = Levels::new(10);
        levels.add(7, "a", 1);
        levels.add(7, "b", 1);
        levels.add(7, "a", 1);
        assert_eq!(levels.commonest().unwrap(), [("a", 2), ("b", 1)]);
    }
}

//! The beginning of a key in two words, which decides most comparisons.

use std::cmp::Ordering;

/// How many bytes of a key a head has.
const BYTES: usize = 15;

/// The first 15 bytes of a key, filled up with zeros, then how many there are: 16 if there are more.
///
/// So heads are ordered as keys are, and equal heads are those of equal keys, unless both have more
/// than 15 bytes: a key that ends earlier is the smaller one, as in a comparison of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Head {
    high: u64,
    low: u64,
}

impl Head {
    /// Of a key.
    #[inline]
    pub(crate) fn of(key: &[u8]) -> Self {
        let (bytes, length) = if let Some(first) = key.first_chunk::<16>() {
            (*first, 16)
        } else {
            let mut bytes = [0; 16];
            bytes[..key.len()].copy_from_slice(key);
            (bytes, key.len() as u64)
        };
        let bytes = u128::from_be_bytes(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (high, low) = ((bytes >> 64) as u64, bytes as u64);
        Self { high, low: low & !0xff | length }
    }

    /// The order of two keys of which the heads are known.
    #[inline]
    pub(crate) fn compare<'a>(
        self,
        other: Self,
        keys: impl FnOnce() -> (&'a [u8], &'a [u8]),
    ) -> Ordering {
        let heads = self.cmp(&other);
        if heads != Ordering::Equal || self.low & 0xff != 16 {
            return heads;
        }
        let (one, two) = keys();
        one[BYTES..].cmp(&two[BYTES..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_are_ordered_as_their_bytes(
            shared in prop::collection::vec(0u8..3, 0..20),
            one in prop::collection::vec(0u8..3, 0..4),
            two in prop::collection::vec(0u8..3, 0..4),
        ) {
            let (one, two) = ([&shared[..], &one].concat(), [&shared[..], &two].concat());
            let heads = (Head::of(&one), Head::of(&two));
            prop_assert_eq!(heads.0.compare(heads.1, || (&one, &two)), one.cmp(&two));
        }
    }

    #[test]
    fn lengths_around_the_border() {
        let keys: Vec<Vec<u8>> = (0..20).map(|length| vec![0; length]).collect();
        for (one, two) in keys.iter().flat_map(|one| keys.iter().map(move |two| (one, two))) {
            assert_eq!(Head::of(one).compare(Head::of(two), || (one, two)), one.cmp(two));
        }
    }
}

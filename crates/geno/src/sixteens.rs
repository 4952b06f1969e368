//! What genotypes count, of sixteen individuals and sixteen variants at a time.

use std::iter::zip;
use std::ops::Range;

use crate::chunk::{PER_BYTE, code};
use crate::counts::LOW;
use crate::kernel::{SIXTEEN, WIDTH, What};

/// Bytes of sixteen individuals.
const BYTES: usize = SIXTEEN / PER_BYTE;

/// For each sixteen individuals, the first of which is a multiple of that, what their genotypes count in each
/// of at most sixteen variants: two bits each, from the lowest up. Variants that are not there count nothing.
pub(crate) fn sixteens<'a>(
    packed: impl Iterator<Item = &'a [u8]>,
    what: What,
    individuals: &Range<usize>,
) -> Vec<[u32; WIDTH]> {
    #[expect(clippy::cast_possible_truncation, reason = "half of it is meant")]
    const LOW_BITS: u32 = LOW as u32;
    match what {
        What::Genotypes => {
            gather(packed, individuals, |word| (word & LOW_BITS) + (word >> 1 & LOW_BITS))
        }
        What::Missing => gather(packed, individuals, |word| word & !(word >> 1) & LOW_BITS),
        What::NoCopy => gather(packed, individuals, |word| word & (word >> 1) & LOW_BITS),
    }
}

fn gather<'a>(
    packed: impl Iterator<Item = &'a [u8]>,
    individuals: &Range<usize>,
    count: impl Fn(u32) -> u32,
) -> Vec<[u32; WIDTH]> {
    let mut counts = vec![[0; WIDTH]; individuals.len().div_ceil(SIXTEEN)];
    for (lane, packed) in packed.enumerate() {
        let (whole, rest) = packed[individuals.start / PER_BYTE..].as_chunks();
        for (counts, word) in zip(&mut counts, whole) {
            counts[lane] = count(u32::from_le_bytes(*word));
        }
        if let Some(counts) = counts.get_mut(whole.len()) {
            let mut word = [0; BYTES];
            word[..rest.len()].copy_from_slice(rest);
            counts[lane] = count(u32::from_le_bytes(word));
        }
    }
    counts
}

/// Bytes of these for so many individuals.
pub(crate) fn sixteens_bytes(individuals: usize) -> usize {
    individuals.div_ceil(SIXTEEN) * size_of::<[u32; WIDTH]>()
}

const _: () = assert!(code::MISSING == 0b01 && code::HOM_A2 == 0b11);

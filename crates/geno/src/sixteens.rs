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
    let mut counts = vec![[0; WIDTH]; individuals.len().div_ceil(SIXTEEN)];
    for (lane, packed) in packed.enumerate() {
        let each = packed[individuals.start / PER_BYTE..].chunks(BYTES);
        for (counts, bytes) in zip(&mut counts, each) {
            counts[lane] = sixteen(what, bytes);
        }
    }
    counts
}

/// Bytes of these for so many individuals.
pub(crate) fn sixteens_bytes(individuals: usize) -> usize {
    individuals.div_ceil(SIXTEEN) * size_of::<[u32; WIDTH]>()
}

/// What the genotypes of sixteen individuals count, or of fewer at the end.
fn sixteen(what: What, bytes: &[u8]) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "half of it is meant")]
    const LOW_BITS: u32 = LOW as u32;
    let word = if let Some(word) = bytes.first_chunk() {
        u32::from_le_bytes(*word)
    } else {
        let mut word = [0; BYTES];
        word[..bytes.len()].copy_from_slice(bytes);
        u32::from_le_bytes(word)
    };
    match what {
        What::Genotypes => (word & LOW_BITS) + (word >> 1 & LOW_BITS),
        What::Missing => word & !(word >> 1) & LOW_BITS,
        What::NoCopy => word & (word >> 1) & LOW_BITS,
    }
}

const _: () = assert!(code::MISSING == 0b01 && code::HOM_A2 == 0b11);

//! Rows of bits out of packed genotypes.

use twoblade_core::Instructions;

use super::counting::Line;
use super::{Loop, run};
use crate::counts::LOW;

/// Which bits of genotypes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    /// Both of every genotype.
    Genotypes,
    /// One of each that is missing (01).
    Missing,
    /// One of each without a copy (11).
    NoCopy,
}

/// Copies bits of packed genotypes to lines, and 0 to what is left of these; says whether there is any
/// bit.
pub(crate) fn copy_bits(
    instructions: Instructions,
    what: What,
    packed: &[u8],
    lines: &mut [Line],
) -> bool {
    run(instructions, Copying { what, packed, lines })
}

struct Copying<'a> {
    what: What,
    packed: &'a [u8],
    lines: &'a mut [Line],
}

impl Loop for Copying<'_> {
    type Output = bool;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) -> bool {
        let Self { what, packed, lines } = self;
        match what {
            What::Genotypes => each(packed, lines, |word| word),
            What::Missing => each(packed, lines, |word| word & !(word >> 1) & LOW),
            What::NoCopy => each(packed, lines, |word| word & (word >> 1) & LOW),
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn each(packed: &[u8], lines: &mut [Line], of: impl Fn(u64) -> u64) -> bool {
    let (whole, rest) = packed.as_chunks::<8>();
    let words = lines.as_flattened_mut();
    let mut any = 0;
    for (word, bytes) in words.iter_mut().zip(whole) {
        *word = of(u64::from_le_bytes(*bytes));
        any |= *word;
    }
    if let Some(word) = words.get_mut(whole.len()) {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        *word = of(u64::from_le_bytes(last));
        any |= *word;
    }
    if let Some(left) = words.get_mut(whole.len() + 1..) {
        left.fill(0);
    }
    any != 0
}

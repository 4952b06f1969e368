//! Which row of a table four genotypes have.
//!
//! There are 256 combinations, and 81 of them without a missing genotype. These are the first rows, in a
//! dense run, so that those of several tables fit a core's nearest cache; a row with a missing genotype is
//! beyond them, and need not be there where nobody is missing.

use twoblade_core::Instructions;

use super::{Loop, run};
use crate::chunk::code;

/// Columns of a table.
pub(crate) const GROUP: usize = 4;
/// Individuals whose genotypes are a byte of each column, and whose rows are a word.
pub(crate) const FOUR: usize = 4;
/// Combinations of two genotypes, those of them without a missing one, and those with.
pub(super) const PAIRS: usize = 16;
pub(super) const KNOWN_PAIRS: usize = 9;
pub(super) const MISSING_PAIRS: usize = PAIRS - KNOWN_PAIRS;

/// Codes by digit.
const CODES: [usize; 4] = [code::HOM_A1, code::HET, code::HOM_A2, code::MISSING];

/// The number of two genotypes: below 9 where both are known.
const fn pair(low: usize, high: usize) -> usize {
    if high == 3 {
        12 + low
    } else if low == 3 {
        9 + high
    } else {
        low + 3 * high
    }
}

/// The codes of a pair, by its number.
pub(super) const PAIR_CODES: [[usize; 2]; PAIRS] = {
    let mut codes = [[0; 2]; PAIRS];
    let mut at = 0;
    while at < PAIRS {
        let (low, high) = (at % 4, at / 4);
        codes[pair(low, high)] = [CODES[low], CODES[high]];
        at += 1;
    }
    codes
};

/// From the packed genotypes of four columns (of which all but the first may be empty) the rows of a table,
/// those of four individuals in a word, the first in its lowest byte. Where all genotypes are `known`, rows are
/// below 81.
pub(crate) fn find_rows(
    instructions: Instructions,
    columns: [&[u8]; GROUP],
    known: bool,
    words: &mut [u32],
) {
    // Columns that are not there have any genotypes: their values are nothing.
    let columns = columns.map(|column| if column.is_empty() { columns[0] } else { column });
    if known {
        run(instructions, Find::<true> { columns, words });
    } else {
        run(instructions, Find::<false> { columns, words });
    }
}

struct Find<'a, const KNOWN: bool> {
    columns: [&'a [u8]; GROUP],
    words: &'a mut [u32],
}

impl<const KNOWN: bool> Loop for Find<'_, KNOWN> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { columns, words } = self;
        let length = words.len();
        let [a, b, c, d] = columns.map(|column| &column[..length]);
        for at in 0..length {
            let [a, b, c, d] = [a[at], b[at], c[at], d[at]].map(u32::from);
            let digits = transposed(digits::<KNOWN>(a | b << 8 | c << 16 | d << 24));
            words[at] = if KNOWN { known_rows(digits) } else { rows(digits) };
        }
    }
}

/// For sixteen codes their digits, two bits each: 00, 10 and 11 count their bits, and 01 is 3.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn digits<const KNOWN: bool>(codes: u32) -> u32 {
    let (low, high) = (codes & 0x5555_5555, codes >> 1 & 0x5555_5555);
    let counted = low.wrapping_add(high);
    if KNOWN { counted } else { counted | (low & !high) << 1 }
}

/// The digits of each individual side by side: they were those of each column, a 4 x 4 matrix.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn transposed(word: u32) -> u32 {
    let swap = (word ^ word >> 6) & 0x00cc_00cc;
    let word = word ^ swap ^ swap << 6;
    let swap = (word ^ word >> 12) & 0x0000_f0f0;
    word ^ swap ^ swap << 12
}

/// The rows of four times four digits that are below 3.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn known_rows(digits: u32) -> u32 {
    // Of 4 bits each low + 4 high, less high.
    let pairs = digits.wrapping_sub(digits >> 2 & 0x3333_3333);
    // Of 8 bits each low + 16 high, less 7 high.
    pairs.wrapping_sub(times::<7>(pairs >> 4 & 0x0f0f_0f0f))
}

/// The rows of four times four digits: those of each two pairs, without a branch. No sum or product leaves its
/// four or eight bits.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn rows(digits: u32) -> u32 {
    let (low, high) = (digits & 0x3333_3333, digits >> 2 & 0x3333_3333);
    let high_is_3 = high & high >> 1 & 0x1111_1111;
    let low_is_3 = low & low >> 1 & 0x1111_1111 & !high_is_3;
    // low + 3 high, and 3 more to be 12 + low; or 6 - 2 high more, to be 9 + high.
    let more = times::<3>(high_is_3) | ((high ^ 0x3333_3333) & times::<3>(low_is_3)) << 1;
    let pairs = low.wrapping_add(times::<3>(high)).wrapping_add(more);
    let (low, high) = (pairs & 0x0f0f_0f0f, pairs >> 4 & 0x0f0f_0f0f);
    let is_missing = |pairs: u32| pairs.wrapping_add(0x0707_0707) >> 4 & 0x0101_0101;
    let (low_is_missing, high_is_missing) = (is_missing(low), is_missing(high));
    let whole = |bits: u32| (bits << 8).wrapping_sub(bits);
    // low + 9 high, and 7 high more to be low + 16 high; or 72 - 2 high more, to be 72 + low + 7 high.
    let more = whole(high_is_missing) & times::<7>(high)
        | whole(low_is_missing & !high_is_missing) & 0x4848_4848u32.wrapping_sub(high << 1);
    low.wrapping_add(times::<9>(high)).wrapping_add(more)
}

/// A product, which the compiler would look at with checks on: then it makes no vectors.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn times<const BY: u32>(bits: u32) -> u32 {
    bits.wrapping_mul(BY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of two pairs: first those of two known ones, then of a known high one, then of any.
    fn row(low: usize, high: usize) -> usize {
        match (low, high) {
            (_, 9..) => 144 + (high - 9) * 16 + low,
            (9.., _) => 81 + high * 7 + low - 9,
            _ => low + 9 * high,
        }
    }

    #[test]
    fn rows_are_those_of_pairs_in_every_place() {
        let digit = |code: u8| CODES.iter().position(|&of| of == usize::from(code)).unwrap();
        let mut seen = [false; 256];
        for way in 0..=255u8 {
            let codes = [0, 2, 4, 6].map(|shift| way >> shift & 3);
            let [a, b, c, d] = codes.map(digit);
            let expected = row(pair(a, b), pair(c, d));
            assert!(!std::mem::replace(&mut seen[expected], true));
            assert_eq!(expected < 81, codes.iter().all(|&code| usize::from(code) != code::MISSING));
            for individual in 0..FOUR {
                let columns = codes.map(|code| [code << (2 * individual)]);
                let columns = columns.each_ref().map(|column| &column[..]);
                let mut all = [0; FOUR];
                all[individual] = u8::try_from(expected).unwrap();
                for known in [false, true].into_iter().take(1 + usize::from(expected < 81)) {
                    let mut words = [0];
                    find_rows(Instructions::Scalar, columns, known, &mut words);
                    assert_eq!(words[0].to_le_bytes(), all, "{codes:?} of {individual}");
                }
            }
        }
        assert_eq!(seen, [true; 256]);
    }
}

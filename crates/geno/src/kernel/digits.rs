//! Sums over individuals of what genotypes count times whole numbers of eight bits.

use twoblade_core::Instructions;

use super::counting::{Bits, LINE, Line};
use super::planes::{DigitLine, Digits};
use super::{Loop, run};
use crate::chunk::PER_BYTE;
use crate::counts::LOW;

/// The largest sum that a line adds to those of a byte.
const MOST: usize = PER_BYTE * 2 * 255;

/// For each row and each plane adds to `sums[row * digits.rows + plane]` the sum, over the individuals of their
/// first `lines`, of both bits of a genotype times its digit.
pub(crate) fn sum_digits(
    instructions: Instructions,
    rows: Bits<'_>,
    digits: Digits<'_>,
    lines: usize,
    sums: &mut [u64],
) {
    if digits.rows == 0 {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if super::digits_x86::sum_digits(instructions, rows, digits, lines, sums) {
        return;
    }
    run(instructions, Summing { rows, digits, lines, sums });
}

struct Summing<'a> {
    rows: Bits<'a>,
    digits: Digits<'a>,
    lines: usize,
    sums: &'a mut [u64],
}

impl Loop for Summing<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { rows, digits, lines, sums } = self;
        for (row, sums) in sums.chunks_exact_mut(digits.rows).take(rows.rows).enumerate() {
            for (plane, sum) in sums.iter_mut().enumerate() {
                // So many that sixteen bits hold the sums of a byte.
                const LINES: usize = u16::MAX as usize / MOST;
                let bits = rows.row(row, lines).chunks(LINES);
                for (bits, digits) in bits.zip(digits.row(plane, lines).chunks(LINES)) {
                    let mut of_bytes = [0; LINE];
                    for (bits, digits) in bits.iter().zip(digits) {
                        add_products(&mut of_bytes, bits, digits);
                    }
                    *sum += of_bytes.into_iter().map(u64::from).sum::<u64>();
                }
            }
        }
    }
}

/// Adds the products of a line, to those of each byte. Nothing wraps: the compiler need not look.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn add_products(sums: &mut [u16; LINE], bits: &Line, digits: &DigitLine) {
    let mut counts = [0; LINE];
    for (to, &word) in counts.as_chunks_mut::<8>().0.iter_mut().zip(bits) {
        *to = (word & LOW).wrapping_add(word >> 1 & LOW).to_le_bytes();
    }
    for (shift, digits) in (0..).step_by(2).zip(&digits.0) {
        for at in 0..LINE {
            let product = u16::from(counts[at] >> shift & 3).wrapping_mul(digits[at].into());
            sums[at] = sums[at].wrapping_add(product);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of sixteen bits are as full as they can be, and one more line would be too much.
    #[test]
    fn the_largest_digits_and_counts_do_not_wrap() {
        let digits = vec![DigitLine([[255; LINE]; PER_BYTE]); 7 * 70];
        let genotypes = vec![[u64::MAX; 8]; 5 * 70];
        for lines in [1, 7, 8, 9, 31, 32, 33, 70] {
            let expected = (lines * LINE * PER_BYTE * 2 * 255) as u64;
            for instructions in Instructions::ALL {
                for planes in 1..=7 {
                    let mut sums = vec![1; 5 * planes];
                    let rows = Bits { lines: &genotypes, stride: 70, rows: 5 };
                    let digits = Digits { lines: &digits, stride: 70, rows: planes };
                    sum_digits(instructions, rows, digits, lines, &mut sums);
                    assert_eq!(sums, vec![1 + expected; 5 * planes], "{instructions}, {lines}");
                }
            }
        }
    }
}

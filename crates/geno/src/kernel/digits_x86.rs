//! Sums of [`sum_digits`](super::digits::sum_digits) in vectors of bytes, whose products are added in pairs: no
//! compiler chooses these instructions by itself. All numbers are whole, so the order of sums changes no bit.

use std::array::from_fn;

use pulp::bytemuck::{Pod, cast_ref};
use pulp::x86::{V3, V4};
use pulp::{NullaryFnOnce, Simd, cast};
use twoblade_core::Instructions;

use super::counting::{Bits, LINE, Line};
use super::planes::{DigitLine, Digits};
use crate::chunk::PER_BYTE;

/// Planes that are summed together: a column of 24 bits.
const TOGETHER: usize = 3;
/// Products that sixteen bits can hold in pairs, of 255 times 2.
const PRODUCTS: usize = i16::MAX as usize / (2 * 255 * 2);

/// Adds the sums, if the processor has such instructions and they may be used.
pub(super) fn sum_digits(
    instructions: Instructions,
    rows: Bits<'_>,
    digits: Digits<'_>,
    lines: usize,
    sums: &mut [u64],
) -> bool {
    if instructions >= Instructions::Avx512
        && let Some(simd) = V4::try_new()
    {
        simd.vectorize(Summing::<_, 4> { simd, rows, digits, lines, sums });
    } else if instructions >= Instructions::Avx2
        && let Some(simd) = V3::try_new()
    {
        // Half as many rows: there are half as many registers.
        simd.vectorize(Summing::<_, 2> { simd, rows, digits, lines, sums });
    } else {
        return false;
    }
    true
}

/// Vectors of bytes and of sixteen bits.
trait Pairs: Simd {
    /// Adds products of bytes, two by two, to sums of sixteen bits.
    fn add_products(self, sums: Self::u32s, digits: Self::u32s, counts: Self::u32s) -> Self::u32s;
    /// Adds these, two by two, to sums of thirty-two bits.
    fn add_wider(self, wide: Self::u32s, sums: Self::u32s) -> Self::u32s;
}

impl Pairs for V4 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: Self::u32s, digits: Self::u32s, counts: Self::u32s) -> Self::u32s {
        let products = self.multiply_saturating_add_adjacent_i8x64(cast!(digits), cast!(counts));
        cast!(self.wrapping_add_i16x32(cast!(sums), products))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: Self::u32s, sums: Self::u32s) -> Self::u32s {
        let pairs = self.multiply_wrapping_add_adjacent_i16x32(cast!(sums), self.splat_i16x32(1));
        cast!(self.wrapping_add_i32x16(cast!(wide), pairs))
    }
}

impl Pairs for V3 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: Self::u32s, digits: Self::u32s, counts: Self::u32s) -> Self::u32s {
        let products = self.multiply_saturating_add_adjacent_i8x32(cast!(digits), cast!(counts));
        cast!(self.wrapping_add_i16x16(cast!(sums), products))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: Self::u32s, sums: Self::u32s) -> Self::u32s {
        let pairs = self.multiply_wrapping_add_adjacent_i16x16(cast!(sums), self.splat_i16x16(1));
        cast!(self.wrapping_add_i32x8(cast!(wide), pairs))
    }
}

/// Words of a line, of thirty-two bits.
const HALVES: usize = LINE / 4;

/// The vectors of a line.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn vectors<S: Simd, L: Pod>(line: &L) -> &[S::u32s] {
    let words: &[u32; HALVES] = cast_ref(line);
    S::as_simd_u32s(words).0
}

/// What each two bits count.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn counted<S: Simd>(simd: S, bits: S::u32s) -> S::u32s {
    let low = simd.splat_u32s(0x5555_5555);
    let high = simd.wrapping_dyn_shr_u32s(bits, simd.splat_u32s(1));
    simd.add_u32s(simd.and_u32s(bits, low), simd.and_u32s(high, low))
}

/// The sum of the sums of thirty-two bits.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn total<S: Simd>(sums: S::u32s) -> u64 {
    let mut words = [0; HALVES];
    S::as_mut_simd_u32s(&mut words).0[0] = sums;
    words.into_iter().map(u64::from).sum()
}

/// `R` rows at a time.
struct Summing<'a, S, const R: usize> {
    simd: S,
    rows: Bits<'a>,
    digits: Digits<'a>,
    lines: usize,
    sums: &'a mut [u64],
}

impl<S: Pairs, const R: usize> NullaryFnOnce for Summing<'_, S, R> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn call(self) {
        let Self { simd, rows, digits, lines, sums } = self;
        let whole = rows.rows - rows.rows % R;
        for row in (0..whole).step_by(R) {
            let several = from_fn(|next| rows.row(row + next, lines));
            all_planes::<S, R>(simd, several, digits, &mut sums[row * digits.rows..]);
        }
        for row in whole..rows.rows {
            let one = [rows.row(row, lines)];
            all_planes::<S, 1>(simd, one, digits, &mut sums[row * digits.rows..]);
        }
    }
}

/// `R` rows with all planes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn all_planes<S: Pairs, const R: usize>(
    simd: S,
    rows: [&[Line]; R],
    digits: Digits<'_>,
    sums: &mut [u64],
) {
    for first in (0..digits.rows).step_by(TOGETHER) {
        match digits.rows - first {
            1 => some_planes::<S, R, 1>(simd, rows, digits, first, sums),
            2 => some_planes::<S, R, 2>(simd, rows, digits, first, sums),
            _ => some_planes::<S, R, TOGETHER>(simd, rows, digits, first, sums),
        }
    }
}

/// `R` rows with `P` planes, of which this is the first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn some_planes<S: Pairs, const R: usize, const P: usize>(
    simd: S,
    rows: [&[Line]; R],
    digits: Digits<'_>,
    first: usize,
    sums: &mut [u64],
) {
    let (lines, parts) = (rows[0].len(), HALVES / S::U32_LANES);
    let (none, two) = (simd.splat_u32s(0), simd.splat_u32s(2));
    let of_first = simd.splat_u32s(0x0303_0303);
    let planes: [&[DigitLine]; P] = from_fn(|next| digits.row(first + next, lines));
    let mut wide = [[none; P]; R];
    let some_lines = PRODUCTS / (PER_BYTE * parts);
    for start in (0..lines).step_by(some_lines) {
        let mut some = [[none; P]; R];
        for at in start..lines.min(start + some_lines) {
            for part in 0..parts {
                let mut counts = [none; R];
                for row in 0..R {
                    counts[row] = counted(simd, vectors::<S, _>(&rows[row][at])[part]);
                }
                for individual in 0..PER_BYTE {
                    let mut of = [none; R];
                    for row in 0..R {
                        of[row] = simd.and_u32s(counts[row], of_first);
                        counts[row] = simd.wrapping_dyn_shr_u32s(counts[row], two);
                    }
                    for plane in 0..P {
                        let digits = vectors::<S, _>(&planes[plane][at].0[individual])[part];
                        for row in 0..R {
                            let sum = &mut some[row][plane];
                            *sum = simd.add_products(*sum, digits, of[row]);
                        }
                    }
                }
            }
        }
        for row in 0..R {
            for plane in 0..P {
                wide[row][plane] = simd.add_wider(wide[row][plane], some[row][plane]);
            }
        }
    }
    for row in 0..R {
        for plane in 0..P {
            sums[row * digits.rows + first + plane] += total::<S>(wide[row][plane]);
        }
    }
}

//! Sums of [`sum_digits`](super::digits::sum_digits) in vectors of bytes, whose products are added in pairs: no
//! compiler chooses these instructions by itself. All numbers are whole, so the order of sums changes no bit.

use pulp::x86::{V3, V4};
use pulp::{NullaryFnOnce, cast, u64x4, u64x8};
use twoblade_core::Instructions;

use super::counting::{Bits, LINE, Line};
use super::digits::{DigitLine, Digits, FOUR};

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
        && let Some(bytes) = V4::try_new()
    {
        bytes.vectorize(Summing::<_, 4> { bytes, rows, digits, lines, sums });
    } else if instructions >= Instructions::Avx2
        && let Some(bytes) = V3::try_new()
    {
        // Half as many rows: there are half as many registers.
        bytes.vectorize(Summing::<_, 2> { bytes, rows, digits, lines, sums });
    } else {
        return false;
    }
    true
}

/// Vectors of bytes, of sixteen bits and of thirty-two.
trait Bytes: Copy {
    type V: Copy;
    /// Vectors of a line.
    const PARTS: usize;
    fn none(self) -> Self::V;
    fn bits(self, line: &Line, part: usize) -> Self::V;
    fn digits(self, digits: &[u8; LINE], part: usize) -> Self::V;
    /// What each two bits count.
    fn counted(self, bits: Self::V) -> Self::V;
    /// What the first two bits of each byte count.
    fn first(self, counts: Self::V) -> Self::V;
    /// Brings the next two there.
    fn next(self, counts: Self::V) -> Self::V;
    /// Adds products of bytes, two by two, to sums of sixteen bits.
    fn add_products(self, sums: Self::V, digits: Self::V, counts: Self::V) -> Self::V;
    /// Adds these, two by two, to sums of thirty-two bits.
    fn add_wider(self, wide: Self::V, sums: Self::V) -> Self::V;
    fn total(self, wide: Self::V) -> u64;
}

impl Bytes for V4 {
    type V = u64x8;
    const PARTS: usize = LINE / size_of::<u64x8>();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn none(self) -> u64x8 {
        self.splat_u64x8(0)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn bits(self, line: &Line, part: usize) -> u64x8 {
        let parts: [u64x8; Self::PARTS] = cast!(*line);
        parts[part]
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn digits(self, digits: &[u8; LINE], part: usize) -> u64x8 {
        let parts: [u64x8; Self::PARTS] = cast!(*digits);
        parts[part]
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn counted(self, bits: u64x8) -> u64x8 {
        let low = self.splat_u64x8(0x5555_5555_5555_5555);
        let high = self.shr_const_u64x8::<1>(bits);
        self.wrapping_add_u64x8(self.and_u64x8(bits, low), self.and_u64x8(high, low))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn first(self, counts: u64x8) -> u64x8 {
        self.and_u64x8(counts, self.splat_u64x8(0x0303_0303_0303_0303))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn next(self, counts: u64x8) -> u64x8 {
        self.shr_const_u64x8::<2>(counts)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: u64x8, digits: u64x8, counts: u64x8) -> u64x8 {
        let products = self.multiply_saturating_add_adjacent_i8x64(cast!(digits), cast!(counts));
        cast!(self.wrapping_add_i16x32(cast!(sums), products))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: u64x8, sums: u64x8) -> u64x8 {
        let pairs = self.multiply_wrapping_add_adjacent_i16x32(cast!(sums), self.splat_i16x32(1));
        cast!(self.wrapping_add_i32x16(cast!(wide), pairs))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn total(self, wide: u64x8) -> u64 {
        let sums: [u32; size_of::<u64x8>() / 4] = cast!(wide);
        sums.into_iter().map(u64::from).sum()
    }
}

impl Bytes for V3 {
    type V = u64x4;
    const PARTS: usize = LINE / size_of::<u64x4>();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn none(self) -> u64x4 {
        self.splat_u64x4(0)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn bits(self, line: &Line, part: usize) -> u64x4 {
        let parts: [u64x4; Self::PARTS] = cast!(*line);
        parts[part]
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn digits(self, digits: &[u8; LINE], part: usize) -> u64x4 {
        let parts: [u64x4; Self::PARTS] = cast!(*digits);
        parts[part]
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn counted(self, bits: u64x4) -> u64x4 {
        let low = self.splat_u64x4(0x5555_5555_5555_5555);
        let high = self.shr_const_u64x4::<1>(bits);
        self.wrapping_add_u64x4(self.and_u64x4(bits, low), self.and_u64x4(high, low))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn first(self, counts: u64x4) -> u64x4 {
        self.and_u64x4(counts, self.splat_u64x4(0x0303_0303_0303_0303))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn next(self, counts: u64x4) -> u64x4 {
        self.shr_const_u64x4::<2>(counts)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: u64x4, digits: u64x4, counts: u64x4) -> u64x4 {
        let products = self.multiply_saturating_add_adjacent_i8x32(cast!(digits), cast!(counts));
        cast!(self.wrapping_add_i16x16(cast!(sums), products))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: u64x4, sums: u64x4) -> u64x4 {
        let pairs = self.multiply_wrapping_add_adjacent_i16x16(cast!(sums), self.splat_i16x16(1));
        cast!(self.wrapping_add_i32x8(cast!(wide), pairs))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn total(self, wide: u64x4) -> u64 {
        let sums: [u32; size_of::<u64x4>() / 4] = cast!(wide);
        sums.into_iter().map(u64::from).sum()
    }
}

/// `R` rows at a time.
struct Summing<'a, B, const R: usize> {
    bytes: B,
    rows: Bits<'a>,
    digits: Digits<'a>,
    lines: usize,
    sums: &'a mut [u64],
}

impl<B: Bytes, const R: usize> NullaryFnOnce for Summing<'_, B, R> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn call(self) {
        let whole = self.rows.rows - self.rows.rows % R;
        let planes = self.digits.planes;
        for row in (0..whole).step_by(R) {
            let rows = std::array::from_fn(|next| self.rows.row(row + next, self.lines));
            all_planes::<B, R>(self.bytes, rows, self.digits, &mut self.sums[row * planes..]);
        }
        for row in whole..self.rows.rows {
            let rows = [self.rows.row(row, self.lines)];
            all_planes::<B, 1>(self.bytes, rows, self.digits, &mut self.sums[row * planes..]);
        }
    }
}

/// `R` rows with all planes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn all_planes<B: Bytes, const R: usize>(
    bytes: B,
    rows: [&[Line]; R],
    digits: Digits<'_>,
    sums: &mut [u64],
) {
    for first in (0..digits.planes).step_by(TOGETHER) {
        match digits.planes - first {
            1 => some_planes::<B, R, 1>(bytes, rows, digits, first, sums),
            2 => some_planes::<B, R, 2>(bytes, rows, digits, first, sums),
            _ => some_planes::<B, R, TOGETHER>(bytes, rows, digits, first, sums),
        }
    }
}

/// `R` rows with `P` planes, of which this is the first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn some_planes<B: Bytes, const R: usize, const P: usize>(
    bytes: B,
    rows: [&[Line]; R],
    digits: Digits<'_>,
    first: usize,
    sums: &mut [u64],
) {
    let lines = rows[0].len();
    let mut planes: [&[DigitLine]; P] = [&[]; P];
    for (next, plane) in planes.iter_mut().enumerate() {
        *plane = digits.plane(first + next, lines);
    }
    let mut wide = [[bytes.none(); P]; R];
    let some_lines = PRODUCTS / (FOUR * B::PARTS);
    for start in (0..lines).step_by(some_lines) {
        let mut some = [[bytes.none(); P]; R];
        for at in start..lines.min(start + some_lines) {
            for part in 0..B::PARTS {
                let mut counts = [bytes.none(); R];
                for row in 0..R {
                    counts[row] = bytes.counted(bytes.bits(&rows[row][at], part));
                }
                for individual in 0..FOUR {
                    let mut of = [bytes.none(); R];
                    for row in 0..R {
                        of[row] = bytes.first(counts[row]);
                        counts[row] = bytes.next(counts[row]);
                    }
                    for plane in 0..P {
                        let digits = bytes.digits(&planes[plane][at].0[individual], part);
                        for row in 0..R {
                            let sum = &mut some[row][plane];
                            *sum = bytes.add_products(*sum, digits, of[row]);
                        }
                    }
                }
            }
        }
        for row in 0..R {
            for plane in 0..P {
                wide[row][plane] = bytes.add_wider(wide[row][plane], some[row][plane]);
            }
        }
    }
    for row in 0..R {
        for plane in 0..P {
            sums[row * digits.planes + first + plane] += bytes.total(wide[row][plane]);
        }
    }
}

//! Sums of [`sum_digits`](super::digits::sum_digits) in vectors of bytes. All numbers are whole, so the order of
//! sums changes no bit.

use std::array::from_fn;

use pulp::bytemuck::{Pod, cast_ref};
use pulp::x86::{V3, V4};
use pulp::{NullaryFnOnce, Simd};
use twoblade_core::Instructions;

use super::counting::{Bits, LINE, Line};
use super::planes::{DigitLine, Digits};
use super::products_x86::Products;
use super::x86_64::Fours;
use super::{Loop, run};
use crate::chunk::PER_BYTE;

/// Adds the sums, if the processor has such instructions and they may be used.
pub(super) fn sum_digits(
    instructions: Instructions,
    rows: Bits<'_>,
    digits: Digits<'_>,
    lines: usize,
    sums: &mut [u64],
) -> bool {
    if instructions < Instructions::Avx2 {
        return false;
    }
    if instructions >= Instructions::Avx512
        && let Some(products) = Fours::asked()
    {
        run(instructions, Summing::<_, 4> { products, rows, digits, lines, sums });
    } else if instructions >= Instructions::Avx512
        && let Some(products) = V4::try_new()
    {
        products.vectorize(Summing::<_, 4> { products, rows, digits, lines, sums });
    } else if let Some(products) = V3::try_new() {
        // Half as many rows: there are half as many registers.
        products.vectorize(Summing::<_, 2> { products, rows, digits, lines, sums });
    } else {
        return false;
    }
    true
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
struct Summing<'a, P, const R: usize> {
    products: P,
    rows: Bits<'a>,
    digits: Digits<'a>,
    lines: usize,
    sums: &'a mut [u64],
}

impl<P: Products, const R: usize> NullaryFnOnce for Summing<'_, P, R> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn call(self) {
        let Self { products, rows, digits, lines, sums } = self;
        let whole = rows.rows - rows.rows % R;
        for row in (0..whole).step_by(R) {
            let several = from_fn(|next| rows.row(row + next, lines));
            all_planes::<P, R>(products, several, digits, &mut sums[row * digits.rows..]);
        }
        for row in whole..rows.rows {
            let one = [rows.row(row, lines)];
            all_planes::<P, 1>(products, one, digits, &mut sums[row * digits.rows..]);
        }
    }
}

impl<const R: usize> Loop for Summing<'_, Fours, R> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        self.call();
    }
}

/// `R` rows with all planes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn all_planes<P: Products, const R: usize>(
    products: P,
    rows: [&[Line]; R],
    digits: Digits<'_>,
    sums: &mut [u64],
) {
    for first in (0..digits.rows).step_by(P::TOGETHER) {
        match P::TOGETHER.min(digits.rows - first) {
            1 => some_planes::<P, R, 1>(products, rows, digits, first, sums),
            2 => some_planes::<P, R, 2>(products, rows, digits, first, sums),
            3 => some_planes::<P, R, 3>(products, rows, digits, first, sums),
            4 => some_planes::<P, R, 4>(products, rows, digits, first, sums),
            5 => some_planes::<P, R, 5>(products, rows, digits, first, sums),
            _ => some_planes::<P, R, 6>(products, rows, digits, first, sums),
        }
    }
}

/// `R` rows with `N` planes, of which this is the first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn some_planes<P: Products, const R: usize, const N: usize>(
    products: P,
    rows: [&[Line]; R],
    digits: Digits<'_>,
    first: usize,
    sums: &mut [u64],
) {
    let simd = products.simd();
    let (lines, parts) = (rows[0].len(), HALVES / P::Simd::U32_LANES);
    let (none, two) = (simd.splat_u32s(0), simd.splat_u32s(2));
    let of_first = simd.splat_u32s(0x0303_0303);
    let planes: [&[DigitLine]; N] = from_fn(|next| digits.row(first + next, lines));
    let mut wide = [[none; N]; R];
    let some_lines = P::VECTORS / (PER_BYTE * parts);
    for start in (0..lines).step_by(some_lines) {
        let mut some = [[none; N]; R];
        for at in start..lines.min(start + some_lines) {
            for part in 0..parts {
                let mut counts = [none; R];
                for row in 0..R {
                    counts[row] = counted(simd, vectors::<P::Simd, _>(&rows[row][at])[part]);
                }
                for individual in 0..PER_BYTE {
                    let mut of = [none; R];
                    for row in 0..R {
                        of[row] = simd.and_u32s(counts[row], of_first);
                        counts[row] = simd.wrapping_dyn_shr_u32s(counts[row], two);
                    }
                    for plane in 0..N {
                        let digits = &planes[plane][at].0[individual];
                        let digits = vectors::<P::Simd, _>(digits)[part];
                        for row in 0..R {
                            let sum = &mut some[row][plane];
                            *sum = products.add_products(*sum, digits, of[row]);
                        }
                    }
                }
            }
        }
        for row in 0..R {
            for plane in 0..N {
                wide[row][plane] = products.add_wider(wide[row][plane], some[row][plane]);
            }
        }
    }
    for row in 0..R {
        for plane in 0..N {
            sums[row * digits.rows + first + plane] += total::<P::Simd>(wide[row][plane]);
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::bytemuck::cast;
    use twoblade_core::Random;

    use super::*;
    use crate::kernel::{WORDS, digits};

    /// A processor that can do better would otherwise never try the others.
    #[test]
    fn every_way_gives_the_sums_of_the_scalar_one() {
        const LINES: usize = 11;
        const ROWS: usize = 9;
        const PLANES: usize = 14;
        let random = Random::new(8, 0);
        let line = |of: u32, line: usize| -> Line {
            from_fn(|at| random.bits((WORDS * line + at) as u64, of)[0])
        };
        let genotypes: Vec<Line> = (0..ROWS * LINES).map(|at| line(0, at)).collect();
        let places = |at: usize| from_fn(|place| cast(line(1, PER_BYTE * at + place)));
        let digits: Vec<_> = (0..PLANES * LINES).map(|at| DigitLine(places(at))).collect();
        for (count, planes, lines) in [(9, 14, 11), (8, 6, 11), (7, 3, 10), (3, 5, 9), (1, 1, 1)] {
            let rows = Bits { lines: &genotypes, stride: LINES, rows: count };
            let digits = Digits { lines: &digits, stride: LINES, rows: planes };
            let mut expected = vec![1; count * planes];
            digits::sum_digits(Instructions::Scalar, rows, digits, lines, &mut expected);
            let mut found = Vec::new();
            let sums = || vec![1; count * planes];
            if let Some(products) = Fours::asked() {
                let mut sums = sums();
                let sum = Summing::<_, 4> { products, rows, digits, lines, sums: &mut sums };
                run(Instructions::Avx512, sum);
                found.push(("four products", sums));
            }
            if let Some(products) = V4::try_new() {
                let mut sums = sums();
                let sum = Summing::<_, 4> { products, rows, digits, lines, sums: &mut sums };
                products.vectorize(sum);
                found.push(("AVX-512", sums));
            }
            if let Some(products) = V3::try_new() {
                let mut sums = sums();
                let sum = Summing::<_, 2> { products, rows, digits, lines, sums: &mut sums };
                products.vectorize(sum);
                found.push(("AVX2", sums));
            }
            for (way, sums) in found {
                assert_eq!(sums, expected, "{way}: {count} rows, {planes} planes, {lines} lines");
            }
        }
    }
}

//! Products of bytes that are added by four or in pairs: no compiler chooses these instructions by itself.

use pulp::x86::{V3, V4};
use pulp::{Simd, cast, u32x8, u32x16};

use super::x86_64::Fours;

/// Products of bytes, in vectors.
pub(super) trait Products: Copy {
    /// What else is done with the vectors.
    type Simd: Simd;
    /// Planes that are summed together.
    const TOGETHER: usize;
    /// Vectors whose products a sum can hold, of 255 times 2 at the most.
    const VECTORS: usize;

    /// The instructions for that.
    fn simd(self) -> Self::Simd;
    /// Adds products of bytes to the sums of several of them.
    fn add_products(
        self,
        sums: Vector<Self>,
        digits: Vector<Self>,
        counts: Vector<Self>,
    ) -> Vector<Self>;
    /// Adds sums of products to those of thirty-two bits.
    fn add_wider(self, wide: Vector<Self>, sums: Vector<Self>) -> Vector<Self>;
}

pub(super) type Vector<P> = <<P as Products>::Simd as Simd>::u32s;

/// A column of twenty-four bits.
const COLUMN: usize = 3;
/// Sums of two products that sixteen bits hold, one after the other.
const PAIRS: usize = i16::MAX as usize / (2 * 255 * 2);

/// Two columns at a time, and sums of thirty-two bits.
impl Products for Fours {
    type Simd = V4;
    const TOGETHER: usize = 2 * COLUMN;
    const VECTORS: usize = i32::MAX as usize / (4 * 255 * 2);

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn simd(self) -> V4 {
        self.v4()
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: u32x16, digits: u32x16, counts: u32x16) -> u32x16 {
        self.add(sums, digits, counts)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: u32x16, sums: u32x16) -> u32x16 {
        self.v4().wrapping_add_u32x16(wide, sums)
    }
}

impl Products for V4 {
    type Simd = Self;
    const TOGETHER: usize = COLUMN;
    const VECTORS: usize = PAIRS;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn simd(self) -> Self {
        self
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: u32x16, digits: u32x16, counts: u32x16) -> u32x16 {
        let products = self.multiply_saturating_add_adjacent_i8x64(cast!(digits), cast!(counts));
        cast!(self.wrapping_add_i16x32(cast!(sums), products))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: u32x16, sums: u32x16) -> u32x16 {
        let pairs = self.multiply_wrapping_add_adjacent_i16x32(cast!(sums), self.splat_i16x32(1));
        cast!(self.wrapping_add_i32x16(cast!(wide), pairs))
    }
}

impl Products for V3 {
    type Simd = Self;
    const TOGETHER: usize = COLUMN;
    const VECTORS: usize = PAIRS;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn simd(self) -> Self {
        self
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_products(self, sums: u32x8, digits: u32x8, counts: u32x8) -> u32x8 {
        let products = self.multiply_saturating_add_adjacent_i8x32(cast!(digits), cast!(counts));
        cast!(self.wrapping_add_i16x16(cast!(sums), products))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn add_wider(self, wide: u32x8, sums: u32x8) -> u32x8 {
        let pairs = self.multiply_wrapping_add_adjacent_i16x16(cast!(sums), self.splat_i16x16(1));
        cast!(self.wrapping_add_i32x8(cast!(wide), pairs))
    }
}

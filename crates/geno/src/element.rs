//! The numbers in which products are made.

use std::fmt::Debug;
use std::ops::{Add, Mul};

use pulp::Simd;
use twoblade_core::Number;

/// `f32` for work, `f64` for its twin in tests and for those who doubt.
pub trait Element:
    Debug + PartialEq + Number + Add<Output = Self> + Mul<Output = Self> + Send + Sync + 'static
{
    /// The nearest element.
    fn nearest(value: f64) -> Self;

    /// Several side by side.
    #[doc(hidden)]
    type Vector<S: Simd>: Copy;

    /// Rows of whole vectors as these.
    #[doc(hidden)]
    fn vectors<S: Simd>(row: &[Self]) -> &[Self::Vector<S>];

    /// The same, to be changed.
    #[doc(hidden)]
    fn vectors_mut<S: Simd>(row: &mut [Self]) -> &mut [Self::Vector<S>];

    /// A sum, lane by lane.
    #[doc(hidden)]
    fn sum<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;

    /// The product with a number, lane by lane.
    #[doc(hidden)]
    fn times<S: Simd>(simd: S, by: Self, a: Self::Vector<S>) -> Self::Vector<S>;
}

impl Element for f32 {
    fn nearest(value: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
        let nearest = value as f32;
        nearest
    }

    type Vector<S: Simd> = S::f32s;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn vectors<S: Simd>(row: &[Self]) -> &[S::f32s] {
        S::as_simd_f32s(row).0
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn vectors_mut<S: Simd>(row: &mut [Self]) -> &mut [S::f32s] {
        S::as_mut_simd_f32s(row).0
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn sum<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.add_f32s(a, b)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn times<S: Simd>(simd: S, by: Self, a: S::f32s) -> S::f32s {
        simd.mul_f32s(simd.splat_f32s(by), a)
    }
}

impl Element for f64 {
    fn nearest(value: f64) -> Self {
        value
    }

    type Vector<S: Simd> = S::f64s;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn vectors<S: Simd>(row: &[Self]) -> &[S::f64s] {
        S::as_simd_f64s(row).0
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn vectors_mut<S: Simd>(row: &mut [Self]) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(row).0
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn sum<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(a, b)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn times<S: Simd>(simd: S, by: Self, a: S::f64s) -> S::f64s {
        simd.mul_f64s(simd.splat_f64s(by), a)
    }
}

//! The numbers in which products are made.

use std::fmt::Debug;
use std::ops::{Add, Mul};

/// `f32` for work, `f64` for its twin in tests and for those who doubt.
pub trait Element:
    Copy
    + Debug
    + Default
    + PartialEq
    + Into<f64>
    + Add<Output = Self>
    + Mul<Output = Self>
    + Send
    + Sync
    + private::Sealed
{
    /// The nearest element.
    fn nearest(value: f64) -> Self;
}

impl Element for f32 {
    fn nearest(value: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
        let nearest = value as f32;
        nearest
    }
}

impl Element for f64 {
    fn nearest(value: f64) -> Self {
        value
    }
}

mod private {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

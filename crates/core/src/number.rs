//! The numbers that contributions come in.

/// `f32` or `f64`.
pub trait Number: Copy + Default + Into<f64> + private::Sealed {
    /// The size of the largest, and whether all are finite: if one is not, that size means nothing.
    #[doc(hidden)]
    fn largest(numbers: &[Self]) -> (f64, bool);
}

// But for its sign, the bits of a number are an integer in the order of the sizes, and what is not finite comes
// after the others. A largest integer is found in vectors.

impl Number for f32 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn largest(numbers: &[Self]) -> (f64, bool) {
        let size = |x: &f32| x.to_bits() & 0x7fff_ffff;
        let bits = numbers.iter().fold(0, |largest, x| size(x).max(largest));
        let largest = f32::from_bits(bits);
        (largest.into(), largest.is_finite())
    }
}

impl Number for f64 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn largest(numbers: &[Self]) -> (f64, bool) {
        // Not negative, and signed numbers are compared in vectors.
        let size = |x: &f64| x.to_bits().cast_signed() & i64::MAX;
        let bits = numbers.iter().fold(0, |largest, x| size(x).max(largest));
        let largest = f64::from_bits(bits.cast_unsigned());
        (largest, largest.is_finite())
    }
}

mod private {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_found_wherever_it_stands() {
        for length in [1, 15, 16, 17, 40] {
            for at in 0..length {
                for (large, finite) in [(-3.5, true), (f32::INFINITY, false), (f32::NAN, false)] {
                    let mut numbers = vec![-1.25; length];
                    numbers[at] = large;
                    let doubles: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
                    for (largest, all_finite) in [f32::largest(&numbers), f64::largest(&doubles)] {
                        assert_eq!(all_finite, finite, "{large} at {at} of {length}");
                        assert!(!finite || largest.to_bits() == 3.5f64.to_bits());
                    }
                }
            }
        }
        assert_eq!((f32::largest(&[]), f64::largest(&[])), ((0.0, true), (0.0, true)));
    }
}

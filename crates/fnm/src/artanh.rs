//! Fisher's z, and back.

/// |z| is at most this: a correlation of 1 would have none.
pub const CAP: f64 = 10.0;
/// The bits of the root of 1/2.
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
/// Those of 1.
const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;

/// artanh r = ln((1 + r) / (1 - r)) / 2, at most [`CAP`] in size; good to 1e-15 of 1 or of itself.
///
/// Arithmetic of doubles alone, without a branch, so that a loop over it is vectorised and gives the
/// same bits on every machine. |r| may be a little above 1, by rounding.
#[inline]
pub fn artanh(r: f64) -> f64 {
    // Where 1 - |r| is 0 or below, the cap holds anyhow.
    let size = r.abs().min(1.0 - f64::EPSILON / 2.0);
    let z = 0.5 * log_ratio(size);
    z.min(CAP).copysign(r)
}

/// ln((1 + x) / (1 - x)) for x from 0 to below 1.
fn log_ratio(x: f64) -> f64 {
    // (1 + x) / (1 - x) = 2^e m with m near 1; with s = (m - 1) / (m + 1), ln m = 2 artanh s, an odd
    // series in s. The difference of the bits of 1 + x and 1 - x is the logarithm of their ratio to
    // 0.086; so e, told by it, leaves m within 2^0.59 and |s| below 0.201, and one division is enough.
    let (above, below) = (1.0 + x, 1.0 - x);
    let bits = above.to_bits().wrapping_sub(below.to_bits());
    let exponent = bits.wrapping_add(ONE_BITS - SQRT_HALF_BITS) >> 52;
    let scaled = f64::from_bits(below.to_bits().wrapping_add(exponent << 52));
    // Small x would lose digits in 1 + x: there e is 0 and s is x itself.
    let s = if exponent == 0 { x } else { (above - scaled) / (above + scaled) };
    let q = s * s;
    let mut series = 1.0 / 23.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * q + 1.0 / odd;
    }
    2.0 * s * series + exponent_as_f64(exponent) * std::f64::consts::LN_2
}

/// Of an exponent of at most 54.
#[inline]
fn exponent_as_f64(exponent: u64) -> f64 {
    // The low bits of a double between 2^52 and 2^53 are an integer.
    f64::from_bits(0x4330_0000_0000_0000 | exponent) - 4_503_599_627_370_496.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_library_function(r in -1.0f64..1.0, small in 0i32..60) {
            for r in [r, r * 2f64.powi(-small), 1.0 - r.abs() * 2f64.powi(-small.min(26))] {
                let expected = libm::atanh(r).clamp(-CAP, CAP);
                let off = (artanh(r) - expected).abs();
                prop_assert!(off <= 4e-16 * expected.abs().max(1e-300) * 4.0, "{r}: {off:e}");
            }
        }
    }

    #[test]
    fn what_has_no_z_is_capped() {
        for r in [1.0, 1.0 + 1e-9, 0.999_999_999_9] {
            assert!((artanh(r) - CAP).abs() < 1e-15);
            assert!((artanh(-r) + CAP).abs() < 1e-15);
        }
        assert_eq!(artanh(0.0).to_bits(), 0.0f64.to_bits());
    }
}

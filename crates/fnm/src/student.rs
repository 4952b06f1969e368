//! Tails of Student's distribution, as far out as any.

/// log10 of the probability that |T| is at least |t|, for `freedom` degrees of freedom.
///
/// P = I_x(freedom / 2, 1/2) with x = freedom / (freedom + t^2); the incomplete beta function by its
/// continued fraction (Abramowitz and Stegun 26.5.8, evaluated as Lentz does), whose factors are kept
/// as logarithms: so there is no least number. Good to 1e-10 of the logarithm.
pub fn log10_two_sided(t: f64, freedom: f64) -> f64 {
    let (a, b) = (0.5 * freedom, 0.5);
    let square = t * t;
    if square == 0.0 {
        return 0.0;
    }
    let x = freedom / (freedom + square);
    let y = square / (freedom + square);
    let beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    // ln x and ln y without loss, from whichever is small.
    let ln_x = -libm::log1p(square / freedom);
    let ln_y = -libm::log1p(freedom / square);
    let front = a * ln_x + b * ln_y - beta;
    let natural = if x < (a + 1.0) / (a + b + 2.0) {
        front - libm::log(a) + libm::log(fraction(a, b, x))
    } else {
        libm::log1p(-libm::exp(front - libm::log(b)) * fraction(b, a, y))
    };
    natural.min(0.0) / std::f64::consts::LN_10
}

/// The continued fraction of I_x(a, b) a B(a, b) / (x^a (1 - x)^b).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for step in 1..=10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        product *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let factor = d * c;
        product *= factor;
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_closed_forms() {
        for t in [1e-3, 0.1, 0.7, 1.0, 2.5, 40.0, 1e5, 1e150] {
            // One degree of freedom is Cauchy's distribution, two have p = 1 - t / sqrt(2 + t^2).
            let cauchy = 2.0 / std::f64::consts::PI * libm::atan(1.0 / t);
            let two = 2.0 / ((2.0 + t * t).sqrt() * ((2.0 + t * t).sqrt() + t));
            for (freedom, p) in [(1.0, cauchy), (2.0, two)] {
                let expected = libm::log10(p);
                let off = (log10_two_sided(-t, freedom) - expected).abs();
                if expected.is_finite() {
                    assert!(off <= 1e-10 * expected.abs().max(1e-3), "{t} {freedom}: {off:e}");
                }
            }
        }
    }

    /// By mpmath 1.3.0 with 60 digits:
    /// `log10(betainc(df / 2, 1 / 2, 0, df / (df + t^2), regularized=True))`.
    const KNOWN: [(f64, f64, f64); 12] = [
        (0.5, 3.0, -0.186_120_268_334_869_5),
        (2.0, 23.0, -1.240_751_175_939_599_5),
        (8.5, 23.0, -7.826_084_298_080_075),
        (40.0, 23.0, -22.039_585_953_066_457),
        (1e-4, 99.0, -3.456_566_926_644_256e-5),
        (6.0, 99.0, -7.488_662_708_297_896),
        (60.0, 99.0, -78.927_433_742_646_09),
        (3.3, 999.0, -2.999_552_358_923_625_7),
        (38.0, 999.0, -195.468_883_253_797_3),
        (60.0, 999.0, -332.762_302_937_056_6),
        (200.0, 999.0, -807.389_889_583_759_6),
        (1000.0, 5.0, -13.721_700_791_397_743),
    ];

    #[test]
    fn tails_are_those_of_sixty_digits() {
        for (t, freedom, expected) in KNOWN {
            let off = (log10_two_sided(t, freedom) - expected).abs();
            // Of lgamma at half of 999, 2,600, the last digits are 1e-12.
            assert!(off <= 1e-11 * expected.abs().max(1.0), "{t} {freedom}: {off:e}");
        }
    }

    #[test]
    fn no_p_is_too_small() {
        assert!(log10_two_sided(0.0, 5.0).abs() < 1e-300);
        let far = log10_two_sided(200.0, 999.0);
        assert!(far < -800.0 && far.is_finite(), "{far}");
        let all: Vec<f64> = (1..400).map(|t| log10_two_sided(f64::from(t), 23.0)).collect();
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]));
    }
}

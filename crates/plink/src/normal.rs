//! Normal draws by index.

use std::f64::consts::TAU;

use twoblade_core::{Random, unit};

/// A standard normal draw for a place, by Box and Muller's transform ("A note on the generation of
/// random normal deviates", Ann. Math. Stat. 1958).
///
/// The logarithm and the cosine are `libm`'s, so that every system draws the same bits.
///
/// ```
/// use twoblade_core::Random;
/// use twoblade_plink::normal;
///
/// let random = Random::new(7, 1);
/// assert_eq!(normal(&random, 3, 5), normal(&random, 3, 5));
/// ```
pub fn normal(random: &Random, item: u64, draw: u32) -> f64 {
    let [radius, angle] = random.bits(item, draw).map(unit);
    // 1 - radius is in (0, 1], so the logarithm is finite.
    (-2.0 * libm::log(1.0 - radius)).sqrt() * libm::cos(TAU * angle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_have_the_moments_of_the_normal() {
        let random = Random::new(1, 0);
        let count = 200_000u32;
        let mut sums = [0.0; 4];
        for item in 0..count {
            let value = normal(&random, u64::from(item), 0);
            for (sum, power) in sums.iter_mut().zip(1..) {
                *sum += value.powi(power) / f64::from(count);
            }
        }
        // Moments 0, 1, 0, 3; their standard errors are sqrt(1, 2, 15, 96) / sqrt(count).
        for ((moment, expected), variance) in
            sums.iter().zip([0.0, 1.0, 0.0, 3.0]).zip([1.0, 2.0, 15.0, 96.0])
        {
            let error = (variance / f64::from(count)).sqrt();
            assert!((moment - expected).abs() < 4.0 * error, "{sums:?}");
        }
    }
}

//! Standard normal draws by index.

use twoblade_core::{Random, unit};

/// Two independent standard normal numbers for a place.
///
/// Box and Muller (1958), with `libm` and not the system's functions, which differ in last bits.
pub fn normals(random: &Random, item: u64, draw: u32) -> [f64; 2] {
    let [radius, angle] = random.bits(item, draw);
    // 1 - u is in (0, 1], so the logarithm is finite.
    let radius = (-2.0 * libm::log(1.0 - unit(radius))).sqrt();
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * unit(angle));
    [radius * cos, radius * sin]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_a_standard_normal() {
        let random = Random::new(3, 9);
        let n = 200_000u64;
        let draws: Vec<f64> = (0..n / 2).flat_map(|item| normals(&random, item, 0)).collect();
        let moment = |power: i32| draws.iter().map(|x| x.powi(power)).sum::<f64>() / n as f64;
        // Variances of x, x^2, x^3, x^4: 1, 2, 15, 96; five standard errors of each mean.
        for (power, expected, variance) in
            [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
        {
            let limit = 5.0 * (variance / n as f64).sqrt();
            assert!((moment(power) - expected).abs() < limit, "moment {power}: {}", moment(power));
        }
    }
}

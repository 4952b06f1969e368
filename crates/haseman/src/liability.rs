//! From the observed scale of cases and controls to the scale of liability.

use twoblade_geno::normal_quantile;

use crate::error::HasemanError;

/// How common a disease is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prevalence {
    population: f64,
    sample: Option<f64>,
}

impl Prevalence {
    /// The share of cases in the population, and among the individuals; if the latter is not given it
    /// is counted.
    ///
    /// # Errors
    /// [`HasemanError::Prevalence`] for a share that is not between 0 and 1.
    pub fn new(population: f64, sample: Option<f64>) -> Result<Self, HasemanError> {
        match [Some(population), sample].into_iter().flatten().find(|&p| !(p > 0.0 && p < 1.0)) {
            Some(found) => Err(HasemanError::Prevalence { found }),
            None => Ok(Self { population, sample }),
        }
    }

    /// The share in the population.
    pub fn population(&self) -> f64 {
        self.population
    }

    /// The share among the individuals, as given, or as counted.
    pub fn sample_or(&self, counted: f64) -> f64 {
        self.sample.unwrap_or(counted)
    }
}

/// h2 on the scale of liability over h2 on the observed scale of 0 and 1:
/// K^2 (1 - K)^2 / (z^2 P (1 - P)), for a share K of cases in the population, P in the sample, and the
/// density z of the standard normal distribution at the quantile 1 - K.
///
/// Lee, Wray, Goddard and Visscher (2011), American Journal of Human Genetics 88:294, equation 23.
pub fn liability_scale(population: f64, sample: f64) -> f64 {
    let threshold = normal_quantile(1.0 - population);
    let density = libm::exp(-0.5 * threshold * threshold) / std::f64::consts::TAU.sqrt();
    let variance = population * (1.0 - population);
    variance * variance / (density * density * sample * (1.0 - sample))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_that_of_the_paper() {
        // K = 0.01: threshold 2.32635, density 0.0266521; 0.0099^2 / (0.0266521^2 * 0.25).
        assert!((liability_scale(0.01, 0.5) - 0.551_907_298).abs() < 1e-6);
        // Without ascertainment: K (1 - K) / z^2 (Dempster and Lerner 1950).
        let (k, z) = (0.3, 0.347_692_614_2);
        assert!((liability_scale(k, k) - k * (1.0 - k) / (z * z)).abs() < 1e-8);
        // At one half, z = 1 / sqrt(tau).
        assert!((liability_scale(0.5, 0.5) - std::f64::consts::FRAC_PI_2).abs() < 1e-15);
    }

    #[test]
    fn a_share_is_between_0_and_1() {
        for bad in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(Prevalence::new(bad, None).is_err());
            assert!(Prevalence::new(0.1, Some(bad)).is_err());
        }
        let given = Prevalence::new(0.1, Some(0.5)).unwrap();
        assert!((given.sample_or(0.3) - 0.5).abs() < 1e-15);
    }
}

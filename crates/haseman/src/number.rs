//! A number with its two standard errors.

use serde::{Deserialize, Serialize};
use twoblade_core::Jackknife;

use crate::estimate::Estimate;

/// A number, its standard error over blocks and its Monte-Carlo error over probes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// From everything.
    pub value: f64,
    /// Standard error, from leaving out blocks of variants.
    pub se: f64,
    /// Monte-Carlo standard error, from leaving out probes; 0 where nothing is random.
    pub mc_se: f64,
    /// (value - null) / se. The null is 0, and 1 for an enrichment; none where se is 0.
    pub z: Option<f64>,
    /// Two-sided p of z under the standard normal distribution.
    pub p: Option<f64>,
    /// Probes that would make the Monte-Carlo error a tenth of the standard error; none where
    /// nothing is random, or the standard error is 0.
    pub probes_for_a_tenth: Option<u64>,
}

impl Number {
    /// The number times a factor, which its z is not changed by.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            se: self.se * factor,
            mc_se: self.mc_se * factor,
            ..self
        }
    }
}

/// The two jackknives of one run.
pub(crate) struct Measures<'a> {
    pub(crate) blocks: &'a Jackknife<Estimate>,
    pub(crate) probes: &'a Jackknife<Estimate>,
}

impl Measures<'_> {
    /// A function of the estimate.
    pub(crate) fn number(&self, null: f64, f: impl Fn(&Estimate) -> f64) -> Number {
        let measure = self.blocks.measure(&f);
        let count = self.probes.replicates.len();
        let mc_se = if count == 0 { 0.0 } else { self.probes.measure(&f).se };
        let z = Some(measure.z(null)).filter(|z| z.is_finite());
        let p = z.map(|z| libm::erfc(z.abs() / std::f64::consts::SQRT_2));
        let wanted = (count as f64 * (10.0 * mc_se / measure.se).powi(2)).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and a number of probes beyond 2^64 may saturate"
        )]
        let probes_for_a_tenth =
            (count > 0 && wanted.is_finite()).then_some((wanted as u64).max(2));
        Number { value: measure.value, se: measure.se, mc_se, z, p, probes_for_a_tenth }
    }

    /// The same of a function that may not be defined: none if it is not, with everything or without
    /// some block or probe.
    pub(crate) fn defined(&self, null: f64, f: impl Fn(&Estimate) -> f64) -> Option<Number> {
        let number = self.number(null, f);
        [number.value, number.se, number.mc_se].iter().all(|x| x.is_finite()).then_some(number)
    }
}

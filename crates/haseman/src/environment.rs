//! What columns interact with.

use serde::Serialize;

use crate::error::HasemanError;

/// An environment: a value for each individual that stays, in any unit.
///
/// Inside it is scaled by a power of two to a mean square from 1 to 4, so its unit changes no digit of
/// an estimate, and does not decide whether a system can be solved.
#[derive(Clone, Debug, Serialize)]
pub struct Environment {
    name: String,
    /// BLAKE3 of the values: they may be many, and a model is hashed as it is serialized.
    values: [u8; 32],
    #[serde(skip)]
    scaled: Vec<f64>,
    /// What a scaled value of 1 is.
    #[serde(skip)]
    unit: f64,
}

impl Environment {
    /// An environment of this name.
    ///
    /// # Errors
    /// [`HasemanError::EnvironmentValue`] for a value that is not finite,
    /// [`HasemanError::ConstantEnvironment`] if everybody has the same one.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Result<Self, HasemanError> {
        let name = name.into();
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            return Err(HasemanError::EnvironmentValue { name, value });
        }
        let (least, most) = range(&values);
        if least >= most {
            let value = values.first().copied().unwrap_or(f64::NAN);
            return Err(HasemanError::ConstantEnvironment { name, value });
        }
        let mut hash = blake3::Hasher::new();
        for value in &values {
            hash.update(&value.to_bits().to_le_bytes());
        }
        // Of the largest first, so that squares of huge or tiny values are numbers too.
        let largest = power_of_two_near(most.abs().max(least.abs()));
        let mut scaled = values;
        for value in &mut scaled {
            *value /= largest;
        }
        let count = scaled.len() as f64;
        let rms = (scaled.iter().map(|value| value * value).sum::<f64>() / count).sqrt();
        let rest = power_of_two_near(rms);
        for value in &mut scaled {
            *value /= rest;
        }
        Ok(Self { name, values: *hash.finalize().as_bytes(), scaled, unit: largest * rest })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A value for each individual, scaled.
    pub(crate) fn scaled(&self) -> &[f64] {
        &self.scaled
    }

    /// What a scaled value of 1 is: a power of two.
    pub(crate) fn unit(&self) -> f64 {
        self.unit
    }

    /// The size that all its values have, if they have one: then noise that grows with it is that of
    /// the residual.
    fn constant_size(&self) -> Option<f64> {
        let sizes: Vec<f64> = self.scaled.iter().map(|value| value.abs()).collect();
        let (least, most) = range(&sizes);
        (least >= most).then_some(most * self.unit)
    }
}

/// What else becomes of the columns of a model: each set of them times each environment is a component
/// too, and there may be noise that grows with each environment.
///
/// Pazokitoroudi et al. (2024), American Journal of Human Genetics 111:1462 (GENIE): K = E X X' E / M
/// for interactions, K = E E for noise, E = diag(e).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Interactions {
    environments: Vec<Environment>,
    noise: bool,
}

/// For models without any.
pub(crate) static NONE: Interactions = Interactions { environments: Vec::new(), noise: false };

impl Interactions {
    /// With these environments; with `noise`, also noise that grows with each.
    ///
    /// # Errors
    /// [`HasemanError::SameEnvironment`] if two have one name, and with `noise`
    /// [`HasemanError::NoiseIsResidual`] for an environment whose values all have one size.
    pub fn new(environments: Vec<Environment>, noise: bool) -> Result<Self, HasemanError> {
        for (place, environment) in environments.iter().enumerate() {
            if environments[..place].iter().any(|other| other.name == environment.name) {
                return Err(HasemanError::SameEnvironment { name: environment.name.clone() });
            }
            if let Some(size) = environment.constant_size().filter(|_| noise) {
                return Err(HasemanError::NoiseIsResidual { name: environment.name.clone(), size });
            }
        }
        Ok(Self { environments, noise })
    }

    /// The environments.
    pub fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// Whether there is noise that grows with each.
    pub fn noise(&self) -> bool {
        self.noise
    }

    /// Refuses environments of other individuals.
    pub(crate) fn check(&self, individuals: usize) -> Result<(), HasemanError> {
        match self.environments.iter().find(|of| of.scaled.len() != individuals) {
            None => Ok(()),
            Some(of) => {
                let (name, values) = (of.name.clone(), of.scaled.len());
                Err(HasemanError::EnvironmentLength { name, values, individuals })
            }
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.environments.iter().map(|of| of.scaled.len() * size_of::<f64>()).sum()
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
}

/// The largest power of two that is not above a positive number, or the smallest normal one.
fn power_of_two_near(number: f64) -> f64 {
    f64::from_bits((number.max(f64::MIN_POSITIVE).to_bits() >> 52) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_any_size_are_scaled_by_a_power_of_two() {
        for scale in [1e-200, 1e-3, 1.0, 3.7, 1e4, 1e200] {
            let values: Vec<f64> = (0..50).map(|i| scale * f64::from(i % 7 - 2)).collect();
            let of = Environment::new("e", values.clone()).unwrap();
            let square = of.scaled.iter().map(|u| u * u).sum::<f64>() / 50.0;
            assert!((1.0..4.0).contains(&square), "{square}");
            for (u, e) in of.scaled.iter().zip(&values) {
                assert_eq!((u * of.unit).to_bits(), e.to_bits());
            }
        }
    }

    #[test]
    fn what_is_no_environment_is_refused_in_words() {
        let refused = |values: &[f64]| Environment::new("age", values.to_vec()).unwrap_err();
        assert_eq!(
            refused(&[1.0, f64::NAN]).to_string(),
            "environment \"age\" has the value NaN; a finite number is expected for every individual"
        );
        assert_eq!(
            refused(&[3.0, 3.0]).to_string(),
            "environment \"age\" is 3 for everybody who stays: nothing interacts with it"
        );
        let sex = Environment::new("sex", vec![-1.0, 1.0, 1.0, -1.0]).unwrap();
        assert!(Interactions::new(vec![sex.clone()], false).is_ok());
        assert_eq!(
            Interactions::new(vec![sex.clone()], true).unwrap_err().to_string(),
            "environment \"sex\" is 1 or -1 for everybody, so noise that grows with it is the \
             residual; leave NxE out, or code it with two sizes, as 0 and 1"
        );
        assert_eq!(
            Interactions::new(vec![sex.clone(), sex.clone()], false).unwrap_err().to_string(),
            "two environments are called \"sex\""
        );
        let error = Interactions::new(vec![sex], false).unwrap().check(5).unwrap_err();
        assert_eq!(error.to_string(), "environment \"sex\" has 4 values and 5 individuals stay");
    }
}

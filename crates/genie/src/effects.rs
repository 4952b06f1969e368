//! Additive columns that interact with environments.

use serde::Serialize;
use twoblade_geno::{Bins, Covariate};
use twoblade_haseman::{
    Additive, Columns, Environment, Features, HasemanError, Interactions, Variant,
};

/// Which effects a model has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Effects {
    /// Additive effects alone.
    G,
    /// And their interactions with each environment.
    GxE,
    /// And noise that grows with each environment: without it, noise of another size in another
    /// environment looks like interaction.
    #[default]
    GxEAndNxE,
}

/// Additive columns in bins, and these times each environment.
///
/// Components are the bins (G); for each environment e the bins with K = E X X' E / M, E = diag(e)
/// (GxE); and for each environment K = E E (NxE). h2 is a share of variance, sigma_k tr(V K_k) over the
/// sum of these: so it does not depend on the unit of an environment.
#[derive(Clone, Debug, Serialize)]
pub struct AdditiveByEnvironment {
    additive: Additive,
    effects: Effects,
    interactions: Interactions,
}

impl AdditiveByEnvironment {
    /// These effects in these bins; environments are not used where the effects are additive alone.
    ///
    /// # Errors
    /// [`HasemanError`] if there is no environment and the effects need one; if one has a value that is
    /// not finite, is the same for everybody, or has the name of another; or with noise, if all its
    /// values are of one size: then noise is the residual.
    pub fn new(
        bins: Bins,
        environments: &[Covariate],
        effects: Effects,
    ) -> Result<Self, HasemanError> {
        let additive = Additive::new("genie", bins);
        if effects == Effects::G {
            return Ok(Self { additive, effects, interactions: Interactions::default() });
        }
        if environments.is_empty() {
            return Err(HasemanError::NoEnvironment);
        }
        let environment = |of: &Covariate| Environment::new(of.name.clone(), of.values.clone());
        let environments = environments.iter().map(environment).collect::<Result<_, _>>()?;
        let interactions = Interactions::new(environments, effects == Effects::GxEAndNxE)?;
        Ok(Self { additive, effects, interactions })
    }

    /// Which effects.
    pub fn effects(&self) -> Effects {
        self.effects
    }
}

impl Features for AdditiveByEnvironment {
    fn name(&self) -> &'static str {
        self.additive.name()
    }

    fn components(&self) -> Vec<String> {
        self.additive.components()
    }

    fn kind(&self, _set: usize) -> &'static str {
        "G"
    }

    fn interactions(&self) -> &Interactions {
        &self.interactions
    }

    fn shares_by_trace(&self) -> bool {
        true
    }

    fn uses(&self, variant: usize) -> bool {
        self.additive.uses(variant)
    }

    fn columns(&self, variant: &Variant, into: &mut Columns) {
        self.additive.columns(variant, into);
    }

    fn most_per_variant(&self) -> usize {
        self.additive.most_per_variant()
    }

    fn bytes(&self) -> usize {
        self.additive.bytes()
    }
}

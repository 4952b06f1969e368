//! The features that the options choose: one more model is one more of these.

use serde::Serialize;
use twoblade::genie::AdditiveByEnvironment;
use twoblade::haseman::{Additive, Columns, Features, Interactions, Variant};
use twoblade::rhe_dom::AdditiveAndDominance;

/// The features of one of the models. Serialized, they are those: so a plan is that of the model.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Chosen {
    Additive(Additive),
    Dominance(AdditiveAndDominance),
    Environments(AdditiveByEnvironment),
}

/// What the features of any model say.
macro_rules! whichever {
    ($chosen:expr, $features:ident => $said:expr) => {
        match $chosen {
            Chosen::Additive($features) => $said,
            Chosen::Dominance($features) => $said,
            Chosen::Environments($features) => $said,
        }
    };
}

impl Features for Chosen {
    fn name(&self) -> &'static str {
        whichever!(self, features => features.name())
    }

    fn components(&self) -> Vec<String> {
        whichever!(self, features => features.components())
    }

    fn kind(&self, set: usize) -> &'static str {
        whichever!(self, features => features.kind(set))
    }

    fn interactions(&self) -> &Interactions {
        whichever!(self, features => features.interactions())
    }

    fn shares_by_trace(&self) -> bool {
        whichever!(self, features => features.shares_by_trace())
    }

    fn may_be_long(&self) -> bool {
        whichever!(self, features => features.may_be_long())
    }

    fn uses(&self, variant: usize) -> bool {
        whichever!(self, features => features.uses(variant))
    }

    fn columns(&self, variant: &Variant, into: &mut Columns) {
        whichever!(self, features => features.columns(variant, into));
    }

    fn most_per_variant(&self) -> usize {
        whichever!(self, features => features.most_per_variant())
    }

    fn bytes(&self) -> usize {
        whichever!(self, features => features.bytes())
    }
}

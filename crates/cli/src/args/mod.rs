//! The flags of models on genotypes, by what they are about. A model's command flattens those that it
//! takes.

mod bins;
mod covariates;
mod environments;
mod estimation;
mod genotypes;
mod individuals;
mod machine;
mod phenotypes;
mod running;
mod variants;

pub(crate) use self::bins::BinArgs;
pub(crate) use self::covariates::CovariateArgs;
pub(crate) use self::environments::EnvironmentArgs;
pub(crate) use self::estimation::{EstimationArgs, ProbeKind};
pub(crate) use self::genotypes::GenotypeArgs;
pub(crate) use self::individuals::IndividualArgs;
pub(crate) use self::machine::MachineArgs;
pub(crate) use self::phenotypes::PhenotypeArgs;
pub(crate) use self::running::{CheckpointArgs, RunArgs};
pub(crate) use self::variants::VariantArgs;

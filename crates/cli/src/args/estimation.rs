//! How the model estimates.

use clap::ValueEnum;
use twoblade::rhe::{Precision, Probes};

use crate::quantity::parse_at_least_two;

/// How the model estimates.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Estimation")]
pub(crate) struct EstimationArgs {
    /// Blocks of the jackknife
    #[arg(long, default_value_t = 100, value_name = "J", value_parser = parse_at_least_two)]
    pub(crate) blocks: usize,
    /// Random probes; more of them make the Monte-Carlo error smaller
    #[arg(long, default_value_t = 50, value_name = "B", value_parser = parse_at_least_two)]
    pub(crate) probes: usize,
    /// What probes are made of
    #[arg(long, value_enum, value_name = "KIND", default_value_t = ProbeKind::Rademacher)]
    pub(crate) probe_kind: ProbeKind,
    /// Seed of what is random
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Numbers in which products are made
    #[arg(long, value_enum, value_name = "NUMBERS", default_value_t = PrecisionKind::Single)]
    pub(crate) precision: PrecisionKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeKind {
    /// +1 and -1
    Rademacher,
    /// Standard normal
    Gaussian,
    /// One for each individual: exact, for small studies (--probes is not used)
    Basis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrecisionKind {
    /// 32-bit floats: moment equations to about 1e-6
    Single,
    /// Doubles
    Double,
}

impl EstimationArgs {
    /// The probes.
    pub(crate) fn kind(&self) -> Probes {
        match self.probe_kind {
            ProbeKind::Rademacher => Probes::Rademacher(self.probes),
            ProbeKind::Gaussian => Probes::Gaussian(self.probes),
            ProbeKind::Basis => Probes::Basis,
        }
    }

    /// The numbers.
    pub(crate) fn precision(&self) -> Precision {
        match self.precision {
            PrecisionKind::Single => Precision::Single,
            PrecisionKind::Double => Precision::Double,
        }
    }
}

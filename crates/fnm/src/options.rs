//! What a user decides.

use serde::{Deserialize, Serialize};

/// Options of the model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// How several runs of one subject become one z.
    pub runs: Runs,
    /// The largest share of voxels with a sample that is not finite: a subject with more is dropped.
    pub most_bad: f64,
}

impl Default for Options {
    /// Runs are concatenated, and a subject may have one bad voxel in a hundred.
    fn default() -> Self {
        Self { runs: Runs::Concatenate, most_bad: 0.01 }
    }
}

/// How several runs of one subject become one z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Runs {
    /// One correlation over all runs, each of which is centred first.
    #[default]
    Concatenate,
    /// The mean of the z of the runs that have one.
    Average,
}

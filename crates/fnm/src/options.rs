//! What a user decides.

use serde::{Deserialize, Serialize};

/// Options of the model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// What series stands for a lesion.
    pub seed: Seed,
    /// How several runs of one subject become one z.
    pub runs: Runs,
    /// The largest share of voxels with a sample that is not finite, from 0 to 1: a subject with more
    /// is dropped.
    pub most_bad: f64,
}

impl Default for Options {
    /// Seeds are means, runs are concatenated, and a subject may have one bad voxel in a hundred.
    fn default() -> Self {
        Self { seed: Seed::Mean, runs: Runs::Concatenate, most_bad: 0.01 }
    }
}

/// What series stands for a lesion, in one subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Seed {
    /// The weighted mean of the samples of its voxels, as they are stored.
    #[default]
    Mean,
    /// The first principal component of its voxels: the first left singular vector of their series,
    /// each centred, of length 1 and then times its weight. Its sign is such that it correlates
    /// positively with the mean. It comes from the subject alone; where runs are averaged, from the
    /// run alone. [`Fnm::ambiguous`](crate::Fnm::ambiguous) names subjects in whom it says little.
    Pc1,
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

//! What is known before any series is read.

use serde::{Deserialize, Serialize};
use twoblade_brain::{Lesion, Parcels};

/// Subjects, voxels and lesions: all from headers, masks and options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// The names of the subjects, by number.
    pub subjects: Vec<String>,
    /// Voxels of the mask.
    pub voxels: usize,
    /// The most time points that a subject has, in all runs together.
    pub time_points: usize,
    /// The most runs that a subject has.
    pub runs: usize,
    /// The lesions, in the order in which they are reported.
    pub lesions: Vec<Lesion>,
    /// Regions whose means are wanted subject by subject; they cost 16 bytes of each state for every
    /// subject, lesion and region. [`LesionMap::parcel_means`](crate::LesionMap::parcel_means), over
    /// all subjects, needs none here.
    pub parcels: Option<Parcels>,
}

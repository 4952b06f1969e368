//! What can go wrong in functional network mapping.

use thiserror::Error;
use twoblade_core::InstructionsError;

/// Why there is no model, or a subject cannot be added.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum FnmError {
    /// The environment asks for instructions that cannot be used.
    #[error(transparent)]
    Instructions(#[from] InstructionsError),
    /// There is no lesion.
    #[error("no lesion is left to be mapped")]
    NoLesion,
    /// There is no subject.
    #[error("no subject is left")]
    NoSubject,
    /// The share of bad voxels that a subject may have is none.
    #[error("a subject may have a share of {found} of bad voxels; 0 to 1 is expected")]
    MostBad {
        /// The share.
        found: f64,
    },
    /// A lesion has a voxel that the mask has not.
    #[error("lesion {lesion:?} has voxel {voxel} (counted from 0), the mask has {voxels} voxels")]
    Voxel {
        /// The lesion.
        lesion: String,
        /// The voxel.
        voxel: u32,
        /// Voxels of the mask.
        voxels: usize,
    },
    /// A lesion has no voxel in the mask, or a weight that is none.
    #[error("lesion {lesion:?} has no voxel in the mask, or a weight that is not above 0")]
    Weights {
        /// The lesion.
        lesion: String,
    },
    /// The parcels are of another mask.
    #[error("the parcels are of a mask of {found} voxels, the mask has {voxels}")]
    Parcels {
        /// Voxels of the parcels.
        found: usize,
        /// Voxels of the mask.
        voxels: usize,
    },
    /// A chunk is not of the study.
    #[error(
        "subject {number} (counted from 0) has {voxels} voxels and {time_points} time points; the \
         study has {subjects} subjects, {expected} voxels and at most {most} time points"
    )]
    OtherStudy {
        /// The subject.
        number: usize,
        /// Its voxels.
        voxels: usize,
        /// Its time points.
        time_points: usize,
        /// Subjects of the study.
        subjects: usize,
        /// Voxels of the mask.
        expected: usize,
        /// The most time points of the study.
        most: usize,
    },
}

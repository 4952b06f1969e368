//! Brain masks, lesions and subjects: what connectomes are read into and maps are made of.
//!
//! - A [`Space`] is a grid of voxels in the world, a [`BrainMask`] those of them that data are of.
//! - A [`Subject`] is what a connectome is read by: the series of one person, all runs.
//! - A [`Lesion`] is some voxels of the mask, perhaps weighted.
//! - [`clusters`] are the voxels of a map that hang together.
//! - [`Parcels`] are the regions of an atlas, as they lie in the mask.
//!
//! Nothing here knows a file format.

mod clusters;
mod error;
mod lesion;
mod mask;
mod parcels;
mod space;
mod subject;

pub use clusters::{Neighbours, clusters};
pub use error::BrainError;
pub use lesion::Lesion;
pub use mask::BrainMask;
pub use parcels::Parcels;
pub use space::Space;
pub use subject::{Run, Subject};

//! Functional network mapping: what network of a normal brain a lesion lies in.
//!
//! For every subject of a normative connectome the mean series of a lesion's voxels, or their first
//! principal component, is correlated with the series of every voxel of the brain; the correlations become Fisher's z and are averaged over
//! subjects ([`Fnm`]). All lesions ride one stream over the subjects. Sums are integers, so maps do
//! not change by a bit with files, threads, or other lesions.

mod artanh;
mod error;
mod maps;
mod model;
mod options;
mod principal;
mod product;
mod seeds;
mod series;
mod state;
mod student;
mod study;
mod tile;
mod wide;

pub use artanh::{CAP, artanh};
pub use error::FnmError;
pub use maps::LesionMap;
pub use model::{Fnm, MeanZ};
pub use options::{Options, Runs, Seed};
pub use state::State;
pub use student::log10_two_sided;
pub use study::Study;

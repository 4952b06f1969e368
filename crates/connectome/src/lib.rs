//! HDF5 and NIfTI connectomes and masks as a source; maps written.
//!
//! - [`Connectome`] opens files and checks them against each other before anything is computed;
//!   [`ConnectomeSource`] lends its subjects one by one.
//! - [`read_lesion`] matches a lesion to a mask by where it is in the world; [`read_mask`] reads one.
//! - [`write_map`] writes a map, [`read_map`] reads it back, [`read_atlas`] reads an atlas.
//! - [`SimulatedConnectome`] writes connectomes and lesions of any size.
//!
//! ```
//! use std::ops::ControlFlow;
//! use twoblade_connectome::{
//!     Connectome, ConnectomeSource, LesionOptions, SimulatedConnectome, read_lesion,
//! };
//! use twoblade_core::BlockSource;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let folder = tempfile::tempdir()?;
//! let files = SimulatedConnectome::new(3, 20, 500, 1).write(folder.path())?;
//!
//! let connectome = Connectome::open(&files.connectome)?;
//! let (lesion, report) =
//!     read_lesion(&files.lesions[0], connectome.mask(), LesionOptions::default())?;
//! println!("{}: {report}", lesion.name);
//!
//! let source = ConnectomeSource::new(&connectome, 1)?;
//! let mut time_points = 0;
//! for block in 0..source.blocks() {
//!     source.visit(block, &mut |subject| {
//!         time_points += subject.time_points();
//!         ControlFlow::Continue(())
//!     })?;
//! }
//! assert_eq!((lesion.outside, time_points), (0, 3 * 20));
//! # Ok(())
//! # }
//! ```

mod agree;
mod arrays;
mod atlas;
mod connectome;
mod error;
mod fingerprint;
mod folder;
mod formats;
mod grids;
mod hdf5;
mod hdf5_series;
mod lesion;
mod map;
mod map_header;
mod mask;
mod nifti;
mod nifti_header;
mod nifti_series;
mod npy;
mod npy_array;
mod number;
mod open;
mod output;
mod placed;
mod quaternion;
mod reader;
mod series;
mod simulate;
mod simulated_brain;
mod simulated_series;
mod simulation;
mod source;
mod subjects;
mod superblock;

pub use atlas::{Atlas, read_atlas};
pub use connectome::{Connectome, Converted};
pub use error::ConnectomeError;
pub use lesion::{LesionOptions, LesionReport, Matched, SpaceCheck, lesion_name, read_lesion};
pub use map::{read_map, write_map};
pub use map_header::{Intent, MapHeader, World};
pub use mask::{VoxelOrder, read_mask, read_mask_in};
pub use nifti_header::Placed;
pub use simulate::SimulatedFiles;
pub use simulation::{SimulatedCompression, SimulatedConnectome};
pub use source::ConnectomeSource;

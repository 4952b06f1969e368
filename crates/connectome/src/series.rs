//! A file of series, of any format.

use std::path::PathBuf;

use crate::arrays::Array;
use crate::error::ConnectomeError;
use crate::nifti_header::Header;
use crate::npy_array::Npy;
use crate::number::Stored;

/// A file with the series of one subject or more.
#[derive(Clone, Debug)]
pub(crate) struct SeriesFile {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) subjects: usize,
    pub(crate) time_points: usize,
    pub(crate) voxels: usize,
}

/// How a file is read.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    Hdf5(Array),
    Nifti(Box<Header>),
    Npy(Npy),
}

/// An open file of series: one handle, of one thread.
pub(crate) trait Series {
    /// The series of some subjects, from this one of the file on, as many as fill `to`.
    fn rows(&mut self, first: usize, to: &mut [f32]) -> Result<(), ConnectomeError>;
}

impl SeriesFile {
    /// Subjects that are stored in one piece, and so are read together.
    pub(crate) fn together(&self) -> usize {
        match &self.format {
            Format::Hdf5(Array { pieces: Some(pieces), .. }) => pieces[0].clamp(1, self.subjects),
            _ => 1,
        }
    }

    /// How its numbers lie in it.
    pub(crate) fn stored(&self) -> Stored {
        match &self.format {
            Format::Hdf5(array) => array.stored.unwrap_or(Stored::PLAIN),
            Format::Nifti(header) => header.stored,
            Format::Npy(npy) => npy.stored,
        }
    }

    /// Numbers in the series of a subject.
    pub(crate) fn row(&self) -> usize {
        self.time_points * self.voxels
    }
}

//! A connectome: who is in it, in which mask, and in which files.

use std::path::{Path, PathBuf};

use twoblade_brain::BrainMask;

use crate::error::ConnectomeError;
use crate::number::Stored;
use crate::series::SeriesFile;
use crate::subjects::{self, Person};

/// Series of many subjects, all in one mask.
///
/// It is opened from heads alone; the series are read by a [`ConnectomeSource`](crate::ConnectomeSource).
///
/// # Files
/// - HDF5 (`.h5`, `.hdf5`), one file or a folder of them, read in the order of their names: `timeseries`
///   of subjects x time points x voxels, of any kind of number; `mask_indices` of voxels x 3 or
///   3 x voxels, whole numbers counted from 0 (3 x 3 is taken as voxels x 3); `mask_affine` of 4 x 4
///   from indices to millimetres; and `mask_shape`, three sides of the grid, an attribute of the file
///   or of one of these (of a file with many attributes in HDF5's newest format it is found only with
///   the datasets). A dataset `subjects` or `subject_ids` of texts names the subjects, which
///   otherwise are `FILE:NUMBER`, counted from 0 in each file. Compression: gzip, shuffle, fletcher32,
///   szip, LZF.
/// - NIfTI-1 (`.nii`, `.nii.gz`), with a mask: a folder of `sub-*` files of four dimensions, one for each
///   run, in the grid of the mask to 0.001 mm. All files whose names begin with the same `sub-XX`, up to
///   an underscore or a point, are the runs of that subject, in the order of their names.
/// - `.npy`, with a mask: one file of subjects x time points x voxels, or a folder of `sub-*` files of
///   time points x voxels, one for each run. Voxels are in the order of numpy's `image[mask]` (k
///   fastest), unless a mask of another order is [given](Self::open_in_mask).
///
/// HDF5 files must agree in voxels, their order, and their place in the world to 0.0001 mm. What is not kept
/// as 32-bit floats is converted to them, rounded to the nearest; [`converted`](Self::converted) says so.
#[derive(Clone, Debug)]
pub struct Connectome {
    pub(crate) path: PathBuf,
    pub(crate) mask: BrainMask,
    pub(crate) files: Vec<SeriesFile>,
    pub(crate) people: Vec<Person>,
    pub(crate) listed: usize,
}

/// Files whose numbers are not 32-bit floats of little-endian order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The kind of number, as in `16-bit integer` or `64-bit float, big-endian`.
    pub from: String,
    /// How many files have it.
    pub files: usize,
    /// Whether every such number is a 32-bit float; others are rounded to the nearest.
    pub exact: bool,
}

impl Connectome {
    /// Keeps some subjects alone: by name, or else by number, counted from 0 over all files. They stay
    /// in the order of the data.
    ///
    /// # Errors
    /// [`ConnectomeError::NoSuchSubject`], [`ConnectomeError::SubjectTwice`] or
    /// [`ConnectomeError::NoSubjects`].
    pub fn subjects<S: AsRef<str>>(mut self, wanted: &[S]) -> Result<Self, ConnectomeError> {
        self.people = subjects::choose(&self.people, wanted)?;
        Ok(self)
    }

    /// The file or the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files, in the order in which they are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// The voxels that the series are of, in their order.
    pub fn mask(&self) -> &BrainMask {
        &self.mask
    }

    /// How many subjects are analysed.
    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// How many subjects the files list, chosen or not.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// The name of a subject.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn name(&self, subject: usize) -> &str {
        &self.people[subject].name
    }

    /// The names of the subjects, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(|person| person.name.as_str())
    }

    /// The time points of each run of a subject.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn time_points(&self, subject: usize) -> Vec<usize> {
        let runs = &self.people[subject].runs;
        runs.iter().map(|place| self.files[place.file].time_points).collect()
    }

    /// The files whose numbers are converted, by kind.
    pub fn converted(&self) -> Vec<Converted> {
        let mut kinds: Vec<(Stored, usize)> = Vec::new();
        for stored in self.files.iter().map(SeriesFile::stored) {
            if stored == Stored::PLAIN {
                continue;
            }
            match kinds.iter_mut().find(|(kind, _)| *kind == stored) {
                Some((_, files)) => *files += 1,
                None => kinds.push((stored, 1)),
            }
        }
        let converted = |(stored, files): (Stored, usize)| Converted {
            from: stored.to_string(),
            files,
            exact: stored.kind.fits_f32(),
        };
        kinds.into_iter().map(converted).collect()
    }
}

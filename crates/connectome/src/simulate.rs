//! Writing connectomes of any size.

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use rust_hdf5::{H5Dataset, H5File, Hdf5Error};
use twoblade_brain::{BrainError, BrainMask};
use twoblade_core::{Blocks, Random};

use crate::error::ConnectomeError;
use crate::map::write_map;
use crate::map_header::{Intent, MapHeader, World};
use crate::output;
use crate::simulated_brain::{brain, lesion, weights};
use crate::simulated_series::{Draws, fill};
use crate::simulation::{SimulatedCompression, SimulatedConnectome};

/// Streams of random numbers, apart from those an analysis draws with the same seed.
mod stream {
    const SIMULATION: u32 = 0x4252_4149;
    pub(super) const CENTRES: u32 = SIMULATION;
    pub(super) const NETWORKS: u32 = SIMULATION + 1;
    pub(super) const OWN: u32 = SIMULATION + 2;
    pub(super) const LESIONS: u32 = SIMULATION + 3;
}

/// What a simulation writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedFiles {
    /// The folder of HDF5 files.
    pub connectome: PathBuf,
    /// The HDF5 files in it.
    pub parts: Vec<PathBuf>,
    /// The mask, as a NIfTI file.
    pub mask: PathBuf,
    /// The folder of lesions.
    pub lesion_folder: PathBuf,
    /// The lesions in it, as NIfTI files.
    pub lesions: Vec<PathBuf>,
    /// The lesion outside the brain, as a NIfTI file, if it was asked for.
    pub outside: Option<PathBuf>,
}

impl SimulatedConnectome {
    /// What [`write`](Self::write) writes into a folder.
    pub fn files(&self, folder: impl AsRef<Path>) -> SimulatedFiles {
        let folder = folder.as_ref();
        let (connectome, lesion_folder) = (folder.join("connectome"), folder.join("lesions"));
        let part = |number: usize| connectome.join(format!("part-{number:03}.h5"));
        let lesion = |number: usize| lesion_folder.join(format!("sphere-{number:03}.nii.gz"));
        SimulatedFiles {
            parts: (0..self.files).map(part).collect(),
            mask: folder.join("mask.nii.gz"),
            lesions: (1..=self.lesions).map(lesion).collect(),
            outside: self.lesion_outside.then(|| folder.join("corner.nii.gz")),
            connectome,
            lesion_folder,
        }
    }

    /// Writes `connectome/part-*.h5`, `lesions/sphere-*.nii.gz`, `mask.nii.gz` and, if it is asked for,
    /// `corner.nii.gz` into a folder, which is made if it is not there.
    ///
    /// Each file is there whole or not at all.
    ///
    /// # Errors
    /// [`ConnectomeError::Simulation`], [`ConnectomeError::Write`] or [`ConnectomeError::WriteHdf5`].
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<SimulatedFiles, ConnectomeError> {
        self.write_watched(folder, &mut |_, _| ControlFlow::Continue(()))
    }

    /// [`write`](Self::write), with `progress` told after each subject how many are done, and of how
    /// many; it may break off.
    ///
    /// # Errors
    /// Those of [`write`](Self::write), and [`ConnectomeError::Interrupted`].
    pub fn write_watched(
        &self,
        folder: impl AsRef<Path>,
        progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<SimulatedFiles, ConnectomeError> {
        self.check()?;
        let files = self.files(folder);
        let random = |stream| Random::new(self.seed, stream);
        let mask = brain(self.voxels).map_err(|source| ConnectomeError::Mask {
            file: files.mask.clone(),
            source: source.into(),
        })?;
        output::make_folder(&files.connectome)?;
        output::make_folder(&files.lesion_folder)?;

        let header = |description: &str| MapHeader {
            description: description.to_owned(),
            intent: Intent::Label,
            world: World::Mni152,
        };
        let brain = vec![1.0; mask.count()];
        write_map(&files.mask, &mask, &brain, 0.0, &header("simulated brain"))?;
        for (number, file) in (0..).zip(&files.lesions) {
            let values = lesion(&mask, random(stream::LESIONS), number);
            write_map(file, &mask, &values, 0.0, &header("simulated lesion"))?;
        }
        if let Some(file) = &files.outside {
            let fault = |source: BrainError| ConnectomeError::Mask {
                file: file.clone(),
                source: source.into(),
            };
            // The ellipsoid leaves two voxels at each side, and all the corners.
            let corner = BrainMask::new(*mask.space(), vec![[0, 0, 0]]).map_err(fault)?;
            write_map(file, &corner, &[1.0], 0.0, &header("simulated lesion outside the brain"))?;
        }

        let people = People {
            options: self,
            weights: weights(&mask, self.networks, random(stream::CENTRES)),
            draws: Draws { networks: random(stream::NETWORKS), own: random(stream::OWN) },
        };
        // Checked: at least one file, and no more than subjects.
        let blocks = Blocks::even(self.subjects, self.files).into_iter();
        let ranges = blocks.flat_map(|blocks| blocks.iter().collect::<Vec<_>>());
        for (file, subjects) in files.parts.iter().zip(ranges) {
            people.write(file, &mask, subjects, progress)?;
        }
        Ok(files)
    }
}

/// Everybody, to be written subject by subject.
struct People<'a> {
    options: &'a SimulatedConnectome,
    weights: Vec<f32>,
    draws: Draws,
}

impl People<'_> {
    fn write(
        &self,
        target: &Path,
        mask: &BrainMask,
        subjects: Range<usize>,
        progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<(), ConnectomeError> {
        let fault = |source: Hdf5Error| ConnectomeError::WriteHdf5 {
            file: target.to_path_buf(),
            source: source.into(),
        };
        let (time_points, voxels) = (self.options.time_points, self.options.voxels);
        let temporary = output::beside(target)?;
        let file = H5File::options().no_locking().create(temporary.path()).map_err(fault)?;
        write_mask(&file, mask).map_err(fault)?;
        let series = file.new_dataset::<f32>().shape([subjects.len(), time_points, voxels]);
        let series = match self.options.compression {
            SimulatedCompression::None => series,
            SimulatedCompression::Gzip(level) => {
                series.chunk(&[1, time_points, voxels]).deflate(level)
            }
        };
        let series = series.create("timeseries").map_err(fault)?;
        let mut values = vec![0.0; time_points * voxels];
        for (row, subject) in subjects.enumerate() {
            fill(self.options, &self.weights, self.draws, subject, &mut values);
            self.write_subject(&series, row, &values).map_err(fault)?;
            let (done, of) = (subject + 1, self.options.subjects);
            if progress(done, of).is_break() && done < of {
                return Err(ConnectomeError::Interrupted { done, of });
            }
        }
        drop(series);
        file.close().map_err(fault)?;
        output::complete(temporary, target)
    }

    fn write_subject(
        &self,
        series: &H5Dataset,
        row: usize,
        values: &[f32],
    ) -> Result<(), Hdf5Error> {
        let (time_points, voxels) = (self.options.time_points, self.options.voxels);
        match self.options.compression {
            SimulatedCompression::None => {
                series.write_slice(&[row, 0, 0], &[1, time_points, voxels], values)
            }
            SimulatedCompression::Gzip(_) => {
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                series.write_chunk_at(&[row, 0, 0], &bytes)
            }
        }
    }
}

fn write_mask(file: &H5File, mask: &BrainMask) -> Result<(), Hdf5Error> {
    let indices: Vec<i64> = mask.voxels().iter().flatten().map(|&index| i64::from(index)).collect();
    let dataset = file.new_dataset::<i64>().shape([mask.count(), 3]).create("mask_indices")?;
    dataset.write_raw(&indices)?;
    let affine = mask.space().affine().into_iter().flatten().chain([0.0, 0.0, 0.0, 1.0]);
    let dataset = file.new_dataset::<f64>().shape([4, 4]).create("mask_affine")?;
    dataset.write_raw(&affine.collect::<Vec<f64>>())?;
    // A side is a few hundred at most.
    let shape = mask.space().shape().map(|side| i64::try_from(side).unwrap_or(i64::MAX));
    file.set_attr_array_numeric("mask_shape", &shape)
}

//! Writing connectomes of any size.

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use rust_hdf5::{H5Dataset, H5File, Hdf5Error};
use twoblade_brain::BrainMask;
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

/// What a simulation wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedFiles {
    /// The folder of HDF5 files.
    pub connectome: PathBuf,
    /// The mask, as a NIfTI file.
    pub mask: PathBuf,
    /// The lesions, as NIfTI files.
    pub lesions: Vec<PathBuf>,
}

impl SimulatedConnectome {
    /// Writes `connectome/part-*.h5`, `lesions/sphere-*.nii.gz` and `mask.nii.gz` into a folder, which is
    /// made if it is not there.
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
        let folder = folder.as_ref();
        let random = |stream| Random::new(self.seed, stream);
        let mask_file = folder.join("mask.nii.gz");
        let mask = brain(self.voxels).map_err(|source| ConnectomeError::Mask {
            file: mask_file.clone(),
            source: source.into(),
        })?;
        let (connectome, lesion_folder) = (folder.join("connectome"), folder.join("lesions"));
        output::make_folder(&connectome)?;
        output::make_folder(&lesion_folder)?;

        let header = |description: &str| MapHeader {
            description: description.to_owned(),
            intent: Intent::Label,
            world: World::Mni152,
        };
        let brain = vec![1.0; mask.count()];
        write_map(&mask_file, &mask, &brain, 0.0, &header("simulated brain"))?;
        let mut lesions = Vec::new();
        for number in 0..self.lesions {
            let values = lesion(&mask, random(stream::LESIONS), number as u64);
            let file = lesion_folder.join(format!("sphere-{:03}.nii.gz", number + 1));
            write_map(&file, &mask, &values, 0.0, &header("simulated lesion"))?;
            lesions.push(file);
        }

        let people = People {
            options: self,
            weights: weights(&mask, self.networks, random(stream::CENTRES)),
            draws: Draws { networks: random(stream::NETWORKS), own: random(stream::OWN) },
        };
        // Checked: at least one file, and no more than subjects.
        let parts = Blocks::even(self.subjects, self.files).into_iter();
        for (part, subjects) in parts.flat_map(|parts| parts.iter().collect::<Vec<_>>()).enumerate()
        {
            let file = connectome.join(format!("part-{part:03}.h5"));
            people.write(&file, &mask, subjects, progress)?;
        }
        Ok(SimulatedFiles { connectome, mask: mask_file, lesions })
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

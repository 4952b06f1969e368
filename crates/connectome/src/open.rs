//! Opening connectomes: all files are checked before anything is computed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use twoblade_brain::BrainMask;

use crate::agree;
use crate::connectome::Connectome;
use crate::error::ConnectomeError;
use crate::folder::{self, Ending};
use crate::hdf5_series;
use crate::mask::{VoxelOrder, read_mask_in};
use crate::nifti_series;
use crate::npy;
use crate::subjects::{Person, Place};

impl Connectome {
    /// Opens a file, or a folder of files, that say themselves where their voxels are: HDF5.
    ///
    /// # Errors
    /// Whatever is wrong with a file or between two of them, by name.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ConnectomeError> {
        let path = path.as_ref();
        let (files, format) = folder::files(path)?;
        if format != Ending::Hdf5 {
            return Err(ConnectomeError::NoMask { path: path.to_path_buf() });
        }
        let mut first: Option<(PathBuf, BrainMask)> = None;
        let (mut series, mut people) = (Vec::new(), Vec::new());
        for file in files {
            let opened = hdf5_series::open(&file)?;
            let stem = folder::stem(&file);
            let name = |row| format!("{stem}:{row}");
            let names =
                opened.names.unwrap_or_else(|| (0..opened.series.subjects).map(name).collect());
            for (row, name) in names.into_iter().enumerate() {
                people.push(Person { name, runs: vec![Place { file: series.len(), row }] });
            }
            series.push(opened.series);
            match &first {
                Some((there, mask)) => agree::same_mask((&file, &opened.mask), (there, mask))?,
                None => first = Some((file, opened.mask)),
            }
        }
        let Some((_, mask)) = first else {
            return Err(ConnectomeError::NoFiles { folder: path.to_path_buf() });
        };
        let listed = people.len();
        Ok(Self { path: path.to_path_buf(), mask, files: series, people, listed })
    }

    /// Opens a file, or a folder of files, whose voxels a mask tells: NIfTI or .npy. The mask is a NIfTI
    /// file; its voxels above 0 count.
    ///
    /// # Errors
    /// Whatever is wrong with a file or between two of them, by name.
    pub fn open_with_mask(
        path: impl AsRef<Path>,
        mask: impl AsRef<Path>,
    ) -> Result<Self, ConnectomeError> {
        let path = path.as_ref();
        let (files, format) = folder::files(path)?;
        let order = match format {
            Ending::Hdf5 => return Err(ConnectomeError::TwoMasks { path: path.to_path_buf() }),
            Ending::Nifti => VoxelOrder::FirstFastest,
            Ending::Npy => VoxelOrder::LastFastest,
        };
        let brain = read_mask_in(mask.as_ref(), order)?;
        Self::of_runs(path, files, format, (mask.as_ref(), brain))
    }

    /// [`open_with_mask`](Self::open_with_mask), with a mask that was read or made before, whose order is
    /// that of the voxels of .npy files; `named` stands for it in errors.
    ///
    /// # Errors
    /// Whatever is wrong with a file or between two of them, by name.
    pub fn open_in_mask(
        path: impl AsRef<Path>,
        mask: BrainMask,
        named: impl AsRef<Path>,
    ) -> Result<Self, ConnectomeError> {
        let path = path.as_ref();
        let (files, format) = folder::files(path)?;
        if format == Ending::Hdf5 {
            return Err(ConnectomeError::TwoMasks { path: path.to_path_buf() });
        }
        Self::of_runs(path, files, format, (named.as_ref(), mask))
    }

    /// Of files that are runs, or of one that has several subjects.
    fn of_runs(
        path: &Path,
        files: Vec<PathBuf>,
        format: Ending,
        (mask_file, mask): (&Path, BrainMask),
    ) -> Result<Self, ConnectomeError> {
        let alone = files.len() == 1 && files[0] == path;
        let mut series = Vec::new();
        let mut people: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        let mut rows = Vec::new();
        for file in files {
            let opened = match format {
                Ending::Nifti => nifti_series::open(&file, (mask_file, &mask))?,
                _ => npy::open(&file, alone)?,
            };
            if opened.voxels != mask.count() {
                return Err(ConnectomeError::Voxels {
                    file,
                    series: opened.voxels,
                    mask: mask_file.to_path_buf(),
                    voxels: mask.count(),
                });
            }
            let stem = folder::stem(&file);
            let place = |row| Place { file: series.len(), row };
            if opened.subjects > 1 {
                let person = |row| Person { name: format!("{stem}:{row}"), runs: vec![place(row)] };
                rows.extend((0..opened.subjects).map(person));
            } else {
                let name = stem.split(['_', '.']).next().unwrap_or(&stem).to_owned();
                people.entry(name).or_default().push(place(0));
            }
            series.push(opened);
        }
        let people = people.into_iter().map(|(name, runs)| Person { name, runs });
        let people: Vec<Person> = rows.into_iter().chain(people).collect();
        let listed = people.len();
        Ok(Self { path: path.to_path_buf(), mask, files: series, people, listed })
    }
}

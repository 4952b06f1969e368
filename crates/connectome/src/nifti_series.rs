//! Connectomes in NIfTI: one file of four dimensions for each run.

use std::path::Path;

use twoblade_brain::BrainMask;

use crate::agree;
use crate::error::ConnectomeError;
use crate::grids::STRICT_MM;
use crate::nifti::{self, Nifti};
use crate::nifti_header::Header;
use crate::series::{Format, Series, SeriesFile};

/// Opens a run and checks it against the mask.
pub(crate) fn open(
    path: &Path,
    (mask_file, mask): (&Path, &BrainMask),
) -> Result<SeriesFile, ConnectomeError> {
    let header = Nifti::open(path)?.header().clone();
    if header.volumes < 2 {
        let (file, volumes) = (path.to_path_buf(), header.volumes);
        return Err(ConnectomeError::Volumes {
            file,
            volumes,
            expected: "a volume for each time point",
        });
    }
    let [[a, b, c], [d, e, f]] = [header.space.shape(), mask.space().shape()];
    let distance =
        header.space.distance(mask.space()).ok_or_else(|| ConnectomeError::OtherMask {
            file: path.to_path_buf(),
            first: mask_file.to_path_buf(),
            difference: format!("grids of {a} x {b} x {c} and {d} x {e} x {f} voxels"),
        })?;
    agree::near(path, mask_file, distance, STRICT_MM)?;
    Ok(SeriesFile {
        path: path.to_path_buf(),
        subjects: 1,
        time_points: header.volumes,
        voxels: mask.count(),
        format: Format::Nifti(Box::new(header)),
    })
}

/// A run that was opened before.
pub(crate) fn reopen<'a>(
    series: &'a SeriesFile,
    header: &'a Header,
    mask: &BrainMask,
) -> Box<dyn Series + 'a> {
    let number = |voxel: &[u32; 3]| mask.space().number(voxel.map(|at| at as usize));
    Box::new(Run { series, header, places: mask.voxels().iter().map(number).collect() })
}

/// Bytes that reading a run holds: a volume, the place of each voxel, and buffers.
pub(crate) fn held(header: &Header, voxels: usize) -> usize {
    header.volume_bytes() + voxels * size_of::<usize>() + nifti::HELD
}

struct Run<'a> {
    series: &'a SeriesFile,
    header: &'a Header,
    /// Where in a volume each voxel of the mask is.
    places: Vec<usize>,
}

impl Series for Run<'_> {
    fn rows(&mut self, _first: usize, to: &mut [f32]) -> Result<(), ConnectomeError> {
        let mut nifti = Nifti::open(&self.series.path)?;
        let same = nifti.header().space == self.header.space
            && (nifti.header().volumes, nifti.header().stored)
                == (self.header.volumes, self.header.stored);
        if !same {
            return Err(ConnectomeError::Changed { file: self.series.path.clone() });
        }
        let mut volume = Vec::new();
        volume.reserve_exact(self.header.volume_bytes());
        for to in to.chunks_exact_mut(self.places.len()) {
            nifti.volume(&mut volume)?;
            for (to, &place) in to.iter_mut().zip(&self.places) {
                #[expect(clippy::cast_possible_truncation, reason = "rounded, as said")]
                let value = self.header.value(&volume, place) as f32;
                *to = value;
            }
        }
        Ok(())
    }
}

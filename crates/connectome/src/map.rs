//! Maps: a value for each voxel of a mask, in NIfTI files.

use std::io::Write;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use twoblade_brain::BrainMask;

use crate::error::ConnectomeError;
use crate::grids::STRICT_MM;
use crate::map_header::{MapHeader, head};
use crate::nifti::Image;
use crate::{agree, output};

/// How hard maps are pressed; fixed, so that a map has the same bytes every time.
const LEVEL: u32 = 6;

/// Writes a map: NIfTI-1, 32-bit floats, in the grid of the mask, compressed if the name of the target
/// ends in `.gz`.
///
/// `values` are those of the voxels of the mask, in its order; every other voxel of the grid is
/// `outside`. The same map has the same bytes every time (no time and no name is kept in it), and it is
/// there whole or not at all.
///
/// # Errors
/// [`ConnectomeError::MapValues`] if there is not a value for each voxel,
/// [`ConnectomeError::LongAxis`] if the grid is too large, [`ConnectomeError::Write`].
pub fn write_map(
    target: impl AsRef<Path>,
    mask: &BrainMask,
    values: &[f32],
    outside: f32,
    header: &MapHeader,
) -> Result<(), ConnectomeError> {
    let target = target.as_ref();
    if values.len() != mask.count() {
        return Err(ConnectomeError::MapValues {
            file: target.to_path_buf(),
            values: values.len(),
            voxels: mask.count(),
        });
    }
    let head = head(target, mask.space(), header)?;
    let mut volume = vec![outside; mask.space().voxels()];
    for (at, &value) in mask.voxels().iter().zip(values) {
        volume[mask.space().number(at.map(|at| at as usize))] = value;
    }
    let packed = target.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    output::write(target, |file| {
        let content = |to: &mut dyn Write| {
            to.write_all(&head)?;
            let mut bytes = Vec::new();
            for values in volume.chunks(1 << 14) {
                bytes.clear();
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                to.write_all(&bytes)?;
            }
            Ok(())
        };
        if !packed {
            return content(file);
        }
        // The system that it was made on is "unknown", as the time is.
        let mut press =
            GzBuilder::new().mtime(0).operating_system(255).write(file, Compression::new(LEVEL));
        content(&mut press)?;
        press.finish().map(|_| ())
    })
}

/// Reads a map back: the values of the voxels of the mask, in its order.
///
/// # Errors
/// [`ConnectomeError::Read`], [`ConnectomeError::Nifti`], [`ConnectomeError::Truncated`] or
/// [`ConnectomeError::Volumes`] if it is no map; [`ConnectomeError::OtherMask`] or
/// [`ConnectomeError::OtherSpace`] if it is not in the grid of the mask, which errors call
/// `the mask`.
pub fn read_map(file: impl AsRef<Path>, mask: &BrainMask) -> Result<Vec<f32>, ConnectomeError> {
    let file = file.as_ref();
    let image = Image::read(file)?;
    let there = Path::new("the mask");
    let [[a, b, c], [d, e, f]] = [image.header.space.shape(), mask.space().shape()];
    let distance =
        image.header.space.distance(mask.space()).ok_or_else(|| ConnectomeError::OtherMask {
            file: file.to_path_buf(),
            first: there.to_path_buf(),
            difference: format!("grids of {a} x {b} x {c} and {d} x {e} x {f} voxels"),
        })?;
    agree::near(file, there, distance, STRICT_MM)?;
    let value = |at: &[u32; 3]| {
        #[expect(clippy::cast_possible_truncation, reason = "maps are of 32-bit floats")]
        let value = image.value(mask.space().number(at.map(|at| at as usize))) as f32;
        value
    };
    Ok(mask.voxels().iter().map(value).collect())
}

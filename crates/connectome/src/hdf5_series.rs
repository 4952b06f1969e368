//! Connectomes in HDF5: `timeseries` (S,T,V), `mask_indices`, `mask_affine`, `mask_shape`.

use std::path::Path;

use twoblade_brain::{BrainMask, Space};

use crate::arrays::{Array, ArrayFile};
use crate::error::ConnectomeError;
use crate::hdf5;
use crate::series::{Format, Series, SeriesFile};

const SERIES: &str = "timeseries";
const INDICES: &str = "mask_indices";
const AFFINE: &str = "mask_affine";
const GRID: &str = "mask_shape";
/// Numbers of a chunk: HDF5 keeps their bytes in 32 bits.
const MOST_OF_PIECE: usize = u32::MAX as usize;
/// Voxels that any grid may have: those of a cube of 400. One of more has at most so many for each voxel
/// of the mask; all of them are held, 4 bytes each.
const MOST_OF_GRID: usize = 1 << 26;
const GRID_FOR_VOXEL: usize = 64;
/// Where names of subjects are looked for.
const NAMES: [&str; 2] = ["subjects", "subject_ids"];

/// What one file says.
pub(crate) struct Opened {
    pub(crate) series: SeriesFile,
    pub(crate) mask: BrainMask,
    /// The names of its subjects, if it has them.
    pub(crate) names: Option<Vec<String>>,
}

/// Opens a file and checks it against itself.
pub(crate) fn open(path: &Path) -> Result<Opened, ConnectomeError> {
    let file = hdf5::open(path)?;
    let array = numbers(file.as_ref(), path, SERIES)?;
    let [subjects, time_points, voxels] = sides(path, &array)?;
    file.placed(SERIES, &array)?;
    let mask = mask(file.as_ref(), path)?;
    if mask.count() != voxels {
        return Err(ConnectomeError::Voxels {
            file: path.to_path_buf(),
            series: voxels,
            mask: path.to_path_buf(),
            voxels: mask.count(),
        });
    }
    let names = names(file.as_ref(), path, subjects)?;
    let format = Format::Hdf5(array);
    let series = SeriesFile { path: path.to_path_buf(), format, subjects, time_points, voxels };
    Ok(Opened { series, mask, names })
}

/// Subjects, time points and voxels.
fn sides(path: &Path, array: &Array) -> Result<[usize; 3], ConnectomeError> {
    let expected = "subjects x time points x voxels";
    let sides: Option<[usize; 3]> = array.shape.as_slice().try_into().ok();
    let sides = sides.filter(|sides| !sides.contains(&0));
    let sides = sides.ok_or_else(|| shape(path, SERIES, array, expected))?;
    if let Some(pieces) = &array.pieces {
        let numbers = pieces.iter().try_fold(1usize, |all, &side| all.checked_mul(side));
        let within = numbers.is_some_and(|numbers| numbers > 0 && numbers <= MOST_OF_PIECE);
        if pieces.len() != 3 || !within {
            return Err(ConnectomeError::Shape {
                file: path.to_path_buf(),
                array: format!("a chunk of dataset '{SERIES}'"),
                found: pieces.clone(),
                expected: format!("three sides, and {MOST_OF_PIECE} numbers at most,"),
            });
        }
    }
    Ok(sides)
}

/// Series of a file that was opened before.
pub(crate) fn reopen<'a>(
    series: &'a SeriesFile,
    array: &'a Array,
) -> Result<Box<dyn Series + 'a>, ConnectomeError> {
    let file = hdf5::open(&series.path)?;
    if file.array(SERIES)?.as_ref() != Some(array) {
        return Err(ConnectomeError::Changed { file: series.path.clone() });
    }
    Ok(Box::new(Rows { file, array }))
}

struct Rows<'a> {
    file: Box<dyn ArrayFile>,
    array: &'a Array,
}

impl Series for Rows<'_> {
    fn rows(&mut self, first: usize, to: &mut [f32]) -> Result<(), ConnectomeError> {
        self.file.rows(SERIES, self.array, first, to)
    }
}

/// An array that must be there and hold numbers.
fn numbers(
    file: &dyn ArrayFile,
    path: &Path,
    dataset: &'static str,
) -> Result<Array, ConnectomeError> {
    let Some(array) = file.array(dataset)? else {
        let has = file.names();
        return Err(ConnectomeError::NoDataset { file: path.to_path_buf(), dataset, has });
    };
    if array.stored.is_none() {
        return Err(ConnectomeError::Numbers {
            file: path.to_path_buf(),
            array: quoted(dataset),
            found: "something else".to_owned(),
            expected: "numbers",
        });
    }
    Ok(array)
}

fn mask(file: &dyn ArrayFile, path: &Path) -> Result<BrainMask, ConnectomeError> {
    let grid = grid(file, path)?;
    let affine = affine(file, path)?;
    let voxels = voxels(file, path)?;
    let most = MOST_OF_GRID.max(voxels.len().saturating_mul(GRID_FOR_VOXEL));
    if grid.iter().try_fold(1usize, |all, &side| all.checked_mul(side)).is_none_or(|all| all > most)
    {
        return Err(ConnectomeError::Numbers {
            file: path.to_path_buf(),
            array: quoted(GRID),
            found: format!("{grid:?} for a mask of {} voxels", voxels.len()),
            expected: "the sides of a grid that the mask is a part of, not a speck in,",
        });
    }
    let space = Space::new(grid, affine);
    space
        .and_then(|space| BrainMask::new(space, voxels))
        .map_err(|source| ConnectomeError::Mask { file: path.to_path_buf(), source: source.into() })
}

/// The size of the grid: an attribute, or a small array.
fn grid(file: &dyn ArrayFile, path: &Path) -> Result<[usize; 3], ConnectomeError> {
    let mut sides = None;
    for of in [None, Some(SERIES), Some(INDICES), Some(AFFINE)] {
        sides = file.attribute(of, GRID)?;
        if sides.is_some() {
            break;
        }
    }
    if sides.is_none() && file.array(GRID)?.is_some() {
        sides = Some(file.integers(GRID)?);
    }
    let sides = sides.ok_or_else(|| ConnectomeError::NoGrid { file: path.to_path_buf() })?;
    let whole: Result<Vec<usize>, _> = sides.iter().map(|&side| usize::try_from(side)).collect();
    whole.ok().and_then(|sides| sides.try_into().ok()).ok_or_else(|| ConnectomeError::Numbers {
        file: path.to_path_buf(),
        array: quoted(GRID),
        found: format!("{sides:?}"),
        expected: "three whole numbers above 0",
    })
}

fn affine(file: &dyn ArrayFile, path: &Path) -> Result<[[f64; 4]; 3], ConnectomeError> {
    let array = numbers(file, path, AFFINE)?;
    if array.shape != [4, 4] && array.shape != [3, 4] {
        return Err(shape(path, AFFINE, &array, "4 x 4"));
    }
    let entries = file.reals(AFFINE)?;
    let mut affine = [[0.0; 4]; 3];
    for (row, entries) in affine.iter_mut().zip(entries.chunks_exact(4)) {
        row.copy_from_slice(entries);
    }
    match entries.get(12..) {
        Some(last) if !last.is_empty() && last != [0.0, 0.0, 0.0, 1.0] => {
            Err(ConnectomeError::AffineRow { file: path.to_path_buf(), found: last.to_vec() })
        }
        _ => Ok(affine),
    }
}

/// Indices of voxels, (V,3) or (3,V); three by three means (V,3).
fn voxels(file: &dyn ArrayFile, path: &Path) -> Result<Vec<[u32; 3]>, ConnectomeError> {
    let array = numbers(file, path, INDICES)?;
    let whole = array.stored.is_some_and(|stored| stored.kind.is_whole());
    if !whole {
        return Err(ConnectomeError::Numbers {
            file: path.to_path_buf(),
            array: quoted(INDICES),
            found: array.stored.map_or_else(String::new, |stored| format!("{stored}s")),
            expected: "whole numbers",
        });
    }
    let (count, across) = match *array.shape.as_slice() {
        [count, 3] => (count, false),
        [3, count] => (count, true),
        _ => return Err(shape(path, INDICES, &array, "voxels x 3 or 3 x voxels")),
    };
    let entries = file.integers(INDICES)?;
    let index = |number: usize, axis: usize| {
        let entry = entries[if across { axis * count + number } else { number * 3 + axis }];
        u32::try_from(entry).map_err(|_| ConnectomeError::Index {
            file: path.to_path_buf(),
            number,
            index: entry,
            limit: u32::MAX,
        })
    };
    (0..count).map(|number| Ok([index(number, 0)?, index(number, 1)?, index(number, 2)?])).collect()
}

/// The names of the subjects, where there is a dataset of as many texts.
fn names(
    file: &dyn ArrayFile,
    path: &Path,
    subjects: usize,
) -> Result<Option<Vec<String>>, ConnectomeError> {
    for dataset in NAMES {
        let Some(array) = file.array(dataset)? else { continue };
        if array.stored.is_some() {
            continue;
        }
        if array.shape != [subjects] {
            return Err(shape(path, dataset, &array, &format!("{subjects} long")));
        }
        return file.texts(dataset).map(Some);
    }
    Ok(None)
}

fn shape(path: &Path, dataset: &str, array: &Array, expected: &str) -> ConnectomeError {
    ConnectomeError::Shape {
        file: path.to_path_buf(),
        array: quoted(dataset),
        found: array.shape.clone(),
        expected: expected.to_owned(),
    }
}

fn quoted(dataset: &str) -> String {
    format!("dataset '{dataset}'")
}

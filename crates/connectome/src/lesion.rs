//! Lesions in NIfTI files, matched to a mask by where they are in the world.

use std::fmt;
use std::path::Path;

use twoblade_brain::{BrainMask, Lesion};

use crate::error::ConnectomeError;
use crate::folder;
use crate::grids::{self, Lying, STRICT_MM, TOLERANT_SIDES};
use crate::nifti::Image;
use crate::nifti_header::Placed;

/// The share of a voxel that must be covered for it to belong to a lesion that is not weighted.
const HALF: f64 = 0.5;
/// Room below that for sums of rounded shares.
const ROUNDING: f64 = 1e-6;

/// How near the grids of a lesion and of a mask must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpaceCheck {
    /// Axes must be parallel, and voxels of one size must lie on each other, to 0.001 mm.
    #[default]
    Strict,
    /// Voxels of one size may lie half of the smallest side of a voxel apart, and go to the nearest;
    /// oblique grids are matched by the centres of voxels.
    Tolerant,
}

/// How a lesion is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LesionOptions {
    /// Whether values are weights; otherwise all that are above 0 must be the same.
    pub weighted: bool,
    /// How near the grids must be.
    pub space: SpaceCheck,
}

/// How a lesion was matched to a mask.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Matched {
    /// Its voxels are the mask's, whatever their storage.
    Same,
    /// Its voxels are of the mask's size, and went to the nearest.
    Nearest {
        /// Millimetres between them, at most.
        apart: f64,
    },
    /// Its voxels are of another size: by the share of each voxel of the mask that they cover.
    Overlap,
    /// It lies obliquely: by the centres of voxels.
    Centres,
}

/// What became of a lesion's voxels.
#[derive(Clone, Debug, PartialEq)]
pub struct LesionReport {
    /// Voxels of its image along i, j and k.
    pub shape: [usize; 3],
    /// The sides of its voxels in millimetres.
    pub sides: [f64; 3],
    /// What placed it in the world.
    pub placed: Placed,
    /// How it was matched.
    pub matched: Matched,
    /// Voxels of its image that are above 0.
    pub given: usize,
    /// Voxels of the mask that it touches.
    pub used: usize,
    /// Voxels given that lie outside the mask.
    pub outside: usize,
    /// Voxels of the mask that were left out because less than half of each is covered.
    pub partial: usize,
}

impl fmt::Display for LesionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y, z] = self.sides;
        let Self { given, used, outside, partial, .. } = self;
        write!(f, "{given} voxels given, {outside} of them outside the mask, {used} used")?;
        match self.matched {
            Matched::Same => {}
            Matched::Nearest { apart } => write!(f, "; nearest voxels, up to {apart:.3} mm apart")?,
            Matched::Overlap => write!(f, "; by overlap of voxels of {x:.4} x {y:.4} x {z:.4} mm")?,
            Matched::Centres => f.write_str("; by the centres of voxels of an oblique grid")?,
        }
        if *partial > 0 {
            write!(f, "; {partial} covered by less than half left out")?;
        }
        match self.placed {
            Placed::Sform => Ok(()),
            Placed::Qform => f.write_str("; placed by its qform"),
            Placed::VoxelSizes => f.write_str("; placed by the sizes of its voxels alone"),
        }
    }
}

/// The name of the lesion in a file: the file's own, without folders and ending.
pub fn lesion_name(file: impl AsRef<Path>) -> String {
    folder::stem(file.as_ref())
}

/// Reads a lesion: a NIfTI-1 file, `.nii` or `.nii.gz`, of one volume.
///
/// Its voxels are matched to those of the mask by where they are in the world: by its sform, else its
/// qform, else the sizes of its voxels. Where its voxels are of the mask's size and lie on the mask's,
/// each goes to one. Where they are of another size, the share of each voxel of the mask that is covered
/// counts: a voxel belongs to a lesion if half or more of it is covered, and in a weighted lesion
/// its weight is the sum of value times share. A slope of 0, or that is no number, means that nothing is
/// scaled.
///
/// # Errors
/// [`ConnectomeError::Read`], [`ConnectomeError::Nifti`], [`ConnectomeError::Truncated`] or
/// [`ConnectomeError::Volumes`] if it is no such file. [`ConnectomeError::NotFinite`],
/// [`ConnectomeError::Negative`], [`ConnectomeError::NotBinary`] or [`ConnectomeError::EmptyLesion`] for
/// its values. [`ConnectomeError::Elsewhere`] or [`ConnectomeError::Grid`] for its place,
/// [`ConnectomeError::OutsideMask`] or [`ConnectomeError::ThinLesion`] if no voxel of the mask is left.
pub fn read_lesion(
    file: impl AsRef<Path>,
    mask: &BrainMask,
    options: LesionOptions,
) -> Result<(Lesion, LesionReport), ConnectomeError> {
    let file = file.as_ref();
    let image = Image::read(file)?;
    let space = &image.header.space;
    let (given, values) = given(&image, file, options.weighted)?;
    overlapping(file, &image, mask)?;

    let lying = Lying::of(space, mask.space());
    let matched = matched(file, &lying, mask, options.space)?;
    let mut cover = vec![0.0; mask.count()];
    let mut weights = if options.weighted { vec![0.0; mask.count()] } else { Vec::new() };
    let mut inside = vec![false; given.len()];
    let mut each = |number: usize, voxel: u32, share: f64| {
        inside[number] = true;
        cover[voxel as usize] += share;
        if options.weighted {
            weights[voxel as usize] += share * values[number];
        }
    };
    match matched {
        Matched::Same | Matched::Nearest { .. } => lying.same(&given, mask, &mut each),
        Matched::Overlap => lying.overlaps(&given, mask, &mut each),
        Matched::Centres => grids::centres(space, &given, mask, &mut each),
    }

    let touched = (0u32..).zip(&cover).filter(|(_, share)| **share > 0.0);
    let counts = |share: f64| options.weighted || share >= HALF - ROUNDING;
    let voxels: Vec<u32> = touched.clone().filter(|(_, c)| counts(**c)).map(|(v, _)| v).collect();
    let outside = inside.iter().filter(|inside| !**inside).count();
    let report = LesionReport {
        shape: space.shape(),
        sides: sides(&space.affine()),
        placed: image.header.placed,
        matched,
        given: given.len(),
        used: voxels.len(),
        outside,
        partial: touched.count() - voxels.len(),
    };
    if voxels.is_empty() {
        let file = file.to_path_buf();
        let covered = cover.iter().copied().fold(0.0, f64::max);
        return Err(if report.partial == 0 {
            ConnectomeError::OutsideMask { file, given: report.given }
        } else {
            ConnectomeError::ThinLesion { file, given: report.given, covered }
        });
    }
    let weight = |voxel: &u32| if options.weighted { weights[*voxel as usize] } else { 1.0 };
    let lesion = Lesion {
        name: lesion_name(file),
        weights: voxels.iter().map(weight).collect(),
        voxels,
        given: report.given,
        outside,
    };
    Ok((lesion, report))
}

/// The voxels above 0 and, of a weighted lesion, their values.
fn given(
    image: &Image,
    file: &Path,
    weighted: bool,
) -> Result<(Vec<[usize; 3]>, Vec<f64>), ConnectomeError> {
    let [across, along, up] = image.header.space.shape();
    let (mut given, mut values) = (Vec::new(), Vec::new());
    let (mut not_finite, mut negative, mut lowest) = (0, 0, 0.0f64);
    let (mut first, mut second) = (None, None);
    for k in 0..up {
        for j in 0..along {
            for i in 0..across {
                let value = image.value(i + across * (j + along * k));
                if !value.is_finite() {
                    not_finite += 1;
                } else if value < 0.0 {
                    negative += 1;
                    lowest = lowest.min(value);
                } else if value > 0.0 {
                    given.push([i, j, k]);
                    if weighted {
                        values.push(value);
                    }
                    let one = *first.get_or_insert(value);
                    if value.to_bits() != f64::to_bits(one) {
                        second.get_or_insert(value);
                    }
                }
            }
        }
    }
    let file = || file.to_path_buf();
    if not_finite > 0 {
        return Err(ConnectomeError::NotFinite { file: file(), voxels: not_finite });
    }
    if negative > 0 {
        return Err(ConnectomeError::Negative { file: file(), voxels: negative, lowest });
    }
    if given.is_empty() {
        return Err(ConnectomeError::EmptyLesion { file: file(), voxels: across * along * up });
    }
    match (first, second) {
        (Some(first), Some(second)) if !weighted => {
            Err(ConnectomeError::NotBinary { file: file(), first, second })
        }
        _ => Ok((given, values)),
    }
}

/// Refuses an image that is nowhere near the mask.
fn overlapping(file: &Path, image: &Image, mask: &BrainMask) -> Result<(), ConnectomeError> {
    let (lesion, brain) = (grids::extent(&image.header.space), grids::extent(mask.space()));
    if lesion.iter().zip(&brain).all(|(a, b)| a.0 < b.1 && b.0 < a.1) {
        return Ok(());
    }
    Err(ConnectomeError::Elsewhere { file: file.to_path_buf(), lesion, mask: brain })
}

/// How the grids are matched, if they are near enough.
fn matched(
    file: &Path,
    lying: &Lying,
    mask: &BrainMask,
    check: SpaceCheck,
) -> Result<Matched, ConnectomeError> {
    let smallest = sides(&mask.space().affine()).into_iter().fold(f64::INFINITY, f64::min);
    // Room for rounding where voxels lie on borders.
    let tolerant = TOLERANT_SIDES * smallest + STRICT_MM;
    if lying.one_size && lying.apart <= STRICT_MM {
        return Ok(Matched::Same);
    }
    if !lying.one_size && lying.oblique <= STRICT_MM {
        return Ok(Matched::Overlap);
    }
    match check {
        SpaceCheck::Strict => Err(ConnectomeError::Grid {
            file: file.to_path_buf(),
            apart: if lying.one_size { lying.apart } else { lying.oblique },
            tolerance: STRICT_MM,
        }),
        SpaceCheck::Tolerant if lying.one_size && lying.apart <= tolerant => {
            Ok(Matched::Nearest { apart: lying.apart })
        }
        SpaceCheck::Tolerant if !lying.one_size && lying.oblique <= tolerant => {
            Ok(Matched::Overlap)
        }
        SpaceCheck::Tolerant => Ok(Matched::Centres),
    }
}

/// The sides of voxels in millimetres.
pub(crate) fn sides(affine: &[[f64; 4]; 3]) -> [f64; 3] {
    [0, 1, 2].map(|axis| affine.iter().map(|row| row[axis].powi(2)).sum::<f64>().sqrt())
}

//! The head of a NIfTI-1 file: what is in it, and where in the world.
//!
//! <https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h>

use std::path::Path;

use twoblade_brain::Space;

use crate::error::ConnectomeError;
use crate::number::{Kind, Stored};
use crate::quaternion;

/// Bytes of a head.
pub(crate) const HEAD: usize = 348;

/// What placed an image in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placed {
    /// Its sform, an affine.
    Sform,
    /// Its qform, a rotation, because it has no sform.
    Qform,
    /// The sizes of its voxels alone, because it has neither: its first voxel is at 0, and where it is in
    /// the world is a guess.
    VoxelSizes,
}

/// What a head says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) space: Space,
    pub(crate) placed: Placed,
    /// Volumes, one after another.
    pub(crate) volumes: usize,
    pub(crate) stored: Stored,
    /// Slope and intercept, where stored numbers are not the values.
    pub(crate) scale: Option<(f64, f64)>,
    /// Where the first volume begins.
    pub(crate) offset: u64,
}

impl Header {
    /// Bytes of a volume.
    pub(crate) fn volume_bytes(&self) -> usize {
        self.space.voxels() * self.stored.kind.bytes()
    }

    /// The value of a voxel, by its number in the file.
    pub(crate) fn value(&self, volume: &[u8], voxel: usize) -> f64 {
        let bytes = self.stored.kind.bytes();
        let number = self.stored.number(&volume[voxel * bytes..][..bytes]);
        self.scale.map_or(number, |(slope, intercept)| slope * number + intercept)
    }

    /// Reads a head.
    pub(crate) fn parse(bytes: &[u8; HEAD], file: &Path) -> Result<Self, ConnectomeError> {
        let refuse = |what: String| ConnectomeError::Nifti { file: file.to_path_buf(), what };
        let fields = Fields::new(bytes).map_err(|what| refuse(what.to_owned()))?;
        match &bytes[344..] {
            b"n+1\0" => {}
            b"ni1\0" => return Err(refuse("one half of a pair of .hdr and .img".to_owned())),
            _ => return Err(refuse("of the older Analyze format".to_owned())),
        }
        let (shape, volumes) = dimensions(&fields).ok_or_else(|| {
            refuse(format!(
                "of dimensions {:?}, the first of which counts the others",
                fields.dim()
            ))
        })?;
        let code = fields.short(70);
        let kind =
            kind(code).ok_or_else(|| refuse(format!("of data type {code}{}", named(code))))?;
        let (affine, placed) = fields.affine();
        let space = Space::new(shape, affine).map_err(|source| ConnectomeError::Mask {
            file: file.to_path_buf(),
            source: source.into(),
        })?;
        let offset = fields.float(108);
        if !(offset >= HEAD as f32 && offset < 1e9) {
            return Err(refuse(format!("with its numbers from byte {offset} on")));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let offset = offset as u64;
        let stored = Stored { kind, big_endian: fields.big_endian };
        Ok(Self { space, placed, volumes, stored, scale: fields.scale(), offset })
    }
}

/// The sides of the grid, and how many volumes; none if they are no dimensions.
fn dimensions(fields: &Fields) -> Option<([usize; 3], usize)> {
    let dim = fields.dim();
    let axes = usize::try_from(dim[0]).ok().filter(|axes| (1..=7).contains(axes))?;
    let mut sides = [1; 7];
    for (side, &dim) in sides.iter_mut().zip(&dim[1..]).take(axes) {
        *side = usize::try_from(dim).ok().filter(|&side| side > 0)?;
    }
    let volumes = sides[3..].iter().try_fold(1usize, |all, &side| all.checked_mul(side))?;
    Some(([sides[0], sides[1], sides[2]], volumes))
}

/// The bytes of a head in their byte order.
struct Fields<'a> {
    bytes: &'a [u8; HEAD],
    big_endian: bool,
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8; HEAD]) -> Result<Self, &'static str> {
        let size = [bytes[0], bytes[1], bytes[2], bytes[3]];
        match (u32::from_le_bytes(size), u32::from_be_bytes(size)) {
            (348, _) => Ok(Self { bytes, big_endian: false }),
            (_, 348) => Ok(Self { bytes, big_endian: true }),
            (540, _) | (_, 540) => Err("NIfTI-2"),
            _ => Err("something else: its first number is not the size of a head"),
        }
    }

    fn short(&self, at: usize) -> i16 {
        let bytes = [self.bytes[at], self.bytes[at + 1]];
        if self.big_endian { i16::from_be_bytes(bytes) } else { i16::from_le_bytes(bytes) }
    }

    fn float(&self, at: usize) -> f32 {
        let bytes = [0, 1, 2, 3].map(|byte| self.bytes[at + byte]);
        if self.big_endian { f32::from_be_bytes(bytes) } else { f32::from_le_bytes(bytes) }
    }

    fn dim(&self) -> [i16; 8] {
        [0, 1, 2, 3, 4, 5, 6, 7].map(|axis| self.short(40 + 2 * axis))
    }

    fn doubles<const N: usize>(&self, at: usize) -> [f64; N] {
        std::array::from_fn(|entry| f64::from(self.float(at + 4 * entry)))
    }

    /// A slope that is 0 or no number means that nothing is scaled; so writers say it.
    fn scale(&self) -> Option<(f64, f64)> {
        let [slope, intercept] = self.doubles(112);
        let intercept = if intercept.is_finite() { intercept } else { 0.0 };
        let scaled = slope.is_finite() && slope != 0.0;
        (scaled && (slope, intercept) != (1.0, 0.0)).then_some((slope, intercept))
    }

    /// From indices to millimetres: the sform, else the qform, else the sizes of voxels.
    fn affine(&self) -> ([[f64; 4]; 3], Placed) {
        if self.short(254) > 0 {
            return ([self.doubles(280), self.doubles(296), self.doubles(312)], Placed::Sform);
        }
        let [handed, sizes @ ..]: [f64; 4] = self.doubles(76);
        if self.short(252) > 0 {
            let mut rotation = quaternion::rotation(self.doubles(256));
            if handed < 0.0 {
                for row in &mut rotation {
                    row[2] = -row[2];
                }
            }
            let offset: [f64; 3] = self.doubles(268);
            let row = |row: usize| {
                let [a, b, c] = rotation[row];
                [a * sizes[0], b * sizes[1], c * sizes[2], offset[row]]
            };
            return ([row(0), row(1), row(2)], Placed::Qform);
        }
        let [a, b, c] = sizes;
        ([[a, 0.0, 0.0, 0.0], [0.0, b, 0.0, 0.0], [0.0, 0.0, c, 0.0]], Placed::VoxelSizes)
    }
}

fn kind(code: i16) -> Option<Kind> {
    Some(match code {
        2 => Kind::U8,
        4 => Kind::I16,
        8 => Kind::I32,
        16 => Kind::F32,
        64 => Kind::F64,
        256 => Kind::I8,
        512 => Kind::U16,
        768 => Kind::U32,
        1024 => Kind::I64,
        1280 => Kind::U64,
        _ => return None,
    })
}

fn named(code: i16) -> &'static str {
    match code {
        1 => " (single bits)",
        32 | 1792 | 2048 => " (complex numbers)",
        128 | 2304 => " (colours)",
        1536 => " (128-bit floats)",
        _ => "",
    }
}

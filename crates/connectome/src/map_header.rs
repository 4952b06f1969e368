//! The head of a map.

use std::path::Path;

use twoblade_brain::Space;

use crate::error::ConnectomeError;
use crate::lesion::sides;
use crate::quaternion;

/// Bytes before the values: the head, and four that say that no extension follows.
const OFFSET: usize = 352;
/// Bytes of a description, less the one that ends it.
const DESCRIPTION: usize = 79;
/// Columns whose angle is nearer to a right one than this, by cosine, are a rotation.
const ORTHOGONAL: f64 = 1e-6;

/// What the values of a map are, as NIfTI names it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Intent {
    /// Nothing in particular.
    #[default]
    None,
    /// Correlations.
    Correlation {
        /// Degrees of freedom.
        freedom: f32,
    },
    /// Values of t.
    TTest {
        /// Degrees of freedom.
        freedom: f32,
    },
    /// p-values.
    PValue,
    /// -log10 of p-values.
    Log10PValue,
    /// Estimates of something.
    Estimate,
    /// Labels.
    Label,
}

/// The world that a grid is in, as NIfTI names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum World {
    /// The scanner's.
    Scanner,
    /// Another image's.
    Aligned,
    /// Talairach's.
    Talairach,
    /// MNI 152.
    #[default]
    Mni152,
}

/// What a map says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapHeader {
    /// A line of text; its first 79 bytes are kept.
    pub description: String,
    /// What the values are.
    pub intent: Intent,
    /// The world that the mask is in.
    pub world: World,
}

/// The head of a map in a grid, and the four bytes after it.
pub(crate) fn head(
    target: &Path,
    space: &Space,
    header: &MapHeader,
) -> Result<[u8; OFFSET], ConnectomeError> {
    let mut head = Head([0; OFFSET]);
    head.put(0, &348i32.to_le_bytes());
    head.put(38, b"r");
    let mut dimensions = [3i16, 1, 1, 1, 1, 1, 1, 1];
    for (dimension, &side) in dimensions[1..].iter_mut().zip(&space.shape()) {
        *dimension = i16::try_from(side).map_err(|_| ConnectomeError::LongAxis {
            file: target.to_path_buf(),
            shape: space.shape(),
            limit: i16::MAX,
        })?;
    }
    for (axis, dimension) in dimensions.into_iter().enumerate() {
        head.short(40 + 2 * axis, dimension);
    }
    let (code, freedom) = match header.intent {
        Intent::None => (0, 0.0),
        Intent::Correlation { freedom } => (2, freedom),
        Intent::TTest { freedom } => (3, freedom),
        Intent::PValue => (22, 0.0),
        Intent::Log10PValue => (24, 0.0),
        Intent::Estimate => (1001, 0.0),
        Intent::Label => (1002, 0.0),
    };
    head.float(56, freedom);
    head.short(68, code);
    head.short(70, 16); // 32-bit floats
    head.short(72, 32);
    head.float(108, OFFSET as f32);
    head.float(112, 1.0); // nothing is scaled
    head.put(123, &[2]); // millimetres
    let mut length = header.description.len().min(DESCRIPTION);
    while !header.description.is_char_boundary(length) {
        length -= 1;
    }
    head.put(148, &header.description.as_bytes()[..length]);
    head.place(space, header.world);
    head.put(344, b"n+1\0");
    Ok(head.0)
}

struct Head([u8; OFFSET]);

impl Head {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn short(&mut self, at: usize, number: i16) {
        self.put(at, &number.to_le_bytes());
    }

    fn float(&mut self, at: usize, number: f32) {
        self.put(at, &number.to_le_bytes());
    }

    fn floats(&mut self, at: usize, numbers: &[f64]) {
        for (entry, &number) in numbers.iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "the format has 32-bit floats")]
            self.float(at + 4 * entry, number as f32);
        }
    }

    /// Sizes of voxels, the sform and, if the axes are orthogonal, the qform.
    fn place(&mut self, space: &Space, world: World) {
        let affine = space.affine();
        let code = match world {
            World::Scanner => 1,
            World::Aligned => 2,
            World::Talairach => 3,
            World::Mni152 => 4,
        };
        self.short(254, code);
        for (row, entries) in affine.iter().enumerate() {
            self.floats(280 + 16 * row, entries);
        }
        let sides = sides(&affine);
        self.floats(80, &sides);
        self.floats(92, &[1.0; 4]);
        let turned = turned(&affine, &sides);
        self.float(76, turned.map_or(1.0, |(handed, _)| handed));
        if let Some((_, parts)) = turned {
            self.short(252, code);
            self.floats(256, &parts);
            self.floats(268, &affine.map(|row| row[3]));
        }
    }
}

/// The handedness of a grid and the parts of its rotation, if it has one.
fn turned(affine: &[[f64; 4]; 3], sides: &[f64; 3]) -> Option<(f32, [f64; 3])> {
    let mut r = affine.map(|row| [0, 1, 2].map(|axis| row[axis] / sides[axis]));
    let cosine = |a: usize, b: usize| r.iter().map(|row| row[a] * row[b]).sum::<f64>().abs();
    if cosine(0, 1).max(cosine(0, 2)).max(cosine(1, 2)) > ORTHOGONAL {
        return None;
    }
    let determinant = r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1])
        - r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0])
        + r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]);
    if determinant < 0.0 {
        for row in &mut r {
            row[2] = -row[2];
        }
    }
    Some((if determinant < 0.0 { -1.0 } else { 1.0 }, quaternion::parts(&r)))
}

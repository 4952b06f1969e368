//! What can be wrong with connectomes, masks, lesions and maps.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use twoblade_brain::BrainError;
use twoblade_core::BoxError;

/// What is wrong, where, and what to do about it.
///
/// Subjects, voxels and rows are counted from 0, as arrays count them.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectomeError {
    /// The operating system could not open or read a file, or its compression is damaged.
    #[error("{file} could not be read")]
    Read {
        /// The file or folder.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("{file} could not be written")]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// A folder has no connectome in it.
    #[error(
        "{folder} holds no connectome; HDF5 files (.h5, .hdf5), or NIfTI (.nii, .nii.gz) or .npy \
         files named sub-*, are expected in it"
    )]
    NoFiles {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder has series of two formats.
    #[error("{first} and {other} are of different formats; keep one connectome in a folder")]
    Mixed {
        /// The first file.
        first: PathBuf,
        /// A file of another format.
        other: PathBuf,
    },
    /// The ending of a file says nothing.
    #[error(
        "{file}: its ending names no format; expected are .h5 or .hdf5, .nii or .nii.gz, or .npy"
    )]
    Ending {
        /// The file.
        file: PathBuf,
    },
    /// A connectome without a mask.
    #[error(
        "{path} does not say where its voxels are; name the brain mask that the series are of \
         (a NIfTI file)"
    )]
    NoMask {
        /// The connectome.
        path: PathBuf,
    },
    /// A mask for a connectome that has one.
    #[error("{path} holds its own mask, none other is expected; leave the other out")]
    TwoMasks {
        /// The connectome.
        path: PathBuf,
    },

    /// No HDF5 file at all.
    #[error(
        "{file} is no HDF5 file: its signature is missing; was it cut, or is it another format?"
    )]
    NotHdf5 {
        /// The file.
        file: PathBuf,
    },
    /// A file is shorter than it says.
    #[error("{file} has {bytes} bytes and should have {expected}; it was cut short, get it again")]
    Truncated {
        /// The file.
        file: PathBuf,
        /// Bytes it has.
        bytes: u64,
        /// Bytes it should have, by its own head.
        expected: u64,
    },
    /// The HDF5 library could not read something.
    #[error("{file}: {what} could not be read; the file may be damaged, get it again")]
    Hdf5 {
        /// The file.
        file: PathBuf,
        /// What was read.
        what: String,
        /// What the library says.
        source: BoxError,
    },
    /// HDF5 that cannot be read here.
    #[error(
        "{file}: dataset '{dataset}' has {what}, which is not supported; copy it with \
         h5repack -f GZIP=1"
    )]
    Unsupported {
        /// The file.
        file: PathBuf,
        /// The dataset.
        dataset: String,
        /// What it has.
        what: String,
    },
    /// A dataset is not there.
    #[error("{file} has no dataset '{dataset}'; it has {}", listed(has))]
    NoDataset {
        /// The file.
        file: PathBuf,
        /// The dataset.
        dataset: &'static str,
        /// The datasets it has.
        has: Vec<String>,
    },
    /// An array has another shape than it should have.
    #[error("{file}: {array} is {}, {expected} is expected", by(found))]
    Shape {
        /// The file.
        file: PathBuf,
        /// The array.
        array: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape it should have.
        expected: String,
    },
    /// An array has the wrong kind of numbers.
    #[error("{file}: {array} holds {found}, {expected} are expected")]
    Numbers {
        /// The file.
        file: PathBuf,
        /// The array.
        array: String,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A dataset is said to be larger than its file can hold.
    #[error(
        "{file}: dataset '{dataset}' is {}, more than the {bytes} bytes of the file can hold; it is \
         damaged or was never filled, get it again",
        by(shape)
    )]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The dataset.
        dataset: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Bytes of the file.
        bytes: u64,
    },
    /// The numbers of a dataset are not all in its file.
    #[error("{file}: dataset '{dataset}' {what}; it is damaged or was never filled, get it again")]
    Placed {
        /// The file.
        file: PathBuf,
        /// The dataset.
        dataset: &'static str,
        /// What it has instead.
        what: String,
    },
    /// The size of the grid is not given.
    #[error(
        "{file} does not say how large the grid of its mask is: an attribute 'mask_shape' of three \
         whole numbers is expected, of the file or of 'timeseries' or 'mask_indices'; add it"
    )]
    NoGrid {
        /// The file.
        file: PathBuf,
    },
    /// The voxels of a mask are not in its grid, or a grid or affine is none.
    #[error("{file}: its mask is none")]
    Mask {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        source: Box<BrainError>,
    },
    /// An index of a voxel is below 0, or beyond all grids.
    #[error(
        "{file}: voxel {number} of 'mask_indices' has index {index}; indices count from 0 and are \
         below {limit}"
    )]
    Index {
        /// The file.
        file: PathBuf,
        /// The voxel.
        number: usize,
        /// The index.
        index: i64,
        /// What they are below.
        limit: u32,
    },
    /// The last row of an affine.
    #[error("{file}: the last row of 'mask_affine' is {found:?}, [0, 0, 0, 1] is expected")]
    AffineRow {
        /// The file.
        file: PathBuf,
        /// The row.
        found: Vec<f64>,
    },
    /// There are series of more or fewer voxels than the mask has.
    #[error("{file} has series of {series} voxels and the mask {mask} has {voxels}")]
    Voxels {
        /// The file with the series.
        file: PathBuf,
        /// Voxels of the series.
        series: usize,
        /// The file with the mask.
        mask: PathBuf,
        /// Voxels of the mask.
        voxels: usize,
    },
    /// Two files have different masks.
    #[error("{file} and {first} are not of one mask: {difference}; make them again with one mask")]
    OtherMask {
        /// The file.
        file: PathBuf,
        /// The first file.
        first: PathBuf,
        /// What differs, this file first.
        difference: String,
    },
    /// Two files lie at different places in the world.
    #[error(
        "{file} and {first} lie {distance:.4} mm apart by their affines, {tolerance} mm at most is \
         expected; bring them into one space"
    )]
    OtherSpace {
        /// The file.
        file: PathBuf,
        /// The first file, or the mask.
        first: PathBuf,
        /// Millimetres between two voxels of the same indices, at most.
        distance: f64,
        /// The most that is taken.
        tolerance: f64,
    },

    /// No NIfTI-1 file, or one that cannot be read here.
    #[error("{file} is {what}; a NIfTI-1 file of real numbers is expected (.nii or .nii.gz)")]
    Nifti {
        /// The file.
        file: PathBuf,
        /// What it is.
        what: String,
    },
    /// More or fewer volumes than there should be.
    #[error("{file} has {volumes} volumes, {expected} is expected")]
    Volumes {
        /// The file.
        file: PathBuf,
        /// Volumes in it.
        volumes: usize,
        /// How many there should be.
        expected: &'static str,
    },
    /// No .npy file, or one that cannot be read here.
    #[error("{file}: {what}; an array of real numbers that numpy.save wrote is expected")]
    Npy {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },

    /// Values of a lesion are infinite or no numbers.
    #[error("{file}: {voxels} voxels are infinite or not a number; write 0 outside the lesion")]
    NotFinite {
        /// The file.
        file: PathBuf,
        /// How many.
        voxels: usize,
    },
    /// Values of a lesion are below 0.
    #[error(
        "{file}: {voxels} voxels are below 0, down to {lowest}; a lesion is 0 or more everywhere"
    )]
    Negative {
        /// The file.
        file: PathBuf,
        /// How many.
        voxels: usize,
        /// The lowest.
        lowest: f64,
    },
    /// A lesion has several values and is not said to be weighted.
    #[error(
        "{file} has voxels of {first} and of {second}, one value beside 0 is expected; if its values \
         are weights, ask for a weighted lesion (--weighted)"
    )]
    NotBinary {
        /// The file.
        file: PathBuf,
        /// A value.
        first: f64,
        /// Another.
        second: f64,
    },
    /// A lesion is 0 everywhere.
    #[error("{file} is empty: all {voxels} voxels are 0")]
    EmptyLesion {
        /// The file.
        file: PathBuf,
        /// Voxels of its image.
        voxels: usize,
    },
    /// No voxel of a lesion is in the mask.
    #[error("{file} lies outside the brain mask: none of its {given} voxels is in it")]
    OutsideMask {
        /// The file.
        file: PathBuf,
        /// Voxels of the lesion.
        given: usize,
    },
    /// A lesion covers no voxel of the mask by half.
    #[error(
        "{file} is too thin for the mask: its {given} voxels cover no voxel of the mask by half, \
         {:.1} % of one at most; weights would keep it (--weighted)",
        covered * 100.0
    )]
    ThinLesion {
        /// The file.
        file: PathBuf,
        /// Voxels of the lesion.
        given: usize,
        /// The largest share of a voxel that is covered.
        covered: f64,
    },
    /// The image of a lesion and the mask do not touch.
    #[error(
        "{file} seems to be in another space: its image reaches over {} mm, and the mask's over {} mm; \
         bring it into the space of the mask",
        reach(lesion),
        reach(mask)
    )]
    Elsewhere {
        /// The file.
        file: PathBuf,
        /// From and to along x, y and z, in millimetres.
        lesion: [(f64, f64); 3],
        /// The same of the mask.
        mask: [(f64, f64); 3],
    },
    /// The grid of a lesion does not line up with the mask's.
    #[error(
        "{file}: its grid does not line up with the mask's, voxels are up to {apart:.3} mm off and \
         {tolerance} mm is allowed; bring it into the space of the mask, or allow more \
         (--space-check tolerant)"
    )]
    Grid {
        /// The file.
        file: PathBuf,
        /// Millimetres between its voxels and where they would line up.
        apart: f64,
        /// The most that is taken.
        tolerance: f64,
    },

    /// A map has more or fewer values than its mask has voxels.
    #[error(
        "{file}: {values} values are given for a mask of {voxels} voxels; one each is expected"
    )]
    MapValues {
        /// The file to be written.
        file: PathBuf,
        /// Values given.
        values: usize,
        /// Voxels of the mask.
        voxels: usize,
    },
    /// An axis of a grid is longer than NIfTI-1 can say.
    #[error(
        "{file}: a grid of {} voxels cannot be a NIfTI-1 file, {limit} along an axis is the most",
        by(shape)
    )]
    LongAxis {
        /// The file to be written.
        file: PathBuf,
        /// Voxels along i, j and k.
        shape: [usize; 3],
        /// The most.
        limit: i16,
    },
    /// A label of an atlas is no whole number.
    #[error("{file} is no atlas: a voxel is {value}, whole numbers from 0 to {limit} are expected")]
    Label {
        /// The file.
        file: PathBuf,
        /// The value.
        value: f64,
        /// The most.
        limit: u32,
    },
    /// An atlas is 0 everywhere.
    #[error("{file} is no atlas: all {voxels} voxels are 0, labels above 0 are expected")]
    EmptyAtlas {
        /// The file.
        file: PathBuf,
        /// Voxels of its image.
        voxels: usize,
    },
    /// The image of an atlas and the mask do not touch.
    #[error(
        "{file} seems to be in another space: its image reaches over {} mm, and the mask's over {} mm; \
         take the atlas in the space of the mask",
        reach(atlas),
        reach(mask)
    )]
    AtlasElsewhere {
        /// The file.
        file: PathBuf,
        /// From and to along x, y and z, in millimetres.
        atlas: [(f64, f64); 3],
        /// The same of the mask.
        mask: [(f64, f64); 3],
    },
    /// No voxel of the mask has a label.
    #[error(
        "{file}: none of the {voxels} voxels of the mask lies in one of its {parcels} parcels; take the \
         atlas in the space of the mask"
    )]
    OutsideAtlas {
        /// The file.
        file: PathBuf,
        /// Labels above 0.
        parcels: usize,
        /// Voxels of the mask.
        voxels: usize,
    },

    /// An option of a simulation makes no sense.
    #[error("the simulation's {option} is {found}, {expected} is expected; change it")]
    Simulation {
        /// The option.
        option: &'static str,
        /// What was asked for.
        found: usize,
        /// What may be asked for.
        expected: String,
    },
    /// The HDF5 library could not write a file.
    #[error("{file} could not be written")]
    WriteHdf5 {
        /// The file.
        file: PathBuf,
        /// What the library says.
        source: BoxError,
    },
    /// Somebody asked a simulation to stop.
    #[error("stopped after {done} of {of} subjects; the files that were complete are there")]
    Interrupted {
        /// Subjects that were done.
        done: usize,
        /// Of how many.
        of: usize,
    },

    /// A subject that is asked for is not there.
    #[error(
        "no subject is '{wanted}': there are {subjects}, from {first} to {last}, or 0 to {} by number",
        subjects - 1
    )]
    NoSuchSubject {
        /// What was asked for.
        wanted: String,
        /// How many there are.
        subjects: usize,
        /// The name of the first.
        first: String,
        /// The name of the last.
        last: String,
    },
    /// A subject is asked for twice.
    #[error("subject {name} is asked for twice, as '{first}' and '{second}'; name each once")]
    SubjectTwice {
        /// Its name.
        name: String,
        /// How it was asked for.
        first: String,
        /// How it was asked for again.
        second: String,
    },
    /// No subject is asked for.
    #[error("no subject is chosen, one at least of {subjects} is expected")]
    NoSubjects {
        /// How many there are.
        subjects: usize,
    },
    /// Blocks of no subject.
    #[error("blocks of {found} subjects are asked for, from 1 to {subjects} are expected")]
    BlockSubjects {
        /// What was asked for.
        found: usize,
        /// How many subjects there are.
        subjects: usize,
    },
    /// A file is not what it was when it was opened first.
    #[error("{file} has changed since it was first read; run again when it is complete")]
    Changed {
        /// The file.
        file: PathBuf,
    },
}

/// A shape as people write it.
fn by(shape: &[usize]) -> String {
    match shape {
        [] => "a single value".to_owned(),
        [one] => format!("{one} long"),
        _ => shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x "),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn reach(extent: &[(f64, f64); 3]) -> String {
    let axes = ["x", "y", "z"].iter().zip(extent);
    let axes = axes.map(|(axis, (from, to))| format!("{axis} {from} to {to}"));
    axes.collect::<Vec<_>>().join(", ")
}

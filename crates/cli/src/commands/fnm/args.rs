//! The arguments of `twoblade fnm`.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};
use twoblade::connectome::{LesionOptions, SpaceCheck};
use twoblade::fnm::{Options, Runs, Seed};

use crate::args::{CheckpointArgs, MachineArgs};
use crate::commands::fnm::parcels::Parcels;
use crate::commands::fnm::threshold::Threshold;
use crate::progress::Screen;
use crate::quantity::{parse_at_least_one, parse_share};

/// Functional network maps of lesions from a normative connectome: r, z, t and p of each lesion, from
/// one stream over the subjects.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct Args {
    /// The connectome: an HDF5 file or a folder of them; with --mask, NIfTI or .npy files sub-*
    #[arg(long, value_name = "PATH")]
    pub(crate) connectome: PathBuf,
    /// The mask of NIfTI and .npy files, a NIfTI file
    #[arg(long, value_name = "FILE")]
    pub(crate) mask: Option<PathBuf>,
    /// Use only the subjects of this list, a name a line
    #[arg(long, value_name = "FILE")]
    pub(crate) subjects: Option<PathBuf>,
    /// Lesions: NIfTI files, or patterns such as 'lesions/*.nii.gz'
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) lesions: Vec<String>,
    /// Values of lesions are weights
    #[arg(long)]
    weighted: bool,
    /// How near the grid of a lesion must be to the mask's
    #[arg(long, value_enum, value_name = "HOW", default_value_t = SpaceKind::Strict)]
    space_check: SpaceKind,
    /// What series stands for a lesion
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = SeedKind::Mean)]
    seed: SeedKind,
    /// How several runs of a subject become one z
    #[arg(long, value_enum, value_name = "HOW", default_value_t = RunsKind::Concatenate)]
    runs: RunsKind,
    /// Drop a subject if more than this share of its voxels have a sample that is not finite
    #[arg(long, default_value = "0.01", value_parser = parse_share, value_name = "SHARE")]
    max_bad_voxels: f64,
    /// Write p and q as they are, and not as -log10
    #[arg(long)]
    pub(crate) p_values: bool,
    /// Write maps of the standard errors of z and of r too
    #[arg(long)]
    pub(crate) se: bool,
    /// Write maps of what is beyond t=T, r=R or q=Q too, as in t=7; clusters and the overlap of lesions
    /// are of these voxels [default for them: t=5]
    #[arg(long, value_name = "STAT=X", value_parser = Threshold::parse)]
    pub(crate) threshold: Option<Threshold>,
    /// Write the mean of each map over the parcels of an atlas too: a NIfTI file of labels, of any grid
    #[arg(long, value_name = "FILE")]
    pub(crate) atlas: Option<PathBuf>,
    /// Names of the labels: a table with columns index and name, parted by tabs
    #[arg(long, value_name = "FILE", requires = "atlas")]
    pub(crate) atlas_labels: Option<PathBuf>,
    /// Write the mean of each parcel in each subject too: a table for each lesion
    #[arg(long, requires = "atlas")]
    pub(crate) per_subject: bool,
    /// Compute lesions again that are finished in the folder
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Subjects of a block, which one thread reads in one go; no map depends on it
    #[arg(long, default_value = "1", value_parser = parse_at_least_one, value_name = "K")]
    pub(crate) block_subjects: usize,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Print what would be read, how often, and the memory; read no series
    #[arg(long)]
    pub(crate) plan: bool,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
    /// Folder for the maps; made if it is not there
    #[arg(long, value_name = "FOLDER", required_unless_present_any = ["plan", "plan_out"])]
    pub(crate) out: Option<PathBuf>,
    /// Write the plan for pass-one, merge and finish, and read no series; several groups of lesions
    /// have a plan each, FILE-1.json and so on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "plan", "folder"])]
    pub(crate) plan_out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) screen: Screen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum SpaceKind {
    /// Voxels of the mask's size must lie on the mask's
    Strict,
    /// They may lie up to half a voxel apart
    Tolerant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SeedKind {
    /// The mean of its voxels
    Mean,
    /// The first principal component of its voxels, in each subject
    Pc1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RunsKind {
    /// One correlation over all of them, each centred first
    Concatenate,
    /// The mean of their z
    Average,
}

impl Args {
    /// How lesions are read.
    pub(crate) fn lesion_options(&self) -> LesionOptions {
        let space = match self.space_check {
            SpaceKind::Strict => SpaceCheck::Strict,
            SpaceKind::Tolerant => SpaceCheck::Tolerant,
        };
        LesionOptions { weighted: self.weighted, space }
    }

    /// What the model is told.
    pub(crate) fn options(&self) -> Options {
        let seed = match self.seed {
            SeedKind::Mean => Seed::Mean,
            SeedKind::Pc1 => Seed::Pc1,
        };
        let runs = match self.runs {
            RunsKind::Concatenate => Runs::Concatenate,
            RunsKind::Average => Runs::Average,
        };
        Options { seed, runs, most_bad: self.max_bad_voxels }
    }

    /// The options that change bytes of maps, or of what stands beside them.
    pub(crate) fn parameters(&self, parcels_of_subjects: Option<&Parcels>) -> Value {
        let mut parameters = json!({
            "model": self.options(),
            "weighted": self.weighted,
            "space_check": self.space_check,
            "p_values": self.p_values,
            "se": self.se,
        });
        if let Some(parcels) = parcels_of_subjects {
            parameters["atlas_of_subjects"] = parcels.hash().into();
        }
        parameters
    }
}

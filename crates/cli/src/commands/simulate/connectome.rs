//! A connectome with lesions to be mapped.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use twoblade::connectome::{SimulatedCompression, SimulatedConnectome, SimulatedFiles};

use crate::progress::{Bar, Screen};
use crate::quantity::thousands;
use crate::{interrupt, say};

/// A connectome of any size in HDF5, its mask, and lesions: people with networks of their own.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Subjects
    #[arg(long, value_name = "N")]
    subjects: usize,
    /// Time points of each subject
    #[arg(long, value_name = "T")]
    time_points: usize,
    /// Voxels of the brain, of 2 mm
    #[arg(long, value_name = "V")]
    voxels: usize,
    /// Files that the subjects are spread over
    #[arg(long, default_value_t = 1, value_name = "FILES")]
    files: usize,
    /// Lesions: spheres of 2 to 5 voxels' radius
    #[arg(long, default_value_t = 4, value_name = "LESIONS")]
    lesions: usize,
    /// Write a lesion of one voxel outside the brain too: FOLDER/corner.nii.gz
    #[arg(long)]
    lesion_outside: bool,
    /// Voxels that are constant in everybody
    #[arg(long, default_value_t = 0, value_name = "VOXELS")]
    constant_voxels: usize,
    /// Networks that the brain has
    #[arg(long, default_value_t = 8, value_name = "NETWORKS")]
    networks: usize,
    /// How series are stored: none, in one piece as they are; or 1 to 9, a piece for each subject,
    /// compressed by gzip at this level
    #[arg(long, default_value = "1", value_parser = parse_compression, value_name = "LEVEL")]
    compression: SimulatedCompression,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder for connectome/part-*.h5, lesions/sphere-*.nii.gz and mask.nii.gz; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    screen: Screen,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let simulation = SimulatedConnectome {
        subjects: args.subjects,
        time_points: args.time_points,
        voxels: args.voxels,
        files: args.files,
        seed: args.seed,
        compression: args.compression,
        networks: args.networks,
        constant_voxels: args.constant_voxels,
        lesions: args.lesions,
        lesion_outside: args.lesion_outside,
    };
    simulation.check()?;
    let files = simulation.files(&args.out);
    no_others(&files.connectome, &files.parts)?;
    no_others(&files.lesion_folder, &files.lesions)?;
    let bar = Bar::new(args.screen);
    let cancel = interrupt::token();
    let written = simulation.write_watched(&args.out, &mut |done, of| {
        bar.set("simulate", done as u64, of as u64);
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.clear();
    let files = written?;
    if !args.screen.quiet {
        say::result(told(&files))?;
    }
    Ok(())
}

/// Refuses a folder in which other files would be taken for part of the simulation.
fn no_others(folder: &Path, files: &[PathBuf]) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("the folder {} could not be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        ensure!(
            files.contains(&path),
            "{} is not of this simulation and would be taken for a part of it; remove it, or give \
             another --out",
            path.display()
        );
    }
    Ok(())
}

/// What was written.
fn told(files: &SimulatedFiles) -> String {
    let counted = |files: &[PathBuf], what: &str| match files.len() {
        1 => format!("1 {what}"),
        more => format!("{} {what}s", thousands(more)),
    };
    let outside = files.outside.as_ref().map(|file| format!(" {}", file.display()));
    format!(
        "written: {} ({}) {} ({}) {}{}",
        files.connectome.display(),
        counted(&files.parts, "file"),
        files.lesion_folder.display(),
        counted(&files.lesions, "lesion"),
        files.mask.display(),
        outside.unwrap_or_default()
    )
}

/// `none`, or a level of gzip.
fn parse_compression(text: &str) -> Result<SimulatedCompression, String> {
    if text == "none" {
        return Ok(SimulatedCompression::None);
    }
    let level = text.parse().ok().filter(|level| (1..=9).contains(level));
    let level = level.ok_or_else(|| format!("'{text}' is neither none nor a level from 1 to 9"))?;
    Ok(SimulatedCompression::Gzip(level))
}

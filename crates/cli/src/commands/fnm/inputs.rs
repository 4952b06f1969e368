//! The connectome and the lesions.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use twoblade::brain::Lesion;
use twoblade::connectome::{Connectome, ConnectomeError, LesionReport, lesion_name, read_lesion};
use twoblade::fnm::Study;

use crate::commands::fnm::args::Args;
use crate::commands::fnm::names::GROUP;
use crate::commands::fnm::parcels::Parcels;
use crate::exit::Failure;

/// A lesion that lies in the brain.
pub(crate) struct Input {
    pub(crate) file: PathBuf,
    pub(crate) lesion: Lesion,
    pub(crate) report: LesionReport,
}

/// What headers and masks say.
pub(crate) struct Inputs {
    pub(crate) connectome: Connectome,
    /// By name.
    pub(crate) lesions: Vec<Input>,
    pub(crate) parcels: Option<Parcels>,
    /// Those that cannot be mapped, and why.
    pub(crate) failed: Vec<(Failure, ConnectomeError)>,
}

impl Inputs {
    /// Reads them; no series is touched.
    pub(crate) fn read(args: &Args) -> Result<Self> {
        let mut connectome = match &args.mask {
            Some(mask) => Connectome::open_with_mask(&args.connectome, mask)?,
            None => Connectome::open(&args.connectome)?,
        };
        if let Some(file) = &args.subjects {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{} could not be read", file.display()))?;
            let names: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
            connectome = connectome.subjects(&names)?;
        }
        let parcels = match &args.atlas {
            Some(atlas) => {
                let names = args.atlas_labels.as_deref();
                Some(Parcels::read(atlas, names, connectome.mask())?)
            }
            None => None,
        };
        let (mut lesions, mut failed) = (Vec::new(), Vec::new());
        for file in files(&args.lesions)? {
            match read_lesion(&file, connectome.mask(), args.lesion_options()) {
                Ok((lesion, report)) => lesions.push(Input { file, lesion, report }),
                Err(error) => failed.push((Failure { lesion: lesion_name(&file), file }, error)),
            }
        }
        lesions.sort_by(|a: &Input, b| a.lesion.name.cmp(&b.lesion.name));
        let twice = lesions.windows(2).find(|pair| pair[0].lesion.name == pair[1].lesion.name);
        if let Some([a, b]) = twice {
            let [a, b] = [a, b].map(|of| of.file.display());
            bail!("{a} and {b} have one name, and so would their maps; rename one of them");
        }
        if let Some(input) = lesions.iter().find(|input| input.lesion.name == GROUP) {
            let file = input.file.display();
            bail!("{file}: maps over all lesions are named '{GROUP}', no lesion can be; rename it");
        }
        Ok(Self { connectome, lesions, parcels, failed })
    }

    /// The parcels over which each subject is averaged, if that is asked for.
    pub(crate) fn parcels_of_subjects(&self, args: &Args) -> Option<&Parcels> {
        self.parcels.as_ref().filter(|_| args.per_subject)
    }

    /// The study of some of the lesions.
    pub(crate) fn study(&self, args: &Args, lesions: &[&Input]) -> Result<Study> {
        let connectome = &self.connectome;
        let runs = (0..connectome.count()).map(|subject| connectome.time_points(subject));
        let parcels = self.parcels_of_subjects(args);
        Ok(Study {
            subjects: connectome.names().map(str::to_owned).collect(),
            voxels: connectome.mask().count(),
            time_points: runs.clone().map(|runs| runs.iter().sum()).max().unwrap_or(0),
            runs: runs.map(|runs| runs.len()).max().unwrap_or(0),
            lesions: lesions.iter().map(|of| of.lesion.clone()).collect(),
            parcels: parcels.map(Parcels::of_model).transpose()?,
        })
    }

    /// Bytes that stay for them.
    pub(crate) fn bytes(&self) -> usize {
        let lesions = self.lesions.iter().map(|of| of.lesion.used() * 12 + 512);
        let parcels = self.parcels.as_ref().map_or(0, Parcels::bytes);
        self.connectome.mask().bytes()
            + parcels
            + lesions.sum::<usize>()
            + self.connectome.listed() * 128
    }
}

/// The files that are meant, each once, in order.
fn files(patterns: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for pattern in patterns {
        if Path::new(pattern).is_file() {
            files.push(PathBuf::from(pattern));
            continue;
        }
        let before = files.len();
        let found = glob::glob(pattern)
            .with_context(|| format!("'{pattern}' is neither a file nor a pattern"))?;
        for file in found {
            files.push(file?);
        }
        ensure!(files.len() > before, "there is no file '{pattern}'");
    }
    files.sort();
    files.dedup();
    Ok(files)
}

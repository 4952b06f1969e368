//! Where a group of lesions saves what is done, and which lesions these are.
//!
//! One group is computed at a time. Its names stand in the folder before its first subject is read, so
//! that a run that goes on takes the same lesions together, whatever memory it is given and whichever of
//! them have their maps by then.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use twoblade::runner::{Runner, discard};

use crate::checkpoint::Checkpoint;
use crate::commands::fnm::args::Args;
use crate::commands::fnm::inputs::{Input, Inputs};
use crate::output::{remove, write_whole};

const LESIONS: &str = "lesions.json";
/// In a folder of its own, which can be removed while the names stand.
const GROUP: &str = "group";

pub(crate) struct Saving {
    checkpoint: Checkpoint,
    group: Option<PathBuf>,
}

impl Saving {
    pub(crate) fn new(args: &Args) -> Self {
        let checkpoint = Checkpoint::new(&args.checkpoint);
        let group = checkpoint.folder().map(|folder| folder.join(GROUP));
        Self { checkpoint, group }
    }

    /// The lesions of the group that was under way, if one was.
    pub(crate) fn under_way<'a>(&self, inputs: &'a Inputs) -> Result<Vec<&'a Input>> {
        let Some(file) = self.lesions().filter(|file| file.exists()) else { return Ok(Vec::new()) };
        let name = file.display();
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("{name} could not be read"))?;
        let names: Vec<String> =
            serde_json::from_str(&text).with_context(|| format!("{name} is no list of lesions"))?;
        let mut lesions = Vec::new();
        for lesion in names {
            let Some(input) = inputs.lesions.iter().find(|of| of.lesion.name == lesion) else {
                bail!(
                    "the checkpoint under way has the lesion {lesion}, which is not asked for now \
                     ({name}); ask for it, or remove the folder"
                );
            };
            lesions.push(input);
        }
        Ok(lesions)
    }

    /// Writes down, before anything else, what run it is.
    pub(crate) fn begin(&self, resolved: &str) -> Result<()> {
        self.checkpoint.begin(resolved)
    }

    /// Writes down which lesions are a group.
    pub(crate) fn begin_group(&self, lesions: &[&Input]) -> Result<()> {
        let Some(file) = self.lesions() else { return Ok(()) };
        let names: Vec<&str> = lesions.iter().map(|of| of.lesion.name.as_str()).collect();
        write_whole(&file, &(serde_json::to_string_pretty(&names)? + "\n"))
    }

    /// The runner of the group.
    pub(crate) fn of_group<'a>(&'a self, runner: &Runner<'a>) -> Runner<'a> {
        self.checkpoint.saving(runner, self.group.as_deref())
    }

    /// Removes what the group saved, once its maps are in place.
    pub(crate) fn end_group(&self) -> Result<()> {
        if let (Some(group), Some(lesions)) = (&self.group, self.lesions()) {
            discard(group)?;
            remove(&lesions)?;
        }
        Ok(())
    }

    /// Removes the rest, once everything is in place.
    pub(crate) fn end(&self) -> Result<()> {
        self.checkpoint.end([])
    }

    /// Says what can be done about an error.
    pub(crate) fn explain(&self, error: anyhow::Error, resolved: &str) -> anyhow::Error {
        self.checkpoint.explain(error, resolved)
    }

    fn lesions(&self) -> Option<PathBuf> {
        self.checkpoint.folder().map(|folder: &Path| folder.join(LESIONS))
    }
}

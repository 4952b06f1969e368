//! The folder in which a run saves what is done, and what run it belongs to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use twoblade::runner::{RunError, Runner, StateError, discard};

use crate::args::CheckpointArgs;
use crate::output::{remove, write_whole};
use crate::resolved::is_of_a_process;

/// The options of the run that a folder of checkpoints belongs to.
const OPTIONS: &str = "run.toml";

/// Where a run saves what is done; nowhere, if the options name no folder.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    args: CheckpointArgs,
}

impl Checkpoint {
    pub(crate) fn new(args: &CheckpointArgs) -> Self {
        Self { args: args.clone() }
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.args.folder.as_deref()
    }

    /// Writes down, before anything else, what run it is.
    pub(crate) fn begin(&self, resolved: &str) -> Result<()> {
        let Some(folder) = self.folder() else { return Ok(()) };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} could not be made", folder.display()))?;
        let file = folder.join(OPTIONS);
        if file.exists() { Ok(()) } else { write_whole(&file, resolved) }
    }

    /// A runner that saves to a folder, which is this one or lies in it.
    pub(crate) fn saving<'a>(&self, runner: &Runner<'a>, folder: Option<&'a Path>) -> Runner<'a> {
        let runner = runner.clone().checkpoint_interval(self.args.interval);
        match folder {
            Some(folder) => runner.checkpoint(folder),
            None => runner,
        }
    }

    /// Removes what was saved in these folders, once the results are in place.
    pub(crate) fn end<'a>(&self, folders: impl IntoIterator<Item = &'a PathBuf>) -> Result<()> {
        let Some(folder) = self.folder() else { return Ok(()) };
        for folder in folders {
            discard(folder)?;
        }
        remove(&folder.join(OPTIONS))?;
        // What a crash left half-written; and then only an empty folder goes.
        let _ = twoblade_files::sweep(folder);
        let _ = std::fs::remove_dir(folder);
        Ok(())
    }

    /// Says what can be done: of what another run left which options differ, and of a run that was
    /// stopped that it goes on.
    pub(crate) fn explain(&self, error: anyhow::Error, resolved: &str) -> anyhow::Error {
        if let (Some(RunError::Cancelled { .. }), Some(folder)) =
            (error.downcast_ref(), self.folder())
        {
            let folder = folder.display();
            return error.context(format!("stopped; the same command goes on from {folder}"));
        }
        let other =
            matches!(error.downcast_ref(), Some(RunError::State(StateError::OtherRun { .. })));
        let Some(folder) = self.folder().filter(|_| other) else { return error };
        let lines = differing(folder, resolved);
        let lines = if lines.is_empty() {
            "no option differs, so the files do".to_owned()
        } else {
            lines.join("; ")
        };
        error.context(format!(
            "{} holds the checkpoints of another run ({lines}); give this one a folder of its own, \
             or remove that one",
            folder.display()
        ))
    }
}

/// Options that differ from those that the folder was begun with.
fn differing(folder: &Path, resolved: &str) -> Vec<String> {
    let Ok(before) = std::fs::read_to_string(folder.join(OPTIONS)) else { return Vec::new() };
    let options = |text: &str| -> Vec<(String, String)> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(" = "));
        let pairs = pairs.filter(|(key, _)| !is_of_a_process(key));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let (before, now) = (options(&before), options(resolved));
    let value = |of: &[(String, String)], key: &str| {
        of.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    };
    let mut keys: Vec<&String> = before.iter().chain(&now).map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let mut lines = Vec::new();
    for key in keys {
        let (then, here) = (value(&before, key), value(&now, key));
        if then != here {
            let word = |value: Option<String>| value.unwrap_or_else(|| "not given".to_owned());
            lines.push(format!("{key}: {} then, {} now", word(then), word(here)));
        }
    }
    lines
}

//! Where a run saves what is done.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use twoblade::runner::{Reuse, RunError, Runner, StateError, discard};

use crate::args::{CheckpointArgs, RunArgs};
use crate::output::write_whole;

/// The options of the run that a folder of checkpoints belongs to.
const OPTIONS: &str = "run.toml";

/// The folders of checkpoints and of spilled states.
pub(crate) struct Saving {
    checkpoint: CheckpointArgs,
    /// Of each batch of groups.
    folders: Vec<PathBuf>,
    spill: Option<PathBuf>,
}

impl Saving {
    /// As the options say; without a folder for spilled states these go to `default`.
    pub(crate) fn new(running: &RunArgs, default: PathBuf, batches: usize) -> Self {
        let checkpoint = running.checkpoint.clone();
        let folders = match &checkpoint.folder {
            None => Vec::new(),
            Some(folder) if batches == 1 => vec![folder.clone()],
            Some(folder) => (1..=batches).map(|n| folder.join(format!("batch-{n}"))).collect(),
        };
        let own = checkpoint.folder.is_none().then_some(default);
        let spill = (running.reuse() == Reuse::Spill).then(|| running.spill.clone().or(own));
        Self { checkpoint, folders, spill: spill.flatten() }
    }

    /// Writes down, before anything else, what run it is.
    pub(crate) fn begin(&self, resolved: &str) -> Result<()> {
        let Some(folder) = &self.checkpoint.folder else { return Ok(()) };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} could not be made", folder.display()))?;
        let file = folder.join(OPTIONS);
        if file.exists() { Ok(()) } else { write_whole(&file, resolved) }
    }

    /// The runner of a batch.
    pub(crate) fn of_batch<'a>(&'a self, runner: &Runner<'a>, batch: usize) -> Runner<'a> {
        let mut runner = runner.clone().checkpoint_interval(self.checkpoint.interval);
        if let Some(folder) = self.folders.get(batch) {
            runner = runner.checkpoint(folder);
        }
        match &self.spill {
            Some(folder) => runner.spill(folder),
            None => runner,
        }
    }

    /// Removes what was saved, once the results are in place.
    pub(crate) fn end(&self) -> Result<()> {
        let Some(folder) = &self.checkpoint.folder else { return Ok(()) };
        for folder in &self.folders {
            discard(folder)?;
        }
        let _ = std::fs::remove_file(folder.join(OPTIONS));
        let _ = std::fs::remove_dir(folder);
        Ok(())
    }

    /// Adds the options that differ to the refusal of what another run left.
    pub(crate) fn say_what_differs(&self, error: anyhow::Error, resolved: &str) -> anyhow::Error {
        let other =
            matches!(error.downcast_ref(), Some(RunError::State(StateError::OtherRun { .. })));
        let Some(folder) = self.checkpoint.folder.as_deref().filter(|_| other) else {
            return error;
        };
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

//! Where a run saves what is done.

use std::path::PathBuf;

use anyhow::Result;
use twoblade::runner::{Reuse, Runner};

use crate::args::RunArgs;
use crate::checkpoint::Checkpoint;

/// The folders of checkpoints and of spilled states.
pub(crate) struct Saving {
    checkpoint: Checkpoint,
    /// Of each batch.
    folders: Vec<PathBuf>,
    spill: Option<PathBuf>,
}

impl Saving {
    /// As the options say; without a folder for spilled states these go to `default`.
    pub(crate) fn new(running: &RunArgs, default: PathBuf, batches: usize) -> Self {
        let checkpoint = Checkpoint::new(&running.checkpoint);
        let folders = match checkpoint.folder() {
            None => Vec::new(),
            Some(folder) if batches == 1 => vec![folder.to_path_buf()],
            Some(folder) => (1..=batches).map(|n| folder.join(format!("batch-{n}"))).collect(),
        };
        let own = checkpoint.folder().is_none().then_some(default);
        let spill = (running.reuse() == Reuse::Spill).then(|| running.spill.clone().or(own));
        Self { checkpoint, folders, spill: spill.flatten() }
    }

    /// Writes down, before anything else, what run it is.
    pub(crate) fn begin(&self, resolved: &str) -> Result<()> {
        self.checkpoint.begin(resolved)
    }

    /// The runner of a batch.
    pub(crate) fn of_batch<'a>(&'a self, runner: &Runner<'a>, batch: usize) -> Runner<'a> {
        let folder = self.folders.get(batch).map(PathBuf::as_path);
        let runner = self.checkpoint.saving(runner, folder);
        match &self.spill {
            Some(folder) => runner.spill(folder),
            None => runner,
        }
    }

    /// Removes what was saved, once the results are in place.
    pub(crate) fn end(&self) -> Result<()> {
        self.checkpoint.end(&self.folders)
    }

    /// Says what can be done about an error.
    pub(crate) fn explain(&self, error: anyhow::Error, resolved: &str) -> anyhow::Error {
        self.checkpoint.explain(error, resolved)
    }
}

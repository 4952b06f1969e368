//! The command `learn fit`, from a plan.

use std::path::Path;

use anyhow::{Context, Result};
use twoblade::external::CountedSource;
use twoblade::learn::Features;
use twoblade::runner::{Cover, Runner};

use crate::checkpoint::Checkpoint;
use crate::commands::learn::{
    Counting, FitArgs, Ground, Outputs, Parts, keep, parts, tell, to_be_shuffled,
};
use crate::commands::shards::args::FinishArgs;
use crate::commands::shards::options::Planned;
use crate::commands::table::opened::Opened;

/// Everything that a part needs, before any block is read.
struct Prepared<'a> {
    planned: Planned<'a>,
    args: FitArgs,
    resolved: String,
    opened: Opened,
    source: CountedSource,
    features: Features,
    checkpoint: Checkpoint,
    parts: Box<dyn Parts>,
}

impl<'a> Prepared<'a> {
    fn new(planned: Planned<'a>) -> Result<Self> {
        let (args, resolved) = planned.fit()?;
        let opened = Opened::of(&args.data.files, &args.data.options(), &args.work)?;
        let file = planned.file.display();
        let no_table = || format!("{file} is no plan of a table");
        let counting = planned.plan.table.clone().with_context(no_table)?;
        let counting: Counting = serde_json::from_value(counting).with_context(no_table)?;
        let (source, features) = counting.open(&opened).with_context(|| {
            format!(
                "the table is not as {file} has it; make the plan again with learn fit --plan-out"
            )
        })?;
        opened.bar.clear();
        let checkpoint = Checkpoint::new(&args.checkpoint);
        let parts = parts(args.model.kind)?;
        Ok(Self { planned, args, resolved, opened, source, features, checkpoint, parts })
    }

    /// Does something on the ground of the plan, if it is still the plan's.
    fn on_ground<T>(
        &self,
        runner: &Runner<'_>,
        act: impl FnOnce(&dyn Parts, &Ground<'_>) -> Result<T>,
    ) -> Result<T> {
        let ground = Ground {
            args: &self.args,
            features: &self.features,
            source: &self.source,
            runner: runner.clone().memory(self.opened.limits.memory),
            checkpoint: &self.checkpoint,
            stages: &[],
        };
        let (identity, ..) = self.parts.plan(&ground)?;
        self.planned.plan.expect(self.planned.file, &identity)?;
        act(self.parts.as_ref(), &ground)
            .map_err(|error| to_be_shuffled(error, &self.args.data.files))
    }
}

/// Pass one over some blocks.
pub(super) fn pass_one(
    planned: Planned<'_>,
    runner: &Runner<'_>,
    blocks: &Cover,
    out: &Path,
) -> Result<()> {
    let prepared = Prepared::new(planned)?;
    prepared.on_ground(runner, |parts, ground| parts.pass_one(ground, blocks, out))
}

/// Pass two over some blocks: scores of what was fitted without each fold.
pub(super) fn pass_two(
    planned: Planned<'_>,
    runner: &Runner<'_>,
    total: &Path,
    which: (&Cover, &Path),
) -> Result<()> {
    let prepared = Prepared::new(planned)?;
    let identity = &planned.plan.identity;
    prepared.on_ground(runner, |parts, ground| parts.pass_two(ground, identity, total, which))
}

/// Whether data and options are the plan's.
pub(super) fn verify(planned: Planned<'_>) -> Result<()> {
    Prepared::new(planned)?.on_ground(&Runner::new(), |_, _| Ok(()))
}

/// The model of a plan, from the state of all blocks and the scores of all of them.
pub(super) fn finish(planned: Planned<'_>, args: &FinishArgs) -> Result<()> {
    let prepared = Prepared::new(planned)?;
    let Prepared { args: fit, opened, resolved, .. } = &prepared;
    opened.apart_from(&fit.data.files, std::slice::from_ref(&args.out))?;
    let outputs = Outputs::prepare(&args.out)?;
    let identity = &planned.plan.identity;
    let runner = Runner::new().threads(opened.limits.threads);
    let (saved, files) = prepared.on_ground(&runner, |parts, ground| {
        let found = parts.finish(ground, identity, &args.total, &args.estimates)?;
        keep(ground, found, opened, resolved, &outputs)
    })?;
    tell(opened, &prepared.source, &saved, &files)
}

//! `twoblade learn fit`: from a table to a model.

mod args;
mod bayes;
mod counting;
mod forest;
mod ground;
mod learner;
mod ordered;
mod parts;
mod ridge;

use std::path::{Path, PathBuf};

use anyhow::Result;
use twoblade::external::CountedSource;
use twoblade::learn::{Choice, Error as LearnError, Features, Saved};
use twoblade::runner::{Cancel, Runner, discard};
use twoblade::table::Kind;
use twoblade::table::describe::{Description, Summary};

pub(crate) use self::args::Args;
use self::args::{ModelKind, TargetKind};
pub(crate) use self::counting::Counting;
use self::ground::Found;
pub(crate) use self::ground::Ground;
pub(crate) use self::parts::{Parts, parts};
use crate::checkpoint::Checkpoint;
use crate::commands::learn::values::values;
use crate::commands::learn::{model, names};
use crate::commands::shards::{Needs, PlanFile};
use crate::commands::table::opened::{Opened, rows};
use crate::output::remove;
use crate::quantity::{mebibytes, thousands};
use crate::resolved::of_the_result;
use crate::{interrupt, say};

/// The most classes.
const CLASSES: usize = 1000;

/// Runs the command; `resolved` is kept in the model.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    let opened = Opened::of(&args.data.files, &args.data.options(), &args.work)?;
    if let Some(file) = &args.plan_out {
        return plan_out(args, file, &opened, resolved);
    }
    let Some(out) = args.out.as_deref().filter(|_| !args.work.plan) else {
        counting::columns(&opened, args)?;
        let again = "a small table is counted once more, in smaller blocks".to_owned();
        return opened.plan(reads(args), None, &[again]);
    };
    opened.apart_from(&args.data.files, &[out.to_path_buf()])?;
    let outputs = model::Outputs::prepare(out)?;
    let checkpoint = Checkpoint::new(&args.checkpoint);
    checkpoint.begin(resolved)?;
    let source = counting::count(&opened, args)?;
    let features = features(args, &opened, &source)?;
    let cancel = interrupt::token();
    let runner = runner(&opened, &cancel);
    let stages: Vec<(&str, PathBuf)> = match checkpoint.folder() {
        Some(folder) => ["fit", "score"].map(|stage| (stage, folder.join(stage))).into(),
        None => Vec::new(),
    };
    let ground = Ground {
        args,
        features: &features,
        source: &source,
        runner,
        checkpoint: &checkpoint,
        stages: &stages,
    };
    let found = match args.model.kind {
        ModelKind::Ridge => learner::fit::<ridge::Ridged>(&ground),
        ModelKind::Bayes => learner::fit::<bayes::Bayesian>(&ground),
        ModelKind::Logistic | ModelKind::Linear => ordered::fit(&ground),
        ModelKind::Forest => learner::fit::<forest::Grown>(&ground),
    };
    opened.bar.clear();
    let found = found.map_err(|error| {
        let error = to_be_shuffled(error, &args.data.files);
        checkpoint.explain(error, resolved)
    })?;
    let (saved, files) = keep(&ground, found, &opened, resolved, &outputs)?;
    for (_, folder) in &stages {
        discard(folder)?;
        let _ = std::fs::remove_dir(folder);
    }
    for cache in counting::caches(&checkpoint) {
        remove(&cache)?;
    }
    checkpoint.end([])?;
    tell(&opened, &source, &saved, &files)
}

/// Writes plan.json, after the counting read.
fn plan_out(args: &Args, file: &Path, opened: &Opened, resolved: &str) -> Result<()> {
    let parts = parts(args.model.kind)?;
    opened.apart_from(&args.data.files, &[file.to_path_buf()])?;
    let checkpoint = Checkpoint::new(&args.checkpoint);
    let source = counting::count(opened, args)?;
    let features = features(args, opened, &source)?;
    let cancel = interrupt::token();
    let runner = runner(opened, &cancel);
    let (args, features, source) = (args, &features, &source);
    let ground = Ground { args, features, source, runner, checkpoint: &checkpoint, stages: &[] };
    let (identity, pass_one, state) = parts.plan(&ground)?;
    opened.left_out(source.counted().skipped());
    let blocks = identity.blocks;
    let needs = Needs { pass_one, pass_two: None, state };
    PlanFile::new("learn", identity, resolved, needs)
        .of_table(serde_json::to_value(Counting::new(source.counted(), features))?)
        .write(file)?;
    if !opened.is_quiet() {
        say::result(format_args!(
            "{} written: {} blocks; each process of one thread needs about {} for pass one",
            file.display(),
            thousands(blocks),
            mebibytes(pass_one)
        ))?;
    }
    Ok(())
}

/// A runner with what was granted.
fn runner<'a>(opened: &'a Opened, cancel: &'a Cancel) -> Runner<'a> {
    Runner::new()
        .threads(opened.limits.threads)
        .memory(opened.limits.memory)
        .observer(&opened.bar)
        .cancel(cancel)
}

/// Writes what was found; and which files these are.
pub(crate) fn keep(
    ground: &Ground<'_>,
    Found { fitted, report }: Found,
    opened: &Opened,
    resolved: &str,
    outputs: &model::Outputs,
) -> Result<(Saved, String)> {
    let saved = Saved {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        kind: ground.args.model.kind.name().to_owned(),
        options: of_the_result(resolved),
        schema: Saved::columns(ground.features, opened.table.schema())?,
        features: ground.features.clone(),
        fitted,
        report,
    };
    let files = outputs.write(&saved)?;
    Ok((saved, files))
}

/// Prints what was found and written.
pub(crate) fn tell(
    opened: &Opened,
    source: &CountedSource,
    saved: &Saved,
    files: &str,
) -> Result<()> {
    opened.left_out(source.counted().skipped());
    if !opened.is_quiet() {
        say::result(model::readable(saved))?;
    }
    opened.written(&format!("{files} (from {})", rows(saved.report.rows)), 0)
}

/// How often the table is read: to count, to learn, and to score the folds.
fn reads(args: &Args) -> usize {
    let scores = usize::from(args.metrics.cv > 0);
    match args.model.kind {
        ModelKind::Ridge => 2,
        ModelKind::Bayes | ModelKind::Forest => 2 + scores,
        ModelKind::Logistic | ModelKind::Linear => 1 + args.model.epochs as usize + scores,
    }
}

/// Which columns are features, from what was counted.
fn features(args: &Args, opened: &Opened, source: &CountedSource) -> Result<Features> {
    let given = &args.features;
    let description = source.counted().description()?;
    let mut choice = Choice {
        target: given.target.clone(),
        class: is_class(args, &description),
        features: (!given.features.is_empty()).then(|| given.features.clone()),
        without: given
            .without
            .iter()
            .filter(|name| given.features.contains(name))
            .cloned()
            .collect(),
        hashed: given.hash.clone(),
        missing: given.incomplete.missing(),
        classes: None,
    };
    match choice.features(&description) {
        Err(LearnError::UnknownClasses { column }) => {
            choice.classes = Some(values(opened, &column, CLASSES)?);
            Ok(choice.features(&description)?)
        }
        features => Ok(features?),
    }
}

/// Says how rows that stand in the order of their target are shuffled.
pub(crate) fn to_be_shuffled(error: anyhow::Error, files: &[PathBuf]) -> anyhow::Error {
    let sorted = |of: &(dyn std::error::Error + 'static)| {
        matches!(of.downcast_ref(), Some(LearnError::Sorted { .. }))
    };
    if !error.chain().any(sorted) {
        return error;
    }
    error.context(format!(
        "the rows have to be shuffled: twoblade table shuffle {} --out shuffled.csv",
        names(files)
    ))
}

/// Whether the target is one of some classes.
fn is_class(args: &Args, table: &Description) -> bool {
    match (args.model.kind, args.features.target_kind) {
        (ModelKind::Ridge | ModelKind::Linear, _) => false,
        (ModelKind::Bayes | ModelKind::Logistic, _) => true,
        (ModelKind::Forest, Some(kind)) => kind == TargetKind::Class,
        (ModelKind::Forest, None) => {
            let target = table.columns.iter().find(|of| of.name == args.features.target);
            target.is_some_and(|of| match &of.summary {
                Summary::Words { .. } | Summary::Booleans { .. } => true,
                Summary::Numbers(numbers) => {
                    of.kind == Kind::Integer
                        && numbers.min.to_f64().abs() < 0.5
                        && (numbers.max.to_f64() - 1.0).abs() < 0.5
                }
                Summary::Instants { .. } => false,
            })
        }
    }
}

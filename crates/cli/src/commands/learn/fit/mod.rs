//! `twoblade learn fit`: from a table to a model.

mod args;
mod counting;
mod ridge;

use anyhow::{Context, Result};
use twoblade::external::CountedSource;
use twoblade::learn::{Choice, Error as LearnError, Features, Fitted, Report, Saved};
use twoblade::runner::{Cancel, Runner};

pub(crate) use self::args::Args;
use self::args::ModelKind;
use crate::checkpoint::Checkpoint;
use crate::commands::learn::model;
use crate::commands::table::opened::{Opened, rows};
use crate::{interrupt, say};

/// What a model is fitted to, and how.
pub(crate) struct Ground<'a> {
    pub(crate) args: &'a Args,
    pub(crate) features: &'a Features,
    pub(crate) source: &'a CountedSource,
    pub(crate) runner: &'a Runner<'a>,
}

/// What a fit gives.
pub(crate) struct Found {
    pub(crate) fitted: Fitted,
    pub(crate) report: Report,
}

/// Runs the command; `resolved` is kept in the model.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    let opened = Opened::of(&args.data.files, &args.data.options(), &args.work)?;
    let Some(out) = args.out.as_deref().filter(|_| !args.work.plan) else {
        return opened.plan(2, None, &[]);
    };
    opened.apart_from(&args.data.files, &[out.to_path_buf()])?;
    let outputs = model::Outputs::prepare(out)?;
    let checkpoint = Checkpoint::new(&args.checkpoint);
    checkpoint.begin(resolved)?;
    let source = counting::count(&opened, args)?;
    let features = features(args, &source)?;
    let cancel: Cancel = interrupt::token();
    let runner = Runner::new()
        .threads(opened.limits.threads)
        .memory(opened.limits.memory)
        .observer(&opened.bar)
        .cancel(&cancel);
    let runner = checkpoint.saving(&runner, checkpoint.folder());
    let ground = Ground { args, features: &features, source: &source, runner: &runner };
    let found = match args.model.kind {
        ModelKind::Ridge => ridge::fit(&ground),
    };
    opened.bar.clear();
    let Found { fitted, report } = found.map_err(|error| checkpoint.explain(error, resolved))?;
    let saved = Saved {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        kind: args.model.kind.name().to_owned(),
        options: resolved.to_owned(),
        schema: Saved::columns(&features, opened.table.schema())?,
        features,
        fitted,
        report,
    };
    opened.left_out(source.counted().skipped());
    if !opened.is_quiet() {
        say::result(model::readable(&saved))?;
    }
    let files = outputs.write(&saved)?;
    if let Some(folder) = checkpoint.folder() {
        for name in ["counted", "counted.small"] {
            crate::output::remove(&folder.join(name))?;
        }
    }
    checkpoint.end(checkpoint.folder().map(std::path::Path::to_path_buf).iter())?;
    opened.written(&format!("{files} (from {})", rows(saved.report.rows)), 0)
}

/// Which columns are features, from what was counted.
fn features(args: &Args, source: &CountedSource) -> Result<Features> {
    let given = &args.features;
    let choice = Choice {
        target: given.target.clone(),
        class: false,
        features: (!given.features.is_empty()).then(|| given.features.clone()),
        without: Vec::new(),
        hashed: given.hash.clone(),
        missing: given.incomplete.missing(),
        classes: None,
    };
    let features = choice.features(&source.counted().description()?);
    features.map_err(|error: LearnError| error.into()).context("these features cannot be used")
}

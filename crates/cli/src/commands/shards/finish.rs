//! `twoblade finish`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use twoblade::core::Fingerprint;
use twoblade::runner::{Part, Pass, Runner};
use twoblade_files::folder_of;

use crate::commands::rhe::{Estimates, Model, Prepared, say_finished, write};
use crate::commands::shards::args::FinishArgs;
use crate::commands::shards::fnm;
#[cfg(feature = "table")]
use crate::commands::shards::learn;
use crate::commands::shards::options::Planned;
use crate::commands::shards::plan_file::PlanFile;
use crate::interrupt;
use crate::output::Outputs;
use crate::progress::Bar;
use crate::record::Made;
use crate::say;
use crate::written::Written;

/// Runs the command.
pub(crate) fn finish(args: &FinishArgs) -> Result<()> {
    let plan = PlanFile::read(&args.plan)?;
    let (running, out) = (&args.running, Some(args.out.as_path()));
    let planned = Planned { plan: &plan, file: &args.plan, running, out };
    match plan.command.as_str() {
        "rhe" | "genie" => finish_rhe(args, planned),
        "fnm" => fnm::finish(planned, args),
        #[cfg(feature = "table")]
        "learn" => learn::finish(planned, args),
        other => bail!("{} is a plan of {other}, which finish does not know", args.plan.display()),
    }
}

fn finish_rhe(args: &FinishArgs, planned: Planned<'_>) -> Result<()> {
    let started = Instant::now();
    let outputs = Outputs::prepare(&args.out)?;
    let from = from(args)?;
    if is_there(&outputs, &planned.plan.identity.hash(), &from) {
        if !args.running.screen.quiet {
            let json = outputs.path("json");
            say::result(format_args!(
                "{} is there already, of this plan and these states; to make it again, remove it",
                json.display()
            ))?;
        }
        return Ok(());
    }
    let (options, resolved) = planned.rhe()?;
    let cancel = interrupt::token();
    let bar = Bar::new(args.running.screen).memory(args.running.machine.memory());
    let runner =
        Runner::new().threads(args.running.machine.threads()).observer(&bar).cancel(&cancel);
    let prepared = Prepared::new(&options, &runner);
    bar.clear();
    let prepared = prepared?;
    planned.plan.expect(&args.plan, &prepared.identity()?)?;
    let models: &[Model] = &prepared.models;
    let runner = prepared.within(&runner);
    let running = runner
        .plan_pass_two(&models, &prepared.source)
        .map_err(|error| prepared.what_would_fit(error, &runner))?;

    let identity = &planned.plan.identity;
    let total = Part::load_of(&args.total, identity, Pass::One)?;
    let [first, others @ ..] = args.estimates.as_slice() else {
        bail!("the estimates of pass two are needed: finish PLAN TOTAL ESTIMATES… --out OUT");
    };
    let mut estimates = Part::load_of(first, identity, Pass::Two)?;
    for file in others {
        estimates.join(Part::load_of(file, identity, Pass::Two)?, file)?;
    }
    let (total, estimates) = ((total, args.total.as_path()), (estimates, first.as_path()));
    let done = runner.finish(&models, &prepared.source, total, estimates)?;
    let mut found = Estimates::new();
    found.add(&prepared, 0..models.len(), &done)?;
    found.stages.push(done.stages);
    let batches = [(0..models.len(), &running)];
    let finished = write(&prepared, &found, (&batches, started), (&resolved, from), outputs)?;
    say_finished(&options, &finished).context("the result is written, and cannot be printed")
}

/// Hashes of the plan and of the states, in the order in which they are given.
fn from(args: &FinishArgs) -> Result<Vec<String>> {
    let files = [&args.plan, &args.total].into_iter().chain(&args.estimates);
    let hash = |file: &PathBuf| {
        let written = Written::of(file);
        let written = written.with_context(|| format!("{} could not be read", file.display()))?;
        Ok(written.into_hash())
    };
    files.map(hash).collect()
}

/// Whether this version has made the result from the same files before, and all of it is as it was.
fn is_there(outputs: &Outputs, plan_hash: &Fingerprint, from: &[String]) -> bool {
    #[derive(Deserialize)]
    struct Before {
        twoblade: String,
        #[serde(flatten)]
        made: Made,
    }
    let Ok(text) = std::fs::read(outputs.path("run.json")) else { return false };
    let Ok(Before { twoblade, made }) = serde_json::from_slice(&text) else { return false };
    let json = outputs.path("json");
    twoblade == env!("CARGO_PKG_VERSION")
        && made.plan_hash == *plan_hash
        && made.from == from
        && !made.files.is_empty()
        && made.files.iter().all(|file| file.is_there(folder_of(&json)))
}

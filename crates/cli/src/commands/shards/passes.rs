//! `twoblade pass-one` and `twoblade pass-two`.

use std::path::Path;

use anyhow::{Result, bail};
use twoblade::runner::{Cover, Header, Part, Pass, Runner, discard, read_header};

use crate::commands::rhe::{Model, Prepared};
use crate::commands::shards::args::{PartArgs, PassOneArgs, PassTwoArgs};
use crate::commands::shards::fnm;
#[cfg(feature = "table")]
use crate::commands::shards::learn;
use crate::commands::shards::options::Planned;
use crate::commands::shards::plan_file::PlanFile;
use crate::progress::Bar;
use crate::quantity::thousands;
use crate::{interrupt, say};

/// Runs `pass-one`.
pub(crate) fn pass_one(args: &PassOneArgs) -> Result<()> {
    let plan = PlanFile::read(&args.plan)?;
    let blocks = args.which.of(plan.blocks())?;
    if is_there(&args.out, &plan, Pass::One, &blocks) {
        return said(&args.running, &args.out, &blocks, "is there already");
    }
    let running = &args.running.running;
    let planned = Planned { plan: &plan, file: &args.plan, running, out: None };
    with_runner(&args.running, |runner| match plan.command.as_str() {
        "fnm" => Ok(fnm::pass_one(planned, runner, &blocks)?.save(&args.out)?),
        #[cfg(feature = "table")]
        "learn" => learn::pass_one(planned, runner, &blocks, &args.out),
        "rhe" | "genie" => {
            let (options, _) = planned.rhe()?;
            let prepared = Prepared::new(&options, runner)?;
            let models: &[Model] = &prepared.models;
            plan.expect(&args.plan, &prepared.identity()?)?;
            let runner = prepared.within(runner);
            let part = runner.pass_one(&models, &prepared.source, &blocks);
            part.map_err(|error| prepared.what_would_fit(error, &runner))?.save(&args.out)?;
            Ok(())
        }
        other => {
            bail!("{} is a plan of {other}, which pass-one does not know", args.plan.display())
        }
    })?;
    end(&args.running)?;
    said(&args.running, &args.out, &blocks, "written")
}

/// Runs `pass-two`.
pub(crate) fn pass_two(args: &PassTwoArgs) -> Result<()> {
    let plan = PlanFile::read(&args.plan)?;
    let blocks = args.which.of(plan.blocks())?;
    if is_there(&args.out, &plan, Pass::Two, &blocks) {
        return said(&args.running, &args.out, &blocks, "is there already");
    }
    let running = &args.running.running;
    let planned = Planned { plan: &plan, file: &args.plan, running, out: None };
    with_runner(&args.running, |runner| match plan.command.as_str() {
        "rhe" | "genie" => {
            let (options, _) = planned.rhe()?;
            let prepared = Prepared::new(&options, runner)?;
            let models: &[Model] = &prepared.models;
            plan.expect(&args.plan, &prepared.identity()?)?;
            let runner = prepared.within(runner);
            runner
                .plan_pass_two(&models, &prepared.source)
                .map_err(|error| prepared.what_would_fit(error, &runner))?;
            let total = Part::load_of(&args.total, &plan.identity, Pass::One)?;
            let total = (total, args.total.as_path());
            runner.pass_two(&models, &prepared.source, total, &blocks)?.save(&args.out)?;
            Ok(())
        }
        #[cfg(feature = "table")]
        "learn" => learn::pass_two(planned, runner, &args.total, (&blocks, &args.out)),
        other => bail!("{} is a plan of {other}, which has no pass two", args.plan.display()),
    })?;
    end(&args.running)?;
    said(&args.running, &args.out, &blocks, "written")
}

fn with_runner(args: &PartArgs, run: impl FnOnce(&Runner<'_>) -> Result<()>) -> Result<()> {
    let cancel = interrupt::token();
    let bar = Bar::new(args.running.screen).memory(args.running.machine.memory());
    let mut runner = Runner::new()
        .threads(args.running.machine.threads())
        .observer(&bar)
        .cancel(&cancel)
        .checkpoint_interval(args.checkpoint.interval);
    if let Some(folder) = &args.checkpoint.folder {
        runner = runner.checkpoint(folder);
    }
    let done = run(&runner);
    bar.clear();
    done
}

/// Whether a part has been made before: then it need not be made again.
fn is_there(file: &Path, plan: &PlanFile, pass: Pass, blocks: &Cover) -> bool {
    file.exists()
        && read_header(file).is_ok_and(|Header { identity, pass: of, cover, .. }| {
            (identity, of, &cover) == (plan.identity.clone(), pass, blocks)
        })
}

/// Removes the checkpoints of a part that is written.
fn end(args: &PartArgs) -> Result<()> {
    if let Some(folder) = &args.checkpoint.folder {
        discard(folder)?;
    }
    Ok(())
}

fn said(args: &PartArgs, file: &Path, blocks: &Cover, what: &str) -> Result<()> {
    if !args.running.screen.quiet {
        let (file, count) = (file.display(), thousands(blocks.count()));
        say::result(format_args!("{file} {what}: {count} blocks ({blocks})"))?;
    }
    Ok(())
}

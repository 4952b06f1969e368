//! `twoblade status` and `twoblade verify`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use twoblade::runner::{Cover, Header, Pass, Runner, StateError, read_header};

use crate::commands::rhe::Prepared;
use crate::commands::shards::args::{StatusArgs, VerifyArgs};
use crate::commands::shards::fnm;
#[cfg(feature = "table")]
use crate::commands::shards::learn;
use crate::commands::shards::options::Planned;
use crate::commands::shards::plan_file::PlanFile;
use crate::quantity::thousands;
use crate::say;

/// Runs `status`: a line for each state.
pub(crate) fn status(args: &StatusArgs) -> Result<()> {
    for path in &args.states {
        let files = if path.is_dir() { states_in(path)? } else { vec![path.clone()] };
        ensure!(!files.is_empty(), "there is no state in the folder {}", path.display());
        for file in files {
            say::result(line(&file, &read_header(&file)?))?;
        }
    }
    Ok(())
}

/// The states in a folder, by name.
fn states_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("the folder {} could not be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(states_in(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "state") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn line(file: &Path, Header { identity, pass, cover, .. }: &Header) -> String {
    let blocks = usize::try_from(identity.blocks).unwrap_or(usize::MAX);
    let missing = cover.missing(blocks);
    let rest =
        if missing.is_empty() { "complete".to_owned() } else { format!("missing: {missing}") };
    format!(
        "{}: {}, {pass}, plan {}: {} of {} blocks, {rest}",
        file.display(),
        identity.model,
        &identity.hash().to_string()[..12],
        thousands(cover.count()),
        thousands(blocks)
    )
}

/// Runs `verify`.
pub(crate) fn verify(args: &VerifyArgs) -> Result<()> {
    let plan = PlanFile::read(&args.plan)?;
    let runner = Runner::new().threads(args.running.machine.threads());
    let planned = Planned { plan: &plan, file: &args.plan, running: &args.running, out: None };
    match plan.command.as_str() {
        "rhe" | "genie" => {
            let (options, _) = planned.rhe()?;
            plan.expect(&args.plan, &Prepared::new(&options, &runner)?.identity()?)?;
        }
        "fnm" => fnm::verify(planned)?,
        #[cfg(feature = "table")]
        "learn" => learn::verify(planned)?,
        other => bail!("{} is a plan of {other}, which verify does not know", args.plan.display()),
    }
    say::result(format_args!("{}: the data and options are the plan's", args.plan.display()))?;
    let mut covers = [(Pass::One, Cover::default()), (Pass::Two, Cover::default())];
    for file in &args.states {
        let header = read_header(file)?;
        plan.expect(file, &header.identity)?;
        say::result(line(file, &header))?;
        let cover = covers.iter_mut().find(|(pass, _)| *pass == header.pass);
        let (_, cover) = cover.context("there are two passes")?;
        let overlap = |block| StateError::Overlap { file: file.clone(), block };
        cover.add(&header.cover).map_err(overlap)?;
    }
    for (pass, cover) in covers.into_iter().filter(|(_, cover)| !cover.is_empty()) {
        let blocks = cover.missing(plan.blocks());
        if !blocks.is_empty() {
            return Err(StateError::Missing { pass, blocks, of: plan.blocks() }.into());
        }
        say::result(format_args!("{pass}: complete"))?;
    }
    Ok(())
}

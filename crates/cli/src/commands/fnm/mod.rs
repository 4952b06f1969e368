//! `twoblade fnm`: functional network maps of lesions.

mod args;
mod clusters;
mod group;
mod groups;
mod inputs;
mod mapping;
mod maps;
mod marks;
mod names;
mod parcels;
mod picture;
mod place;
mod plan;
mod record;
mod results;
mod saving;
mod sidecar;
mod summary;
mod threshold;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use twoblade::connectome::{ConnectomeSource, Converted};
use twoblade::core::{BlockSource, Fingerprint, StreamingEstimator};
use twoblade::runner::{Identity, Runner};

pub(crate) use self::args::Args;
pub(crate) use self::groups::model;
use self::groups::{Group, groups};
pub(crate) use self::inputs::{Input, Inputs};
pub(crate) use self::mapping::Mapping;
use self::marks::Found;
use self::plan::plan_lines;
use self::saving::Saving;
use crate::commands::shards::{Needs, PlanFile};
use crate::exit::{Failure, PartlyFailed};
use crate::progress::Bar;
use crate::quantity::{mebibytes, thousands};
use crate::{interrupt, say};

/// What maps that are finished need, to be made again.
const OVERWRITE: &str = "--overwrite computes";

/// Runs the command; `resolved` becomes run.toml.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    let started = Instant::now();
    let inputs = Inputs::read(args)?;
    say_inputs(args, &inputs);
    ensure!(!inputs.lesions.is_empty(), "no lesion is left to be mapped");
    let source = ConnectomeSource::new(&inputs.connectome, args.block_subjects)?;
    // What maps depend on: not on how subjects are cut into blocks.
    let data = ConnectomeSource::new(&inputs.connectome, 1)?.fingerprint();
    let cancel = interrupt::token();
    let bar = Bar::new(args.screen).memory(args.machine.memory());
    let runner = Runner::new()
        .threads(args.machine.threads())
        .memory(args.machine.memory().saturating_sub(inputs.bytes()))
        .observer(&bar)
        .cancel(&cancel);
    let all: Vec<&Input> = inputs.lesions.iter().collect();
    if let Some(file) = &args.plan_out {
        let groups = groups(args, &inputs, (Vec::new(), &all), &runner, &source)?;
        write_plans(args, &inputs, &groups, &source, file, resolved)?;
        return ensure_mapped(inputs.failed.into_iter().map(|(failure, _)| failure).collect());
    }
    let Some(folder) = args.out.as_deref().filter(|_| !args.plan) else {
        let left = left(args, (&inputs, &all), &data, OVERWRITE);
        let groups = groups(args, &inputs, (Vec::new(), &left), &runner, &source)?;
        for line in plan_lines(args, (&inputs, left.len()), &groups) {
            say::result(line)?;
        }
        return ensure_mapped(inputs.failed.into_iter().map(|(failure, _)| failure).collect());
    };
    let left = left(args, (&inputs, &all), &data, OVERWRITE);
    let saving = Saving::new(args);
    let groups = groups(args, &inputs, (saving.under_way(&inputs)?, &left), &runner, &source)?;
    let mut mapping = Mapping::new(args, (&inputs, all), (data, started), folder, &cancel)?;
    saving.begin(resolved)?;
    if args.checkpoint.folder.is_some() {
        // A run that was killed may have left a file without a name; this is the same run.
        twoblade_files::sweep(folder)
            .with_context(|| format!("the folder {} could not be swept", folder.display()))?;
    }
    for Group { lesions, plan } in &groups {
        saving.begin_group(lesions)?;
        let model = model(args, &inputs, lesions)?;
        let done = saving.of_group(&runner).run(&model, &source);
        bar.clear();
        let done = done.map_err(|error| saving.explain(error.into(), resolved))?;
        let is_left = |input: &Input| left.iter().any(|of| of.lesion.name == input.lesion.name);
        mapping.group(lesions, (&model, &done.total), (plan, done.stages), is_left, left.len())?;
        saving.end_group()?;
    }
    let failed = mapping.conclude(resolved)?;
    saving.end_group()?;
    saving.end()?;
    ensure_mapped(failed)
}

/// Says what is odd about the files.
pub(crate) fn say_inputs(args: &Args, inputs: &Inputs) {
    for (failure, error) in &inputs.failed {
        say::news(format_args!("not mapped: {}: {error}", failure.lesion));
    }
    for Converted { from, files, exact } in inputs.connectome.converted() {
        let rounded = if exact { "exactly" } else { "rounded to the nearest" };
        say::news(format_args!(
            "samples of {files} files are {from}: read as 32-bit floats, {rounded}"
        ));
    }
    if let (Some(parcels), false) = (&inputs.parcels, args.screen.quiet) {
        say::news(parcels.news());
    }
}

/// Writes a plan for each group of lesions.
fn write_plans(
    args: &Args,
    inputs: &Inputs,
    groups: &[Group<'_>],
    source: &ConnectomeSource,
    file: &Path,
    resolved: &str,
) -> Result<()> {
    for (number, Group { lesions, plan }) in (1..).zip(groups) {
        let file = if groups.len() == 1 { file.to_path_buf() } else { numbered(file, number) };
        let model = model(args, inputs, lesions)?;
        let identity = Identity::of(&model, source).map_err(anyhow::Error::from_boxed)?;
        let one = Runner::new().memory(usize::MAX);
        let needs = Needs {
            pass_one: one.plan_one_pass(&model, source)?.memory.total() + inputs.bytes(),
            pass_two: None,
            state: model.footprint(source.chunk_bytes()).state,
        };
        let names = lesions.iter().map(|of| of.lesion.name.clone()).collect();
        PlanFile::new("fnm", identity, resolved, needs).of_lesions(names).write(&file)?;
        if !args.screen.quiet {
            say::result(format_args!(
                "{} written: {} lesions, {} blocks; each process needs up to {}",
                file.display(),
                thousands(lesions.len()),
                thousands(plan.blocks),
                mebibytes(plan.memory.total() + inputs.bytes())
            ))?;
        }
    }
    Ok(())
}

/// plan.json becomes plan-2.json.
fn numbered(file: &Path, number: usize) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().display();
    let ending = file.extension().map_or_else(String::new, |e| format!(".{}", e.display()));
    file.with_file_name(format!("{stem}-{number}{ending}"))
}

/// Those of the lesions that are not finished; says how many are, what makes these `again`, and why
/// others are computed again.
pub(crate) fn left<'a>(
    args: &Args,
    (inputs, lesions): (&Inputs, &[&'a Input]),
    data: &Fingerprint,
    again: &str,
) -> Vec<&'a Input> {
    let Some(folder) = args.out.as_deref().filter(|_| !args.overwrite) else {
        return lesions.to_vec();
    };
    let parameters = args.parameters(inputs.parcels_of_subjects(args));
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let mut is_left = |input: &Input| {
        match marks::look_in(folder, input, *data, &parameters) {
            Found::Finished => return false,
            Found::Nothing => {}
            Found::Other(why) => *others.entry(why).or_default() += 1,
        }
        true
    };
    let left: Vec<&Input> = lesions.iter().copied().filter(|input| is_left(input)).collect();
    if args.screen.quiet {
        return left;
    }
    let finished = lesions.len() - left.len();
    let are = |count: usize| if count == 1 { "lesion is" } else { "lesions are" };
    if finished > 0 {
        let them = if finished == 1 { "it" } else { "them" };
        say::news(format_args!(
            "{} {} finished already; {again} {them} again",
            thousands(finished),
            are(finished)
        ));
    }
    for (why, count) in others {
        say::news(format_args!("{} {} computed again: {why}", thousands(count), are(count)));
    }
    left
}

/// Some lesions failed, or none did.
pub(crate) fn ensure_mapped(failed: Vec<Failure>) -> Result<()> {
    if failed.is_empty() { Ok(()) } else { Err(PartlyFailed { failed }.into()) }
}

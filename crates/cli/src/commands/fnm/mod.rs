//! `twoblade fnm`: functional network maps of lesions.

mod args;
mod clusters;
mod group;
mod inputs;
mod maps;
mod marks;
mod names;
mod parcels;
mod picture;
mod place;
mod plan;
mod results;
mod sidecar;
mod summary;
mod threshold;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use twoblade::connectome::{ConnectomeSource, Converted};
use twoblade::core::BlockSource;
use twoblade::runner::Runner;

pub(crate) use self::args::Args;
use self::inputs::{Input, Inputs};
use self::marks::{Found, Identity};
use self::names::Files;
use self::plan::{cut, model, plan_lines};
use crate::exit::{Failure, PartlyFailed, Stopped, listed};
use crate::output::write_whole;
use crate::progress::Bar;
use crate::quantity::thousands;
use crate::{interrupt, say};

/// Runs the command; `resolved` becomes run.toml.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    let inputs = Inputs::read(args)?;
    let mut failed: Vec<Failure> = Vec::new();
    for (failure, error) in &inputs.failed {
        failed.push(failure.clone());
        say::news(format_args!("not mapped: {}: {error}", failure.lesion));
    }
    ensure!(!inputs.lesions.is_empty(), "no lesion is left to be mapped");
    for Converted { from, files, exact } in inputs.connectome.converted() {
        let rounded = if exact { "exactly" } else { "rounded to the nearest" };
        say::news(format_args!(
            "samples of {files} files are {from}: read as 32-bit floats, {rounded}"
        ));
    }
    if let (Some(parcels), false) = (&inputs.parcels, args.screen.quiet) {
        say::news(parcels.news());
    }
    let source = ConnectomeSource::new(&inputs.connectome, 1)?;
    let parameters = args.parameters();
    let identity = |input: &Input| Identity::new(input, source.fingerprint(), &parameters);
    let left = left(args, &inputs, identity);
    let cancel = interrupt::token();
    let bar = Bar::new(args.screen).memory(args.memory);
    let runner = Runner::new()
        .threads(args.threads())
        .memory(args.memory.saturating_sub(inputs.bytes()))
        .observer(&bar)
        .cancel(&cancel);
    let groups = cut(args, (&inputs, &left), &runner, &source)?;
    if args.plan {
        for line in plan_lines(args, (&inputs, left.len()), &groups) {
            say::result(line)?;
        }
        return partly(failed);
    }
    let folder = args.out.as_deref().context("--out is needed")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let mask = inputs.connectome.mask();
    let mut mapped: Vec<&Input> = inputs.lesions.iter().collect();
    for (group, _) in &groups {
        let lesions = &left[group.clone()];
        let model = model(args, &inputs, lesions)?;
        let done = runner.run(&model, &source);
        bar.clear();
        let total = done?.total;
        results::clear(folder)?;
        for (number, &input) in lesions.iter().enumerate() {
            if cancel.is_cancelled() {
                return Err(Stopped { done: group.start + number, of: left.len() }.into());
            }
            let (name, file) = (input.lesion.name.as_str(), &input.file);
            let files = Files { folder, name };
            let of = (identity(input), &parameters);
            if !maps::write(args, (files, mask), (&model, &total), (number, input), of)? {
                say::news(format_args!(
                    "not mapped: {name}: {} has voxels that are constant in every subject, and no \
                     others",
                    file.display()
                ));
                failed.push(Failure { lesion: name.to_owned(), file: file.clone() });
                mapped.retain(|mapped| mapped.lesion.name != name);
            }
        }
    }
    ensure!(!mapped.is_empty(), "no lesion could be mapped: {}", listed(&failed));
    write_whole(&folder.join("run.toml"), resolved)?;
    let mut dropped: Vec<String> = Vec::new();
    results::write(args, (folder, &inputs), (&mapped, &failed), &cancel, |mark| {
        // The same in every lesion.
        if dropped.is_empty() {
            dropped.clone_from(&mark.subjects_dropped);
            for name in &dropped {
                say::news(format_args!(
                    "subject {name} is dropped: too many voxels are not finite"
                ));
            }
        }
        for note in &mark.notes {
            say::news(format_args!("{}: {note}", mark.lesion));
        }
    })?;
    if !args.screen.quiet {
        say::result(format_args!(
            "{} lesions mapped over {} subjects and {} voxels, in {}",
            thousands(mapped.len()),
            thousands(inputs.connectome.count()),
            thousands(mask.count()),
            folder.display()
        ))?;
    }
    partly(failed)
}

/// The lesions that are not finished, by name; says how many are, and why others are computed again.
fn left<'a>(
    args: &Args,
    inputs: &'a Inputs,
    identity: impl Fn(&Input) -> Identity,
) -> Vec<&'a Input> {
    let Some(folder) = args.out.as_deref().filter(|_| !args.overwrite) else {
        return inputs.lesions.iter().collect();
    };
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let mut is_left = |input: &&Input| {
        let files = Files { folder, name: &input.lesion.name };
        match marks::look(files, &identity(input)) {
            Found::Finished => return false,
            Found::Nothing => {}
            Found::Other(why) => *others.entry(why).or_default() += 1,
        }
        true
    };
    let left: Vec<&Input> = inputs.lesions.iter().filter(|input| is_left(input)).collect();
    if args.screen.quiet {
        return left;
    }
    let finished = inputs.lesions.len() - left.len();
    let are = |count: usize| if count == 1 { "lesion is" } else { "lesions are" };
    if finished > 0 {
        let again = if finished == 1 { "it" } else { "them" };
        say::news(format_args!(
            "{} {} finished already; --overwrite computes {again} again",
            thousands(finished),
            are(finished)
        ));
    }
    for (why, count) in others {
        say::news(format_args!("{} {} computed again: {why}", thousands(count), are(count)));
    }
    left
}

fn partly(failed: Vec<Failure>) -> Result<()> {
    if failed.is_empty() { Ok(()) } else { Err(PartlyFailed { failed }.into()) }
}

//! `twoblade fnm`: functional network maps of lesions.

mod args;
mod inputs;
mod outputs;
mod plan;

use anyhow::{Context, Result, ensure};
use twoblade::connectome::{ConnectomeSource, Converted};
use twoblade::runner::Runner;

pub(crate) use self::args::Args;
use self::inputs::Inputs;
use self::outputs::Line;
use self::plan::{cut, model, plan_lines};
use crate::exit::PartlyFailed;
use crate::output::write_whole;
use crate::progress::Bar;
use crate::quantity::thousands;
use crate::{interrupt, say};

/// Runs the command; `resolved` becomes run.toml.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    let inputs = Inputs::read(args)?;
    let mut failed: Vec<String> = Vec::new();
    for (file, error) in &inputs.failed {
        failed.push(file.display().to_string());
        say::news(format_args!("not mapped: {error}"));
    }
    ensure!(!inputs.lesions.is_empty(), "no lesion is left to be mapped");
    for Converted { from, files, exact } in inputs.connectome.converted() {
        let rounded = if exact { "exactly" } else { "rounded to the nearest" };
        say::news(format_args!(
            "samples of {files} files are {from}: read as 32-bit floats, {rounded}"
        ));
    }
    let source = ConnectomeSource::new(&inputs.connectome, args.block_subjects)?;
    let cancel = interrupt::token();
    let bar = Bar::new(args.screen);
    let runner = Runner::new()
        .threads(args.threads())
        .memory(args.memory.saturating_sub(inputs.bytes()))
        .observer(&bar)
        .cancel(&cancel);
    let groups = cut(args, &inputs, &runner, &source)?;
    if args.plan {
        for line in plan_lines(args, &inputs, &groups) {
            say::result(line)?;
        }
        return partly(failed);
    }
    let folder = args.out.as_deref().context("--out is needed")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let (mut lines, mut dropped) = (Vec::new(), Vec::new());
    for (group, _) in &groups {
        let lesions = &inputs.lesions[group.clone()];
        let model = model(args, &inputs, lesions)?;
        let done = runner.run(&model, &source);
        bar.clear();
        let total = done?.total;
        for (number, input) in lesions.iter().enumerate() {
            let place = (folder, inputs.connectome.mask());
            let ambiguous = model.ambiguous(&total, number).len();
            if ambiguous > 0 {
                say::news(format_args!(
                    "the first component of {} is ambiguous in {} of {} subjects",
                    input.lesion.name,
                    thousands(ambiguous),
                    thousands(inputs.connectome.count())
                ));
            }
            if let Some(line) = outputs::write(args, place, (&model, &total), (number, input))? {
                lines.push(line);
            } else {
                let name = &input.lesion.name;
                say::news(format_args!(
                    "not mapped: {name} has voxels that are constant in every subject, and no others"
                ));
                failed.push(name.clone());
            }
        }
        // The same in every group.
        dropped = model.dropped(&total);
    }
    for subject in dropped {
        let name = inputs.connectome.name(subject);
        say::news(format_args!("subject {name} is dropped: too many voxels are not finite"));
    }
    ensure!(!lines.is_empty(), "no lesion could be mapped: {}", failed.join(", "));
    let rows: Vec<String> = lines.iter().map(Line::to_string).collect();
    write_whole(&folder.join("run.toml"), resolved)?;
    write_whole(&folder.join("summary.tsv"), &format!("{}\n{}\n", Line::HEADER, rows.join("\n")))?;
    if !args.screen.quiet {
        say::result(format_args!(
            "{} lesions mapped over {} subjects and {} voxels, in {}",
            thousands(rows.len()),
            thousands(inputs.connectome.count()),
            thousands(inputs.connectome.mask().count()),
            folder.display()
        ))?;
    }
    partly(failed)
}

fn partly(failed: Vec<String>) -> Result<()> {
    if failed.is_empty() { Ok(()) } else { Err(PartlyFailed { failed }.into()) }
}

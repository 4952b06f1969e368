//! How lesions share reads of the connectome.

use std::ops::Range;

use anyhow::Result;
use twoblade::connectome::ConnectomeSource;
use twoblade::fnm::Fnm;
use twoblade::runner::{Plan, RunError, Runner};

use crate::commands::fnm::args::Args;
use crate::commands::fnm::groups::Group;
use crate::commands::fnm::inputs::{Input, Inputs};
use crate::quantity::{mebibytes, thousands, typed_memory};

/// Lesions that are multiplied at a time: groups are of a multiple of them.
const TOGETHER: usize = 16;

/// The model of some lesions.
pub(crate) fn model(args: &Args, inputs: &Inputs, lesions: &[&Input]) -> Result<Fnm> {
    Ok(Fnm::new(inputs.study(args, lesions)?, args.options())?)
}

/// Groups of the lesions that are left, by name, whose states fit the memory, each with its plan: one if
/// all fit, none if none is left.
pub(crate) fn cut(
    args: &Args,
    (inputs, left): (&Inputs, &[&Input]),
    runner: &Runner<'_>,
    source: &ConnectomeSource,
) -> Result<Vec<(Range<usize>, Plan)>> {
    let all = left.len();
    if all == 0 {
        return Ok(Vec::new());
    }
    let plan = |lesions: Range<usize>| -> Result<Plan> {
        let model = model(args, inputs, &left[lesions])?;
        Ok(runner.plan_one_pass(&model, source)?)
    };
    let sizes = (1..=all.div_ceil(TOGETHER)).rev().map(|groups| (groups * TOGETHER).min(all));
    let mut smallest = None;
    for size in sizes {
        match plan(0..size) {
            Ok(_) => {
                let firsts = (0..all).step_by(size);
                let groups = firsts.map(|first| first..(first + size).min(all));
                return groups.map(|group| Ok((group.clone(), plan(group)?))).collect();
            }
            Err(error) => smallest = Some(error),
        }
    }
    let error = smallest.unwrap_or_else(|| anyhow::anyhow!("there is no lesion"));
    let needed = match error.downcast_ref() {
        Some(RunError::Budget { needed, .. }) => needed + inputs.bytes(),
        _ => return Err(error),
    };
    Err(error.context(format!(
        "{} is too small for {} lesions at a time; what would fit: --memory {}",
        args.machine.granted_memory().memory_words(),
        TOGETHER.min(all),
        typed_memory(needed)
    )))
}

/// What `--plan` prints.
pub(crate) fn plan_lines(
    args: &Args,
    (inputs, left): (&Inputs, usize),
    groups: &[Group<'_>],
) -> Vec<String> {
    let connectome = &inputs.connectome;
    let mut lines = vec!["plan for fnm".to_owned()];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<12} {text}"));
    line(
        "subjects",
        format!("{} of {}", thousands(connectome.count()), thousands(connectome.listed())),
    );
    line("voxels", thousands(connectome.mask().count()));
    line("granted", args.machine.words());
    line("lesions", thousands(inputs.lesions.len()));
    for (failure, error) in &inputs.failed {
        line("not mapped", format!("{}: {error}", failure.lesion));
    }
    if left < inputs.lesions.len() {
        line("finished", format!("{} lesions already", thousands(inputs.lesions.len() - left)));
    }
    let mut before = 0;
    for Group { lesions, plan } in groups {
        line("read", format!("lesions {} to {}", before + 1, before + lesions.len()));
        before += lesions.len();
        let memory = &plan.memory;
        let all = mebibytes(memory.total() + inputs.bytes());
        line("memory", format!("{all} of {}", mebibytes(args.machine.memory())));
        for (bytes, what) in [
            (memory.states, "states"),
            (memory.shared, "lesions, and the mean of z"),
            (memory.chunks, "series"),
            (memory.scratch, "scratch of threads"),
            (inputs.bytes(), "masks and names"),
        ] {
            line("", format!("{:>10}  {what}", mebibytes(bytes)));
        }
    }
    lines
}

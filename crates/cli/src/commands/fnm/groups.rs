//! Lesions that share a read of the connectome.

use std::ops::Range;

use anyhow::Result;
use twoblade::connectome::ConnectomeSource;
use twoblade::fnm::Fnm;
use twoblade::runner::{Plan, RunError, Runner};

use crate::commands::fnm::args::Args;
use crate::commands::fnm::inputs::{Input, Inputs};
use crate::quantity::typed_memory;

/// Some lesions, and the plan of their read.
pub(crate) struct Group<'a> {
    pub(crate) lesions: Vec<&'a Input>,
    pub(crate) plan: Plan,
}

/// The groups of the lesions that are left: first the one that was under way, as it was, and then the
/// others, as few as memory allows.
pub(crate) fn groups<'a>(
    args: &Args,
    inputs: &Inputs,
    (under_way, left): (Vec<&'a Input>, &[&'a Input]),
    runner: &Runner<'_>,
    source: &ConnectomeSource,
) -> Result<Vec<Group<'a>>> {
    let is_in = |input: &Input| under_way.iter().any(|of| of.lesion.name == input.lesion.name);
    let others: Vec<&Input> = left.iter().copied().filter(|input| !is_in(input)).collect();
    let mut groups = Vec::new();
    if left.iter().any(|input| is_in(input)) {
        let plan = runner.plan_one_pass(&model(args, inputs, &under_way)?, source)?;
        groups.push(Group { lesions: under_way, plan });
    }
    for (range, plan) in cut(args, (inputs, &others), runner, source)? {
        groups.push(Group { lesions: others[range].to_vec(), plan });
    }
    Ok(groups)
}

/// Lesions that are multiplied at a time: groups are of a multiple of them.
const TOGETHER: usize = 16;

/// The model of some lesions.
pub(crate) fn model(args: &Args, inputs: &Inputs, lesions: &[&Input]) -> Result<Fnm> {
    Ok(Fnm::new(inputs.study(args, lesions)?, args.options())?)
}

/// Groups of the lesions that are left, by name, whose states fit the memory, each with its plan: one if
/// all fit, none if none is left.
fn cut(
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

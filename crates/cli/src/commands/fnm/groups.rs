//! Lesions that share a read of the connectome.

use anyhow::Result;
use twoblade::connectome::ConnectomeSource;
use twoblade::runner::{Plan, Runner};

use crate::commands::fnm::args::Args;
use crate::commands::fnm::inputs::{Input, Inputs};
use crate::commands::fnm::plan::{cut, model};

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

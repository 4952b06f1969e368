//! How a run was done: OUT.run.json. Nothing here is in OUT.json.

use std::ops::Range;

use anyhow::Result;
use serde::Serialize;
use twoblade::core::Fingerprint;
use twoblade::runner::{Plan, Stage};

use crate::args::MachineArgs;
use crate::record::{Made, Read, Record};
use crate::written::Written;

/// What a run took.
pub(crate) struct How<'a> {
    /// What the process may use.
    pub(crate) machine: &'a MachineArgs,
    /// Which groups of traits shared a read, and its plan.
    pub(crate) batches: &'a [(Range<usize>, &'a Plan)],
    /// The stages of each.
    pub(crate) stages: &'a [Vec<Stage>],
    pub(crate) data: Fingerprint,
    pub(crate) seconds: f64,
    /// Bytes that stay for the text files, and for what models of several runs hold between them.
    pub(crate) held: usize,
    /// Bytes that were held before the run, while files were read and genotypes counted.
    pub(crate) bytes_before: usize,
    /// Hashes of the plan and the states that it was made from, if it was not made in one process.
    pub(crate) from: Vec<String>,
}

impl How<'_> {
    /// The most bytes that were planned.
    pub(crate) fn planned_bytes(&self) -> usize {
        let runs = self.batches.iter().map(|(_, plan)| plan.memory.total());
        (self.held + runs.max().unwrap_or(0)).max(self.bytes_before)
    }
}

#[derive(Serialize)]
struct Groups {
    /// Their numbers, from 1.
    groups: Vec<usize>,
}

/// OUT.run.json of a run of a plan that has written these files.
pub(crate) fn run_json(
    how: &How<'_>,
    plan_hash: Fingerprint,
    files: Vec<Written>,
) -> Result<String> {
    let runs = how.batches.iter().zip(how.stages).map(|((groups, plan), stages)| {
        let groups = groups.clone().map(|group| group + 1).collect();
        Read::new(Groups { groups }, plan, stages)
    });
    let made = Made { plan_hash, from: how.from.clone(), files };
    let record = Record {
        machine: how.machine,
        data: how.data,
        planned_bytes: how.planned_bytes(),
        seconds: how.seconds,
        made: Some(&made),
    };
    record.json(&runs.collect::<Vec<_>>())
}

//! How a run was done: OUT.run.json. Nothing here is in OUT.json.

use std::ops::Range;

use anyhow::Result;
use serde::Serialize;
use twoblade::core::Fingerprint;
use twoblade::runner::process::peak_memory;
use twoblade::runner::{Pass, Plan, Stage};

use crate::args::MachineArgs;
use crate::machine;

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
}

impl How<'_> {
    /// The most bytes that were planned.
    pub(crate) fn planned_bytes(&self) -> usize {
        let runs = self.batches.iter().map(|(_, plan)| plan.memory.total());
        (self.held + runs.max().unwrap_or(0)).max(self.bytes_before)
    }
}

#[derive(Serialize)]
struct RunJson<'a> {
    twoblade: &'static str,
    command: Vec<String>,
    host: Option<String>,
    granted: GrantedJson,
    data: String,
    runs: Vec<BatchJson<'a>>,
    planned_bytes: usize,
    peak_bytes: Option<usize>,
    seconds: f64,
}

/// What the process could use, and who said so.
#[derive(Serialize)]
struct GrantedJson {
    threads: usize,
    threads_by: &'static str,
    memory: usize,
    memory_by: &'static str,
}

impl GrantedJson {
    fn of(machine: &MachineArgs) -> Self {
        let (threads, memory) = (machine.granted_threads(), machine.granted_memory());
        Self {
            threads: threads.amount,
            threads_by: threads.by,
            memory: memory.amount,
            memory_by: memory.by,
        }
    }
}

#[derive(Serialize)]
struct BatchJson<'a> {
    /// Numbers of the groups, from 1.
    groups: Vec<usize>,
    plan: &'a Plan,
    stages: Vec<StageJson>,
}

#[derive(Serialize)]
struct StageJson {
    pass: Pass,
    seconds: f64,
    bytes_read: Option<u64>,
    peak_bytes: Option<usize>,
}

/// OUT.run.json.
pub(crate) fn run_json(how: &How<'_>) -> Result<String> {
    let stage = |stage: &Stage| StageJson {
        pass: stage.pass,
        seconds: stage.time.as_secs_f64(),
        bytes_read: stage.bytes_read,
        peak_bytes: stage.peak_memory,
    };
    let batches = how.batches.iter().zip(how.stages).map(|((groups, plan), stages)| BatchJson {
        groups: groups.clone().map(|group| group + 1).collect(),
        plan,
        stages: stages.iter().map(stage).collect(),
    });
    let run = RunJson {
        twoblade: env!("CARGO_PKG_VERSION"),
        command: machine::command_line(),
        host: machine::host(),
        granted: GrantedJson::of(how.machine),
        data: how.data.to_string(),
        runs: batches.collect(),
        planned_bytes: how.planned_bytes(),
        peak_bytes: peak_memory(),
        seconds: how.seconds,
    };
    Ok(serde_json::to_string_pretty(&run)? + "\n")
}

//! How a run was done, as OUT.run.json or run.json say it. Nothing here changes a result.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use twoblade::core::Fingerprint;
use twoblade::runner::process::peak_memory;
use twoblade::runner::{Pass, Plan, Stage};

use crate::args::MachineArgs;
use crate::machine;
use crate::written::Written;

/// Which result a run has made. What `finish` finds here, and as it was, it does not make again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// That of the run's plan.json, made or not.
    pub(crate) plan_hash: Fingerprint,
    /// BLAKE3 of plan.json and of the states that `finish` was given; none of a run of one process.
    pub(crate) from: Vec<String>,
    /// The files that do not depend on how it was run.
    pub(crate) files: Vec<Written>,
}

/// What a run took.
pub(crate) struct Record<'a> {
    /// What the process could use.
    pub(crate) machine: &'a MachineArgs,
    pub(crate) data: Fingerprint,
    /// The most bytes that were planned.
    pub(crate) planned_bytes: usize,
    pub(crate) seconds: f64,
    /// The result, where one file is all of it.
    pub(crate) made: Option<&'a Made>,
}

/// A read of the data: for whom, its plan and its stages.
#[derive(Serialize)]
pub(crate) struct Read<'a, Of: Serialize> {
    #[serde(flatten)]
    of: Of,
    plan: &'a Plan,
    stages: Vec<StageJson>,
}

#[derive(Serialize)]
struct RunJson<'a, Of: Serialize> {
    twoblade: &'static str,
    command: Vec<String>,
    host: Option<String>,
    granted: GrantedJson,
    data: String,
    #[serde(flatten)]
    made: Option<&'a Made>,
    runs: &'a [Read<'a, Of>],
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

#[derive(Serialize)]
struct StageJson {
    pass: Pass,
    seconds: f64,
    bytes_read: Option<u64>,
    peak_bytes: Option<usize>,
}

impl<'a, Of: Serialize> Read<'a, Of> {
    pub(crate) fn new(of: Of, plan: &'a Plan, stages: &[Stage]) -> Self {
        let stage = |stage: &Stage| StageJson {
            pass: stage.pass,
            seconds: stage.time.as_secs_f64(),
            bytes_read: stage.bytes_read,
            peak_bytes: stage.peak_memory,
        };
        Self { of, plan, stages: stages.iter().map(stage).collect() }
    }
}

impl Record<'_> {
    /// The text of the file.
    pub(crate) fn json<Of: Serialize>(&self, runs: &[Read<'_, Of>]) -> Result<String> {
        let (threads, memory) = (self.machine.granted_threads(), self.machine.granted_memory());
        let run = RunJson {
            twoblade: env!("CARGO_PKG_VERSION"),
            command: machine::command_line(),
            host: machine::host(),
            granted: GrantedJson {
                threads: threads.amount,
                threads_by: threads.by,
                memory: memory.amount,
                memory_by: memory.by,
            },
            data: self.data.to_string(),
            made: self.made,
            runs,
            planned_bytes: self.planned_bytes,
            peak_bytes: peak_memory(),
            seconds: self.seconds,
        };
        Ok(serde_json::to_string_pretty(&run)? + "\n")
    }
}

//! How a run was done: run.json. No map depends on anything here.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use twoblade::core::Fingerprint;
use twoblade::runner::{Plan, Stage};

use crate::args::MachineArgs;
use crate::output::write_whole;
use crate::record::{Read, Record};

/// Beside the maps.
pub(crate) const RUN: &str = "run.json";

/// Lesions that shared a read of the connectome.
pub(crate) struct GroupRead {
    pub(crate) lesions: Vec<String>,
    pub(crate) plan: Plan,
    pub(crate) stages: Vec<Stage>,
    /// What it took to write their maps.
    pub(crate) writing: Duration,
}

#[derive(Serialize)]
struct Lesions<'a> {
    lesions: &'a [String],
    seconds_of_maps: f64,
}

/// Writes it; `held` bytes stay for masks and names beside what is planned.
pub(crate) fn write(
    folder: &Path,
    (machine, data, held): (&MachineArgs, Fingerprint, usize),
    groups: &[GroupRead],
    started: Instant,
) -> Result<()> {
    let most = groups.iter().map(|group| group.plan.memory.total()).max().unwrap_or(0);
    let record = Record {
        machine,
        data,
        planned_bytes: most + held,
        seconds: started.elapsed().as_secs_f64(),
        made: None,
    };
    let runs = groups.iter().map(|GroupRead { lesions, plan, stages, writing }| {
        let of = Lesions { lesions, seconds_of_maps: writing.as_secs_f64() };
        Read::new(of, plan, stages)
    });
    write_whole(&folder.join(RUN), &record.json(&runs.collect::<Vec<_>>())?)
}

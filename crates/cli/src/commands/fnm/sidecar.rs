//! A map and its sidecar: what the map is, in the manner of BIDS.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;
use twoblade::brain::BrainMask;
use twoblade::connectome::{Intent, MapHeader, write_map};

use crate::commands::fnm::names;
use crate::output::{remove, write_whole};

/// The program, as BIDS names it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GeneratedBy {
    name: &'static str,
    version: &'static str,
}

/// This program.
pub(crate) const GENERATED_BY: GeneratedBy =
    GeneratedBy { name: "twoblade fnm", version: env!("CARGO_PKG_VERSION") };

/// What is said of one map; keys are in the manner of BIDS.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sidecar<'a> {
    /// What the values are.
    pub(crate) description: String,
    /// What they are counted in.
    pub(crate) units: &'a str,
    /// The files that it was made of.
    pub(crate) sources: &'a [String],
    /// The lesions that it is of.
    pub(crate) lesions: &'a [String],
    /// Subjects that count where most do; of a group the lesions.
    pub(crate) n: u32,
    /// Where all n count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) degrees_of_freedom: Option<u32>,
    /// What was cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) threshold: Option<String>,
    /// The options that its bytes depend on.
    pub(crate) parameters: &'a Value,
    /// The program.
    pub(crate) generated_by: GeneratedBy,
}

/// What is counted of the values of a map.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    voxels: usize,
    voxels_without_value: usize,
    voxels_of_zero: usize,
}

/// A sidecar as it is written.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    said: &'a Sidecar<'a>,
    #[serde(flatten)]
    counted: Counts,
}

/// Writes a map, and its sidecar last. None of another map stays while it is written.
pub(crate) fn write(
    map: &Path,
    (mask, values): (&BrainMask, &[f32]),
    (line, intent): (String, Intent),
    said: &Sidecar<'_>,
) -> Result<()> {
    let sidecar = names::sidecar(map);
    remove(&sidecar)?;
    let header = MapHeader { description: line, intent, ..MapHeader::default() };
    write_map(map, mask, values, 0.0, &header)?;
    let counted = Counts {
        voxels: values.len(),
        voxels_without_value: values.iter().filter(|value| value.is_nan()).count(),
        voxels_of_zero: values.iter().filter(|&&value| value == 0.0).count(),
    };
    let text = serde_json::to_string_pretty(&Whole { said, counted })?;
    write_whole(&sidecar, &(text + "\n"))
}

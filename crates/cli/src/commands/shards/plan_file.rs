//! The plan of a run as a file: its options, and what the data were when it was made.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use twoblade::core::Fingerprint;
use twoblade::runner::{Identity, StateError};

use crate::output::write_whole;
use crate::resolved::is_of_a_process;

const FORMAT: u32 = 1;

/// plan.json.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    format: u32,
    twoblade: String,
    /// The command that made it.
    pub(crate) command: String,
    /// That of `identity`: the name of this plan.
    hash: Fingerprint,
    /// What every part must find.
    pub(crate) identity: Identity,
    /// Its options as a file for --config, line by line.
    options: Vec<String>,
    /// What a process needs.
    needs: Needs,
    /// Of `fnm`, the lesions that share this read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) lesions: Vec<String>,
    /// Of `learn`, what was counted of the table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) table: Option<serde_json::Value>,
}

/// Bytes that a process of one thread needs, and so the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Needs {
    pub(crate) pass_one: usize,
    /// Of models that have one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) pass_two: Option<usize>,
    /// A saved state, about.
    pub(crate) state: usize,
}

impl PlanFile {
    /// A plan of a command with these options.
    pub(crate) fn new(command: &str, identity: Identity, resolved: &str, needs: Needs) -> Self {
        let own = |line: &&str| {
            let key = line.split(" = ").next().unwrap_or_default();
            !line.starts_with('#') && !is_of_a_process(key)
        };
        Self {
            format: FORMAT,
            twoblade: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            hash: identity.hash(),
            identity,
            options: resolved.lines().filter(own).map(str::to_owned).collect(),
            needs,
            lesions: Vec::new(),
            table: None,
        }
    }

    /// The same for some of the lesions.
    pub(crate) fn of_lesions(self, lesions: Vec<String>) -> Self {
        Self { lesions, ..self }
    }

    /// The same with what was counted of a table.
    #[cfg(feature = "table")]
    pub(crate) fn of_table(self, table: serde_json::Value) -> Self {
        Self { table: Some(table), ..self }
    }

    /// Writes it.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        write_whole(file, &(serde_json::to_string_pretty(self)? + "\n"))
    }

    /// Reads one.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let name = file.display();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{name} could not be read"))?;
        let plan: Self = serde_json::from_str(&text)
            .with_context(|| format!("{name} is no plan of twoblade"))?;
        ensure!(
            plan.format == FORMAT,
            "{name} is a plan of format {}, and this twoblade reads {FORMAT}",
            plan.format
        );
        if plan.hash != plan.identity.hash() {
            let what = "its hash is not that of what it says";
            return Err(StateError::Corrupt { file: file.to_path_buf(), what }.into());
        }
        Ok(plan)
    }

    /// Its options as a file for --config.
    pub(crate) fn options(&self) -> String {
        self.options.join("\n") + "\n"
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        usize::try_from(self.identity.blocks).unwrap_or(usize::MAX)
    }

    /// Refuses data or options that are not those of the plan.
    pub(crate) fn expect(&self, file: &Path, here: &Identity) -> Result<()> {
        let differences = self.identity.differences(here);
        if differences.is_empty() {
            return Ok(());
        }
        Err(StateError::OtherRun { file: file.to_path_buf(), differences }.into())
    }
}

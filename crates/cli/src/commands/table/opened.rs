//! A table that is open, and what the work on it may use.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use comfy_table::{Table as Screen, presets};
use twoblade::external::{Disk, Limits, ReadOptions, Table, files};

use crate::commands::table::reading::ReadArgs;
use crate::commands::table::working::WorkArgs;
use crate::output::Outputs;
use crate::progress::Bar;
use crate::quantity::{mebibytes, thousands};
use crate::say;

/// A table that is open, and what the work on it may use.
pub(crate) struct Opened {
    pub(crate) table: Table,
    pub(crate) limits: Limits,
    pub(crate) disk: Disk,
    pub(crate) bar: Bar,
    quiet: bool,
    count: usize,
}

impl Opened {
    /// Looks at the beginning of each file.
    pub(crate) fn new(reading: &ReadArgs, work: &WorkArgs) -> Result<Self> {
        Self::of(&reading.files, &reading.options(), work)
    }

    /// The same of these files, patterns and folders.
    pub(crate) fn of(paths: &[PathBuf], options: &ReadOptions, work: &WorkArgs) -> Result<Self> {
        let disk = Disk::new();
        let files = files(paths, &disk)?;
        let table = Table::open(&files, options)?;
        let limits = Limits {
            memory: work.machine.memory(),
            threads: work.machine.threads(),
            temp: work.temp(),
        };
        let bar = Bar::new(work.screen).memory(limits.memory);
        Ok(Self { table, limits, disk, bar, quiet: work.screen.quiet, count: files.len() })
    }

    /// Refuses to write over what is read.
    pub(crate) fn apart(&self, reading: &ReadArgs, targets: &[PathBuf]) -> Result<()> {
        self.apart_from(&reading.files, targets)
    }

    /// The same of these files, patterns and folders.
    pub(crate) fn apart_from(&self, paths: &[PathBuf], targets: &[PathBuf]) -> Result<()> {
        let known = |path: &Path| path.canonicalize().ok();
        for file in files(paths, &self.disk)? {
            for target in targets {
                ensure!(
                    known(target).is_none() || known(target) != known(&file),
                    "{} would be written over while it is read; give another --out",
                    target.display()
                );
            }
        }
        Ok(())
    }

    /// What would be read and held, and `more` of what the command adds; reads nothing.
    pub(crate) fn plan(&self, reads: usize, spill: Option<u64>, more: &[String]) -> Result<()> {
        let mut columns = Screen::new();
        columns.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
        columns.set_header(["column", "kind"]);
        for column in self.table.schema().columns() {
            columns.add_row([column.name.clone(), column.kind.to_string()]);
        }
        say::result(columns)?;
        let files = if self.count == 1 { "file" } else { "files" };
        let times = match reads {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            reads => format!("{reads} times"),
        };
        say::result(format_args!(
            "{} {files}, {} bytes, read {times}; kinds are those of the first rows, and are confirmed in \
             reading",
            thousands(self.count),
            thousands(self.table.bytes())
        ))?;
        for line in more {
            say::result(line)?;
        }
        let temp = self.limits.temp.display();
        match spill {
            None => {}
            Some(0) => say::result("temporary files: none, everything fits the memory")?,
            Some(bytes) => say::result(format_args!(
                "temporary files: about {} bytes in {temp}",
                thousands(bytes)
            ))?,
        }
        say::result(format_args!(
            "memory: at most {}, and what the program itself takes; threads: {}",
            mebibytes(self.limits.memory),
            self.limits.threads
        ))?;
        Ok(())
    }

    /// What was written, and what was left out.
    pub(crate) fn written(&self, what: &str, skipped: u64) -> Result<()> {
        self.left_out(skipped);
        if !self.quiet {
            say::result(format_args!("written: {what}"))?;
        }
        Ok(())
    }

    /// Rows that were left out.
    pub(crate) fn left_out(&self, skipped: u64) {
        self.bar.clear();
        if skipped > 0 {
            let rows = if skipped == 1 { "row has" } else { "rows have" };
            say::news(format_args!(
                "left out: {} {rows} more or fewer fields than there are columns",
                thousands(skipped)
            ));
        }
    }

    /// Whether nothing but errors is to be printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Files of a result, refused now if they cannot be written.
    pub(crate) fn outputs(prefix: &Path) -> Result<Outputs> {
        Outputs::prepare(prefix)
    }
}

/// A count of rows, in words.
pub(crate) fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", thousands(count)) }
}

//! What one read of a table has found.

use serde::{Deserialize, Serialize};
use twoblade_core::{Fingerprint, StreamingEstimator};
use twoblade_table::describe::{Description, State};
use twoblade_table::{Describe, Schema};

use super::bounds::Bounds;
use super::extent::Extent;
use super::identity::{identity, print};
use super::options::CountOptions;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Place, Table};

/// What one read of a table has found: kinds that hold in all rows, where blocks begin, how many rows
/// there are, and what there is to say about every column.
///
/// It is configuration: whoever has it and the same files reads the same blocks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counted {
    pub(super) identity: Fingerprint,
    pub(super) options: CountOptions,
    pub(super) schema: Schema,
    pub(super) rows: u64,
    pub(super) skipped: u64,
    pub(super) files: Vec<CountedFile>,
    pub(super) blocks: Vec<Block>,
    pub(super) extent: Extent,
    pub(super) state: State,
}

/// A file of a table that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedFile {
    /// Its length and some of its pages.
    pub print: Fingerprint,
    /// Its rows, without those that were left out.
    pub rows: u64,
}

/// A block of a table that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Where its first row is.
    pub place: Place,
    /// The xxh3 of its text, up to where the next one begins; `None` in Parquet.
    pub digest: Option<u64>,
}

impl Counted {
    /// The identity of the files, of how they were read, and of how they are cut.
    pub fn fingerprint(&self) -> Fingerprint {
        self.identity
    }

    /// How it was counted.
    pub fn options(&self) -> &CountOptions {
        &self.options
    }

    /// The columns that were read.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Rows of all files, without those that were left out.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows of another length than the table's, which were left out.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The files, in order.
    pub fn files(&self) -> &[CountedFile] {
        &self.files
    }

    /// The blocks, in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// What there is to say about the columns in the detail that was asked for: levels with their counts,
    /// exact means and standard deviations, extremes.
    ///
    /// # Errors
    /// If it was not counted here but made up.
    pub fn description(&self) -> Result<Description, Error> {
        let model = model(&self.schema, &self.options);
        let total = model.aggregate(self.state.clone()).map_err(refused)?;
        model.finish(&total).map_err(refused)
    }

    /// Refuses another table, other files, and what cannot have been counted.
    pub(super) fn check(&self, table: &Table, disk: &Disk) -> Result<(), Error> {
        let other = |what: String| Err(Error::OtherCounting { what });
        let paths = table.paths();
        if self.files.len() != paths.len() {
            return other(format!("{} files, and there are {}", self.files.len(), paths.len()));
        }
        for (path, file) in paths.iter().zip(&self.files) {
            if print(path, disk)? != file.print {
                return Err(Error::ChangedSinceCounted { path: path.to_path_buf() });
            }
        }
        self.options.check(table)?;
        let prints = self.files.iter().map(|file| file.print);
        if identity(table, &self.options, prints) != self.identity
            || self.schema != chosen(table, &self.options)?
        {
            return other("other columns, kinds, or ways to read and cut them".into());
        }
        let count = Bounds::of(&self.options).count(self.rows);
        let known = |block: &Block| block.place.file < paths.len();
        if self.blocks.len() as u64 != count || !self.blocks.iter().all(known) {
            return other(format!("{} blocks of {} rows", self.blocks.len(), self.rows));
        }
        Ok(())
    }
}

/// The columns that are read.
pub(super) fn chosen(table: &Table, options: &CountOptions) -> Result<Schema, Error> {
    let columns = table.schema().columns();
    Ok(Schema::new(options.columns.iter().map(|&at| columns[at].clone()).collect())?)
}

/// What describes them.
pub(super) fn model(schema: &Schema, options: &CountOptions) -> Describe {
    Describe::new(schema.clone()).levels(options.levels).detail(options.detail)
}

/// The model speaks of columns, and of nothing else.
pub(super) fn refused(error: twoblade_core::BoxError) -> Error {
    Error::Table(*error.downcast().expect("an error of the table"))
}

//! The counting read: where blocks begin, and what stands in the columns.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use twoblade::external::{CountOptions, Counted, CountedSource};
use twoblade::learn::{Error as LearnError, Features};
use twoblade::table::describe::Detail;

use crate::checkpoint::Checkpoint;
use crate::commands::learn::fit::args::{Args, ModelKind};
use crate::commands::table::opened::Opened;
use crate::watched::Watched;

/// Rows of a block, unless there are too few blocks.
const BLOCK_ROWS: u64 = 1 << 14;
/// Rows of a chunk.
const CHUNK_ROWS: u64 = 1 << 12;
/// Fewer blocks than this are too few, and a small table has about so many: for ridge, which leaves groups
/// of them out, and for the others, which leave folds out. Trees see a block at the most, so a forest wants
/// large ones.
const BLOCKS: (u64, u64) = (50, 100);
const BLOCKS_OF_FOLDS: (u64, u64) = (20, 20);

/// Counts the columns that the model needs. A small table is counted again, in smaller blocks.
pub(crate) fn count(opened: &Opened, args: &Args) -> Result<CountedSource> {
    let columns = columns(opened, args)?;
    let of = |block_rows: u64| CountOptions {
        columns: columns.clone(),
        block_rows,
        chunk_rows: CHUNK_ROWS.min(block_rows),
        levels: args.features.levels,
        detail: Detail::Moments,
    };
    let Opened { table, limits, disk, bar, .. } = opened;
    let watched = Watched::by(bar);
    let count = |block_rows, cache: Option<&PathBuf>| {
        let cache = cache.map(PathBuf::as_path);
        CountedSource::open(table, &of(block_rows), cache, limits, &watched, disk)
    };
    let caches = caches(&Checkpoint::new(&args.checkpoint));
    if let Some(rows) = args.metrics.block_rows {
        return Ok(count(rows as u64, caches.first())?);
    }
    let source = count(BLOCK_ROWS, caches.first())?;
    let rows = source.counted().rows();
    let (least, usual) = match args.model.kind {
        ModelKind::Ridge => BLOCKS,
        _ => BLOCKS_OF_FOLDS,
    };
    if rows.div_ceil(BLOCK_ROWS) >= least {
        return Ok(source);
    }
    drop(source);
    let blocks = usual.max(4 * args.metrics.cv as u64);
    Ok(count(rows.div_ceil(blocks).max(1), caches.get(1))?)
}

/// Files in the folder of checkpoints that keep what was counted.
pub(crate) fn caches(checkpoint: &Checkpoint) -> Vec<PathBuf> {
    let files = |folder: &Path| ["counted", "counted-again"].map(|name| folder.join(name)).into();
    checkpoint.folder().map(files).unwrap_or_default()
}

/// Places of the features and the target, in the order of the table.
pub(crate) fn columns(opened: &Opened, args: &Args) -> Result<Vec<usize>> {
    let schema = opened.table.schema();
    let names = &args.features;
    let place = |name: &String| schema.place(name).map_err(LearnError::from);
    let target = place(&names.target)?;
    let without = names.without.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let chosen = names.features.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let is_feature = |at: &usize| {
        (chosen.is_empty() || chosen.contains(at)) && !without.contains(at) || *at == target
    };
    Ok((0..schema.columns().len()).filter(is_feature).collect())
}

/// What was counted, and which features come of it, for a plan: who has it need not count again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counting {
    /// What was counted, as postcard in base 64.
    counted: String,
    /// Which columns become which numbers.
    features: Features,
}

impl Counting {
    pub(crate) fn new(counted: &Counted, features: &Features) -> Self {
        Self { counted: BASE64_STANDARD.encode(counted.to_bytes()), features: features.clone() }
    }

    /// The table as it was counted, without another counting read, and the features.
    pub(crate) fn open(self, opened: &Opened) -> Result<(CountedSource, Features)> {
        let bytes = BASE64_STANDARD.decode(self.counted).ok();
        let counted = bytes.and_then(|bytes| Counted::from_bytes(&bytes));
        let counted = counted.context("what was counted is damaged, or of another version")?;
        self.features.check()?;
        let Opened { table, limits, disk, bar, .. } = opened;
        let source = CountedSource::of(table, counted, limits, &Watched::by(bar), disk)?;
        Ok((source, self.features))
    }
}

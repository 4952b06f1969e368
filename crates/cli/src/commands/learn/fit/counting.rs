//! The counting read: where blocks begin, and what stands in the columns.

use anyhow::{Context, Result};
use twoblade::external::{CountOptions, CountedSource};
use twoblade::learn::Error as LearnError;

use crate::commands::learn::fit::args::Args;
use crate::commands::table::opened::Opened;
use crate::watched::Watched;

/// Rows of a block, unless there are too few blocks.
const BLOCK_ROWS: u64 = 1 << 16;
/// Rows of a chunk.
const CHUNK_ROWS: u64 = 1 << 12;
/// Fewer blocks than this are too few.
const BLOCKS: u64 = 50;
/// A small table has about so many.
const BLOCKS_OF_FEW: u64 = 100;

/// Counts the columns that the model needs. A small table is counted again, in smaller blocks.
pub(crate) fn count(opened: &Opened, args: &Args) -> Result<CountedSource> {
    let columns = columns(opened, args)?;
    let of = |block_rows: u64| CountOptions {
        columns: columns.clone(),
        block_rows,
        chunk_rows: CHUNK_ROWS.min(block_rows),
        levels: args.features.levels,
    };
    let Opened { table, limits, disk, bar, .. } = opened;
    let watched = Watched::by(bar);
    let cache = args.checkpoint.folder.as_deref();
    if let Some(folder) = cache {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    }
    let cache = cache.map(|folder| folder.join("counted"));
    let count = |block_rows, cache: Option<&std::path::Path>| {
        CountedSource::open(table, &of(block_rows), cache, limits, &watched, disk)
    };
    if let Some(rows) = args.metrics.block_rows {
        return Ok(count(rows as u64, cache.as_deref())?);
    }
    let small = cache.as_ref().map(|cache| cache.with_extension("small"));
    let source = count(BLOCK_ROWS, cache.as_deref())?;
    let rows = source.counted().rows();
    if rows.div_ceil(BLOCK_ROWS) >= BLOCKS {
        return Ok(source);
    }
    drop(source);
    Ok(count(rows.div_ceil(BLOCKS_OF_FEW).max(1), small.as_deref())?)
}

/// Places of the features and the target, in the order of the table.
fn columns(opened: &Opened, args: &Args) -> Result<Vec<usize>> {
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

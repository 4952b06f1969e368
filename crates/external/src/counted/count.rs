//! The counting read.

use twoblade_core::{Serial, StreamingEstimator};
use twoblade_table::Describe;
use twoblade_table::describe::State;

use super::found::{Block, Counted, CountedFile, chosen, model, refused};
use super::identity::{identity, print};
use super::options::CountOptions;
use super::rewritten::{Rewriter, Rewritten};
use super::tally::Tally;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, Scanned, Share, Table, Wanted};
use crate::spill::Scratch;
use crate::watch::Watch;

/// Within what it is read, and who looks on.
#[derive(Clone, Copy)]
pub(super) struct Within<'a> {
    pub(super) limits: &'a Limits,
    pub(super) watch: &'a dyn Watch,
    pub(super) disk: &'a Disk,
    /// Bytes of text that are parsed at once.
    pub(super) piece: usize,
}

/// Reads a table once. What is packed is rewritten meanwhile.
pub(super) fn count(
    table: &Table,
    options: &CountOptions,
    within: Within<'_>,
) -> Result<(Counted, Option<Rewritten>), Error> {
    let print = |path: &std::path::Path| print(path, within.disk);
    let prints = table.paths().into_iter().map(print).collect::<Result<Vec<_>, _>>()?;
    let schema = chosen(table, options)?;
    let described =
        Some(Described { state: model(&schema, options).init(), model: model(&schema, options) });
    let read = read("counting", table, options, described, within)?;
    // What changed meanwhile was counted in part.
    for (path, &before) in table.paths().into_iter().zip(&prints) {
        if print(path)? != before {
            return Err(Error::ChangedSinceCounted { path: path.to_path_buf() });
        }
    }
    let Read { tally, described, skipped, rewritten } = read;
    let rows = tally.rows;
    let (files, blocks, extent) = tally.finish(table);
    let file = |(&print, rows)| CountedFile { print, rows };
    let counted = Counted {
        identity: identity(table, options, prints.iter().copied()),
        options: options.clone(),
        schema,
        rows,
        skipped,
        files: prints.iter().zip(files).map(file).collect(),
        blocks,
        extent,
        state: described.expect("asked for").state,
    };
    Ok((counted, rewritten))
}

/// Rewrites what is packed, and was counted before.
pub(super) fn rewrite(
    table: &Table,
    counted: &Counted,
    within: Within<'_>,
) -> Result<Option<Rewritten>, Error> {
    let read = read("unpacking", table, &counted.options, None, within)?;
    let (files, blocks, _) = read.tally.finish(table);
    let digests = |blocks: &[Block]| blocks.iter().map(|it| it.digest).collect::<Vec<_>>();
    if !files.iter().eq(counted.files.iter().map(|file| &file.rows))
        || digests(&blocks) != digests(&counted.blocks)
    {
        return Err(Error::Changed);
    }
    Ok(read.rewritten)
}

/// What there is to say about the columns.
struct Described {
    state: State,
    model: Describe,
}

struct Read {
    tally: Tally,
    described: Option<Described>,
    skipped: u64,
    rewritten: Option<Rewritten>,
}

fn read(
    stage: &'static str,
    table: &Table,
    options: &CountOptions,
    mut described: Option<Described>,
    Within { limits, watch, disk, piece }: Within<'_>,
) -> Result<Read, Error> {
    let state = described.as_ref().map_or(0, |described| described.model.footprint(0).state);
    let mut memory = limits.memory.saturating_sub(state);
    let mut rewriter = None;
    if table.packed() {
        // A batch that is written is there three times: as it is, as Arrow IPC, and packed.
        memory /= 2;
        rewriter = Some(Rewriter::new(&Scratch::new(&limits.temp, disk)?, options)?);
    }
    let wanted = Wanted { columns: options.columns.clone(), text: table.parquet().is_none() };
    let reading = Limits { memory, ..limits.clone() };
    let mut scan = table.scan_in(piece, Share::ALL, &wanted, &reading, disk)?;
    let mut tally = Tally::new(table, options);
    for scanned in scan.by_ref() {
        if watch.stop() {
            return Err(Error::Stopped);
        }
        let scanned: Scanned = scanned?;
        tally.add(&scanned);
        if let Some(Described { state, model }) = &mut described {
            model.pass_one(&scanned.rows, state, &Serial).map_err(refused)?;
        }
        if let Some(rewriter) = &mut rewriter {
            rewriter.push(scanned.rows.first(), scanned.rows.batch())?;
        }
        watch.progress(stage, scanned.bytes, table.bytes());
    }
    let (skipped, rewritten) = (scan.skipped(), rewriter.map(Rewriter::finish));
    Ok(Read { tally, described, skipped, rewritten })
}

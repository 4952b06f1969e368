//! A run of a table's rows, read where it is asked, without what is before.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use twoblade_table::Kind;
use xxhash_rust::xxh3::Xxh3;

use crate::error::Error;
use crate::input::cutter::Cutter;
use crate::input::gate::Alone;
use crate::input::parquet::ParquetRows;
use crate::input::parse::{Plan, parse};
use crate::input::pool::Pool;

/// What is wanted of a table, in parts.
#[derive(Clone, Debug)]
pub(crate) enum Reading {
    Text {
        plan: Plan,
        pool: Pool,
        /// No record is longer.
        longest: usize,
    },
    Parquet {
        wanted: Vec<(usize, Kind)>,
        schema: SchemaRef,
    },
}

/// Rows from one place to another.
pub(crate) enum Part<'a> {
    Text { cutter: Box<Cutter>, plan: &'a Plan, pool: Pool, rows: usize, digest: Box<Xxh3> },
    Parquet(Box<ParquetRows>),
}

impl Part<'_> {
    /// Some of the rows; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        match self {
            Self::Text { cutter, plan, pool, rows, digest } => {
                let Some(piece) = cutter.next(&Alone)? else { return Ok(None) };
                digest.update(&piece.buffer[..piece.end]);
                let parsed = parse(plan, &piece, *rows)?;
                pool.give(piece.buffer);
                *rows = parsed.batch.num_rows();
                Ok(Some(parsed.batch))
            }
            Self::Parquet(rows) => Ok(rows.next()?.map(|(batch, _)| batch)),
        }
    }

    /// The xxh3 of the bytes that were read.
    pub(crate) fn digest(&self) -> u64 {
        match self {
            Self::Text { digest, .. } => digest.digest(),
            Self::Parquet(rows) => rows.digest(),
        }
    }
}

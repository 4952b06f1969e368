//! The columns of a table, described in one pass.

mod buckets;
mod column;
mod description;
mod digits;
mod extremes;
mod few;
mod hashes;
mod levels;
mod moments;
mod registers;
mod summary;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use twoblade_core::{BoxError, Footprint, StreamingEstimator, Threads, merge_fields};

pub use description::{
    Bar, Described, Description, Distinct, Level, Number, Numbers, Quantile, Summary,
};

use crate::error::Error;
use crate::rows::Rows;
use crate::schema::{Column, Schema};
use column::Seen;

/// Describes every column of a table.
///
/// Counts, means, standard deviations and extremes are exact (the two in the middle rounded once, at
/// the end), and quantiles and numbers of different values come from sketches of a fixed size whose
/// errors are stated where they stand. The same bits come out of any order and any split of the rows.
/// Extremes and numbers of different values cannot be taken out again, so there is no jackknife.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Describe {
    schema: Schema,
    quantiles: Vec<f64>,
    levels: usize,
    bars: usize,
    detail: Detail,
}

/// How much is found out about each column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// What learners ask for: rows, missing values, means, standard deviations, extremes, levels, and
    /// how many integers differ if they are few.
    Moments,
    /// Quantiles, histograms and numbers of different values as well, in about 150 kB a column.
    #[default]
    All,
}

/// What is known of a table after some rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    rows: u64,
    columns: Vec<Seen>,
}
merge_fields!(State { rows, columns });

impl Describe {
    /// Describes tables with these columns: quartiles, up to 1,000 levels, up to 32 bars.
    pub fn new(schema: Schema) -> Self {
        Self {
            schema,
            quantiles: vec![0.25, 0.5, 0.75],
            levels: 1000,
            bars: 32,
            detail: Detail::All,
        }
    }

    /// With these quantiles instead.
    ///
    /// # Errors
    /// If one is not from 0 to 1.
    pub fn quantiles(mut self, shares: Vec<f64>) -> Result<Self, Error> {
        if let Some(&share) = shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            return Err(Error::Share { share });
        }
        self.quantiles = shares;
        Ok(self)
    }

    /// Counts the words of a category as long as there are no more than so many different ones, of
    /// 64 bytes on average at most.
    #[must_use]
    pub fn levels(mut self, most: usize) -> Self {
        self.levels = most;
        self
    }

    /// In this detail instead of all.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// With so many bars in a histogram, or fewer where values are closer together than what they are
    /// counted in (at least 1).
    #[must_use]
    pub fn bars(mut self, most: usize) -> Self {
        self.bars = most.max(1);
        self
    }
}

impl StreamingEstimator for Describe {
    const STATE_VERSION: u32 = 2;
    type Chunk = Rows;
    type State = State;
    type Total = State;
    type Estimate = Description;

    fn name(&self) -> Cow<'static, str> {
        "describe".into()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        let columns = self.schema.columns().iter();
        let bytes = |kind| Seen::bytes(kind, self.levels, self.detail);
        let columns: usize = columns.map(|column| bytes(column.kind)).sum();
        // One column of a chunk is held twice, without what is missing: as it is, and as 64 bits.
        let state = 64 + columns;
        Footprint { state, per_thread: 3 * chunk_bytes, ..Footprint::default() }
    }

    fn init(&self) -> State {
        let columns = self.schema.columns().iter();
        let new = |column: &Column| Seen::new(column.kind, self.levels, self.detail);
        State { rows: 0, columns: columns.map(new).collect() }
    }

    fn pass_one(
        &self,
        chunk: &Rows,
        state: &mut State,
        _threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let (batch, columns) = (chunk.batch(), self.schema.columns());
        let (found, expected) = (batch.num_columns(), columns.len());
        if found != expected {
            return Err(Error::Columns { found, expected }.into());
        }
        state.rows += chunk.count() as u64;
        for ((column, seen), array) in columns.iter().zip(&mut state.columns).zip(batch.columns()) {
            seen.add(column.kind, array).ok_or_else(|| Error::Unlike {
                name: column.name.clone(),
                expected: column.kind,
                found: array.data_type().to_string(),
            })?;
        }
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        let (found, expected) = (state.columns.len(), self.schema.columns().len());
        if found != expected {
            return Err(Error::Columns { found, expected }.into());
        }
        for (column, seen) in self.schema.columns().iter().zip(&state.columns) {
            if !seen.is_of(column.kind, self.detail) {
                let (name, expected) = (column.name.clone(), column.kind);
                return Err(Error::Unlike { name, expected, found: "another state".into() }.into());
            }
        }
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Description, BoxError> {
        let columns = self.schema.columns().iter().zip(&total.columns);
        let describe = |(column, seen): (&Column, &Seen)| Described {
            name: column.name.clone(),
            kind: column.kind,
            present: total.rows - seen.missing,
            missing: seen.missing,
            distinct: summary::distinct(seen, total.rows - seen.missing),
            summary: summary::summary(seen, column.kind, total.rows, &self.quantiles, self.bars),
        };
        Ok(Description { rows: total.rows, columns: columns.map(describe).collect() })
    }
}

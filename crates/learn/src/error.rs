//! What a learner cannot learn from.

/// Why a learner refuses its configuration or its data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Columns that are not there.
    #[error(transparent)]
    Table(#[from] twoblade_table::Error),
    /// A column of another kind than a term needs.
    #[error("column `{column}` holds {found}, of which no {wanted} can be made")]
    Kind {
        /// Its name.
        column: String,
        /// Its Arrow type.
        found: String,
        /// What it was to become.
        wanted: &'static str,
    },
    /// A number that is infinite.
    #[error("column `{column}` is {value} in row {row}, counted from 0; expected a finite number")]
    Infinite {
        /// Its name.
        column: String,
        /// The row in the whole table, from 0.
        row: u64,
        /// What stands there.
        value: f64,
    },
    /// A word that the configuration does not know.
    #[error(
        "column `{column}` is `{value}` in row {row}, counted from 0, which is none of the classes that \
         the model knows: {}", known.join(", ")
    )]
    Class {
        /// Its name.
        column: String,
        /// The row in the whole table, from 0.
        row: u64,
        /// What stands there.
        value: String,
        /// What it may be.
        known: Vec<String>,
    },
    /// Classes that one read cannot know: integers with gaps between them.
    #[error("the classes of `{column}` are integers with gaps, and have to be looked up or given")]
    UnknownClasses {
        /// Its name.
        column: String,
    },
    /// More different values than can be classes or groups.
    #[error("column `{column}` has more than {most} different values")]
    TooManyWords {
        /// Its name.
        column: String,
        /// How many there may be.
        most: usize,
    },
    /// A table that is not as the one a model was fitted on.
    #[error("the data are not as those that the model was fitted on: {}", wrong.join("; "))]
    OtherColumns {
        /// Each column that is missing or of another kind.
        wrong: Vec<String>,
    },
    /// Bytes that are no model.
    #[error("this is no model: {why}")]
    NoModel {
        /// How that shows.
        why: &'static str,
    },
    /// A configuration without sense.
    #[error("{0}")]
    Options(String),
    /// Too few rows for an estimate.
    #[error("{rows} rows without missing values; a fit needs 2 or more")]
    TooFewRows {
        /// How many there are.
        rows: u64,
    },
    /// A feature that has no normal distribution within a class.
    #[error(
        "feature `{feature}` has a variance of {variance} within the {rows} rows of class `{class}`; \
         leave it out, or smooth more"
    )]
    Variance {
        /// Its name.
        feature: String,
        /// The class.
        class: String,
        /// How many rows the class has.
        rows: u64,
        /// With what the smoothing adds.
        variance: f64,
    },
    /// A prediction that is none.
    #[error("the prediction for row {row}, counted from 0, is {value}; expected {wanted}")]
    Prediction {
        /// The row in the whole table, from 0.
        row: u64,
        /// What was predicted.
        value: f64,
        /// What it should be.
        wanted: &'static str,
    },
    /// Predictions of nothing.
    #[error(
        "there is no row to score: {dropped} were left out for a missing value, and there are no others"
    )]
    NothingScored {
        /// Rows that were left out.
        dropped: u64,
    },
    /// Rows that should have come in order of their scores.
    #[error("a score or group of {score} comes after {before}; expected ascending ones")]
    Unsorted {
        /// What came.
        score: f64,
        /// What came before.
        before: f64,
    },
    /// A weight that left its range.
    #[error(
        "the weight of {feature} is no longer finite after row {row}, counted from 0: its values are too \
         large; give the column a scale, or leave it out"
    )]
    NotFinite {
        /// What it is the weight of.
        feature: String,
        /// The last row that was learned from, from 0.
        row: u64,
    },
    /// A chunk that was added several times, or taken out of what it is not in.
    #[error(
        "the chunk that begins at row {first}, counted from 0, is not there once; states of one table, each \
         of other blocks, are expected"
    )]
    Chunk {
        /// Its first row in the whole table, from 0.
        first: u64,
    },
    /// A chunk that is longer than what was planned for.
    #[error(
        "the chunk that begins at row {first}, counted from 0, has {rows} rows; at most {most} are planned"
    )]
    ChunkRows {
        /// Its first row in the whole table, from 0.
        first: u64,
        /// How many rows it has.
        rows: usize,
        /// How many it may have.
        most: u64,
    },
    /// Rows that stand in the order of their target.
    #[error(
        "rows look sorted by `{column}`: {:.0} % of its variance is between chunks of rows, and at most \
         {:.0} % is taken; a tree that grows on a chunk would see one part of it, so shuffle the rows first",
        100.0 * share, 100.0 * limit
    )]
    Sorted {
        /// The target.
        column: String,
        /// The share of its variance that is between chunks.
        share: f64,
        /// What is taken.
        limit: f64,
    },
    /// Sums that left their range.
    #[error(transparent)]
    Guard(#[from] twoblade_core::GuardExceeded),
}

//! What can go wrong with a table on a disk.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// Why something could not be done with a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk, with the file concerned.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried: "read", "write", …
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Columns that are not as expected.
    #[error(transparent)]
    Table(#[from] twoblade_table::Error),
    /// A simulation that cannot be.
    #[error("the {option} is {found}; expected {expected}")]
    Simulation {
        /// Which option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// Told to stop by [`Watch::stop`](crate::Watch::stop).
    #[error("stopped")]
    Stopped,
    /// A temporary file that is not as it was written.
    #[error(
        "{} is not as it was written: {how}; the disk, or another program, has changed it; run it \
         again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What shows it.
        how: &'static str,
    },
    /// Too little room for temporary files.
    #[error(
        "{} has room for {free} bytes, and temporary files may take up to {needed}; make room, or \
         name another folder",
        path.display()
    )]
    NoRoom {
        /// The folder.
        path: PathBuf,
        /// How many bytes may be needed.
        needed: u64,
        /// How many there are.
        free: u64,
    },
    /// A row that is too long for the memory.
    #[error(
        "a row takes {bytes} bytes and at most {most} are possible with this much memory; allow \
         more memory"
    )]
    LongRow {
        /// Its length, with its key.
        bytes: usize,
        /// The longest possible.
        most: usize,
    },
    /// A column that is named twice where rows are sorted or grouped by columns.
    #[error("column `{name}` is named twice; leave one out")]
    NamedTwice {
        /// The column.
        name: String,
    },
    /// No column where rows are to be sorted or grouped by one.
    #[error(
        "the name of a column is missing; write names with commas between, and a minus before those \
         that go from large to small, as in `a,-b`"
    )]
    NoName,
    /// A column's name that begins with a minus and may also mean another column's reverse order.
    #[error(
        "`{word}` is a column and would be `{name}` from large to small too; rename one of them"
    )]
    EitherName {
        /// What was asked for.
        word: String,
        /// The other column.
        name: String,
    },
    /// What are no fractions.
    #[error(
        "`{list}` are no fractions: {what}; write positive decimal numbers with sum 1 and commas \
         between, as in `0.8,0.2`"
    )]
    Fractions {
        /// What was given.
        list: String,
        /// What is wrong.
        what: String,
    },
    /// A label with too many values for the memory.
    #[error(
        "the label has more than {strata} different values, which is more than {memory} bytes of \
         memory can hold; allow more memory or split by another column"
    )]
    ManyStrata {
        /// How many there is memory for.
        strata: usize,
        /// The memory for them.
        memory: usize,
    },
    /// Not one target for each fraction.
    #[error(
        "there are {parts} fractions and {found} files to write; name one file for each fraction"
    )]
    Targets {
        /// How many fractions there are.
        parts: usize,
        /// How many files are named.
        found: usize,
    },
    /// A target that is named twice.
    #[error("{} is named twice among the files to write; each part has its own", path.display())]
    SameTarget {
        /// The file.
        path: PathBuf,
    },
    /// Targets of different formats.
    #[error(
        "{} and {} are of different formats; the parts of a table have one",
        first.display(),
        path.display()
    )]
    UnlikeTargets {
        /// The first target.
        first: PathBuf,
        /// One of another format.
        path: PathBuf,
    },
    /// A table that is read twice and was not the same.
    #[error(
        "the files have changed between two readings; run it again when nothing writes to them"
    )]
    Changed,
    /// Arrow refuses columns.
    #[error("the columns cannot be worked on")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A pattern that stands for nothing.
    #[error(
        "{}: no such file; a file, a folder, or a pattern with * and ? in its last part is \
         expected, and files that end in {expected}",
        pattern.display()
    )]
    NoFiles {
        /// What was given.
        pattern: PathBuf,
        /// The endings that a folder is searched for.
        expected: &'static str,
    },
    /// A folder whose files are not a table as they are.
    #[error("{} is no plain folder of files: {name} in it {why}", folder.display())]
    NoPlainFolder {
        /// The folder.
        folder: PathBuf,
        /// What in it says so.
        name: String,
        /// What that says, and what to do.
        why: &'static str,
    },
    /// No file was named.
    #[error("no file is named; name one at least")]
    NothingNamed,
    /// A file in which there is nothing at all.
    #[error("{} is empty: neither a header nor a row is in it; leave it out", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// CSV and Parquet in one table.
    #[error(
        "{} is {found} and {} is {expected}; convert one of them first",
        path.display(),
        first.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: &'static str,
        /// The first file.
        first: PathBuf,
        /// That one's format.
        expected: &'static str,
    },
    /// Two files of one table with different columns.
    #[error(
        "{} has other columns than {}: column {place}, counted from 1, is {found} there and \
         {expected} here; all files of a table have the same columns in the same order",
        first.display(),
        path.display()
    )]
    OtherColumns {
        /// The file.
        path: PathBuf,
        /// Its column there, by name; or that it has none.
        expected: String,
        /// The first file.
        first: PathBuf,
        /// That one's column.
        found: String,
        /// Which column, from 1.
        place: usize,
    },
    /// A delimiter that cannot be one.
    #[error(
        "{found:?} cannot separate fields; one character of ASCII is expected that is no quote, \
         no end of line, no letter and no digit"
    )]
    Delimiter {
        /// What was given.
        found: char,
    },
    /// A row with more or fewer fields than the table has columns.
    #[error(
        "{}, line {line}: {found} fields, {expected} expected; mend the line, or skip such rows \
         (and have them counted) with --bad-rows skip",
        path.display()
    )]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line at which the row begins, from 1.
        line: u64,
        /// Fields of the row.
        found: usize,
        /// Columns of the table.
        expected: usize,
    },
    /// A value that is not of its column's kind.
    #[error(
        "{}, line {line}: column `{column}` holds `{value}`, and {kind} is expected, as {why}; if \
         the value is right, say --types {column}={instead}",
        path.display()
    )]
    Value {
        /// The file.
        path: PathBuf,
        /// The line at which its row begins, from 1.
        line: u64,
        /// The column.
        column: String,
        /// What stands there, shortened.
        value: String,
        /// What the column is.
        kind: twoblade_table::Kind,
        /// Where that is from.
        why: &'static str,
        /// A kind that the value fits.
        instead: twoblade_table::Kind,
    },
    /// Bytes that are no UTF-8.
    #[error(
        "{}, line {line}: {what} is no UTF-8; convert the file first, as with \
         `iconv -f latin1 -t utf-8`",
        path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line at which its row begins, from 1.
        line: u64,
        /// The column's name, or the header.
        what: String,
    },
    /// A record that does not fit the memory.
    #[error(
        "{}, line {line}: the record that begins here has {bytes} bytes, and {memory} bytes of memory \
         leave {limit} for one; give --memory {}M{}",
        path.display(),
        give.div_ceil(1 << 20),
        if *quoted { ", or close the quote that is open in it" } else { "" }
    )]
    LongRecord {
        /// The file.
        path: PathBuf,
        /// The line at which it begins, from 1.
        line: u64,
        /// How many there are.
        bytes: u64,
        /// The most that are possible with this much memory.
        limit: usize,
        /// All memory that there is.
        memory: usize,
        /// The memory that is needed.
        give: u64,
        /// Whether a quote is open where the most are read.
        quoted: bool,
    },
    /// A record that is too long for any memory.
    #[error(
        "{}, line {line}: the record that begins here has more than {limit} bytes, which no record \
         may have; shorten it{}",
        path.display(),
        if *quoted { ", or close the quote that is open in it" } else { "" }
    )]
    EndlessRecord {
        /// The file.
        path: PathBuf,
        /// The line at which it begins, from 1.
        line: u64,
        /// The most.
        limit: usize,
        /// Whether a quote is open where the most are read.
        quoted: bool,
    },
    /// What is no Parquet, or none that can be read or written.
    #[error("cannot {doing} {} as Parquet: {reason}", path.display())]
    Parquet {
        /// What was tried: "read" or "write".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the reader or writer of Parquet says.
        reason: String,
    },
    /// A column of a type that has no kind here.
    #[error(
        "{}: column `{column}` is of type {found}, which is none that is read here: integers, \
         floats, decimals, booleans, text, dates and timestamps are; leave the column out, or write \
         it as one of these",
        path.display()
    )]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// A kind that a column of Parquet cannot be read as.
    #[error(
        "{}: column `{column}` is of type {found}, and is not read as {kind}; only integers are read \
         as another kind, as categories; leave --types out for it",
        path.display()
    )]
    Declared {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What was said.
        kind: twoblade_table::Kind,
    },
    /// A value that its column's kind has no room for.
    #[error("{}: column `{column}` holds {value}, {reason}", path.display())]
    Unfit {
        /// The file that is read or written.
        path: PathBuf,
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// What is wrong with it, and what to do.
        reason: &'static str,
    },
    /// A first record that is too long for a header, or for a look at it.
    #[error(
        "{}: the first record has more than {limit} bytes; check the quotes and the ends of lines",
        path.display()
    )]
    LongFirst {
        /// The file.
        path: PathBuf,
        /// The most.
        limit: usize,
    },
    /// A quote that is open at the end of a file.
    #[error(
        "{}, line {line}: a quote opens in the record that begins here and is open still at the \
         end of the file; close it, or double it where it is part of a field",
        path.display()
    )]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// The line at which the record begins, from 1.
        line: u64,
    },
    /// A text that is no list of aggregates.
    #[error("`{text}` is no aggregate; give a list like `sum(x),mean(y),count()`")]
    NoAggregate {
        /// The text, from there on.
        text: String,
    },
    /// A function that is none of ours.
    #[error("there is no function `{name}`; there are: {known}")]
    NoFunction {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// An aggregate of numbers, of a column that has none.
    #[error(
        "{aggregate} needs numbers, and the column's values are of kind {kind}; count, min, max, first and last go with any"
    )]
    NoNumber {
        /// What was asked for.
        aggregate: String,
        /// What the column's values are.
        kind: twoblade_table::Kind,
    },
    /// An aggregate without a column that needs one.
    #[error("{function}() needs a column: only count() goes without")]
    OfNothing {
        /// The function.
        function: String,
    },
    /// More columns than the memory is for.
    #[error(
        "{columns} columns take up to {held} bytes of memory, however few their rows are, and of \
         {memory} bytes half may go to that; give --memory {}M, or name fewer columns or files",
        (2 * held).div_ceil(1 << 20)
    )]
    ManyColumns {
        /// How many there are.
        columns: usize,
        /// What they take.
        held: usize,
        /// All memory that there is.
        memory: usize,
    },
    /// A sum of integers that is too large.
    #[error(
        "{aggregate} of a group is {sum}, which is more than 64 bits hold; ask for the mean, or read the column as float"
    )]
    LargeSum {
        /// What was asked for.
        aggregate: String,
        /// The sum.
        sum: i128,
    },
    /// A way to count a table that is none.
    #[error("{option} of a counting is {found}; expected {expected}")]
    Counting {
        /// Which option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A file that is not the one that was counted.
    #[error(
        "{} has changed since the table was counted; count it again when nothing writes to it",
        path.display()
    )]
    ChangedSinceCounted {
        /// The file.
        path: PathBuf,
    },
    /// What was counted is another table, or this one in another way.
    #[error("what was counted has {what}; count this table again")]
    OtherCounting {
        /// What differs.
        what: String,
    },
    /// A file where what was counted is to be saved, and that is something else.
    #[error(
        "{} is there and is not what was counted of a table; name another file, or remove it",
        path.display()
    )]
    NotCounted {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    /// For `map_err`: what was tried with which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }

    /// What the reader or writer of Parquet has to say about a file, or the disk through it.
    pub(crate) fn of_parquet(doing: &'static str, path: &Path, error: ParquetError) -> Self {
        let path = path.to_path_buf();
        let error = match error {
            ParquetError::External(source) => match source.downcast::<io::Error>() {
                Ok(source) => return Self::Io { doing, path, source: *source },
                Err(source) => ParquetError::External(source),
            },
            error => error,
        };
        Self::Parquet { doing, path, reason: error.to_string() }
    }
}

//! How files are to be read, and within what.

use std::path::PathBuf;

use twoblade_table::Kind;

/// What stands for a missing value if nothing else is said, beside the empty field.
///
/// What pandas and R write, and the point of SAS and PLINK. `-9`, `999` and their like are numbers
/// until [`ReadOptions::missing`] says otherwise.
pub const MISSING: [&str; 9] = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A", "."];

/// Whether the first record of a file names its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// As it looks: a header has a word where the rows have values of another kind; where all
    /// columns are words, any first record is one if none of its fields is a number, a date or
    /// missing (but the first above whole numbers, as pandas writes it), and all differ.
    #[default]
    Auto,
    /// It does.
    Yes,
    /// It does not: columns are called `column1`, `column2`, …
    No,
}

/// What is done with rows that have more or fewer fields than there are columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// Reading ends with an error that names the line.
    #[default]
    Refuse,
    /// They are left out and counted.
    Skip,
}

/// How files are to be read. The default finds out.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Whether the first record names the columns (CSV).
    pub header: Header,
    /// What separates fields (CSV); `None`: the one of comma, tab, semicolon, bar and space that
    /// gives most records the same number of fields.
    pub delimiter: Option<char>,
    /// What stands for a missing value (CSV), beside the empty field, which always does.
    pub missing: Vec<String>,
    /// Columns whose kind is known, by name; the others' is inferred from a sample.
    pub types: Vec<(String, Kind)>,
    /// What is done with rows of another length (CSV).
    pub bad_rows: BadRows,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            header: Header::default(),
            delimiter: None,
            missing: MISSING.map(String::from).to_vec(),
            types: Vec::new(),
            bad_rows: BadRows::default(),
        }
    }
}

/// What of a table is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Places of the columns to parse, in the order in which they are to come out. Of the others
    /// only the fields are counted.
    pub columns: Vec<usize>,
    /// Whether the records are wanted too as they stand in the file (CSV; there is none in Parquet).
    pub text: bool,
}

/// Within what a table is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that reading may hold, what it has handed out last included. Below 4 MiB it takes
    /// 4 MiB.
    pub memory: usize,
    /// Threads that parse; 1 reads and parses where the scan is asked.
    pub threads: usize,
    /// The folder for what does not fit.
    pub temp: PathBuf,
}

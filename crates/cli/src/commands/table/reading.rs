//! Which tables are read, and how.

use std::path::PathBuf;

use clap::ValueEnum;
use twoblade::external::{BadRows, Header, MISSING, ReadOptions};
use twoblade::table::Kind;

/// Which tables are read, and how.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ReadArgs {
    /// CSV (also .gz, .zst) or Parquet files, patterns such as 'part-*.csv', or folders; together one
    /// table
    #[arg(required = true, value_name = "FILE", help_heading = None)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
}

/// The same by a flag, where there is more than a table.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataArgs {
    /// CSV (also .gz, .zst) or Parquet files, patterns such as 'part-*.csv', or folders; together one
    /// table
    #[arg(long = "data", required = true, num_args = 1.., value_name = "FILE", help_heading = "Reading")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
}

/// How tables are read.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Reading")]
struct HowArgs {
    /// Whether the first line of a CSV file names the columns
    #[arg(long, value_enum, default_value_t = HeaderKind::Auto, value_name = "WHICH")]
    header: HeaderKind,
    /// What separates fields: a character, or tab, space [default: what the first lines show]
    #[arg(long, value_parser = parse_delimiter, value_name = "CHARACTER")]
    delimiter: Option<char>,
    /// Words that stand for a missing value, separated by commas; an empty field always does
    #[arg(long, value_delimiter = ',', default_values_t = MISSING.map(String::from), value_name = "WORDS")]
    missing: Vec<String>,
    /// Kinds of columns, as NAME=KIND separated by commas: integer, float, boolean, category, date or
    /// time [default: what the first rows show]
    #[arg(long, value_delimiter = ',', value_parser = parse_type, value_name = "KINDS")]
    types: Vec<(String, Kind)>,
    /// Rows that have more or fewer fields than there are columns
    #[arg(long, value_enum, default_value_t = BadRowsKind::Refuse, value_name = "HOW")]
    bad_rows: BadRowsKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HeaderKind {
    /// As it looks
    Auto,
    /// It does
    Yes,
    /// It does not: columns are column1, column2, …
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BadRowsKind {
    /// End with an error that names the line
    Refuse,
    /// Leave them out, and say how many
    Skip,
}

impl ReadArgs {
    /// What the library takes.
    pub(crate) fn options(&self) -> ReadOptions {
        self.how.options()
    }
}

impl DataArgs {
    /// What the library takes.
    pub(crate) fn options(&self) -> ReadOptions {
        self.how.options()
    }
}

impl HowArgs {
    fn options(&self) -> ReadOptions {
        ReadOptions {
            header: match self.header {
                HeaderKind::Auto => Header::Auto,
                HeaderKind::Yes => Header::Yes,
                HeaderKind::No => Header::No,
            },
            delimiter: self.delimiter,
            missing: self.missing.clone(),
            types: self.types.clone(),
            bad_rows: match self.bad_rows {
                BadRowsKind::Refuse => BadRows::Refuse,
                BadRowsKind::Skip => BadRows::Skip,
            },
        }
    }
}

fn parse_delimiter(text: &str) -> Result<char, String> {
    match text {
        "tab" | "\\t" => return Ok('\t'),
        "space" => return Ok(' '),
        "comma" => return Ok(','),
        _ => {}
    }
    let mut characters = text.chars();
    let one = characters.next().filter(char::is_ascii).filter(|_| characters.next().is_none());
    one.filter(|one| !matches!(one, '"' | '\n' | '\r'))
        .ok_or_else(|| format!("'{text}' is not one character of ASCII, nor tab or space"))
}

fn parse_type(text: &str) -> Result<(String, Kind), String> {
    let expected = "integer, float, boolean, category, date or time";
    let parts = text.rsplit_once('=').filter(|(name, _)| !name.is_empty());
    let (name, kind) = parts.ok_or_else(|| format!("'{text}' is not NAME=KIND"))?;
    let kind = match kind {
        "integer" => Kind::Integer,
        "float" => Kind::Float,
        "boolean" => Kind::Boolean,
        "category" => Kind::Category,
        "date" => Kind::Date,
        "time" => Kind::Time,
        _ => return Err(format!("'{kind}' is none of {expected}")),
    };
    Ok((name.to_owned(), kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_one_character_or_named() {
        let cases = [("tab", '\t'), ("\\t", '\t'), (";", ';'), ("space", ' '), (",", ',')];
        for (text, delimiter) in cases {
            assert_eq!(parse_delimiter(text), Ok(delimiter));
        }
        for text in ["", "ab", "\"", "ä", "\n"] {
            assert!(parse_delimiter(text).is_err(), "{text}");
        }
    }

    #[test]
    fn types_are_names_with_kinds() {
        assert_eq!(parse_type("a=b=date"), Ok(("a=b".to_owned(), Kind::Date)));
        assert_eq!(parse_type("a"), Err("'a' is not NAME=KIND".to_owned()));
        assert!(parse_type("a=number").unwrap_err().starts_with("'number' is none of integer"));
    }
}

//! A piece of text made rows.

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use twoblade_table::Kind;

use crate::error::Error;
use crate::input::columns::Growing;
use crate::input::cutter::Piece;
use crate::input::field::{Field, field, lines, record};
use crate::input::options::BadRows;
use crate::input::value::{Missing, both, kind, trimmed};

/// A column that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Whether somebody said so.
    pub(crate) said: bool,
}

/// What is to be made of every piece.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) paths: Vec<std::path::PathBuf>,
    pub(crate) delimiter: u8,
    pub(crate) missing: Missing,
    pub(crate) bad_rows: BadRows,
    /// For each column of the table the place where it comes out.
    pub(crate) places: Vec<Option<usize>>,
    pub(crate) targets: Vec<Target>,
    pub(crate) schema: SchemaRef,
    pub(crate) text: bool,
}

/// The rows of a piece.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) batch: RecordBatch,
    /// Where each record stands in the piece.
    pub(crate) spans: Vec<(u32, u32)>,
    /// Rows of another length, which are left out.
    pub(crate) skipped: u64,
}

/// A piece while it is parsed.
struct Parser<'a> {
    plan: &'a Plan,
    piece: &'a Piece,
    bytes: &'a [u8],
    columns: Vec<Growing>,
    rows: usize,
    spans: Vec<(u32, u32)>,
    skipped: u64,
}

/// What is wrong with a record that has as many fields as it should.
struct Wrong {
    place: usize,
    value: Vec<u8>,
}

/// Parses a piece; `rows` is how many there may be.
pub(crate) fn parse(plan: &Plan, piece: &Piece, rows: usize) -> Result<Parsed, Error> {
    let words = plan.targets.iter().filter(|target| target.kind == Kind::Category).count();
    let bytes = (piece.end / plan.places.len().max(1) + 16).min(piece.end);
    let bytes = if words == 1 && plan.places.len() == 1 { piece.end } else { bytes };
    let growing = |target: &Target| Growing::new(target.kind, target.said, rows, bytes);
    let mut parser = Parser {
        plan,
        piece,
        bytes: &piece.buffer[..piece.end],
        columns: plan.targets.iter().map(growing).collect(),
        rows: 0,
        spans: Vec::with_capacity(if plan.text { rows } else { 0 }),
        skipped: 0,
    };
    let mut scratch = Vec::new();
    let mut at = 0;
    while let Some(begin) = record(parser.bytes, at) {
        at = parser.row(begin, &mut scratch)?;
    }
    parser.finish()
}

impl Parser<'_> {
    /// Takes the record that begins here; returns where the next may.
    fn row(&mut self, begin: usize, scratch: &mut Vec<u8>) -> Result<usize, Error> {
        let places = &self.plan.places;
        let mut wrong = None;
        let mut count = 0;
        let mut at = begin;
        let end = loop {
            let found = field(self.bytes, at, self.plan.delimiter, scratch);
            if let Some(&Some(place)) = places.get(count) {
                let Field { value, quoted, .. } = found;
                if !self.columns[place].push(value, quoted, &self.plan.missing) && wrong.is_none() {
                    wrong = Some(Wrong { place, value: value.to_vec() });
                }
            }
            count += 1;
            at = found.next(self.bytes);
            if found.last {
                break found.end;
            }
        };
        if count != places.len() {
            self.ragged(begin, count)?;
        } else if let Some(wrong) = wrong {
            return Err(self.value(begin, &wrong));
        } else {
            if self.plan.text {
                let place = |at| u32::try_from(at).expect("pieces are below 2 GiB");
                self.spans.push((place(begin), place(end)));
            }
            self.rows += 1;
        }
        Ok(at)
    }

    /// The line on which a place of the piece is.
    fn line(&self, at: usize) -> u64 {
        self.piece.place.line + lines(&self.bytes[..at])
    }

    fn ragged(&mut self, begin: usize, found: usize) -> Result<(), Error> {
        if self.plan.bad_rows == BadRows::Refuse {
            let path = self.plan.paths[self.piece.place.file].clone();
            let (line, expected) = (self.line(begin), self.plan.places.len());
            return Err(Error::Ragged { path, line, found, expected });
        }
        for column in &mut self.columns {
            column.truncate(self.rows);
        }
        self.skipped += 1;
        Ok(())
    }

    fn value(&self, begin: usize, wrong: &Wrong) -> Error {
        let Target { name, kind: expected, said } = &self.plan.targets[wrong.place];
        let instead = if *said { Kind::Category } else { both(*expected, kind(&wrong.value)) };
        Error::Value {
            path: self.plan.paths[self.piece.place.file].clone(),
            line: self.line(begin),
            column: name.clone(),
            value: short(trimmed(&wrong.value)),
            kind: *expected,
            why: if *said { "was said" } else { "in the sample" },
            instead,
        }
    }

    fn finish(self) -> Result<Parsed, Error> {
        let Self { plan, piece, bytes, columns, rows, spans, skipped } = self;
        let mut arrays = Vec::with_capacity(columns.len());
        for (place, column) in columns.into_iter().enumerate() {
            match column.finish() {
                Some(array) => arrays.push(array),
                None => return Err(encoding(plan, piece, bytes, place)),
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(plan.schema.clone(), arrays, &options)
            .expect("columns of the schema's types, of one length");
        Ok(Parsed { batch, spans, skipped })
    }
}

/// Where the first word is that is no UTF-8, which is known of a column as a whole only.
fn encoding(plan: &Plan, piece: &Piece, bytes: &[u8], place: usize) -> Error {
    let mut scratch = Vec::new();
    let mut at = 0;
    let mut line = piece.place.line;
    while let Some(begin) = record(bytes, at) {
        let (mut count, mut wrong) = (0, false);
        at = begin;
        loop {
            let found = field(bytes, at, plan.delimiter, &mut scratch);
            wrong |= plan.places.get(count) == Some(&Some(place))
                && std::str::from_utf8(found.value).is_err();
            count += 1;
            at = found.next(bytes);
            if found.last {
                break;
            }
        }
        if wrong && count == plan.places.len() {
            line = piece.place.line + lines(&bytes[..begin]);
            break;
        }
    }
    let path = plan.paths[piece.place.file].clone();
    Error::Encoding { path, line, what: format!("column `{}`", plan.targets[place].name) }
}

/// A value as a message shows it.
fn short(value: &[u8]) -> String {
    const SHOWN: usize = 40;
    let text = String::from_utf8_lossy(value);
    if text.chars().count() <= SHOWN {
        return text.into_owned();
    }
    text.chars().take(SHOWN).chain(std::iter::once('…')).collect()
}

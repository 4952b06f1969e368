//! Files that are one table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use twoblade_table::{Column, Kind, Schema};

use crate::disk::Disk;
use crate::error::Error;
use crate::input::cutter::{Cutter, TextFile};
use crate::input::dialect::Dialect;
use crate::input::options::{BadRows, Limits, ReadOptions, Wanted};
use crate::input::packing::{Format, Packing};
use crate::input::parquet::{ParquetFile, ParquetRows};
use crate::input::parse::{Plan, Target};
use crate::input::part::{Part, Reading};
use crate::input::place::Place;
use crate::input::pool::Pool;
use crate::input::sample::{Sample, Shown, asked};
use crate::input::scan::Scan;
use crate::input::share::{ENDLESS, Share};
use crate::input::value::Missing;

/// Bytes of text that are parsed at once. The same always, so that the rows of a piece depend on
/// nothing but the files.
pub(crate) const PIECE: usize = 256 << 10;

/// Files that are one table: their dialect, columns and kinds are known.
#[derive(Clone, Debug)]
pub struct Table {
    schema: Schema,
    bytes: u64,
    said: Vec<bool>,
    files: Files,
}

#[derive(Clone, Debug)]
enum Files {
    Text { files: Vec<TextFile>, dialect: Dialect, missing: Missing, bad_rows: BadRows },
    Parquet(Vec<ParquetFile>),
}

impl Table {
    /// Opens files, and looks at the beginning of each: 10,000 rows or 4 MiB.
    ///
    /// # Errors
    /// If a file cannot be read, is no table, or has other columns than the first.
    pub fn open(files: &[PathBuf], options: &ReadOptions) -> Result<Self, Error> {
        Self::open_on(files, options, &Disk::new())
    }

    /// The same on a disk that is watched.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(files: &[PathBuf], options: &ReadOptions, disk: &Disk) -> Result<Self, Error> {
        let Some(first) = files.first() else { return Err(Error::NothingNamed) };
        let expected = Format::found(first, disk)?;
        let mut packings = Vec::new();
        let mut bytes = 0;
        for path in files {
            let length = std::fs::metadata(path).map_err(Error::io("open", path))?.len();
            bytes += length;
            match (Format::found(path, disk)?, expected) {
                (Format::Csv(packing), Format::Csv(_)) => packings.push(packing),
                (Format::Parquet, Format::Parquet) => {}
                (found, _) => {
                    return Err(Error::OtherFormat {
                        path: path.clone(),
                        found: found.name(),
                        first: first.clone(),
                        expected: expected.name(),
                    });
                }
            }
        }
        if expected == Format::Parquet {
            Self::open_parquet(files, options, bytes, disk)
        } else {
            Self::open_text(files, &packings, options, bytes, disk)
        }
    }

    fn open_parquet(
        paths: &[PathBuf],
        options: &ReadOptions,
        bytes: u64,
        disk: &Disk,
    ) -> Result<Self, Error> {
        let mut files: Vec<ParquetFile> = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for path in paths {
            let file = ParquetFile::open(path, disk)?;
            let found = file.columns()?;
            if files.is_empty() {
                columns = found;
            } else {
                same(&paths[0], &described(&columns), path, &described(&found))?;
            }
            files.push(file);
        }
        let (schema, said) = declared(columns, &options.types)?;
        for (place, column) in schema.columns().iter().enumerate().filter(|&(at, _)| said[at]) {
            files.iter().try_for_each(|file| file.admits(place, column.kind))?;
        }
        Ok(Self { schema, bytes, said, files: Files::Parquet(files) })
    }

    fn open_text(
        paths: &[PathBuf],
        packings: &[Packing],
        options: &ReadOptions,
        bytes: u64,
        disk: &Disk,
    ) -> Result<Self, Error> {
        let missing = Missing::new(&options.missing);
        let mut delimiter = asked(options)?;
        let mut files = Vec::new();
        let mut known: Option<Known> = None;
        for (path, &packing) in paths.iter().zip(packings) {
            let sample = Sample::read(path, packing, disk)?;
            let delimiter = *delimiter.get_or_insert_with(|| sample.delimiter());
            let shown = sample.shown(path, delimiter, &missing)?;
            let header = match &known {
                Some(known) => known.dialect.header,
                None => shown.header(options.header, &missing),
            };
            let names = shown.names(header, path)?;
            let kinds = shown.kinds(header, &missing);
            let (skip, line) =
                if header { (shown.before.0, 1 + shown.before.1) } else { (sample.mark(), 1) };
            files.push(TextFile { path: path.clone(), packing, skip, line });
            match &mut known {
                None => known = Some(Known::new(&shown, delimiter, header, names, kinds)),
                Some(known) => {
                    same(&paths[0], &known.names, path, &names)?;
                    known.also(kinds);
                }
            }
        }
        let Some(Known { dialect, names, kinds }) = known else { return Err(Error::NothingNamed) };
        // What is missing all along may turn out to be anything.
        let column = |(name, kind): (String, Option<Kind>)| Column {
            name,
            kind: kind.unwrap_or(Kind::Category),
        };
        let columns: Vec<Column> = names.into_iter().zip(kinds).map(column).collect();
        let (schema, said) = declared(columns, &options.types)?;
        let bad_rows = options.bad_rows;
        Ok(Self { schema, bytes, said, files: Files::Text { files, dialect, missing, bad_rows } })
    }

    /// The columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How the text is written; `None` for Parquet.
    pub fn dialect(&self) -> Option<Dialect> {
        match &self.files {
            Files::Text { dialect, .. } => Some(*dialect),
            Files::Parquet(_) => None,
        }
    }

    /// Reads the table from its beginning.
    ///
    /// # Errors
    /// If a column that is wanted is none; what is wrong with the files comes with their rows.
    ///
    /// # Panics
    /// If a column is wanted twice, or there is none at this place.
    pub fn scan(&self, wanted: &Wanted, limits: &Limits, disk: &Disk) -> Result<Scan, Error> {
        self.scan_share(Share::ALL, wanted, limits, disk)
    }

    /// The same in a share of the memory.
    pub(crate) fn scan_share(
        &self,
        share: Share,
        wanted: &Wanted,
        limits: &Limits,
        disk: &Disk,
    ) -> Result<Scan, Error> {
        self.scan_in(PIECE, share, wanted, limits, disk)
    }

    /// The same in pieces of another size.
    pub(crate) fn scan_in(
        &self,
        piece: usize,
        share: Share,
        wanted: &Wanted,
        limits: &Limits,
        disk: &Disk,
    ) -> Result<Scan, Error> {
        let memory = limits.memory;
        match (self.reading_in(piece, wanted, share.longest(memory))?, &self.files) {
            (Reading::Text { plan, pool, .. }, Files::Text { files, .. }) => {
                let (files, of_cutter) = (files.clone(), pool.clone());
                let within = (share, memory);
                let cutter =
                    Cutter::new(files, plan.delimiter, disk.clone(), of_cutter, piece, within);
                Ok(Scan::of_text(cutter, plan, pool, limits.threads, share.ahead(memory)))
            }
            (Reading::Parquet { wanted, schema }, Files::Parquet(files)) => {
                let rows = ParquetRows::new(files.clone(), wanted, schema, disk.clone());
                Ok(Scan::of_parquet(rows))
            }
            _ => unreachable!("a reading is of the table's format"),
        }
    }

    /// What is wanted, to be read in pieces of a size; no record is longer than `longest`.
    pub(crate) fn reading_in(
        &self,
        piece: usize,
        wanted: &Wanted,
        longest: usize,
    ) -> Result<Reading, Error> {
        let columns = self.schema.columns();
        let mut places = vec![None; columns.len()];
        for (place, &column) in wanted.columns.iter().enumerate() {
            assert!(places[column].replace(place).is_none(), "column {column} is wanted twice");
        }
        let chosen: Vec<Column> = wanted.columns.iter().map(|&at| columns[at].clone()).collect();
        let schema = Schema::new(chosen)?.arrow();
        let target = |&at: &usize| {
            let Column { name, kind } = columns[at].clone();
            Target { name, kind, said: self.said[at] }
        };
        Ok(match &self.files {
            Files::Text { files, dialect, missing, bad_rows } => Reading::Text {
                plan: Plan {
                    paths: files.iter().map(|file| file.path.clone()).collect(),
                    delimiter: dialect.delimiter,
                    missing: missing.clone(),
                    bad_rows: *bad_rows,
                    places,
                    targets: wanted.columns.iter().map(target).collect(),
                    schema,
                    text: wanted.text,
                },
                pool: Pool::new(piece),
                longest: longest.clamp(piece, ENDLESS.max(piece)),
            },
            Files::Parquet(_) => {
                let kind = |&at: &usize| (at, columns[at].kind);
                Reading::Parquet { wanted: wanted.columns.iter().map(kind).collect(), schema }
            }
        })
    }

    /// The rows from one place to another, or to the end, of which there are so many. No file is
    /// packed.
    pub(crate) fn part<'a>(
        &self,
        reading: &'a Reading,
        (from, to): (Place, Option<Place>),
        rows: u64,
        disk: &Disk,
    ) -> Part<'a> {
        match (reading, &self.files) {
            (Reading::Text { plan, pool, longest }, Files::Text { files, .. }) => {
                let memory = usize::try_from(Share::ALL.needed(*longest as u64));
                let within = (Share::ALL, memory.unwrap_or(usize::MAX));
                let (files, disk, piece) = (files.clone(), disk.clone(), pool.size());
                let cutter = Cutter::new(files, plan.delimiter, disk, pool.clone(), piece, within);
                let cutter = Box::new(cutter.between(from, to));
                Part::Text { cutter, plan, pool: pool.clone(), rows: 0, digest: Box::default() }
            }
            (Reading::Parquet { wanted, schema }, Files::Parquet(files)) => {
                let (wanted, schema) = (wanted.clone(), Arc::clone(schema));
                let whole = ParquetRows::new(files.clone(), wanted, schema, disk.clone());
                Part::Parquet(Box::new(whole.between(from.file, from.offset, rows)))
            }
            _ => unreachable!("a reading is of the table's format"),
        }
    }

    /// The files, in order.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        match &self.files {
            Files::Text { files, .. } => files.iter().map(|file| file.path.as_path()).collect(),
            Files::Parquet(files) => files.iter().map(|file| file.path.as_path()).collect(),
        }
    }

    /// Whether a file can only be read from its beginning.
    pub(crate) fn packed(&self) -> bool {
        match &self.files {
            Files::Text { files, .. } => files.iter().any(|file| file.packing != Packing::Plain),
            Files::Parquet(_) => false,
        }
    }

    /// The files of Parquet; none of a text.
    pub(crate) fn parquet(&self) -> Option<&[ParquetFile]> {
        match &self.files {
            Files::Text { .. } => None,
            Files::Parquet(files) => Some(files),
        }
    }

    /// All that what is read depends on beside the bytes of the files and the columns: in words, none
    /// of which can be taken for another.
    pub(crate) fn manner(&self) -> Vec<Vec<u8>> {
        let mut words: Vec<Vec<u8>> = Vec::new();
        words.extend(self.said.iter().map(|&said| vec![u8::from(said)]));
        if let Files::Text { files, dialect, missing, bad_rows } = &self.files {
            let skip = matches!(bad_rows, BadRows::Skip);
            words.push(vec![dialect.delimiter, u8::from(dialect.header), u8::from(skip)]);
            words.extend(missing.markers().iter().cloned());
            words.extend(files.iter().map(|file| file.skip.to_le_bytes().to_vec()));
        }
        words
    }
}

/// What the files until now have shown.
struct Known {
    dialect: Dialect,
    names: Vec<String>,
    kinds: Vec<Option<Kind>>,
}

impl Known {
    fn new(
        shown: &Shown,
        delimiter: u8,
        header: bool,
        names: Vec<String>,
        kinds: Vec<Option<Kind>>,
    ) -> Self {
        Self { dialect: shown.dialect(delimiter, header), names, kinds }
    }

    fn also(&mut self, kinds: Vec<Option<Kind>>) {
        for (known, kind) in self.kinds.iter_mut().zip(kinds) {
            *known = match (*known, kind) {
                (Some(one), Some(other)) => Some(crate::input::value::both(one, other)),
                (one, other) => one.or(other),
            };
        }
    }
}

/// Columns with their kinds, which in Parquet are no guess.
fn described(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|Column { name, kind }| format!("{name} ({kind})")).collect()
}

/// Refuses a file whose columns are not those of the first.
fn same(first: &Path, names: &[String], path: &Path, others: &[String]) -> Result<(), Error> {
    let quoted = |name: Option<&String>| name.map_or("none".into(), |name| format!("`{name}`"));
    for place in 0..names.len().max(others.len()) {
        let (found, expected) = (names.get(place), others.get(place));
        if found != expected {
            return Err(Error::OtherColumns {
                path: path.to_path_buf(),
                expected: quoted(expected),
                first: first.to_path_buf(),
                found: quoted(found),
                place: place + 1,
            });
        }
    }
    Ok(())
}

/// The columns with the kinds that were said, and which those are.
fn declared(
    mut columns: Vec<Column>,
    types: &[(String, Kind)],
) -> Result<(Schema, Vec<bool>), Error> {
    let named = Schema::new(columns.clone())?;
    let mut said = vec![false; columns.len()];
    for (name, kind) in types {
        let place = named.place(name)?;
        columns[place].kind = *kind;
        said[place] = true;
    }
    Ok((Schema::new(columns)?, said))
}

//! Each block is the rows that it should be, wherever it begins.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use twoblade_core::BlockSource;
use twoblade_table::Kind;

use super::{opened, put, scanned, visited};
use crate::counted::{CountOptions, CountedSource};
use crate::disk::Disk;
use crate::input::{BadRows, Header, ReadOptions, Table};

/// A table's text in files, of records of which some have another length.
#[derive(Clone, Debug)]
struct Written {
    files: Vec<Vec<String>>,
    end: &'static str,
    last: bool,
    gzip: bool,
}

fn written() -> impl Strategy<Value = Written> {
    let word = "[a-zé ]{0,5}|\"([a-z,\r\n]|\"\"){0,7}\"";
    let row = (0i32..1000, prop::option::of(-9.0f64..9.0), word).prop_map(|(n, x, word)| {
        format!("{n},{},{word}", x.map_or("NA".into(), |x| x.to_string()))
    });
    let record = prop_oneof![12 => row, 1 => Just("ragged,1".to_owned()), 1 => Just(String::new())];
    let file = prop::collection::vec(record, 0..14);
    let ends = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (prop::collection::vec(file, 1..4), ends, any::<bool>(), any::<bool>())
        .prop_map(|(files, end, last, gzip)| Written { files, end, last, gzip })
}

fn write(written: &Written, folder: &Path) -> (Vec<PathBuf>, Vec<Vec<u8>>) {
    let Written { files, end, last, gzip } = written;
    let (mut paths, mut texts) = (Vec::new(), Vec::new());
    for (number, records) in files.iter().enumerate() {
        let mut lines = vec!["n,x,word".to_owned()];
        lines.extend(records.iter().cloned());
        let text = lines.join(end) + if *last { end } else { "" };
        let path = folder.join(format!("{number}.csv"));
        if *gzip {
            let file = std::fs::File::create(&path).unwrap();
            let mut file = GzEncoder::new(file, Compression::fast());
            file.write_all(text.as_bytes()).unwrap();
            file.finish().unwrap();
        } else {
            std::fs::write(&path, &text).unwrap();
        }
        paths.push(path);
        texts.push(text.into_bytes());
    }
    (paths, texts)
}

fn options() -> ReadOptions {
    let types = [("n", Kind::Integer), ("x", Kind::Float), ("word", Kind::Category)];
    ReadOptions {
        header: Header::Yes,
        delimiter: Some(','),
        types: types.map(|(name, kind)| (name.to_owned(), kind)).to_vec(),
        bad_rows: BadRows::Skip,
        ..ReadOptions::default()
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

/// The line at which a byte stands: byte by byte.
fn line(text: &[u8], at: usize) -> u64 {
    let ends = (0..at)
        .filter(|&at| text[at] == b'\n' || (text[at] == b'\r' && text.get(at + 1) != Some(&b'\n')));
    1 + ends.count() as u64
}

/// Compares the blocks of a source with the rows of its table.
fn check(table: &Table, source: &CountedSource) -> Result<(), TestCaseError> {
    let (whole, _) = scanned(table);
    let counted = source.counted();
    let CountOptions { block_rows, chunk_rows, .. } = *counted.options();
    prop_assert_eq!(counted.rows(), whole.num_rows() as u64);
    prop_assert_eq!(source.blocks() as u64, counted.rows().div_ceil(block_rows));
    prop_assert_eq!(counted.files().iter().map(|file| file.rows).sum::<u64>(), counted.rows());
    let mut next = 0;
    let mut chunks_in_all = 0;
    for block in 0..source.blocks() {
        let (chunks, digest) = visited(source, block).unwrap();
        let rows = source.rows_of(block);
        prop_assert_eq!(rows.start, next);
        prop_assert_eq!(rows.end, (next + block_rows).min(counted.rows()));
        for chunk in &chunks {
            prop_assert_eq!(chunk.first(), next);
            let left = (rows.end - next).min(chunk_rows);
            prop_assert_eq!(chunk.count() as u64, left);
            prop_assert!(chunk.batch().get_array_memory_size() <= source.chunk_bytes());
            next += left;
        }
        let batches: Vec<_> = chunks.iter().map(|chunk| chunk.batch().clone()).collect();
        prop_assert_eq!(
            put(&batches, table),
            whole.slice(size(rows.start), size(rows.end - rows.start))
        );
        prop_assert_eq!(visited(source, block).unwrap().1, digest);
        chunks_in_all += chunks.len() as u64;
    }
    prop_assert_eq!(next, counted.rows());
    prop_assert_eq!(source.chunks(), chunks_in_all);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn of_text(
        written in written(),
        (block_rows, chunk_rows) in (1u64..9, 1u64..6),
        piece in prop::sample::select(vec![1usize, 7, 40, 1 << 20]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (paths, texts) = write(&written, folder.path());
        let table = Table::open(&paths, &options()).unwrap();
        let options = CountOptions { block_rows, chunk_rows, ..CountOptions::new(&table) };
        let open = |piece, threads| {
            let folders = (None, folder.path());
            opened(&table, &options, folders, (piece, threads), &Disk::new()).unwrap()
        };
        let source = open(piece, 1);
        check(&table, &source)?;
        // A block begins with its first record, on its line.
        let (_, records) = scanned(&table);
        let all: usize = written.files.iter().flatten().filter(|it| it.starts_with("ragged")).count();
        prop_assert_eq!(source.counted().skipped(), all as u64);
        for (number, block) in source.counted().blocks().iter().enumerate() {
            let text = &texts[block.place.file];
            let (at, record) = (size(block.place.offset), &records[number * size(block_rows)]);
            prop_assert!(text[at..].starts_with(record));
            prop_assert_eq!(block.place.line, line(text, at));
        }
        // Neither pieces nor threads are seen.
        for (piece, threads) in [(1, 3), (1 << 20, 1), (13, 2)] {
            let other = open(piece, threads);
            prop_assert_eq!(other.counted().blocks(), source.counted().blocks());
            prop_assert_eq!(other.counted().files(), source.counted().files());
            prop_assert_eq!(other.fingerprint(), source.fingerprint());
        }
    }

    #[test]
    fn of_parquet(
        files in prop::collection::vec(
            prop::collection::vec((any::<i16>(), prop::option::of("[a-zé]{0,4}")), 0..30), 1..4),
        group in 1usize..12,
        (block_rows, chunk_rows) in (1u64..9, 1u64..6),
        both: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for (number, rows) in files.iter().enumerate() {
            let column = |name: &str, kind: Kind| {
                twoblade_table::Column { name: name.into(), kind }
            };
            let columns = vec![column("n", Kind::Integer), column("word", Kind::Category)];
            let schema = twoblade_table::Schema::new(columns).unwrap().arrow();
            let numbers: arrow_array::Int64Array = rows.iter().map(|row| Some(i64::from(row.0))).collect();
            let words: arrow_array::StringArray = rows.iter().map(|row| row.1.as_deref()).collect();
            let columns: Vec<arrow_array::ArrayRef> =
                vec![std::sync::Arc::new(numbers), std::sync::Arc::new(words)];
            let batch = arrow_array::RecordBatch::try_new(schema.clone(), columns).unwrap();
            let path = folder.path().join(format!("{number}.parquet"));
            let file = std::fs::File::create(&path).unwrap();
            let groups = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
            let mut writer = ArrowWriter::try_new(file, schema, Some(groups)).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
            paths.push(path);
        }
        let table = Table::open(&paths, &ReadOptions::default()).unwrap();
        let options = CountOptions { block_rows, chunk_rows, ..CountOptions::new(&table) };
        let open = |options| {
            opened(&table, options, (None, folder.path()), (1, 1), &Disk::new()).unwrap()
        };
        let source = open(&options);
        check(&table, &source)?;
        for (file, rows) in source.counted().files().iter().zip(&files) {
            prop_assert_eq!(file.rows, rows.len() as u64);
        }
        // Columns come in the order in which they are asked for.
        let columns = if both { vec![1, 0] } else { vec![1] };
        let source = open(&CountOptions { columns: columns.clone(), ..options });
        let (whole, _) = scanned(&table);
        for block in 0..source.blocks() {
            let mut row = size(source.rows_of(block).start);
            for chunk in visited(&source, block).unwrap().0 {
                let expected = whole.slice(row, chunk.count()).project(&columns).unwrap();
                prop_assert_eq!(chunk.batch(), &expected);
                row += chunk.count();
            }
        }
    }
}

/// Records of very different lengths: buffers are as long as they need to be.
#[test]
fn of_long_records() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    let mut text = String::from("n,x,word\n");
    for row in 0..200usize {
        let length = if row % 37 == 5 { 700_000 + row } else { row };
        writeln!(text, "{row},0.5,\"{}\"", "w,\n".repeat(length / 3)).unwrap();
    }
    std::fs::write(&path, text).unwrap();
    let table = Table::open(&[path], &options()).unwrap();
    for (block_rows, chunk_rows) in [(1, 1), (7, 3), (64, 200)] {
        let options = CountOptions { block_rows, chunk_rows, ..CountOptions::new(&table) };
        let source = opened(&table, &options, (None, folder.path()), (64, 2), &Disk::new());
        check(&table, &source.unwrap()).unwrap();
    }
}

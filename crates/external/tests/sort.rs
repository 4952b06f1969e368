//! Tables sorted and shuffled, against a stable sort in memory.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use proptest::prelude::*;
use twoblade_external::{
    By, Disk, Error, Limits, Moved, ReadOptions, Table, Unwatched, Watch, convert, shuffle, sort,
};

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn limits(&self, memory: usize, threads: usize) -> Limits {
        Limits { memory, threads, temp: self.folder.path().to_path_buf() }
    }

    fn sorted(&self, from: &Path, by: &str, to: &str, limits: &Limits) -> Result<Moved, Error> {
        let table = Table::open(&[from.to_path_buf()], &ReadOptions::default())?;
        let by = By::parse(by, table.schema())?;
        sort(&table, &by, &self.path(to), limits, &Unwatched, &Disk::new())
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// What is there besides the files of these names.
    fn others(&self, names: &[&str]) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let found = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        found.filter(|name| !names.contains(&name.as_str())).collect()
    }
}

#[derive(Clone, Debug)]
struct Row {
    number: Option<i32>,
    word: &'static str,
    /// The record as it is written.
    record: String,
}

/// Numbers are quarters, written in several ways that a sort must not touch.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row =
        (prop::option::of(-6..6i32), prop::sample::select(vec!["b", "a", "a,a", "é"]), 0..3u8);
    prop::collection::vec(row, 1..60).prop_map(|rows| {
        let row = |(place, (number, word, way)): (usize, (Option<i32>, &'static str, u8))| {
            let value = number.map(|number| f64::from(number) / 4.0);
            let number_text = match (value, way) {
                (None, 0) => String::new(),
                (None, _) => "NA".into(),
                (Some(value), 0) => format!("{value}"),
                (Some(value), 1) => format!("{value:e}"),
                (Some(value), _) => format!("{value:.3}"),
            };
            let word_text =
                if word.contains(',') || way == 1 { format!("\"{word}\"") } else { word.into() };
            Row { number, word, record: format!("{number_text},{word_text},r{place}") }
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

fn missing_last(one: Option<i32>, two: Option<i32>, descending: bool) -> Ordering {
    match (one, two) {
        (Some(one), Some(two)) if descending => two.cmp(&one),
        (Some(one), Some(two)) => one.cmp(&two),
        _ => two.is_some().cmp(&one.is_some()),
    }
}

fn joined(rows: &[Row]) -> String {
    let records = rows.iter().map(|row| row.record.as_str());
    let mut lines: Vec<&str> = std::iter::once("x,w,id").chain(records).collect();
    lines.push("");
    lines.join("\n")
}

fn typed() -> ReadOptions {
    use twoblade_table::Kind;
    let types = [("x", Kind::Float), ("w", Kind::Category), ("id", Kind::Category)];
    ReadOptions {
        types: types.map(|(name, kind)| (name.to_string(), kind)).to_vec(),
        header: twoblade_external::Header::Yes,
        delimiter: Some(','),
        ..ReadOptions::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn records_stand_in_order_and_as_they_were(rows in rows(), descending in any::<bool>()) {
        let bench = Bench::new();
        let from = bench.file("in.csv", &joined(&rows));
        let table = Table::open(&[from], &typed()).unwrap();
        let list = if descending { "w,-x" } else { "w,x" };
        let by = By::parse(list, table.schema()).unwrap();
        let (limits, disk) = (bench.limits(1 << 20, 1), Disk::new());
        let moved = sort(&table, &by, &bench.path("out.csv"), &limits, &Unwatched, &disk).unwrap();
        prop_assert_eq!(moved, Moved { rows: rows.len() as u64, skipped: 0, spilled: 0 });
        let mut expected = rows.clone();
        expected.sort_by(|one, two| {
            let words = one.word.as_bytes().cmp(two.word.as_bytes());
            words.then(missing_last(one.number, two.number, descending))
        });
        prop_assert_eq!(bench.text("out.csv"), joined(&expected));

        // By way of Parquet the order is the same, and values are what they were.
        sort(&table, &by, &bench.path("out.parquet"), &limits, &Unwatched, &disk).unwrap();
        let sorted = Table::open(&[bench.path("out.parquet")], &ReadOptions::default()).unwrap();
        convert(&sorted, &bench.path("one.csv"), &limits, &Unwatched, &disk).unwrap();
        let text = Table::open(&[bench.path("out.csv")], &typed()).unwrap();
        convert(&text, &bench.path("text.parquet"), &limits, &Unwatched, &disk).unwrap();
        let text = Table::open(&[bench.path("text.parquet")], &ReadOptions::default()).unwrap();
        convert(&text, &bench.path("two.csv"), &limits, &Unwatched, &disk).unwrap();
        prop_assert_eq!(bench.text("one.csv"), bench.text("two.csv"));
    }
}

/// 60,000 rows of 100 bytes: more than fits where memory is small, with one key in half of them.
fn large() -> (String, Vec<(u32, String)>) {
    let mut rows: Vec<(u32, String)> = (0..60_000u32)
        .map(|i| (if i % 2 == 0 { 500 } else { i.wrapping_mul(2_654_435_761) % 1000 }, i))
        .map(|(key, i)| (key, format!("{key},{i},{}", "abcdefghijkl".repeat(7))))
        .collect();
    let text = |rows: &[(u32, String)]| {
        let records: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        format!("key,id,text\n{}\n", records.join("\n"))
    };
    let before = text(&rows);
    rows.sort_by_key(|row| row.0);
    (before, rows)
}

#[test]
fn the_file_is_the_same_for_any_memory_and_threads() {
    let bench = Bench::new();
    let (text, rows) = large();
    let from = bench.file("in.csv", &text);
    let records: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    let expected = format!("key,id,text\n{}\n", records.join("\n"));
    let mut spilled = Vec::new();
    for (memory, threads) in [(0, 1), (0, 2), (7 << 20, 2), (64 << 20, 1), (64 << 20, 2)] {
        let limits = bench.limits(memory, threads);
        let moved = bench.sorted(&from, "key", "out.csv", &limits).unwrap();
        assert_eq!(moved.rows, 60_000);
        assert!(bench.text("out.csv") == expected, "{memory} {threads}");
        spilled.push(moved.spilled);
        let parquet = format!("out-{memory}-{threads}.parquet");
        bench.sorted(&from, "key", &parquet, &limits).unwrap();
        let first = std::fs::read(bench.path("out-0-1.parquet")).unwrap();
        assert!(std::fs::read(bench.path(&parquet)).unwrap() == first, "{memory} {threads}");
    }
    assert!(spilled[0] > 0 && spilled[2] > 0 && spilled[4] == 0, "{spilled:?}");
}

#[test]
fn a_shuffle_has_all_rows_and_is_the_seeds() {
    let bench = Bench::new();
    let (text, _) = large();
    let table = Table::open(&[bench.file("in.csv", &text)], &ReadOptions::default()).unwrap();
    let shuffled = |seed, memory| {
        let limits = bench.limits(memory, 2);
        let target = bench.path("out.csv");
        shuffle(&table, seed, &target, &limits, &Unwatched, &Disk::new()).unwrap();
        bench.text("out.csv")
    };
    let one = shuffled(1, 0);
    assert!(one == shuffled(1, 64 << 20));
    assert!(one != shuffled(2, 64 << 20));
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        lines[1..].sort_unstable();
        lines
    };
    assert!(sorted(&one) == sorted(&text));
    // Where each row went is uncorrelated with where it was: |r| < 5 / sqrt(60,000).
    let ids =
        one.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse::<f64>().unwrap());
    let centre = 29_999.5;
    let product: f64 =
        (0..).zip(ids).map(|(at, id)| (f64::from(at) - centre) * (id - centre)).sum();
    let variance = (60_000.0f64.powi(2) - 1.0) / 12.0;
    assert!((product / (60_000.0 * variance)).abs() < 0.0204);
}

#[test]
fn a_row_too_long_is_refused_and_nothing_is_left() {
    let bench = Bench::new();
    let from = bench.file("in.csv", &format!("a,b\n1,{}\n2,x\n", "y".repeat(600_000)));
    let message =
        bench.sorted(&from, "a", "out.csv", &bench.limits(6 << 20, 1)).unwrap_err().to_string();
    assert!(
        message.starts_with("a row takes 600") && message.ends_with("allow more memory"),
        "{message}"
    );
    assert_eq!(bench.others(&["in.csv"]), [""; 0]);
    bench.sorted(&from, "-a", "out.csv", &bench.limits(64 << 20, 1)).unwrap();
    assert!(bench.text("out.csv").starts_with("a,b\n2,x\n1,yyy"));
}

/// Stops at the `left`-th question.
struct Stop(AtomicU64);

impl Watch for Stop {
    fn stop(&self) -> bool {
        self.0.fetch_sub(1, Relaxed) == 0
    }
}

#[test]
fn stopped_at_any_time_it_leaves_nothing() {
    let bench = Bench::new();
    let (text, _) = large();
    let table = Table::open(&[bench.file("in.csv", &text)], &ReadOptions::default()).unwrap();
    let by = By::parse("key", table.schema()).unwrap();
    let mut stopped = 0;
    for left in 0.. {
        let (limits, watch) = (bench.limits(0, 1), Stop(AtomicU64::new(left)));
        match sort(&table, &by, &bench.path("out.csv"), &limits, &watch, &Disk::new()) {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, Error::Stopped)),
        }
        assert_eq!(bench.others(&["in.csv"]), [""; 0]);
        stopped += 1;
    }
    assert!(stopped > 20, "{stopped}");
}

#[test]
fn a_disk_that_fails_at_any_time_leaves_nothing() {
    let bench = Bench::new();
    let (text, rows) = large();
    let short: Vec<&str> = text.lines().take(20_001).collect();
    let from = bench.file("in.csv", &(short.join("\n") + "\n"));
    drop(rows);
    let table = Table::open(&[from], &ReadOptions::default()).unwrap();
    let by = By::parse("key", table.schema()).unwrap();
    let run = |fault: u64| {
        let count = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&count);
        let disk = Disk::watched(move |_| match seen.fetch_add(1, Relaxed) {
            now if now == fault => Err(std::io::Error::other("no more")),
            _ => Ok(()),
        });
        let limits = bench.limits(0, 1);
        let done = sort(&table, &by, &bench.path("out.csv"), &limits, &Unwatched, &disk);
        (done, count.load(Relaxed))
    };
    let (whole, operations) = run(u64::MAX);
    assert!(whole.unwrap().spilled > 0 && operations > 100, "{operations}");
    let expected = bench.text("out.csv");
    // Each of the first and the last, and some of those between, which are alike.
    let tried = (0..operations).filter(|at| *at < 40 || at % 7 == 0 || at + 40 > operations);
    for fault in tried {
        std::fs::remove_file(bench.path("out.csv")).unwrap();
        match run(fault).0.unwrap_err() {
            Error::Io { source, .. } => assert_eq!(source.to_string(), "no more"),
            other => panic!("{other}"),
        }
        assert_eq!(bench.others(&["in.csv"]), [""; 0], "{fault}");
        std::fs::write(bench.path("out.csv"), "").unwrap();
    }
    run(u64::MAX).0.unwrap();
    assert!(bench.text("out.csv") == expected);
}

//! What was counted before is read back where it still holds, and refused where it does not.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use proptest::prelude::*;
use twoblade_core::BlockSource;
use twoblade_table::describe::{Number, Summary};

use super::{failing, names, opened, visited};
use crate::counted::{CountOptions, Counted, CountedSource};
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, ReadOptions, Table};
use crate::watch::{Unwatched, Watch};

const ROWS: usize = 30_000;

/// Two files of 10,000 and 20,000 rows, more than their samples hold.
fn table(folder: &Path) -> (Table, Vec<PathBuf>) {
    let row = |row: usize| format!("{row},{},w{}\n", (row as f64) / 4.0, row % 3);
    let mut paths = Vec::new();
    for (name, rows) in [("one.csv", 0..10_000), ("two.csv", 10_000..ROWS)] {
        let text: String = rows.map(row).collect();
        let path = folder.join(name);
        std::fs::write(&path, format!("n,x,word\n{text}")).unwrap();
        paths.push(path);
    }
    (Table::open(&paths, &ReadOptions::default()).unwrap(), paths)
}

fn options(table: &Table) -> CountOptions {
    CountOptions { block_rows: 4_000, chunk_rows: 1_000, ..CountOptions::new(table) }
}

fn again(table: &Table, counted: &Counted, folder: &Path) -> Result<CountedSource, Error> {
    let limits = Limits { memory: 0, threads: 1, temp: folder.into() };
    CountedSource::of(table, counted.clone(), &limits, &Unwatched, &Disk::new())
}

#[test]
fn a_table_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let (table, _) = table(folder.path());
    let options = options(&table);
    let cache = folder.path().join("counted");
    let open = |options: &CountOptions| {
        let (disk, count) = failing(usize::MAX);
        let folders = (Some(cache.as_path()), folder.path());
        let source = opened(&table, options, folders, (4 << 10, 2), &disk).unwrap();
        (source, count.load(Ordering::SeqCst))
    };
    let (first, counting) = open(&options);
    assert_eq!((first.counted().rows(), first.blocks(), first.chunks()), (30_000, 8, 30));
    let rows: Vec<u64> = first.counted().files().iter().map(|file| file.rows).collect();
    assert_eq!(rows, [10_000, 20_000]);
    let (second, reading) = open(&options);
    // Of each file 16 pages are looked at, with two reads each at most, and what is saved is opened and
    // read. To count, that is done twice, and every 4 KiB are read.
    let looked = 2 * (1 + 2 * 16);
    assert!(reading <= looked + 8, "{reading}");
    let bytes = usize::try_from(table.bytes()).unwrap();
    assert!(counting >= bytes / (4 << 10) && bytes / (4 << 10) > looked + 8, "{counting}");
    let saved = |source: &CountedSource| postcard::to_stdvec(source.counted()).unwrap();
    assert!(saved(&second) == saved(&first));
    assert_eq!(names(folder.path()), ["counted", "one.csv", "two.csv"]);

    // The sums: 0 to 29,999 have mean 14,999.5 and variance n (n + 1) / 12 over n - 1.
    let columns = second.counted().description().unwrap().columns;
    let Summary::Numbers(n) = &columns[0].summary else { panic!("{columns:?}") };
    assert_eq!(n.mean.to_bits(), 14_999.5f64.to_bits());
    let sd = (30_000.0f64 * 30_001.0 / 12.0).sqrt();
    // Roundings of a quotient and a root in either.
    assert!((n.sd - sd).abs() <= 4.0 * f64::EPSILON * sd, "{} {sd}", n.sd);
    assert_eq!((n.min, n.max), (Number::Integer(0), Number::Integer(29_999)));
    let Summary::Words { commonest: Some(levels) } = &columns[2].summary else { panic!() };
    let levels: Vec<_> = levels.iter().map(|level| (level.word.as_str(), level.count)).collect();
    assert_eq!(levels, [("w0", 10_000), ("w1", 10_000), ("w2", 10_000)]);

    // Other options are another counting, and so is what was saved and is damaged.
    let other = CountOptions { block_rows: 5_000, ..options.clone() };
    let (source, operations) = open(&other);
    assert!(operations >= bytes / (4 << 10) && source.blocks() == 6);
    assert_ne!(source.fingerprint(), first.fingerprint());
    let whole = std::fs::read(&cache).unwrap();
    for (at, length) in [(whole.len() / 2, whole.len()), (23, whole.len()), (0, 60), (0, 24)] {
        let mut damaged = whole[..length].to_vec();
        damaged[at] ^= u8::from(at > 0);
        std::fs::write(&cache, damaged).unwrap();
        let (source, operations) = open(&other);
        assert!(operations >= bytes / (4 << 10), "{operations}");
        assert_eq!(source.blocks(), 6);
        assert!(std::fs::read(&cache).unwrap() == whole, "{at} {length}");
    }
}

#[test]
fn a_file_that_is_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (table, paths) = table(folder.path());
    let folders = (Some(paths[0].as_path()), folder.path());
    let before = std::fs::read(&paths[0]).unwrap();
    let done = opened(&table, &options(&table), folders, (4 << 10, 1), &Disk::new());
    assert_eq!(
        done.unwrap_err().to_string(),
        format!(
            "{} is there and is not what was counted of a table; name another file, or remove it",
            paths[0].display()
        )
    );
    assert_eq!(std::fs::read(&paths[0]).unwrap(), before);
}

#[test]
fn a_file_that_has_changed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (table, paths) = table(folder.path());
    let folders = (None, folder.path());
    let source = opened(&table, &options(&table), folders, (4 << 10, 1), &Disk::new()).unwrap();
    let changed = format!(
        "{} has changed since the table was counted; count it again when nothing writes to it",
        paths[1].display()
    );
    let before = std::fs::read(&paths[1]).unwrap();
    let change = |at: usize, length: usize| {
        let mut bytes = before[..length].to_vec();
        bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
        std::fs::write(&paths[1], bytes).unwrap();
    };
    // The last digit of the last word, or what was cut off.
    for (at, length) in [(before.len() - 2, before.len()), (20, before.len() - 1)] {
        change(at, length);
        let error = again(&table, source.counted(), folder.path()).unwrap_err();
        assert_eq!(error.to_string(), changed);
    }
    // A digit where the pages that are looked at are not: the source opens, and the block tells.
    let half = before.len() / 2;
    let at = half + before[half..].iter().position(|&byte| byte == b'w').unwrap();
    change(at + 1, before.len());
    let other = again(&table, source.counted(), folder.path()).unwrap();
    let told: Vec<String> =
        (0..8).filter_map(|block| visited(&other, block).err()).map(|it| it.to_string()).collect();
    assert_eq!(told, std::slice::from_ref(&changed));
    // Rows that are gone: whoever has the source already is told too.
    std::fs::write(&paths[1], &before[..before.len() - 400]).unwrap();
    assert_eq!(visited(&source, 7).unwrap_err().to_string(), changed);
    assert_eq!(visited(&source, 0).unwrap().0.len(), 4);
}

#[test]
fn a_file_that_changes_while_it_is_counted_is_named() {
    struct Writer(PathBuf);
    impl Watch for Writer {
        fn progress(&self, stage: &'static str, done: u64, total: u64) {
            assert_eq!(stage, "counting");
            assert!(done <= total || self.0.ends_with("two.csv"));
            let mut text = std::fs::read(&self.0).unwrap();
            text.extend_from_slice(b"1,2,w\n");
            std::fs::write(&self.0, text).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (table, paths) = table(folder.path());
    let limits = Limits { memory: 0, threads: 1, temp: folder.path().into() };
    let watch = Writer(paths[1].clone());
    let done = CountedSource::open(&table, &options(&table), None, &limits, &watch, &Disk::new());
    let error = done.unwrap_err();
    assert!(matches!(&error, Error::ChangedSinceCounted { path } if *path == paths[1]), "{error}");
}

#[test]
fn what_cannot_be_counted_and_other_tables_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (table, paths) = table(folder.path());
    let refused = |options: CountOptions| {
        let folders = (None, folder.path());
        opened(&table, &options, folders, (64, 1), &Disk::new()).unwrap_err().to_string()
    };
    let options = options(&table);
    assert_eq!(
        refused(CountOptions { block_rows: 0, ..options.clone() }),
        "block_rows of a counting is 0; expected 1 row at least"
    );
    assert_eq!(
        refused(CountOptions { chunk_rows: 0, ..options.clone() }),
        "chunk_rows of a counting is 0; expected 1 row at least"
    );
    for columns in [vec![0, 1, 0], vec![3]] {
        let found = format!("{columns:?}");
        assert_eq!(
            refused(CountOptions { columns, ..options.clone() }),
            format!(
                "columns of a counting is {found}; expected places of columns, from 0, each once"
            )
        );
    }
    let source =
        opened(&table, &options, (None, folder.path()), (4 << 10, 1), &Disk::new()).unwrap();
    let told = |files: &[PathBuf], read: &ReadOptions| {
        let table = Table::open(files, read).unwrap();
        again(&table, source.counted(), folder.path()).unwrap_err().to_string()
    };
    let plain = ReadOptions::default();
    assert_eq!(
        told(&paths[..1], &plain),
        "what was counted has 2 files, and there are 1; count this table again"
    );
    let markers = ReadOptions { missing: vec!["-9".into()], ..ReadOptions::default() };
    assert_eq!(
        told(&paths, &markers),
        "what was counted has other columns, kinds, or ways to read and cut them; count this table \
         again"
    );
}

/// Tells what stops it.
#[test]
fn what_is_stopped_leaves_nothing() {
    struct Stop;
    impl Watch for Stop {
        fn stop(&self) -> bool {
            true
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (table, _) = table(folder.path());
    let limits = Limits { memory: 0, threads: 2, temp: folder.path().into() };
    let cache = folder.path().join("counted");
    let done =
        CountedSource::open(&table, &options(&table), Some(&cache), &limits, &Stop, &Disk::new());
    assert_eq!(done.unwrap_err().to_string(), "stopped");
    assert_eq!(names(folder.path()), ["one.csv", "two.csv"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever byte of a file changes: it is noticed when the source opens, or by the block.
    #[test]
    fn no_change_goes_unnoticed(place: prop::sample::Index, byte: u8) {
        let folder = tempfile::tempdir().unwrap();
        let (table, paths) = table(folder.path());
        let folders = (None, folder.path());
        let source =
            opened(&table, &options(&table), folders, (64 << 10, 1), &Disk::new()).unwrap();
        let mut bytes = std::fs::read(&paths[0]).unwrap();
        let at = place.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        std::fs::write(&paths[0], bytes).unwrap();
        let noticed = match again(&table, source.counted(), folder.path()) {
            Err(_) => true,
            Ok(other) => (0..other.blocks()).any(|block| visited(&other, block).is_err()),
        };
        prop_assert!(noticed);
    }
}

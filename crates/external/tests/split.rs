//! Tables split into parts: counts, order, and all parts or none.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use twoblade_external::{
    Disk, Error, Fractions, Limits, Parts, ReadOptions, SplitOptions, Table, Unwatched, Watch,
    convert, split,
};

fn options(label: Option<&str>, fractions: &str, seed: u64) -> SplitOptions {
    let fractions = Fractions::parse(fractions).unwrap();
    SplitOptions { label: label.map(String::from), fractions, seed }
}

fn limits(temp: &Path, memory: usize) -> Limits {
    Limits { memory, threads: 2, temp: temp.to_path_buf() }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn done(
    folder: &Path,
    table: &Table,
    options: &SplitOptions,
    names: &[&str],
    memory: usize,
) -> Result<Parts, Error> {
    let targets: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    split(table, options, &targets, &limits(folder, memory), &Unwatched, &Disk::new())
}

/// A table of a label and a number, and the records of its rows.
fn table(folder: &Path, labels: &[Option<u8>]) -> (Table, Vec<String>) {
    let label = |label: Option<u8>| label.map_or(String::new(), |label| format!("group{label}"));
    let records: Vec<String> =
        labels.iter().enumerate().map(|(row, of)| format!("{},{row}.50", label(*of))).collect();
    let path = folder.join("in.csv");
    std::fs::write(&path, format!("label,x\n{}\n", records.join("\n"))).unwrap();
    let options = ReadOptions {
        types: vec![("label".into(), twoblade_table::Kind::Category)],
        ..ReadOptions::default()
    };
    (Table::open(&[path], &options).unwrap(), records)
}

fn read(folder: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let mut lines = text.lines().map(String::from);
    assert_eq!(lines.next().unwrap(), "label,x");
    lines.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn each_stratum_is_divided_and_rows_keep_their_order(
        labels in prop::collection::vec(prop::option::of(0u8..4), 1..200),
        seed in any::<u64>(),
        labelled in any::<bool>(),
    ) {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let (table, records) = table(folder, &labels);
        let options = options(labelled.then_some("label"), "0.6,0.3,0.1", seed);
        let parts = done(folder, &table, &options, &["a.csv", "b.csv", "c.csv"], 0).unwrap();
        let read: Vec<_> = ["a.csv", "b.csv", "c.csv"].iter().map(|name| read(folder, name)).collect();
        let lengths: Vec<u64> = read.iter().map(|part| part.len() as u64).collect();
        prop_assert_eq!(&parts.rows, &lengths);

        // All rows are in one part each, in their order.
        let places: BTreeMap<&String, usize> = records.iter().zip(0..).collect();
        let at = |record| places[record];
        prop_assert!(read.iter().all(|part| part.is_sorted_by_key(at)));
        let mut all: Vec<&String> = read.iter().flatten().collect();
        all.sort_unstable_by_key(|&record| at(record));
        prop_assert!(all.into_iter().eq(&records));

        let stratum = |record: &String| {
            if labelled { record.split(',').next().unwrap().to_string() } else { String::new() }
        };
        let mut strata: BTreeMap<String, [u32; 3]> = BTreeMap::new();
        for (part, records) in read.iter().enumerate() {
            for record in records {
                strata.entry(stratum(record)).or_default()[part] += 1;
            }
        }
        prop_assert_eq!(parts.strata, strata.len());
        for counts in strata.values() {
            let all: u32 = counts.iter().sum();
            for (count, tenths) in counts.iter().zip([6, 3, 1]) {
                prop_assert!((10 * count).abs_diff(tenths * all) < 10, "{:?}", counts);
            }
        }
    }
}

#[test]
fn the_parts_are_the_seeds_for_any_memory_and_format() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    let labels: Vec<Option<u8>> = (0..30_000u32).map(|row| Some((row % 7) as u8)).collect();
    let (table, _) = table(folder, &labels);
    let text = |seed, memory| {
        done(folder, &table, &options(Some("label"), "0.5,0.5", seed), &["a.csv", "b.csv"], memory)
            .unwrap();
        read(folder, "a.csv")
    };
    let one = text(1, 0);
    assert!(one == text(1, 64 << 20) && one != text(2, 0));
    done(folder, &table, &options(Some("label"), "0.5,0.5", 1), &["a.parquet", "b.parquet"], 0)
        .unwrap();
    let parquet = Table::open(&[folder.join("a.parquet")], &ReadOptions::default()).unwrap();
    convert(&parquet, &folder.join("c.csv"), &limits(folder, 0), &Unwatched, &Disk::new()).unwrap();
    let without_zero = |line: &String| line.trim_end_matches('0').to_string();
    assert!(read(folder, "c.csv") == one.iter().map(without_zero).collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_split_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    let (table, _) = table(folder, &[Some(1), None]);
    let message = |label, fractions, names: &[&str]| {
        done(folder, &table, &options(label, fractions, 1), names, 0).unwrap_err().to_string()
    };
    let half = "0.5,0.5";
    assert_eq!(
        message(None, half, &["a.csv"]),
        "there are 2 fractions and 1 files to write; name one file for each fraction"
    );
    assert_eq!(
        message(None, half, &["a.csv", "a.csv"]),
        format!(
            "{} is named twice among the files to write; each part has its own",
            folder.join("a.csv").display()
        )
    );
    assert_eq!(
        message(None, half, &["a.csv", "a.parquet"]),
        format!(
            "{} and {} are of different formats; the parts of a table have one",
            folder.join("a.csv").display(),
            folder.join("a.parquet").display()
        )
    );
    assert_eq!(
        message(Some("y"), half, &["a.csv", "b.csv"]),
        "there is no column `y`; there are: label, x"
    );
    assert_eq!(names(folder), ["in.csv"]);
}

#[test]
fn too_many_strata_are_refused() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    let (table, _) = table(folder, &vec![Some(1); 30_000]);
    let options = options(Some("x"), "0.5,0.5", 1);
    let error = done(folder, &table, &options, &["a.csv", "b.csv"], 1 << 20).unwrap_err();
    assert!(matches!(error, Error::ManyStrata { strata, .. } if strata > 1000), "{error}");
    assert_eq!(names(folder), ["in.csv"]);
    done(folder, &table, &options, &["a.csv", "b.csv"], 64 << 20).unwrap();
}

/// Writes something else into a file when it was read once.
struct Change(PathBuf, &'static str);

impl Watch for Change {
    fn progress(&self, stage: &str, _: u64, _: u64) {
        if stage == "counting" {
            std::fs::write(&self.0, self.1).unwrap();
        }
    }
}

#[test]
fn a_table_that_changes_between_its_readings_is_noticed() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().to_path_buf();
    let (table, _) = table(&folder, &[Some(1), Some(2), Some(1)]);
    for changed in ["label,x\ngroup1,0.5\n", "label,x\ngroup3,0.5\ngroup3,0.5\ngroup3,0.5\n"] {
        std::fs::write(folder.join("in.csv"), "label,x\ngroup1,0\ngroup2,0\ngroup1,0\n").unwrap();
        let watch = Change(folder.join("in.csv"), changed);
        let targets = [folder.join("a.csv"), folder.join("b.csv")];
        let options = options(Some("label"), "0.5,0.5", 1);
        let limits = Limits { threads: 1, ..limits(&folder, 0) };
        let error = split(&table, &options, &targets, &limits, &watch, &Disk::new()).unwrap_err();
        assert!(matches!(error, Error::Changed), "{error}");
        assert_eq!(names(&folder), ["in.csv"]);
    }
}

#[test]
fn a_disk_that_fails_at_any_time_leaves_no_part() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    let (table, _) = table(folder, &[Some(1); 100]);
    let targets = [folder.join("a.csv"), folder.join("b.csv")];
    let (mut failed, mut alone) = (0, 0);
    for fault in 0.. {
        let count = AtomicU64::new(0);
        let disk = Disk::watched(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            now if now == fault => Err(std::io::Error::other("no more")),
            _ => Ok(()),
        });
        let (options, limits) = (options(Some("label"), "0.5,0.5", 1), limits(folder, 0));
        match split(&table, &options, &targets, &limits, &Unwatched, &disk) {
            Ok(_) => break,
            Err(Error::Io { doing, source, .. }) => {
                assert_eq!(source.to_string(), "no more");
                // Between two renames one part may be there: nobody can rename two files at once.
                if doing == "rename to" && folder.join("a.csv").exists() {
                    std::fs::remove_file(folder.join("a.csv")).unwrap();
                    alone += 1;
                }
            }
            Err(other) => panic!("{other}"),
        }
        assert_eq!(names(folder), ["in.csv"]);
        failed += 1;
    }
    assert!(failed >= 10 && alone == 1, "{failed} {alone}");
    assert_eq!(names(folder), ["a.csv", "b.csv", "in.csv"]);
}

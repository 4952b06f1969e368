//! Files that somebody or something has changed.

use std::slice;

use arrow_array::RecordBatch;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::disk::Disk;
use crate::input::ReadOptions;
use crate::output::tests::{batch, read, rows, said, write};

/// A place, and what happens there.
#[derive(Clone, Copy, Debug)]
enum Change {
    Flip(u8),
    Insert(u8),
    Remove,
    Cut,
    Double,
}

fn changed(bytes: &[u8], changes: &[(prop::sample::Index, Change)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, change) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = place.index(bytes.len());
        match *change {
            Change::Flip(mask) => bytes[at] ^= mask,
            Change::Insert(byte) => bytes.insert(at, byte),
            Change::Remove => {
                bytes.remove(at);
            }
            Change::Cut => bytes.truncate(at),
            Change::Double => {
                let tail = bytes[at..].to_vec();
                bytes.extend(tail);
            }
        }
    }
    bytes
}

/// How many of 700 damaged files are read, and how many of those as they were.
fn damaged(name: &str) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let disk = Disk::new();
    let expected = batch(&rows(60));
    write(&path, slice::from_ref(&expected), &disk).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let change = prop_oneof![
        4 => (1..=255_u8).prop_map(Change::Flip),
        1 => any::<u8>().prop_map(Change::Insert),
        1 => Just(Change::Remove),
        1 => Just(Change::Cut),
        1 => Just(Change::Double),
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), change), 1..4);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut counts = (0, 0);
    for _ in 0..700 {
        let changes = changes.new_tree(&mut runner).unwrap().current();
        std::fs::write(&path, changed(&bytes, &changes)).unwrap();
        for options in [said(), ReadOptions::default()] {
            let found: Option<RecordBatch> = read(&path, &options, &disk).ok();
            counts.0 += usize::from(found.is_some());
            counts.1 += usize::from(found.is_some_and(|found| {
                found.num_columns() == expected.num_columns()
                    && found.columns() == expected.columns()
            }));
        }
    }
    counts
}

/// Nothing tells a changed CSV from another: it is another, which the `csv` crate reads alike (see the
/// tests of reading). Here: no panic.
#[test]
fn csv() {
    let (read, right) = damaged("t.csv");
    assert!(read > right && read < 1400, "{read} {right}");
}

/// gzip and our zstd have checksums: what is read is what was written.
#[test]
fn packed() {
    for name in ["t.csv.gz", "t.csv.zst"] {
        let (read, right) = damaged(name);
        assert!(read == right && read < 700, "{name} {read} {right}");
    }
}

/// Parquet without checksums: no panic.
#[test]
fn parquet() {
    let (read, right) = damaged("t.parquet");
    assert!(read >= right && read < 700, "{read} {right}");
}

//! Every operation fails once, and then every one from there on.

use std::io;
use std::path::Path;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Table, files};
use crate::output::convert::convert;
use crate::output::tests::{batch, limits, names, rows, said, write};
use crate::watch::{Unwatched, Watch};

/// A disk whose operation `k` fails, and where `on` all that follow; and how many there were.
fn failing(k: usize, on: bool) -> (Disk, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let disk = Disk::watched(move |operation| {
        let at = counter.fetch_add(1, Ordering::SeqCst);
        if at == k || (on && at > k) {
            return Err(io::Error::other(format!("{operation:?} {at}")));
        }
        Ok(())
    });
    (disk, count)
}

fn converted(from: &Path, to: &Path, disk: &Disk) -> Result<(u64, u64), Error> {
    let files = files(&[from], disk)?;
    let table = Table::open_on(&files, &said(), disk)?;
    convert(&table, to, &limits(), &Unwatched, disk)
}

#[test]
fn whatever_fails_is_said_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let whole = batch(&rows(9000));
    for name in ["a.csv", "a.csv.gz", "a.csv.zst", "a.parquet"] {
        write(&path(name), slice::from_ref(&whole), &Disk::new()).unwrap();
    }
    let before = names(folder.path());
    for (from, to) in [
        ("a.csv", "b.csv"),
        ("a.csv", "b.parquet"),
        ("a.csv.gz", "b.csv.zst"),
        ("a.csv.zst", "b.csv.gz"),
        ("a.parquet", "b.csv"),
        ("a.parquet", "b.parquet"),
    ] {
        let (disk, count) = failing(usize::MAX, false);
        assert_eq!(converted(&path(from), &path(to), &disk).unwrap(), (9000, 0));
        let expected = std::fs::read(path(to)).unwrap();
        std::fs::remove_file(path(to)).unwrap();
        let operations = count.load(Ordering::SeqCst);
        assert!(operations > 8, "{operations}");
        let mut seen = 0;
        for k in 0..operations {
            for on in [false, true] {
                let (disk, count) = failing(k, on);
                match converted(&path(from), &path(to), &disk) {
                    Err(Error::Io { source, .. }) => {
                        assert!(source.to_string().contains(' '), "{source}");
                        assert_eq!(names(folder.path()), before, "{from} {to} {k}");
                        seen += 1;
                    }
                    // Threads read ahead: which operation is the last may differ.
                    Ok(_) => {
                        assert!(count.load(Ordering::SeqCst) <= k, "{from} {to} {k}");
                        assert_eq!(std::fs::read(path(to)).unwrap(), expected);
                        std::fs::remove_file(path(to)).unwrap();
                    }
                    Err(error) => panic!("{from} {to} {k}: {error}"),
                }
            }
        }
        assert!(seen > operations, "{seen} of {operations}");
    }
}

#[test]
fn what_is_stopped_leaves_nothing() {
    struct Stop;
    impl Watch for Stop {
        fn stop(&self) -> bool {
            true
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    write(&path, &[batch(&rows(10))], &Disk::new()).unwrap();
    let table = Table::open(&[path], &said()).unwrap();
    let target = folder.path().join("b.parquet");
    let stopped = convert(&table, &target, &limits(), &Stop, &Disk::new()).unwrap_err();
    assert_eq!(stopped.to_string(), "stopped");
    assert_eq!(names(folder.path()), ["a.csv"]);
}

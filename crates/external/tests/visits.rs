//! What visiting blocks holds: the peak of a process that does nothing else, beside what is declared.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use twoblade_core::BlockSource;
use twoblade_external::{
    CountOptions, Counted, CountedSource, Disk, Limits, ReadOptions, Table, Unwatched,
};

/// Where the child finds what to visit.
const FILE: &str = "TWOBLADE_TEST_VISITED";
/// Beside what is declared: pages of code that is run for the first time, and of the heap.
const BESIDE: usize = 2 << 20;

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

fn limits() -> Limits {
    Limits { memory: 32 << 20, threads: 1, temp: std::env::temp_dir() }
}

fn open(path: &Path) -> (Table, PathBuf, CountOptions) {
    let table = Table::open(&[path.to_path_buf()], &ReadOptions::default()).unwrap();
    let options =
        CountOptions { block_rows: 10_000, chunk_rows: 1_000, ..CountOptions::new(&table) };
    (table, path.with_extension("counted"), options)
}

#[test]
fn a_visit_holds_what_is_declared() {
    if let Ok(path) = std::env::var(FILE) {
        return visit(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let wide = format!("1,{}", "x".repeat(10_000));
    for (name, header, row, rows) in [
        ("digits", "a,b,c,d,e,f,g,h", "1,2,3,4,5,6,7,8", 200_000),
        ("missing", "a,b,c,d,e,f,g,h,i,j,k,l", "1,,,,,,,,,,,", 200_000),
        ("wide", "a,b", wide.as_str(), 10_000),
    ] {
        let path = folder.path().join(name).with_extension("csv");
        let mut text = format!("{header}\n");
        for _ in 0..rows {
            writeln!(text, "{row}").unwrap();
        }
        std::fs::write(&path, text).unwrap();
        let (table, cache, options) = open(&path);
        let cache = Some(cache.as_path());
        CountedSource::open(&table, &options, cache, &limits(), &Unwatched, &Disk::new()).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["a_visit_holds_what_is_declared", "--exact", "--nocapture"])
            .env(FILE, &path)
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        let visited = std::fs::read_to_string(path.with_extension("visited")).unwrap();
        assert_eq!(visited, rows.to_string());
    }
}

/// Visits all blocks of a table that the parent has counted.
fn visit(path: &Path) {
    let (table, cache, options) = open(path);
    let counted = Counted::load(&cache, &table, &options, &Disk::new()).unwrap().unwrap();
    let source = CountedSource::of(&table, counted, &limits(), &Unwatched, &Disk::new()).unwrap();
    // Forgets the peak of looking at the beginning of the file, where that is allowed: what is held
    // from here on counts.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let before = peak();
    let mut rows = 0;
    for block in 0..source.blocks() {
        let visited = source.visit(block, &mut |chunk| {
            rows += chunk.count() as u64;
            ControlFlow::Continue(())
        });
        visited.unwrap();
    }
    assert_eq!(rows, source.counted().rows());
    let (taken, declared) = (peak() - before, source.chunk_bytes());
    std::fs::write(path.with_extension("visited"), rows.to_string()).unwrap();
    assert!(taken <= declared + BESIDE, "{}: {taken} of {declared}", path.display());
}

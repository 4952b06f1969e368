//! What reading holds: the peak of a process that does nothing else.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use twoblade_external::{Disk, Limits, ReadOptions, Table, Wanted};

/// Beside the budget: what is looked at first (4 MiB and its fields), stacks and heaps of threads.
const BESIDE: usize = 12 << 20;

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

fn write(path: &Path, header: &str, row: &str, rows: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "{header}").unwrap();
    for _ in 0..rows {
        writeln!(file, "{row}").unwrap();
    }
    file.flush().unwrap();
}

/// Budgets ascend, since a peak does not go down.
#[test]
fn reading_keeps_its_budget() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let wide = format!("1,{}", "x".repeat(10_000));
    let quoted = format!("1,\"{}\"", "x \"\"y\"\" ".repeat(1_000));
    for (name, header, row, rows) in [
        ("digits.csv", "a,b,c,d,e,f,g,h", "1,2,3,4,5,6,7,8", 4_000_000),
        ("missing.csv", "a,b,c,d,e,f,g,h,i,j,k,l", "1,,,,,,,,,,,", 4_000_000),
        ("wide.csv", "a,b", wide.as_str(), 6_000),
        ("quoted.csv", "a,b", quoted.as_str(), 6_000),
    ] {
        write(&path(name), header, row, rows);
    }
    let before = peak();
    for memory in [4 << 20, 16 << 20, 32 << 20] {
        for name in ["digits.csv", "missing.csv", "wide.csv", "quoted.csv"] {
            let table = Table::open(&[path(name)], &ReadOptions::default()).unwrap();
            let columns = (0..table.schema().columns().len()).collect();
            let wanted = Wanted { columns, text: true };
            let limits = Limits { memory, threads: 4, temp: std::env::temp_dir() };
            let mut rows = 0;
            for scanned in table.scan(&wanted, &limits, &Disk::new()).unwrap() {
                rows += scanned.unwrap().rows.count();
            }
            assert!(rows >= 6_000);
            let taken = peak() - before;
            assert!(taken <= memory + BESIDE, "{name}: {taken} of {memory}");
        }
    }
}

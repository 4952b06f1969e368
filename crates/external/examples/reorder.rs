//! Sorts or shuffles a table: `reorder IN OUT MEGABYTES THREADS COLUMNS`, or `--seed 7` for COLUMNS.
//!
//! For measuring: `/usr/bin/time -v` says what it costs, and the peak of memory.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::path::PathBuf;

use twoblade_external::{By, Disk, Limits, ReadOptions, Table, Unwatched, shuffle, sort};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, megabytes, threads, columns @ ..] = &words[..] else {
        return Err("reorder IN OUT MEGABYTES THREADS COLUMNS".into());
    };
    let (from, to) = (PathBuf::from(from), PathBuf::from(to));
    let temp = to.parent().ok_or("OUT is a file in a folder")?.to_path_buf();
    let limits =
        Limits { memory: megabytes.parse::<usize>()? << 20, threads: threads.parse()?, temp };
    let (table, disk) = (Table::open(&[from], &ReadOptions::default())?, Disk::new());
    let moved = match columns {
        [flag, seed] if flag == "--seed" => {
            shuffle(&table, seed.parse()?, &to, &limits, &Unwatched, &disk)?
        }
        [columns] => {
            let by = By::parse(columns, table.schema())?;
            sort(&table, &by, &to, &limits, &Unwatched, &disk)?
        }
        _ => return Err("columns to sort by, or --seed and a number".into()),
    };
    println!("{moved:?}");
    Ok(())
}

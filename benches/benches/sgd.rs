//! What logistic regression by stochastic gradients takes on top of reading.
//!
//! `cargo bench -p twoblade-benches --bench sgd [-- FILE]`. FILE is a table as `twoblade simulate table`
//! writes them; without it one of 2 million rows and 30 features is written to a temporary folder. CPU
//! seconds, the least of some rounds, of a scan of the target and the features, of the counting read, and
//! of one epoch over what was counted; and the progressive log loss.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use twoblade::external::{
    CountOptions, CountedSource, Disk, Limits, ReadOptions, SimulatedTable, Table, Unwatched,
    Wanted,
};
use twoblade::learn::Choice;
use twoblade::learn::sgd::{Estimate, Options, Sgd};
use twoblade::runner::{Runner, process};
use twoblade_benches::cpu_seconds;

const ROWS: u64 = 2_000_000;
const FEATURES: u32 = 30;
const ROUNDS: usize = 3;
const MEMORY: usize = 32 << 20;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let given = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let path = given.map_or_else(|| simulated(folder.path()), PathBuf::from);
    let table = Table::open(&[path], &ReadOptions::default()).expect("a table");
    let names = table.schema().columns();
    let columns: Vec<usize> = (0..names.len())
        .filter(|&at| names[at].name == "y" || names[at].name.starts_with('x'))
        .collect();
    let limits = Limits { memory: MEMORY, threads: 1, temp: std::env::temp_dir() };
    let mut least = [f64::INFINITY; 3];
    let mut loss = 0.0;
    for _ in 0..ROUNDS {
        let scan = cpu_seconds(|| scan(&table, &columns, &limits));
        let mut source = None;
        let counting = cpu_seconds(|| source = Some(count(&table, &columns, &limits)));
        let source = source.expect("it was counted");
        let epoch = cpu_seconds(|| loss = epoch(&source).progressive_loss);
        for (least, seconds) in least.iter_mut().zip([scan, counting, epoch]) {
            *least = least.min(seconds);
        }
    }
    let [scan, counting, epoch] = least;
    println!("scan            {scan:.2} CPU-seconds");
    println!("counting read   {counting:.2} CPU-seconds");
    println!("one epoch       {epoch:.2} CPU-seconds");
    println!("progressive log loss {loss:.6}");
    let peak = process::peak_memory().map_or(f64::NAN, |bytes| bytes as f64 / 1e6);
    println!("peak memory     {peak:.0} MB");
}

fn simulated(folder: &Path) -> PathBuf {
    let path = folder.join("table.csv");
    let options =
        SimulatedTable { rows: ROWS, features: FEATURES, keys: 1000, missing: 0.0, seed: 1 };
    options.write(&path, &Unwatched).expect("space for 480 MB in the temporary folder");
    path
}

fn scan(table: &Table, columns: &[usize], limits: &Limits) {
    let wanted = Wanted { columns: columns.to_vec(), text: false };
    for scanned in table.scan(&wanted, limits, &Disk::new()).expect("a scan") {
        black_box(scanned.expect("rows"));
    }
}

fn count(table: &Table, columns: &[usize], limits: &Limits) -> CountedSource {
    let options = CountOptions { columns: columns.to_vec(), ..CountOptions::new(table) };
    CountedSource::open(table, &options, None, limits, &Unwatched, &Disk::new()).expect("counted")
}

fn epoch(source: &CountedSource) -> Estimate {
    let choice = Choice {
        target: "y".into(),
        class: true,
        features: None,
        without: Vec::new(),
        hashed: Vec::new(),
        missing: twoblade::learn::Missing::Drop,
        classes: None,
    };
    let description = source.counted().description().expect("it was counted here");
    let features = choice.features(&description).expect("features");
    let model = Sgd::new(features, Options::default()).expect("a model");
    Runner::new().memory(MEMORY).ordered(&model, source, 1).expect("an epoch").estimate
}

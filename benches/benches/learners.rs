//! What counting and ridge regression cost beside reading alone.
//!
//! `cargo bench --profile dev -p twoblade-benches --bench learners`. A table of 2 million rows of 30
//! features is simulated, as CSV (about 0.45 GB) and as Parquet, in a temporary folder. On one thread,
//! in rounds that alternate: a bare scan of the columns, the counting read, all blocks read and not
//! looked at, and ridge regression with eight penalties, five folds and 50 groups for standard errors. CPU time of the process, the least of three
//! rounds, so that what else the machine does falls on all alike.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use twoblade::core::BlockSource;
use twoblade::external::{
    CountOptions, CountedSource, Disk, Limits, ReadOptions, SimulatedTable, Table, Unwatched,
    Wanted, convert,
};
use twoblade::learn::ridge::{Ridge, cross_validate};
use twoblade::learn::{Features, Folded, Folds, Missing, Scale, Target, Term};
use twoblade::runner::Runner;
use twoblade::table::describe::{Detail, Summary};
use twoblade_benches::cpu_seconds;

const ROUNDS: usize = 3;
/// Of the process, for reading.
const MEMORY: usize = 64 << 20;
const FOLDS: usize = 5;
const GROUPS: usize = 50;
const PENALTIES: [f64; 8] = [0.0, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5];

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let size = SimulatedTable { rows: 2_000_000, features: 30, keys: 1000, missing: 0.0, seed: 1 };
    size.write(&path("t.csv"), &Unwatched).expect("space for 0.45 GB in the temporary folder");
    let csv = open(&path("t.csv"));
    let parquet = path("t.parquet");
    convert(&csv, &parquet, &limits(), &Unwatched, &Disk::new()).expect("space for Parquet");
    for (name, table) in [("CSV", csv), ("Parquet", open(&parquet))] {
        measure(name, &table);
    }
}

fn open(path: &Path) -> Table {
    Table::open(&[path.to_path_buf()], &ReadOptions::default()).expect("a table")
}

fn limits() -> Limits {
    Limits { memory: MEMORY, threads: 1, temp: PathBuf::new() }
}

fn measure(name: &str, table: &Table) {
    // The target and its features.
    let columns = (2..table.schema().columns().len()).collect();
    // As many blocks as `twoblade learn fit` makes of a table of this size.
    let options = CountOptions { columns, block_rows: 20_000, ..CountOptions::new(table) };
    let all = CountOptions { detail: Detail::All, ..options.clone() };
    let source = count(table, &options);
    let (rows, model) = (source.counted().rows(), ridge(&source));
    let whats: [(&str, &dyn Fn()); 5] = [
        ("scan", &|| scan(table, &options.columns)),
        ("counting read", &|| drop(black_box(count(table, &options)))),
        ("counting read, all detail", &|| drop(black_box(count(table, &all)))),
        ("blocks, not looked at", &|| visit(&source)),
        ("ridge, 8 penalties, 5 folds", &|| {
            let run = Runner::new().threads(1).run(&model, &source).expect("a fit");
            let folds = run.total.coarser(&model, FOLDS);
            let scored = cross_validate(model.model(), &folds).expect("five fits");
            let errors = run.total.jackknife(&model).expect("50 fits");
            assert_eq!((errors.full.rows, scored.len()), (rows, FOLDS));
        }),
    ];
    let mut least = [f64::INFINITY; 5];
    for _ in 0..ROUNDS {
        for (least, (_, work)) in least.iter_mut().zip(whats) {
            *least = least.min(cpu_seconds(work));
        }
    }
    println!("{name}, {rows} rows of {} columns", options.columns.len());
    for ((what, _), cpu) in whats.iter().zip(least) {
        println!("  {what:<28}{cpu:.2} CPU-seconds  {:.2} scans", cpu / least[0]);
    }
}

fn scan(table: &Table, columns: &[usize]) {
    let wanted = Wanted { columns: columns.to_vec(), text: false };
    for scanned in table.scan(&wanted, &limits(), &Disk::new()).expect("a scan") {
        black_box(scanned.expect("rows"));
    }
}

fn count(table: &Table, options: &CountOptions) -> CountedSource {
    CountedSource::open(table, options, None, &limits(), &Unwatched, &Disk::new()).expect("rows")
}

fn visit(source: &CountedSource) {
    for block in 0..source.blocks() {
        let take = &mut |rows: &_| {
            black_box(rows);
            ControlFlow::Continue(())
        };
        source.visit(block, take).expect("rows");
    }
}

/// Of the first column on all others.
fn ridge(source: &CountedSource) -> Folded<Ridge> {
    let counted = source.counted();
    let columns = counted.description().expect("counted here").columns;
    let mut scaled = columns.into_iter().map(|column| match column.summary {
        Summary::Numbers(numbers) => (column.name, Scale::of(numbers.mean, numbers.sd)),
        other => panic!("{other:?}"),
    });
    let (column, scale) = scaled.next().expect("a target");
    let terms = scaled.map(|(column, scale)| Term::Number { column, scale }).collect();
    let target = Target::Number { column, scale };
    let features = Features { target, terms, missing: Missing::Drop };
    let ridge = Ridge::new(features, counted.rows(), PENALTIES.to_vec()).expect("a model");
    Folded::new(ridge, Folds::new(GROUPS, counted.options().block_rows).expect("50 groups"))
}

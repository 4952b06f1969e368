//! What it takes to read a CSV file into columns of doubles.
//!
//! `cargo bench -p twoblade-benches --bench tables`. A file of about 300 MB is written to a temporary
//! folder; it is read by the `csv` crate's byte records with each field parsed by fast-float2 and
//! pushed to a vector of its column, and by `Table::scan` with one thread and with two. Rounds
//! alternate between them, and the least of each counts, so that what else the machine does falls on
//! all three.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use twoblade::external::{Disk, Limits, ReadOptions, Table, Wanted};
use twoblade::table::Kind;
use twoblade::table::arrow_array::cast::AsArray;
use twoblade::table::arrow_array::types::Float64Type;
use twoblade_benches::cpu_seconds;

const ROWS: u64 = 3_000_000;
const COLUMNS: usize = 6;
const ROUNDS: usize = 5;
/// Of the process, for reading.
const MEMORY: usize = 64 << 20;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("numbers.csv");
    write(&path).expect("space for 300 MB in the temporary folder");
    let bytes = path.metadata().expect("just written").len();
    let mut least = [(f64::INFINITY, f64::INFINITY); 3];
    for _ in 0..ROUNDS {
        let found =
            [timed(|| by_records(&path)), timed(|| by_scan(&path, 1)), timed(|| by_scan(&path, 2))];
        let sums = found.map(|(sum, _, _)| sum.to_bits());
        assert!(sums.iter().all(|&sum| sum == sums[0]), "not the same numbers");
        for (least, (_, wall, cpu)) in least.iter_mut().zip(found) {
            *least = (least.0.min(wall), least.1.min(cpu));
        }
    }
    println!("{ROWS} rows of {COLUMNS} columns, {:.0} MB", bytes as f64 / 1e6);
    for (name, (wall, cpu)) in ["csv, fast-float2", "1 thread", "2 threads"].iter().zip(least) {
        let faster = least[0].0 / wall;
        println!("  {name:<18}{wall:.2} s  {cpu:.2} CPU-seconds  {faster:.2} x as fast");
    }
}

/// Numbers as people have them: few digits, many, and whole ones.
fn write(path: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "a,b,c,d,e,f")?;
    let mut state = 1_u64;
    for row in 0..ROWS {
        // Steele and Vigna's multiplier: any digits will do.
        state = state.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        let x = (state >> 11) as f64 / (1_u64 << 53) as f64;
        writeln!(file, "{row},{x},{:.3},{},{:.6},{}", x * 1e4, -x * 1e3, 1.0 - x, state >> 40)?;
    }
    file.flush()
}

fn by_records(path: &Path) -> f64 {
    let mut reader = csv::Reader::from_path(path).expect("the file");
    let mut columns: [Vec<f64>; COLUMNS] = Default::default();
    let mut record = csv::ByteRecord::new();
    let mut sum = 0.0;
    while reader.read_byte_record(&mut record).expect("a record") {
        for (column, field) in columns.iter_mut().zip(&record) {
            column.push(fast_float2::parse(field).expect("a number"));
        }
        sum += columns[1][columns[1].len() - 1];
        if columns[0].len() == 1 << 12 {
            for column in &mut columns {
                black_box(&*column);
                column.clear();
            }
        }
    }
    sum
}

fn by_scan(path: &Path, threads: usize) -> f64 {
    let names = ["a", "b", "c", "d", "e", "f"];
    let types = names.map(|name| (name.to_owned(), Kind::Float)).to_vec();
    let options = ReadOptions { types, ..ReadOptions::default() };
    let table = Table::open(&[path.to_path_buf()], &options).expect("the file");
    let wanted = Wanted { columns: (0..COLUMNS).collect(), text: false };
    let limits = Limits { memory: MEMORY, threads, temp: PathBuf::new() };
    let mut sum = 0.0;
    for scanned in table.scan(&wanted, &limits, &Disk::new()).expect("a scan") {
        let rows = scanned.expect("rows").rows;
        for value in rows.batch().column(1).as_primitive::<Float64Type>().values() {
            sum += value;
        }
        black_box(rows);
    }
    sum
}

/// What comes out, and seconds by the clock and of all threads.
fn timed(work: impl FnOnce() -> f64) -> (f64, f64, f64) {
    let begin = Instant::now();
    let mut sum = 0.0;
    let cpu = cpu_seconds(|| sum = work());
    (sum, begin.elapsed().as_secs_f64(), cpu)
}

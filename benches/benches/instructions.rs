//! How many instructions the kernels take: clocks are noisy, and this is not.
//!
//! `cargo bench -p twoblade-benches --bench instructions`. Each loop is run in a process of its own under
//! `valgrind --tool=callgrind`, once and three times, and half of the difference counts, so that what
//! comes before cancels. valgrind knows no AVX-512.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::env;
use std::hint::black_box;
use std::process::Command;

use twoblade::core::{Instructions, Serial};
use twoblade::geno::{Counts, Product, transposed_product};
use twoblade_benches::{chunk, panel, reals};

const INDIVIDUALS: usize = 4_096;
const VARIANTS: usize = 256;
/// What is run, and with how many probes.
const LOOPS: [(&str, usize); 7] =
    [("count", 0), ("X'Z", 10), ("X'Z", 100), (WHOLE, 5), (FLOATS, 16), ("X U", 10), ("X U", 100)];
/// Columns of many values.
const WHOLE: &str = "X'Y, whole numbers";
const FLOATS: &str = "X'Y, floats";

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [number, times] = &words[..] {
        let [number, times] = [number, times].map(|word| word.parse().expect("a number"));
        return work(LOOPS[number], times);
    }
    println!("| loop | instructions | for 1,000 genotypes |");
    println!("|---|---|---|");
    for (number, (name, probes)) in LOOPS.into_iter().enumerate() {
        for set in [Instructions::Scalar, Instructions::Avx2] {
            let count = (counted(number, 3, set) - counted(number, 1, set)) / 2.0;
            let of = count * 1e3 / (INDIVIDUALS * VARIANTS) as f64;
            println!("| {name}, B = {probes} | {set} | {of:.0} |");
        }
    }
}

/// Runs a loop some times.
fn work((name, probes): (&str, usize), times: usize) {
    let set = Instructions::chosen().expect("instructions that are there");
    let (chunk, columns) = chunk(INDIVIDUALS, VARIANTS);
    let panel = match name {
        WHOLE => reals(INDIVIDUALS, probes, 0),
        FLOATS => reals(INDIVIDUALS, probes, probes),
        _ => panel(INDIVIDUALS, probes),
    };
    let loadings = vec![1.0f32; VARIANTS * probes];
    let mut product = Product::new(set);
    for _ in 0..times {
        match name {
            "count" => {
                for variant in 0..VARIANTS {
                    black_box(Counts::with(set, chunk.variant(variant), INDIVIDUALS));
                }
            }
            "X'Z" | WHOLE | FLOATS => {
                black_box(transposed_product(set, &chunk, &columns, &panel, &Serial));
            }
            _ => {
                for first in (0..INDIVIDUALS).step_by(INDIVIDUALS / 2) {
                    product.restart(first..first + INDIVIDUALS / 2);
                    product.push(&chunk, &columns, (&loadings, probes));
                    black_box(product.strips().count());
                }
            }
        }
    }
}

/// Instructions of a process that runs a loop some times.
fn counted(number: usize, times: usize, set: Instructions) -> f64 {
    let own = env::current_exe().expect("a path of this program");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own);
    command.args([number.to_string(), times.to_string()]).env(Instructions::VARIABLE, set.name());
    let output = command.output().expect("valgrind, which has to be installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "valgrind: {said}");
    let line = said.lines().find_map(|line| line.split("Collected :").nth(1));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or_else(|| panic!("no count in {said}"))
}

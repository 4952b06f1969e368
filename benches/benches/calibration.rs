//! Calibration: 200 simulated studies in each cell, with known truth.
//!
//! `cargo bench -p twoblade-benches --bench calibration` prints the table of the documentation, and
//! says at the end which of its promises hold. `-- 20` runs 20 studies a cell. Nothing is timed.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use twoblade::core::Measure;
use twoblade::plink::{Annotation, BedSource, Plink, Simulation};
use twoblade::rhe::Options;
use twoblade::runner::Runner;

const INDIVIDUALS: usize = 2_000;
const VARIANTS: usize = 4_000;
const STUDIES: usize = 200;

/// One cell of the table.
#[derive(Clone, Copy)]
struct Cell {
    h2: f64,
    causal: f64,
    ld: f64,
}

/// What a cell shows.
struct Shown {
    bias: f64,
    bias_se: f64,
    sd: f64,
    mean_se: f64,
    coverage: f64,
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let studies: usize = asked.unwrap_or(STUDIES);
    println!("N {INDIVIDUALS}, M {VARIANTS}, J 100, 50 probes, {studies} studies a cell\n");
    println!(
        "| h2 | causal | ld | mean - h2 | in SE of the mean | SD of estimates | mean SE | SE / SD | 95 % covers |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut broken = Vec::new();
    // Every study of every cell has a seed of its own.
    let mut seed = 1_000;
    for h2 in [0.0, 0.25, 0.5, 0.8] {
        for causal in [1.0, 0.01] {
            for ld in [0.0, 0.9] {
                let cell = Cell { h2, causal, ld };
                let shown = show(&estimates(cell, studies, seed), h2);
                seed += studies as u64;
                let Shown { bias, bias_se, sd, mean_se, coverage } = shown;
                println!(
                    "| {h2} | {causal} | {ld} | {bias:+.4} | {:+.2} | {sd:.4} | {mean_se:.4} | {:.2} | {:.1} % |",
                    bias / bias_se,
                    mean_se / sd,
                    100.0 * coverage
                );
                let named = format!("h2 {h2}, causal {causal}, ld {ld}");
                if bias.abs() >= 3.0 * bias_se {
                    broken.push(format!("{named}: bias of 3 standard errors or more"));
                }
                let range = if h2 <= 0.5 && causal >= 1.0 { 0.90..=0.98 } else { 0.90..=1.0 };
                if !range.contains(&coverage) {
                    broken.push(format!("{named}: the interval covers {:.1} %", 100.0 * coverage));
                }
            }
        }
    }
    if broken.is_empty() {
        println!("\nEvery cell is within its promise.");
    } else {
        println!("\nNot within their promise:\n{}", broken.join("\n"));
    }
}

/// Total h2 of each study, on as many threads as there are.
fn estimates(cell: Cell, studies: usize, seed: u64) -> Vec<Measure> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![Measure { value: 0.0, se: 0.0 }; studies]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let folder = tempfile::tempdir().expect("a folder");
                loop {
                    let study = next.fetch_add(1, Ordering::Relaxed);
                    if study >= studies {
                        break;
                    }
                    let measure = estimate(cell, seed + study as u64, &folder.path().join("study"));
                    found.lock().unwrap_or_else(PoisonError::into_inner)[study] = measure;
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn estimate(Cell { h2, causal, ld }: Cell, seed: u64, prefix: &Path) -> Measure {
    let simulation =
        Simulation { h2: vec![h2], causal, ld, ..Simulation::new(INDIVIDUALS, VARIANTS, seed) };
    simulation.write(prefix).expect("files");
    let plink = Plink::open(prefix).expect("files that were simulated");
    let phenotypes = plink.phenotypes(prefix.with_extension("pheno")).expect("a phenotype file");
    let study = plink.study(&phenotypes, &Annotation::everything("all"), 100).expect("a study");
    let model =
        twoblade::rhe::rhe(&study, Options { seed, ..Options::default() }).expect("a model");
    let source = BedSource::new(&plink, &study).expect("a source");
    let done = Runner::new().jackknife(&model, &source).expect("a result");
    done.jackknife.measure(|estimate| estimate.h2_total(0))
}

fn show(found: &[Measure], truth: f64) -> Shown {
    let count = found.len() as f64;
    let mean = found.iter().map(|measure| measure.value).sum::<f64>() / count;
    let squares: f64 = found.iter().map(|measure| (measure.value - mean).powi(2)).sum();
    let sd = (squares / (count - 1.0)).sqrt();
    let covers = |measure: &&Measure| (measure.value - truth).abs() <= 1.96 * measure.se;
    Shown {
        bias: mean - truth,
        bias_se: sd / count.sqrt(),
        sd,
        mean_se: found.iter().map(|measure| measure.se).sum::<f64>() / count,
        coverage: found.iter().filter(covers).count() as f64 / count,
    }
}

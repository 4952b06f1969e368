//! Calibration: 200 simulated studies in each cell, with known truth.
//!
//! `cargo bench -p twoblade-benches --bench calibration` prints the table of the documentation, and
//! says at the end which of its promises hold. `-- 20` runs 20 studies a cell, `-- 1000 0.8 0.01 0`
//! runs 1,000 of one cell. Nothing is timed.

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

/// One study: what was found, and the share of variance that its drawn effects have.
#[derive(Clone, Copy)]
struct Study {
    found: Measure,
    drawn: f64,
}

/// What a cell shows.
struct Shown {
    drawn: f64,
    bias: f64,
    bias_se: f64,
    sd: f64,
    mean_se: f64,
    coverage: f64,
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn main() {
    // `cargo bench` adds a flag of its own.
    let mut asked = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let studies: usize = asked.next().and_then(|text| text.parse().ok()).unwrap_or(STUDIES);
    let only: Vec<f64> = asked.filter_map(|text| text.parse().ok()).collect();
    println!("N {INDIVIDUALS}, M {VARIANTS}, J 100, 50 probes, {studies} studies a cell\n");
    println!(
        "| h2 | causal | ld | mean drawn | mean - drawn | in SE of the mean | SD of estimates | mean SE | SE / SD | 95 % covers |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut broken = Vec::new();
    // Every study of every cell has a seed of its own.
    let mut seed = 1_000;
    for h2 in [0.0, 0.25, 0.5, 0.8] {
        for causal in [1.0, 0.01] {
            for ld in [0.0, 0.9] {
                let cell = Cell { h2, causal, ld };
                // Cells keep their seeds, also where one is run alone.
                seed += studies as u64;
                if !only.is_empty() && only != [h2, causal, ld] {
                    continue;
                }
                let shown = show(&estimates(cell, studies, seed), h2);
                let Shown { drawn, bias, bias_se, sd, mean_se, coverage } = shown;
                println!(
                    "| {h2} | {causal} | {ld} | {drawn:.4} | {bias:+.4} | {:+.2} | {sd:.4} | {mean_se:.4} | {:.2} | {:.1} % |",
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
fn estimates(cell: Cell, studies: usize, seed: u64) -> Vec<Study> {
    let next = AtomicUsize::new(0);
    let nothing = Study { found: Measure { value: 0.0, se: 0.0 }, drawn: 0.0 };
    let found = Mutex::new(vec![nothing; studies]);
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

fn estimate(Cell { h2, causal, ld }: Cell, seed: u64, prefix: &Path) -> Study {
    let simulation =
        Simulation { h2: vec![h2], causal, ld, ..Simulation::new(INDIVIDUALS, VARIANTS, seed) };
    let truth = simulation.write(prefix).expect("files");
    let plink = Plink::open(prefix).expect("files that were simulated");
    let phenotypes = plink.phenotypes(prefix.with_extension("pheno")).expect("a phenotype file");
    let study = plink.study(&phenotypes, &Annotation::everything("all"), 100).expect("a study");
    let model =
        twoblade::rhe::rhe(&study, Options { seed, ..Options::default() }).expect("a model");
    let source = BedSource::new(&plink, &study).expect("a source");
    let done = Runner::new().jackknife(&model, &source).expect("a result");
    let found = done.jackknife.measure(|estimate| estimate.h2_total(0));
    Study { found, drawn: truth.share[0] }
}

fn show(studies: &[Study], h2: f64) -> Shown {
    let count = studies.len() as f64;
    let mean = |f: &dyn Fn(&Study) -> f64| studies.iter().map(f).sum::<f64>() / count;
    let spread = |f: &dyn Fn(&Study) -> f64| {
        let centre = mean(f);
        (mean(&|study| (f(study) - centre).powi(2)) * count / (count - 1.0)).sqrt()
    };
    let off = |study: &Study| study.found.value - study.drawn;
    let covers = |study: &Study| (study.found.value - h2).abs() <= 1.96 * study.found.se;
    Shown {
        drawn: mean(&|study| study.drawn),
        bias: mean(&off),
        bias_se: spread(&off) / count.sqrt(),
        sd: spread(&|study| study.found.value),
        mean_se: mean(&|study| study.found.se),
        coverage: mean(&|study| f64::from(u8::from(covers(study)))),
    }
}

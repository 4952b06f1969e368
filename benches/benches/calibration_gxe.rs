//! Calibration of gene-environment interaction: simulated studies with known truth.
//!
//! `cargo test -p twoblade-benches --bench calibration_gxe` prints the table of the documentation;
//! `-- 20` runs 20 studies a cell. Nothing is timed.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use twoblade::core::{BlockSource, Measure, Random};
use twoblade::genie::{Covariate, Effects, Options, genie};
use twoblade::geno::{Counts, code, normals};
use twoblade::plink::{Annotation, BedSource, Plink, Simulation};
use twoblade::runner::Runner;

const INDIVIDUALS: usize = 2_000;
const VARIANTS: usize = 2_000;
const BLOCKS: usize = 50;
const STUDIES: usize = 100;

/// One cell of the table: shares of variance, and the model that is fitted.
#[derive(Clone, Copy)]
struct Cell {
    g: f64,
    gxe: f64,
    nxe: f64,
    effects: Effects,
}

/// The totals of G, GxE and NxE of one study.
type Found = [Measure; 3];

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn main() {
    // `cargo bench` adds a flag of its own.
    let mut asked = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let studies: usize = asked.next().and_then(|text| text.parse().ok()).unwrap_or(STUDIES);
    println!("N {INDIVIDUALS}, M {VARIANTS}, J {BLOCKS}, 50 probes, {studies} studies a cell\n");
    println!(
        "| model | G | GxE | NxE | number | truth | mean | off, in SE of the mean | SD of estimates | mean SE | SE / SD | 95 % covers |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let cell = |g, gxe, nxe, effects| Cell { g, gxe, nxe, effects };
    let cells = [
        cell(0.3, 0.0, 0.0, Effects::GxEAndNxE),
        cell(0.3, 0.15, 0.0, Effects::GxEAndNxE),
        cell(0.3, 0.0, 0.2, Effects::GxEAndNxE),
        cell(0.3, 0.15, 0.2, Effects::GxEAndNxE),
        cell(0.3, 0.15, 0.0, Effects::GxE),
        cell(0.3, 0.0, 0.2, Effects::GxE),
    ];
    for (number, cell) in (0u64..).zip(cells) {
        // Every study of every cell has a seed of its own.
        let found = estimates(cell, studies, 10_000 * (1 + number));
        let names = ["G", "GxE", "NxE"];
        let truths = [cell.g, cell.gxe, cell.nxe];
        let model = if cell.effects == Effects::GxE { "G+GxE" } else { "G+GxE+NxE" };
        let shown = if cell.effects == Effects::GxE { 2 } else { 3 };
        for (place, (name, truth)) in names.into_iter().zip(truths).take(shown).enumerate() {
            let of: Vec<Measure> = found.iter().map(|all| all[place]).collect();
            println!(
                "| {model} | {} | {} | {} | {name} | {truth} | {} |",
                cell.g,
                cell.gxe,
                cell.nxe,
                row(&of, truth)
            );
        }
    }
}

/// What a number of a cell shows.
fn row(of: &[Measure], truth: f64) -> String {
    let count = of.len() as f64;
    let mean = of.iter().map(|measure| measure.value).sum::<f64>() / count;
    let squares: f64 = of.iter().map(|measure| (measure.value - mean).powi(2)).sum();
    let sd = (squares / (count - 1.0)).sqrt();
    let se = of.iter().map(|measure| measure.se).sum::<f64>() / count;
    let covers = of.iter().filter(|m| (m.value - truth).abs() <= 1.96 * m.se).count() as f64;
    format!(
        "{mean:.4} | {:+.2} | {sd:.4} | {se:.4} | {:.2} | {:.1} %",
        (mean - truth) / (sd / count.sqrt()),
        se / sd,
        100.0 * covers / count
    )
}

/// All studies of a cell, on as many threads as there are.
fn estimates(cell: Cell, studies: usize, seed: u64) -> Vec<Found> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![[Measure { value: 0.0, se: 0.0 }; 3]; studies]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let study = next.fetch_add(1, Ordering::Relaxed);
                    if study >= studies {
                        break;
                    }
                    let measures = estimate(cell, seed + study as u64);
                    found.lock().unwrap_or_else(PoisonError::into_inner)[study] = measures;
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn estimate(cell: Cell, seed: u64) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().join("study");
    let simulation = Simulation::new(INDIVIDUALS, VARIANTS, seed);
    simulation.write(&prefix).expect("files");
    let plink = Plink::open(&prefix).expect("files that were simulated");
    let phenotypes = plink.phenotypes(prefix.with_extension("pheno")).expect("a phenotype file");
    let everything = Annotation::everything("all");
    let mut study = plink.study(&phenotypes, &everything, BLOCKS).expect("a study");
    let source = BedSource::new(&plink, &study).expect("a source");

    let random = Random::new(seed, 77);
    let draw = |stream: u32, item: usize| normals(&random, item as u64, stream)[0];
    let age: Vec<f64> = (0..INDIVIDUALS).map(|i| draw(0, i)).collect();
    let rms = (age.iter().map(|e| e * e).sum::<f64>() / INDIVIDUALS as f64).sqrt();
    let e: Vec<f64> = age.iter().map(|age| age / rms).collect();
    let (mut genetic, mut interacting) = (vec![0.0; INDIVIDUALS], vec![0.0; INDIVIDUALS]);
    let each = 1.0 / (VARIANTS as f64).sqrt();
    for block in 0..source.blocks() {
        let done = source.visit(block, &mut |chunk| {
            for place in 0..chunk.variants() {
                let (packed, number) = (chunk.variant(place), chunk.first() + place);
                let p = Counts::of(packed, INDIVIDUALS).frequency();
                let sd = (2.0 * p * (1.0 - p)).sqrt();
                let (b, c) = (each * draw(1, number), each * draw(2, number));
                for i in 0..INDIVIDUALS {
                    let copies = match usize::from(packed[i / 4] >> (2 * (i % 4)) & 3) {
                        code::HOM_A1 => 2.0,
                        code::HET => 1.0,
                        _ => 0.0,
                    };
                    let x = (copies - 2.0 * p) / sd;
                    genetic[i] += x * b;
                    interacting[i] += x * c;
                }
            }
            ControlFlow::Continue(())
        });
        done.expect("a block");
    }
    let Cell { g, gxe, nxe, effects } = cell;
    let residual = 1.0 - g - gxe - nxe;
    let value = |i: usize| {
        g.sqrt() * genetic[i]
            + gxe.sqrt() * e[i] * interacting[i]
            + nxe.sqrt() * e[i] * draw(3, i)
            + residual.sqrt() * draw(4, i)
            // The environment has an effect of its own.
            + 0.5 * e[i]
    };
    study.traits[0].values = (0..INDIVIDUALS).map(value).collect();
    let environments = [Covariate { name: "e".into(), values: e.clone() }];
    let options = Options { seed, ..Options::default() };
    let model = genie(&study, &environments, &environments, effects, options).expect("a model");
    let done = Runner::new().jackknife(&model, &source).expect("a result").jackknife;
    let last = if effects == Effects::GxEAndNxE { 2 } else { 1 };
    [0, 1, 2].map(|k: usize| done.measure(|estimate| estimate.h2(0, k.min(last))))
}

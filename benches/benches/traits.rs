//! What more traits cost: one, ten of the same individuals, and two groups of individuals.
//!
//! `cargo bench -p twoblade-benches --bench traits`. Ten traits of one group should cost less than
//! 1.5 times one trait at 50 probes; a second group of individuals costs a second product and state,
//! and no second read.

use divan::Bencher;
use divan::counter::ItemsCount;
use twoblade::geno::Among;
use twoblade::plink::{Annotation, Assembled, BedSource, Group, Plink, Simulation, StudyBuilder};
use twoblade::rhe::{Options, Probes, Rhe};
use twoblade::runner::{Reuse, Runner};

const INDIVIDUALS: usize = 20_000;
const VARIANTS: usize = 10_000;
const PROBES: usize = 50;

fn main() {
    divan::main();
}

/// Traits, and every how many rows one of the first trait is missing (0 for none).
#[divan::bench(args = [(1, 0), (10, 0), (2, 5)], sample_count = 7)]
fn jackknife(bencher: Bencher<'_, '_>, (traits, missing): (usize, usize)) {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().join("study");
    let simulation = Simulation { traits, ..Simulation::new(INDIVIDUALS, VARIANTS, 1) };
    simulation.write(&prefix).expect("files");
    let file = prefix.with_extension("pheno");
    if missing > 0 {
        let text = std::fs::read_to_string(&file).expect("a phenotype file");
        std::fs::write(&file, without_some(&text, missing)).expect("a phenotype file");
    }
    let plink = Plink::open(&prefix).expect("files that were simulated");
    let phenotypes = plink.phenotypes(&file).expect("a phenotype file");
    let annotation = Annotation::everything("all");
    let assembled = StudyBuilder::new(&plink, &phenotypes, &annotation).assemble(100);
    let assembled = assembled.expect("studies");
    let models: Vec<_> = assembled.groups.iter().map(|group| model(&assembled, group)).collect();
    let source = BedSource::of(&plink, &assembled).expect("a source");
    let flops = 2 * 2 * 2 * INDIVIDUALS * VARIANTS * PROBES * models.len();
    bencher.counter(ItemsCount::new(flops)).bench_local(|| {
        let runner = Runner::new().threads(1).reuse(Reuse::Recompute);
        runner.jackknife(&models.as_slice(), &source).expect("a result").jackknife
    });
}

fn model(assembled: &Assembled, group: &Group) -> Among<Rhe> {
    let options = Options { probes: Probes::Rademacher(PROBES), ..Options::default() };
    let model = twoblade::rhe::rhe(&group.study, options).expect("a model");
    Among::new(model, "a group", assembled.selection(group))
}

/// The first trait of every so many rows is taken out.
fn without_some(text: &str, every: usize) -> String {
    let row = |(number, line): (usize, &str)| {
        let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
        if number > 0 && number.is_multiple_of(every) {
            words[2] = "NA";
        }
        words.join(" ") + "\n"
    };
    text.lines().enumerate().map(row).collect()
}

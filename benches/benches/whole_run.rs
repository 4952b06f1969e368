//! A whole run: reading, both passes, every replicate, on files in the page cache.
//!
//! `cargo bench -p twoblade-benches --bench whole_run`. Items are GFLOP-equivalents: two products of
//! 2 N M B for each pass over the genotypes.

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use twoblade::plink::{Annotation, BedSource, Plink, Simulation};
use twoblade::rhe::{Options, Probes, Rhe};
use twoblade::runner::{Reuse, Runner};

const INDIVIDUALS: usize = 20_000;
const VARIANTS: usize = 10_000;

fn main() {
    divan::main();
}

struct Run {
    model: Rhe,
    source: BedSource,
}

fn open(prefix: &Path, probes: usize, bins: bool) -> Run {
    let plink = Plink::open(prefix).expect("files that were simulated");
    let phenotypes = plink.phenotypes(prefix.with_extension("pheno")).expect("a phenotype file");
    let annotation = if bins {
        plink.annotation(prefix.with_extension("annot")).expect("an annotation file")
    } else {
        Annotation::everything("all")
    };
    let study = plink.study(&phenotypes, &annotation, 100).expect("a study");
    let options = Options { probes: Probes::Rademacher(probes), ..Options::default() };
    let model = twoblade::rhe::rhe(&study, options).expect("a model");
    let source = BedSource::new(&plink, &study).expect("a source");
    Run { model, source }
}

/// Probes, bins or one bin, threads.
#[divan::bench(args = [(10, false, 1), (10, false, 2), (50, false, 2), (50, true, 2)], sample_count = 5)]
fn jackknife(bencher: Bencher<'_, '_>, (probes, bins, threads): (usize, bool, usize)) {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().join("study");
    let h2 = vec![0.05; 8];
    let simulation = Simulation { h2, ..Simulation::new(INDIVIDUALS, VARIANTS, 1) };
    simulation.write(&prefix).expect("files");
    let run = open(&prefix, probes, bins);
    bencher.counter(ItemsCount::new(2 * 2 * 2 * INDIVIDUALS * VARIANTS * probes)).bench_local(
        || {
            let runner = Runner::new().threads(threads).reuse(Reuse::Recompute);
            runner.jackknife(&run.model, &run.source).expect("a result").jackknife
        },
    );
}

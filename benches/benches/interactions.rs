//! What environments cost: additive effects alone, and with interactions of one and of four
//! environments.
//!
//! `cargo bench --profile dev -p twoblade-benches --bench interactions`. The genotypes of a chunk are
//! looked at once for all, so one environment should cost at most 2.2 times the additive model, and
//! four at most 5.5 times.

use divan::Bencher;
use divan::counter::ItemsCount;
use twoblade::genie::{Covariate, Effects, Options, Probes, genie};
use twoblade::plink::{Annotation, BedSource, Plink, Simulation};
use twoblade::runner::{Reuse, Runner};

const INDIVIDUALS: usize = 20_000;
const VARIANTS: usize = 10_000;
const PROBES: usize = 50;

fn main() {
    divan::main();
}

/// By the number of environments, both passes over the file.
#[divan::bench(args = [0, 1, 4], sample_count = 5)]
fn jackknife(bencher: Bencher<'_, '_>, environments: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().join("study");
    Simulation::new(INDIVIDUALS, VARIANTS, 1).write(&prefix).expect("files");
    let plink = Plink::open(&prefix).expect("files that were simulated");
    let phenotypes = plink.phenotypes(prefix.with_extension("pheno")).expect("a phenotype file");
    let study = plink.study(&phenotypes, &Annotation::everything("all"), 100).expect("a study");
    let value = |e: usize, i: usize| ((i * (31 + 2 * e)) % 101) as f64;
    let environment = |e: usize| Covariate {
        name: format!("e{e}"),
        values: (0..INDIVIDUALS).map(|i| value(e, i)).collect(),
    };
    let environments: Vec<_> = (0..environments).map(environment).collect();
    let effects = if environments.is_empty() { Effects::G } else { Effects::GxE };
    let options = Options { probes: Probes::Rademacher(PROBES), ..Options::default() };
    let model = genie(&study, &environments, &environments, effects, options).expect("a model");
    let source = BedSource::new(&plink, &study).expect("a source");
    let flops = 2 * 2 * 2 * INDIVIDUALS * VARIANTS * PROBES * (1 + environments.len());
    bencher.counter(ItemsCount::new(flops)).bench_local(|| {
        let runner = Runner::new().threads(1).reuse(Reuse::Recompute);
        runner.jackknife(&model, &source).expect("a result").jackknife
    });
}

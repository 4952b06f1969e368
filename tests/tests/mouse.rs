//! Real data: 1,940 mice x 12,226 variants, related and inbred, against the dense computation.
//!
//! The data are not part of the project. `docs/src/mouse.md` says how to get them; then
//! `TWOBLADE_MOUSE=/folder/with/mouse.bed cargo test -p twoblade-tests --test mouse`. Without the
//! variable the test passes over, and says so.

use std::path::PathBuf;

use twoblade::plink::{Annotation, BedSource, Plink};
use twoblade::rhe::{Options, Precision, Probes};
use twoblade::runner::Runner;
use twoblade_tests::dense::{Dense, standard_error};

/// A few of the 100 blocks are left out of the dense computation too: each takes seconds.
const BLOCKS: usize = 100;
const LEFT_OUT: [usize; 3] = [0, 42, 99];

#[test]
#[expect(clippy::print_stderr, reason = "a test that passes over its data says so")]
fn mice_have_the_dense_numbers() {
    let Some(folder) = std::env::var_os("TWOBLADE_MOUSE").map(PathBuf::from) else {
        eprintln!("passed over: TWOBLADE_MOUSE names no folder");
        return;
    };
    let plink = Plink::open(folder.join("mouse")).unwrap();
    let phenotypes = plink.phenotypes(folder.join("mouse.pheno")).unwrap().select(&["p1"]).unwrap();
    let study = plink.study(&phenotypes, &Annotation::everything("all"), BLOCKS).unwrap();
    let precision = Precision::Double;
    let options = Options { probes: Probes::Basis, precision, ..Options::default() };
    let model = twoblade::rhe::rhe(&study, options).unwrap();
    let source = BedSource::new(&plink, &study).unwrap();
    let ours = Runner::new().threads(2).jackknife(&model, &source).unwrap().jackknife;

    // The genotypes once more, by plain indexing.
    let bed = std::fs::read(folder.join("mouse.bed")).unwrap();
    let of_variant = |row: &[u8]| {
        let code = |&i: &u32| (row[i as usize / 4] >> (2 * (i % 4))) & 3;
        study.individuals.iter().map(code).collect()
    };
    let codes: Vec<Vec<u8>> = bed[3..].chunks(study.listed.div_ceil(4)).map(of_variant).collect();
    let dense = Dense {
        bins: &vec![vec![0]; codes.len()],
        codes: &codes,
        components: 1,
        traits: &[study.traits[0].values.clone()],
        intercept: true,
        covariates: &[],
        blocks: BLOCKS,
    };
    let close = |ours: f64, dense: f64| (ours / dense - 1.0).abs() < 1e-9;
    let full = dense.solve(None).unwrap();
    for k in 0..2 {
        let (ours, dense) = (ours.full.variance(0, k), full.sigma[0][k]);
        assert!(close(ours, dense), "{ours} for {dense}");
    }
    for block in LEFT_OUT {
        let dense = dense.solve(Some(block)).unwrap();
        let (ours, dense) = (ours.replicates[block].h2_total(0), dense.h2(0).1);
        assert!(close(ours, dense), "without block {block}: {ours} for {dense}");
    }
    let replicates: Vec<f64> = ours.replicates.iter().map(|e| e.h2_total(0)).collect();
    assert!(close(ours.measure(|e| e.h2_total(0)).se, standard_error(&replicates)));
}

//! Real input, where it is at hand.

use std::ops::ControlFlow;
use std::path::Path;

use twoblade_core::BlockSource;
use twoblade_plink::{BedSource, Plink};

#[test]
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn the_reference_data_opens() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("../shared/reference/rhe");
    if !folder.exists() {
        eprintln!("passed over: there is no reference data beside the workspace");
        return;
    }
    let plink = Plink::open(folder.join("test")).unwrap();
    let phenotypes = plink.phenotypes(folder.join("test.multi.pheno")).unwrap();
    let annotation = plink.annotation(folder.join("multi.annot")).unwrap();
    let study = plink.study(&phenotypes, &annotation, 100).unwrap();
    assert_eq!(phenotypes.names(), ["y_add", "y_dom", "y_gxe"]);
    assert_eq!((study.listed, study.individuals.len(), study.bins.count()), (5_000, 5_000, 8));
    assert_eq!(
        (study.cut.variants(), annotation.in_no_bin(), plink.bim().duplicates()),
        (10_000, 0, 0)
    );
    let source = BedSource::new(&plink, &study).unwrap();
    let mut variants = 0;
    for block in 0..source.blocks() {
        let visited = source.visit(block, &mut |chunk| {
            variants += chunk.variants();
            ControlFlow::Continue(())
        });
        assert!(visited.is_ok());
    }
    assert_eq!(variants, 10_000);
}

//! How the model estimates, and what the run may use.

use serde_json::Value;

use crate::study::{Study, refused};

fn h2(result: &Value) -> (f64, f64) {
    let h2 = &result["groups"][0]["traits"][0]["h2"];
    (h2["value"].as_f64().unwrap(), h2["mc_se"].as_f64().unwrap())
}

#[test]
fn probes_of_any_kind_estimate_the_same() {
    let study = Study::small();
    let (exact, none) = h2(&study.result(&["--probe-kind", "basis", "--precision", "double"]));
    assert_eq!(none.to_bits(), 0.0f64.to_bits());
    let mut found = Vec::new();
    for kind in ["rademacher", "gaussian"] {
        let result = study.result(&["--probe-kind", kind, "--probes", "400"]);
        assert_eq!(result["groups"][0]["probes"], 400);
        let (value, mc_se) = h2(&result);
        assert!(mc_se > 0.0 && (value - exact).abs() < 5.0 * mc_se, "{kind}: {value} for {exact}");
        found.push(value);
    }
    assert!((found[0] - found[1]).abs() > 1e-6, "{found:?}");
}

#[test]
fn singles_are_near_doubles() {
    let study = Study::small();
    let (single, double) =
        (h2(&study.result(&[])).0, h2(&study.result(&["--precision", "double"])).0);
    assert!((single - double).abs() < 1e-4, "{single} and {double}");
    assert!(single.to_bits() != double.to_bits());
    assert_eq!(h2(&study.result(&["--precision", "single"])).0.to_bits(), single.to_bits());
}

#[test]
fn a_seed_draws_the_probes() {
    let study = Study::small();
    let first = study.text(&[]);
    assert_eq!(study.text(&["--seed", "0"]), first);
    let (zero, one) = (h2(&study.json("result.json")).0, h2(&study.result(&["--seed", "1"])).0);
    assert!((zero - one).abs() > 1e-6, "{zero} and {one}");
}

#[test]
fn blocks_and_probes_are_as_many_as_are_asked_for() {
    let study = Study::small();
    for (blocks, probes) in [(2, 2), (7, 11), (40, 3)] {
        let (b, p) = (blocks.to_string(), probes.to_string());
        let result = study.result(&["--blocks", &b, "--probes", &p]);
        assert_eq!(
            (&result["blocks"], &result["groups"][0]["probes"]),
            (&blocks.into(), &probes.into())
        );
    }
}

#[test]
fn options_of_estimation_and_running_that_cannot_be() {
    let study = Study::small();
    for (argument, says) in [
        ("--probe-kind=other", "[possible values: rademacher, gaussian, basis]"),
        ("--precision=half", "[possible values: single, double]"),
        ("--reuse=never", "[possible values: auto, recompute, keep, spill]"),
        ("--seed=-1", "--seed"),
        ("--threads=many", "--threads"),
        ("--memory=4X", "unit 'X' is not one of K, M, G, T"),
    ] {
        refused(&study, &[argument], 2, &["invalid value", says]);
    }
    // A file stands where the folder is to be.
    let spill = ["--reuse", "spill", "--spill", "study.fam"];
    refused(&study, &spill, 1, &["study.fam"]);
}

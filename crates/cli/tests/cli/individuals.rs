//! Which individuals are analysed.

use crate::study::{Study, refused};

/// Takes the genotypes of an individual away, at some variants.
fn take_away(study: &Study, individual: usize, at: impl Fn(usize) -> bool) {
    study.change_variants(|v, packed| {
        if at(v) {
            let (byte, shift) = (&mut packed[individual / 4], 2 * (individual % 4));
            *byte = *byte & !(3 << shift) | 1 << shift;
        }
    });
}

#[test]
fn lists_keep_and_remove_individuals_in_this_order() {
    let study = Study::small();
    let identifiers = study.individuals();
    study.write("keep", identifiers[..50].join("\n"));
    study.write("remove", format!("{}\nnobody nowhere\n", identifiers[45..55].join("\n")));
    let listed = study.text(&["--keep", "keep", "--remove", "remove"]);
    assert_eq!(study.json("result.json")["groups"][0]["individuals"], 45);
    study.log_says(&[
        "keep: 50 lines, 50 matched by identifier, 0 not among the genotyped, 0 again",
        "remove: 11 lines, 10 matched by identifier, 1 not among the genotyped, 0 again",
        "individuals: 60 listed",
        // Five of the ten were not kept before.
        "--keep: 10 left out, 50 left",
        "--remove: 5 left out, 45 left",
    ]);
    // The same as a phenotype file that has those individuals alone: probes follow the row of the
    // .fam, and not who else stays.
    let pheno = study.read("study.pheno");
    let rows: Vec<&str> = pheno.lines().take(46).collect();
    study.write("study.pheno", rows.join("\n"));
    assert_eq!(study.text(&[]), listed);
    study.log_says(&["without a phenotype row: 15 left out, 45 left"]);
}

#[test]
fn lists_may_have_a_header_or_no_families_or_somebody_twice() {
    let study = Study::small();
    let identifiers = study.individuals();
    study.write("keep", identifiers[..50].join("\n"));
    let kept = study.text(&["--keep", "keep"]);
    study
        .write("keep", format!("#FID IID\n{}\n{}\n", identifiers[..50].join("\n"), identifiers[3]));
    assert_eq!(study.text(&["--keep", "keep"]), kept);
    study.log_says(&[
        "keep: 51 lines, 50 matched by identifier, 0 not among the genotyped, 1 again",
    ]);
    let alone: Vec<_> = (0..50).rev().map(|i| format!("i{i}")).collect();
    study.write("keep", alone.join("\n"));
    assert_eq!(study.text(&["--keep", "keep"]), kept);
}

#[test]
fn an_individual_with_many_missing_genotypes_is_as_if_it_were_removed() {
    let study = Study::small();
    take_away(&study, 7, |v| v % 2 == 0);
    study.write("remove", "f7 i7\n");
    let removed = study.text(&["--remove", "remove"]);
    assert_eq!(study.text(&["--mind", "0.3"]), removed);
    assert_eq!(study.json("result.json")["groups"][0]["individuals"], 59);
    study.log_says(&["individuals: 60 listed", "--mind: 1 left out, 59 left"]);
    // On 1 and 3 threads.
    assert_eq!(study.text(&["--mind", "0.3", "--threads", "1"]), removed);
    assert_eq!(study.text(&["--mind", "0.3", "--threads", "3"]), removed);
    // Nobody has that many.
    let all = study.text(&[]);
    assert_ne!(all, removed);
    assert_eq!(study.text(&["--mind", "0.9"]), all);
    study.log_says(&["--mind: 0 left out, 60 left"]);
}

#[test]
fn as_many_missing_genotypes_as_are_allowed_may_be_missing() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "40"]);
    take_away(&study, 7, |v| v < 20);
    // 20 of 40: PLINK leaves out those with more than the share.
    for (share, left) in [("0.5", 60), ("0.49", 59)] {
        let result = study.result(&["--mind", share]);
        assert_eq!(result["groups"][0]["individuals"], left, "{share}");
    }
}

#[test]
fn missing_genotypes_are_counted_over_the_chosen_variants_of_those_who_are_kept() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "40"]);
    take_away(&study, 7, |v| v < 20);
    // PLINK 1.9's order: the lists of individuals and variants come before --mind.
    let half: Vec<_> = (20..40).map(|v| format!("snp{v}")).collect();
    study.write("half", half.join("\n"));
    let result = study.result(&["--mind", "0.1", "--extract", "half"]);
    assert_eq!(result["groups"][0]["individuals"], 60);
    let result = study.result(&["--mind", "0.1", "--exclude", "half"]);
    assert_eq!(result["groups"][0]["individuals"], 59);
    study.write("seven", "f7 i7\n");
    study.text(&["--mind", "0.1", "--remove", "seven"]);
    study.log_says(&["--remove: 1 left out, 59 left", "--mind: 0 left out, 59 left"]);
}

#[test]
fn shares_of_missing_genotypes_are_shares() {
    for share in ["2", "-0.1", "nan", "many"] {
        let argument = format!("--mind={share}");
        let says = ["--mind <SHARE>", "is not a number from 0 to 1"];
        refused(&Study::small(), &[&argument], 2, &says);
    }
}

#[test]
fn nobody_with_enough_genotypes() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "40", "--missing", "0.4"]);
    let says = ["60 of the rest lack too many genotypes", "0 stay", "allow more missing genotypes"];
    refused(&study, &["--mind", "0.01"], 1, &says);
}

#[test]
fn lists_that_are_not_there_or_leave_nobody() {
    let study = Study::small();
    refused(&study, &["--keep", "nowhere"], 1, &["nowhere could not be read", "because"]);
    refused(&study, &["--remove", "nowhere"], 1, &["nowhere could not be read", "because"]);
    study.write("list", "nobody nowhere\nf7 i7\n");
    let says = ["study.fam", "59 are not in the list to keep", "1 stay", "at least 2 are needed"];
    refused(&study, &["--keep", "list"], 1, &says);
    study.write("list", study.individuals().join("\n"));
    let says = ["60 of the others are in the list to remove", "0 stay"];
    refused(&study, &["--remove", "list"], 1, &says);
}

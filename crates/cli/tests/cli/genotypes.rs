//! Where the genotypes are, and what a missing one counts as.

use crate::study::{Study, lines, refused};

/// Three data sets `chr1` to `chr3` of unequal sizes, which no block ends with.
fn split() -> (Study, String) {
    let study = Study::small();
    let whole = study.text(&["--annot", "study.annot"]);
    for (chromosome, variants) in [(1, 0..11), (2, 11..13), (3, 13..40)] {
        study.write_part(&format!("chr{chromosome}"), |v| variants.contains(&v));
    }
    for file in ["study.bed", "study.bim", "study.fam"] {
        std::fs::remove_file(study.path(file)).unwrap();
    }
    (study, whole)
}

#[test]
fn a_data_set_a_chromosome_gives_the_same_bytes_as_one_data_set() {
    let (study, whole) = split();
    assert_eq!(study.text(&["--bfile", "chr{1..3}", "--annot", "study.annot"]), whole);
    study.log_says(&[
        "chr1.fam: 60 individuals",
        "chr1.bim: 11 variants",
        "chr2.bim: 2 variants",
        "chr3.bim: 27 variants",
        "variants: 40 listed",
    ]);
}

#[test]
fn what_reads_or_draws_by_place_counts_over_all_data_sets() {
    let study = Study::small();
    for (chromosome, variants) in [(1, 0..11), (2, 11..13), (3, 13..40)] {
        study.write_part(&format!("chr{chromosome}"), |v| variants.contains(&v));
    }
    study.write("extract", lines((2..40).filter(|v| v % 5 != 1), |v| format!("snp{v}")));
    study.write("scores", lines(0..40, |v| format!("snp{v} {}", v * 7 % 40)));
    for arguments in [
        &["--missing-genotype", "binomial"][..],
        &["--mind", "0.03"],
        &["--mind", "0.03", "--extract", "extract"],
        &["--ld-maf-bins", "scores", "--ld-groups", "2", "--extract", "extract", "--blocks", "3"],
        &["--threads", "3", "--reuse", "keep", "--blocks", "7"],
    ] {
        let whole = study.text(arguments);
        let parts = study.text(&[&["--bfile", "chr{1..3}"], arguments].concat());
        assert_eq!(parts, whole, "{arguments:?}");
    }
    // Somebody did lack more than that.
    study.text(&["--mind", "0.03"]);
    let left = study.json("result.json")["groups"][0]["individuals"].as_u64().unwrap();
    assert!((30..60).contains(&left), "{left}");
}

#[test]
fn a_list_of_data_sets_has_prefixes_or_three_paths_a_line() {
    let (study, whole) = split();
    std::fs::rename(study.path("chr2.bed"), study.path("elsewhere")).unwrap();
    study.write("sets", "chr1\nelsewhere chr2.bim chr2.fam\nchr3\n");
    assert_eq!(study.text(&["--bfile-list", "sets", "--annot", "study.annot"]), whole);
    // The order of the list is that of the variants: rows of an annotation are then of others.
    study.write("sets", "chr3\nchr1\nelsewhere chr2.bim chr2.fam\n");
    assert_ne!(study.text(&["--bfile-list", "sets", "--annot", "study.annot"]), whole);
}

#[test]
fn three_files_of_any_names_are_a_data_set() {
    let study = Study::small();
    let whole = study.text(&[]);
    for (ending, name) in [("bed", "genotypes"), ("bim", "variants.txt"), ("fam", "people")] {
        std::fs::rename(study.path(&format!("study.{ending}")), study.path(name)).unwrap();
    }
    let arguments = ["--bed", "genotypes", "--bim", "variants.txt", "--fam", "people"];
    assert_eq!(study.text(&arguments), whole);
    study.log_says(&["people: 60 individuals", "variants.txt: 40 variants"]);
}

#[test]
fn other_columns_of_the_fam_files_may_differ() {
    let (study, whole) = split();
    let fam = study.read("chr2.fam");
    study.write("chr2.fam", fam.replace(" 0 0 1 ", " dad mum 2 ").replace('\t', " "));
    assert_eq!(study.text(&["--bfile", "chr{1..3}", "--annot", "study.annot"]), whole);
}

#[test]
fn data_sets_of_other_individuals_are_refused() {
    let (study, _) = split();
    let fam = study.read("chr3.fam");
    let mut rows: Vec<&str> = fam.lines().collect();
    rows.swap(6, 7);
    study.write("chr3.fam", rows.join("\n"));
    let says = ["chr3.fam, line 7", "'f7 i7' found", "'f6 i6' is expected as in chr1.fam"];
    refused(&study, &["--bfile", "chr{1..3}"], 1, &says);
    rows.swap(6, 7);
    rows.pop();
    study.write("chr3.fam", rows.join("\n"));
    refused(&study, &["--bfile", "chr{1..3}"], 1, &["chr3.fam lists 59", "chr1.fam lists 60"]);
}

#[test]
fn a_missing_genotype_is_the_mean_or_a_draw_of_the_seed() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "40", "--missing", "0.1"]);
    let mean = study.result(&[]);
    study.log_says(&["missing genotypes set to the mean: "]);
    let drawn = |arguments: &[&str]| {
        study.text(
            &[&["--missing-genotype", "binomial", "--probe-kind", "basis"], arguments].concat(),
        )
    };
    let one = drawn(&["--threads", "1"]);
    study.log_says(&["missing genotypes drawn by frequency: "]);
    assert_eq!(drawn(&["--threads", "3"]), one);
    assert_eq!(drawn(&["--threads", "3", "--reuse", "keep"]), one);
    // With exact probes the draws are all that a seed changes.
    let of = |text: &str| {
        let result: serde_json::Value = serde_json::from_str(text).unwrap();
        result["groups"][0]["traits"][0]["h2"]["value"].as_f64().unwrap()
    };
    let other = drawn(&["--seed", "8"]);
    assert!((of(&one) - of(&other)).abs() > 1e-6);
    let exact = study.result(&["--probe-kind", "basis"]);
    let exact = &exact["groups"][0]["traits"][0]["h2"]["value"];
    assert!((of(&one) - exact.as_f64().unwrap()).abs() > 1e-6);
    // As many as there are, whatever they count as; and OUT.json says which.
    let result: serde_json::Value = serde_json::from_str(&one).unwrap();
    let missing = |of: &serde_json::Value| of["groups"][0]["counts"]["genotypes_missing"].clone();
    assert_eq!(missing(&result), missing(&mean));
    assert_eq!(result["missing_genotype"], "binomial");
    assert_eq!(mean["missing_genotype"], "mean");
}

#[test]
fn without_missing_genotypes_there_is_nothing_to_draw() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "40"]);
    let (mean, drawn) = (study.text(&[]), study.text(&["--missing-genotype", "binomial"]));
    assert_eq!(drawn.replace("\"binomial\"", "\"mean\""), mean);
}

#[test]
fn braces_that_are_no_range() {
    for prefix in ["chr{3..1}", "chr{1..3", "chr{1,3}", "chr{1..2}_{1..2}"] {
        let says = [prefix, "one ascending range of whole numbers", "as in chr{1..22}"];
        refused(&Study::small(), &["--bfile", prefix], 1, &says);
    }
}

#[test]
fn a_data_set_of_a_range_or_of_a_list_that_is_not_there() {
    let (study, _) = split();
    refused(&study, &["--bfile", "chr{1..4}"], 1, &["chr4.bed does not exist", "three files"]);
    study.write("sets", "chr1\nnowhere\n");
    refused(&study, &["--bfile-list", "sets"], 1, &["nowhere.bed does not exist"]);
    refused(&study, &["--bfile-list", "none"], 1, &["none could not be read"]);
}

#[test]
fn a_list_that_is_empty_or_has_two_columns_or_a_data_set_twice() {
    let (study, _) = split();
    for (list, says) in [
        ("", ["sets is empty", "with its prefix"]),
        ("chr1\nchr2.bed chr2.bim\n", ["sets, line 2: 2 columns", "1 (a prefix) or 3"]),
        ("chr1\nchr2\nchr1\n", ["chr1.bed is named twice", "name each data set once"]),
    ] {
        study.write("sets", list);
        refused(&study, &["--bfile-list", "sets"], 1, &says);
    }
}

#[test]
fn three_files_are_three_and_exclude_a_prefix() {
    let study = Study::small();
    for (arguments, says) in [
        (&["--bed", "study.bed"][..], ["not provided", "--bim <FILE>"]),
        (&["--bed", "study.bed", "--bim", "study.bim"], ["not provided", "--fam <FILE>"]),
        (&["--bfile", "study", "--fam", "study.fam"], ["--fam <FILE>", "cannot be used with"]),
        (
            &["--bfile", "study", "--bed", "study.bed", "--bim", "study.bim", "--fam", "study.fam"],
            ["'--bfile <PREFIX>' cannot be used with", "--bed <FILE>"],
        ),
        (
            &["--bfile", "study", "--bfile-list", "sets"],
            ["'--bfile <PREFIX>' cannot be used with", "--bfile-list <FILE>"],
        ),
        (&["--missing-genotype", "zero"], ["'zero'", "[possible values: mean, binomial]"]),
    ] {
        refused(&study, arguments, 2, &says);
    }
    let output = study.rhe_alone(&["--out", "result"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(crate::study::stderr(&output).contains("--bfile <PREFIX>"));
}

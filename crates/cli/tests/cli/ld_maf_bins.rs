//! Bins by frequency and by LD score.

use crate::study::{Study, counts, lines, minor_frequency, refused};

/// LD scores, all different, and one that is missing.
fn score(variant: usize) -> Option<usize> {
    (variant != 9).then_some(variant * 17 % 40)
}

/// The bins that two classes of frequency and two groups of LD score make, as an annotation in the
/// order of the .bim: of some variants, and counted from the genotypes of some individuals.
fn ld_maf(study: &Study, has: impl Fn(usize) -> bool, stay: impl Fn(usize) -> bool) -> String {
    let edge = 0.25;
    let score = |v: usize| score(v).filter(|_| has(v));
    let class = |packed: &[u8]| {
        let mut all = [0; 4];
        for i in (0..60).filter(|&i| stay(i)) {
            let one = [packed[i / 4] >> (2 * (i % 4))];
            all.iter_mut().zip(counts(&one, 1)).for_each(|(sum, count)| *sum += count);
        }
        usize::from(minor_frequency(all) > edge)
    };
    let classes: Vec<_> = study.variants().iter().map(|packed| class(packed)).collect();
    let of = |v: usize| {
        let own = score(v)?;
        let scores: Vec<_> =
            (0..40).filter(|&w| classes[w] == classes[v]).filter_map(score).collect();
        // Below the median, or at it: the lower half, the middle one of an odd number with it.
        let below = scores.iter().filter(|&&other| other < own).count();
        Some(2 * classes[v] + usize::from(below >= scores.len().div_ceil(2)))
    };
    let row = |v: usize| {
        let row: Vec<_> = (0..4).map(|k| u8::from(of(v) == Some(k)).to_string()).collect();
        row.join(" ") + "\n"
    };
    let names = "maf0-0.25_ld1 maf0-0.25_ld2 maf0.25-0.5_ld1 maf0.25-0.5_ld2";
    format!("{names}\n{}", (0..40).map(row).collect::<String>())
}

fn scores(of: impl Fn(usize, &str) -> String) -> String {
    let text = |v| score(v).map_or("NA".to_owned(), |score| score.to_string());
    (0..40).rev().map(|v| of(v, &text(v))).collect()
}

#[test]
fn bins_of_frequency_and_ld_scores_are_an_annotation_that_is_made_of_them() {
    let study = Study::small();
    study.write(
        "ldscore",
        format!("CHR SNP BP L2\n{}", scores(|v, score| format!("1 snp{v} {v} {score}\n"))),
    );
    let arguments =
        ["--ld-maf-bins", "ldscore", "--maf-edges", "0.25", "--ld-groups", "2", "--blocks", "4"];
    let binned = study.text(&arguments);
    study.log_says(&[
        "ldscore: LD scores in L2, matched by identifier: 40 rows",
        "1 without a number",
        "  maf0-0.25_ld1: ",
        "  in no bin: 0 without a frequency, 1 without a score",
    ]);
    study.write("made", ld_maf(&study, |_| true, |_| true));
    assert_eq!(study.text(&["--annot", "made", "--blocks", "4"]), binned);
    // Two columns need no header.
    study.write("ldscore", scores(|v, score| format!("snp{v} {score}\n")));
    assert_eq!(study.text(&arguments), binned);
    // Frequencies are those of the individuals who stay.
    study.write("remove", lines(0..25, |i| format!("f{i} i{i}")));
    let removed = ["--remove", "remove", "--blocks", "4"];
    let some = study.text(&[&arguments[..6], &removed].concat());
    assert_ne!(study.text(&[&["--annot", "made"], &removed[..]].concat()), some);
    study.write("made", ld_maf(&study, |_| true, |i| i >= 25));
    assert_eq!(study.text(&[&["--annot", "made"], &removed[..]].concat()), some);
    // And medians are those of the variants that are chosen: here without the lowest scores.
    let low = |v: &usize| v * 17 % 40 < 12;
    study.write("exclude", lines((0..40).filter(low), |v| format!("snp{v}")));
    let chosen = ["--exclude", "exclude", "--blocks", "4"];
    let some = study.text(&[&arguments[..6], &chosen].concat());
    study.write("made", ld_maf(&study, |_| true, |_| true));
    assert_ne!(study.text(&[&["--annot", "made"], &chosen[..]].concat()), some);
    study.write("made", ld_maf(&study, |v| !low(&v), |_| true));
    assert_eq!(study.text(&[&["--annot", "made"], &chosen[..]].concat()), some);
}

#[test]
fn classes_and_groups_are_as_many_as_are_asked_for() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "200"]);
    let all: String = lines(0..200, |v| format!("snp{v} {}", v * 17 % 200));
    study.write("ldscore", all);
    let bins = |arguments: &[&str]| {
        let result = study.result(&[&["--ld-maf-bins", "ldscore"], arguments].concat());
        let bins = result["groups"][0]["traits"][0]["components"].as_array().unwrap().clone();
        bins.iter().map(|bin| bin["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let three = ["maf0-0.2_ld1", "maf0.2-0.3_ld1", "maf0.3-0.5_ld1"];
    assert_eq!(bins(&["--maf-edges", "0.2,0.3", "--ld-groups", "1"]), three);
    let default = bins(&["--maf-edges", "0.3"]);
    assert_eq!((default.len(), default[3].as_str()), (8, "maf0-0.3_ld4"));
}

#[test]
fn ld_scores_that_are_none() {
    let study = Study::small();
    for (contents, says) in [
        ("SNP SCORE\nsnp1 3\n", "no column is named L2, LDSCORE, LD or ldscore_SNP"),
        ("SNP L2 LD\nsnp1 3 3\n", "columns L2, LD all name LD scores, one is expected"),
        ("snp1 3 4\n", "line 1: starts with 'snp1 3"),
        ("SNP L2\nsnp1 high\n", "line 2, column 'L2': 'high' found"),
        ("SNP L2\nrs1 3\n", "none of the 1 variants of bad (the first is 'rs1')"),
        ("SNP L2\nsnp1 3\nsnp1 4\n", "line 3: variant 'snp1' has an earlier row"),
        ("SNP L2\nsnp1 NA\nsnp2 NA\n", "no variant has both a frequency and an LD score"),
    ] {
        study.write("bad", contents);
        refused(&study, &["--ld-maf-bins", "bad"], 1, &["bad", says]);
    }
    refused(&study, &["--ld-maf-bins", "nowhere"], 1, &["nowhere could not be read"]);
}

#[test]
fn options_of_bins_that_cannot_be() {
    let study = Study::small();
    study.write("ldscore", scores(|v, score| format!("snp{v} {score}\n")));
    for (arguments, says) in [
        (
            &["--maf-edges", "0.7"][..],
            ["--maf-edges <FREQUENCY>", "'0.7' is not a number between 0"],
        ),
        (
            &["--maf-edges", "0"],
            ["--maf-edges <FREQUENCY>", "'0' is not a number between 0 and 0.5"],
        ),
        (&["--maf-edges", "0.1"], ["not provided", "--ld-maf-bins <FILE>"]),
        (&["--ld-groups", "2"], ["not provided", "--ld-maf-bins <FILE>"]),
        (&["--ld-groups", "0"], ["--ld-groups <G>", "'0' is not 1 or more"]),
        (
            &["--ld-maf-bins", "ldscore", "--annot", "study.annot"],
            ["'--ld-maf-bins <FILE>' cannot be used with", "--annot <FILE>"],
        ),
    ] {
        refused(&study, arguments, 2, &says);
    }
    let says = ["LD-MAF bins", "expected"];
    refused(&study, &["--ld-maf-bins", "ldscore", "--maf-edges", "0.3,0.1"], 1, &says);
}

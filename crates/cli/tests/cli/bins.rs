//! Which bins the variants are in.

use serde_json::Value;

use crate::study::{Study, groups, lines, refused};

/// The rows of `study.annot`.
fn rows(study: &Study) -> Vec<String> {
    study.read("study.annot").lines().map(str::to_owned).collect()
}

fn values(study: &Study, arguments: &[&str]) -> (Vec<f64>, f64, f64) {
    let result = study.result(arguments);
    let of = &result["groups"][0]["traits"][0];
    let value = |number: &Value| number["value"].as_f64().unwrap();
    let bins = of["components"].as_array().unwrap();
    (
        bins.iter().map(|bin| value(&bin["variance"])).collect(),
        value(&of["residual"]),
        value(&of["h2"]),
    )
}

#[test]
fn an_annotation_is_matched_by_row_or_by_identifier() {
    let study = Study::small();
    let by_row = study.text(&["--annot", "study.annot"]);
    study.log_says(&["study.annot: 2 bins, matched row by row"]);
    let rows = rows(&study);
    study.write("header", format!("bin1 bin2\n{}\n", rows.join("\n")));
    assert_eq!(study.text(&["--annot", "header"]), by_row);
    study.log_says(&["header: 2 bins, matched row by row"]);
    let named: Vec<_> = rows.iter().enumerate().map(|(v, row)| format!("snp{v} {row}\n")).collect();
    let shuffled: String = (0..40).map(|v| named[v * 7 % 40].as_str()).collect();
    study.write("headless", &shuffled);
    assert_eq!(study.text(&["--annot", "headless"]), by_row);
    study.log_says(&[
        "headless: 2 bins, matched by identifier: 40 rows, 0 of them of no variant; 40",
    ]);
    study.write("named", format!("SNP bin1 bin2\n{shuffled}rs1 1 0\n"));
    assert_eq!(study.text(&["--annot", "named"]), by_row);
    study.log_says(&[
        "matched by identifier: 41 rows, 1 of them of no variant; 40 variants matched",
    ]);
    // As LDSC has it: columns that are no annotation.
    let ldsc: String =
        lines(0..40, |v| format!("1 {v} snp{} 0.1 {}", v * 7 % 40, rows[v * 7 % 40]));
    study.write("ldsc", format!("CHR BP SNP CM bin1 bin2\n{ldsc}"));
    assert_eq!(study.text(&["--annot", "ldsc"]), by_row);
    study.log_says(&["columns that are no annotation: CHR, BP, CM"]);
    // Rows in another order are other bins, where there are no identifiers.
    study.write("header", lines(0..40, |v| rows[v * 7 % 40].clone()));
    assert_ne!(study.text(&["--annot", "header"]), by_row);
}

#[test]
fn a_variant_in_no_bin_is_not_used() {
    let study = Study::small();
    let rows = rows(&study);
    let named: String = lines(5..40, |v| format!("snp{v} {}", rows[v]));
    study.write("named", format!("SNP bin1 bin2\n{named}"));
    let by_identifier = study.text(&["--annot", "named"]);
    study.log_says(&["35 variants matched, 5 without a row", "35 (5 in no bin;"]);
    let counted = &study.json("result.json")["groups"][0]["counts"]["variants_without_bin"];
    assert_eq!(counted, 5);
    let by_row: String = (0..40)
        .map(|v| if v < 5 { "0 0\n".to_owned() } else { format!("{}\n", rows[v]) })
        .collect();
    study.write("by.row", by_row);
    assert_eq!(study.text(&["--annot", "by.row"]), by_identifier);
}

#[test]
fn one_bin_of_everything_is_no_annotation() {
    let study = Study::small();
    let without = study.text(&[]);
    study.log_says(&["no annotation: one bin"]);
    study.write("all", format!("all\n{}", "1\n".repeat(40)));
    assert_eq!(study.text(&["--annot", "all"]), without);
}

#[test]
fn overlapping_bins_have_what_they_share_in_a_number_of_its_own() {
    let study = Study::small();
    // Every variant is in the first bin, every third in the second too.
    study.write("overlap", lines(0..40, |v| format!("1 {}", u8::from(v % 3 == 0))));
    let arguments = ["--annot", "overlap", "--trace"];
    let (sigma, residual, total) = values(&study, &arguments);
    let sum = sigma[0] + sigma[1] + residual;
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} and {b}");
    // The total is what it is without overlap: all sigma but the residual, over all.
    near(total, (sigma[0] + sigma[1]) / sum);
    let result = study.json("result.json");
    let bins = result["groups"][0]["traits"][0]["components"].as_array().unwrap();
    let (m, both) = ([40.0, 14.0], 14.0);
    let shared = |k: usize, l: usize| if k == l { m[k] } else { both };
    for (k, bin) in bins.iter().enumerate() {
        assert_eq!(bin["variants"].as_f64(), Some(m[k]));
        // A variant's h2 is the sum of sigma_b / M_b over its bins.
        let with: f64 = (0..2).map(|b| shared(k, b) * sigma[b] / m[b]).sum::<f64>() / sum;
        near(bin["h2_with_overlap"]["value"].as_f64().unwrap(), with);
        near(bin["h2"]["value"].as_f64().unwrap(), sigma[k] / sum);
        near(bin["enrichment"]["value"].as_f64().unwrap(), (with / total) / (m[k] / 40.0));
    }
    // What everything explains is all there is.
    near(bins[0]["h2_with_overlap"]["value"].as_f64().unwrap(), total);
    // In the table too, and on the screen.
    let table = study.read("result.tsv");
    let table: Vec<Vec<&str>> = table.lines().map(|row| row.split('\t').collect()).collect();
    let column = table[0].iter().position(|&name| name == "h2_with_overlap").unwrap();
    let written: f64 = table[2][column].parse().unwrap();
    near(written, bins[1]["h2_with_overlap"]["value"].as_f64().unwrap());
    let screen = crate::study::stdout(&study.rhe(&arguments));
    assert!(screen.contains("h2 with overlap"), "{screen}");
    let screen = crate::study::stdout(&study.rhe(&["--annot", "study.annot"]));
    assert!(!screen.contains("h2 with overlap"), "{screen}");
}

#[test]
fn bins_are_the_same_for_every_group_of_traits() {
    let study = Study::small();
    let traits = study.values(0);
    study.write_columns("own", "a b", |i| {
        let b = if i % 6 == 0 { "NA".to_owned() } else { traits[i].to_string() };
        format!("{} {b}", traits[i])
    });
    let all = groups(&study.text(&["--pheno", "own", "--annot", "study.annot"]));
    let alone = study.text(&["--pheno", "own", "--annot", "study.annot", "--pheno-name", "b"]);
    assert_eq!((all.len(), &all[1..]), (2, &groups(&alone)[..]));
}

#[test]
fn annotations_that_are_none() {
    let study = Study::small();
    let by_row = |word: &str| format!("1 0\n0 {word}\n{}", "0 1\n".repeat(38));
    for (contents, says) in [
        (
            by_row("0.5"),
            &["line 2, column 'bin2': '0.5' found", "continuous annotations are not"][..],
        ),
        (by_row("2"), &["line 2, column 'bin2': '2' found", "continuous annotations are not"]),
        (by_row("x"), &["line 2, column 'bin2': 'x' found, 0 or 1 is expected"]),
        (
            "SNP a\nsnp1 1\nsnp2 0\nsnp1 0\n".to_owned(),
            &["line 4: variant 'snp1' has an earlier row", "take one of them out"],
        ),
        (
            "SNP a\nrs1 1\nrs2 0\n".to_owned(),
            &["none of the 2 variants of bad (the first is 'rs1')", "(the first is 'snp0')"],
        ),
        ("SNP CHR\nsnp1 1\n".to_owned(), &["line 1: no annotation in the header"]),
        ("a b\n".to_owned(), &["bad has 0 rows and study.bim lists 40 variants"]),
        (format!("a b\n{}", "1 0\n".repeat(40)), &["bad: no variant is in bin 'b'"]),
    ] {
        study.write("bad", contents);
        refused(&study, &["--annot", "bad"], 1, &[&["bad"], says].concat());
    }
    refused(&study, &["--annot", "nowhere"], 1, &["nowhere could not be read"]);
    // Bins of variants that were not chosen.
    study.write("first", lines(0..8, |v| format!("snp{v}")));
    study.write("late", (0..40).map(|v| if v < 8 { "1 0\n" } else { "0 1\n" }).collect::<String>());
    let says = ["none of the 8 variants that were chosen is in bin 'bin2'"];
    refused(&study, &["--annot", "late", "--extract", "first"], 1, &says);
}

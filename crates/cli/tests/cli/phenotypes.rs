//! Which traits are analysed, and what stands for a missing value.

use crate::study::{Study, refused, stderr};

#[test]
fn phenotypes_are_matched_by_identifier_and_not_by_row() {
    let study = Study::small();
    let in_order = study.text(&[]);
    study.shuffle("study.pheno");
    assert_eq!(study.text(&[]), in_order);
    // Numbers of columns, and identifiers without families, change no match either.
    let text = study.read("study.pheno");
    let rows: Vec<_> = text.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    study.write("study.pheno", rows.join("\n"));
    assert_eq!(study.text(&[]), in_order);
}

#[test]
fn traits_are_chosen_by_name_or_by_number() {
    let study = Study::small();
    let both = study.text(&[]);
    let one = study.text(&["--pheno-name", "trait2"]);
    assert_eq!(study.text(&["--pheno-col", "2"]), one);
    assert_eq!(study.text(&["--pheno-col", "1-2"]), both);
    assert_eq!(study.text(&["--pheno-name", "trait1,trait2"]), both);
    assert_eq!(
        study.text(&["--pheno-name", "trait2,trait1"]),
        study.text(&["--pheno-name", "trait2", "--pheno-name", "trait1"])
    );
    let result = study.json("result.json");
    let names: Vec<_> =
        result["groups"][0]["traits"].as_array().unwrap().iter().map(|of| &of["name"]).collect();
    assert_eq!(names, ["trait2", "trait1"]);
    // Traits ride the same products: alone or together, the same bits but for the last ones of a
    // library product of another width.
    let value = |text: &str, t: usize| {
        let result: serde_json::Value = serde_json::from_str(text).unwrap();
        result["groups"][0]["traits"][t]["h2"]["value"].as_f64().unwrap()
    };
    assert!((value(&one, 0) - value(&both, 1)).abs() < 1e-4);
    assert!((value(&one, 0) - value(&both, 0)).abs() > 1e-4);
}

#[test]
fn missing_individuals_are_dropped_and_counted() {
    let study = Study::small();
    let text = study.read("study.pheno");
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    let identifiers = |row: &str| row.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    rows[5] = format!("{} NA 1.0", identifiers(&rows[5]));
    rows[6] = format!("{} -9 nan", identifiers(&rows[6]));
    rows.remove(10);
    rows.push("nobody nowhere 1.0 2.0".to_owned());
    study.write("study.pheno", rows.join("\n"));
    let result = study.result(&["--pheno-missing", "common"]);
    assert_eq!(
        (&result["groups"][0]["individuals"], &result["listed"]["individuals"]),
        (&57.into(), &60.into())
    );
    study.log_says(&[
        "60 rows, 59 matched by identifier, 1 not among the genotyped",
        "trait1: 2 missing (1 NA, 0 nan, 1 -9, 0 0)",
        "trait2: 1 missing (0 NA, 1 nan, 0 -9, 0 0)",
        "without a phenotype row: 1 left out, 59 left",
        "without every trait: 2 left out, 57 left",
    ]);
}

#[test]
fn zero_is_missing_beside_one_and_two_alone() {
    let study = Study::small();
    study.write_columns("coded", "cases count", |i| {
        format!("{} {}", [0, 1, 2, 1, 2][i % 5], [0, 1, 2, 3][i % 4])
    });
    let of = |arguments: &[&str]| {
        let result = study.result(&[&["--pheno", "coded"], arguments].concat());
        let groups = result["groups"].as_array().unwrap().clone();
        let individuals = |name: &str| {
            let all = groups.iter().flat_map(|group| group["traits"].as_array().unwrap());
            let of = all.clone().find(|of| of["name"] == name).unwrap();
            of["individuals"].as_u64().unwrap()
        };
        (individuals("cases"), individuals("count"))
    };
    assert_eq!(of(&[]), (48, 60));
    study.log_says(&[
        "cases: 12 missing (0 NA, 0 nan, 0 -9, 12 0), cases and controls",
        "count: 0 missing (0 NA, 0 nan, 0 -9, 0 0)\n",
    ]);
    assert_eq!(of(&["--missing-code", "none"]), (60, 60));
    study.log_says(&["cases: 0 missing (0 NA, 0 nan, 0 -9, 0 0)\n"]);
}

#[test]
fn without_a_missing_code_minus_nine_is_a_value() {
    let study = Study::small();
    let values = study.values(0);
    let with = |missing: &str| {
        study.write_columns("own", "y", |i| {
            if i == 4 { missing.to_owned() } else { values[i].to_string() }
        });
    };
    let individuals = |arguments: &[&str]| {
        let result = study.result(&[&["--pheno", "own"], arguments].concat());
        result["groups"][0]["individuals"].as_u64().unwrap()
    };
    with("-9");
    assert_eq!(individuals(&[]), 59);
    assert_eq!(individuals(&["--missing-code", "plink"]), 59);
    assert_eq!(individuals(&["--missing-code", "none"]), 60);
    let as_value = study.read("result.json");
    // It counts as a number next to it would.
    with("-9.0000000001");
    let near = study.result(&["--pheno", "own"]);
    let as_value: serde_json::Value = serde_json::from_str(&as_value).unwrap();
    let h2 = |of: &serde_json::Value| of["groups"][0]["traits"][0]["h2"]["value"].as_f64().unwrap();
    assert!((h2(&near) - h2(&as_value)).abs() < 1e-5);
    // NA is missing whatever the code.
    with("NA");
    assert_eq!(individuals(&["--missing-code", "none"]), 59);
}

#[test]
fn the_sixth_column_of_the_fam_is_the_default_trait() {
    let study = Study::small();
    let values = study.values(0);
    let fam = study.read("study.fam");
    let rows = fam.lines().zip(&values).map(|(line, value)| {
        let five: Vec<_> = line.split_whitespace().take(5).collect();
        format!("{} {value}\n", five.join(" "))
    });
    let rows: Vec<_> = rows.collect();
    let from_file = study.text(&["--pheno-name", "trait1"]);
    study.write("study.fam", rows.concat());
    let output = study.rhe_alone(&["--bfile", "study", "--blocks", "5", "--out", "result"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(study.read("result.json").replace("\"phenotype\"", "\"trait1\""), from_file);
    study.log_says(&["study.fam: 60 rows, 60 matched by identifier", "phenotype: 0 missing"]);
}

#[test]
fn quantile_normalization_follows_ranks_alone() {
    let study = Study::small();
    let arguments = ["--pheno-name", "trait1", "--pheno-quantile-normalize"];
    let plain = study.text(&arguments);
    study.log_says(&["normal quantiles of ranks stand for the values of each trait"]);
    // The exponential keeps the order, and nothing else.
    let values = study.values(0);
    study.write_columns("study.pheno", "trait1", |i| values[i].exp().to_string());
    assert_eq!(study.text(&arguments), plain);
    assert_ne!(study.text(&arguments[..2]), plain);
}

#[test]
fn traits_that_are_not_there() {
    let study = Study::small();
    let has = "study.pheno has no trait 'tall'; it has trait1, trait2";
    refused(&study, &["--pheno-name", "tall"], 1, &[has]);
    let says = ["--pheno-col asks for what is not there", "trait number 9 is asked for, it has 2"];
    refused(&study, &["--pheno-col", "9"], 1, &says);
    refused(&study, &["--pheno-col", "1,1-2"], 1, &["trait number 1 is asked for twice"]);
    refused(&study, &["--pheno", "nowhere"], 1, &["nowhere could not be read"]);
}

#[test]
fn numbers_of_columns_that_cannot_be() {
    for numbers in ["0", "3-1", "one", "1,x"] {
        let says = ["'--pheno-col <NUMBERS>'", "is no number of a column", "from 1 on"];
        refused(&Study::small(), &["--pheno-col", numbers], 2, &says);
    }
    let study = Study::small();
    let says = ["'--pheno-col <NUMBERS>' cannot be used with", "--pheno-name <NAME>"];
    refused(&study, &["--pheno-col", "1", "--pheno-name", "trait1"], 2, &says);
    for (flag, values) in
        [("--missing-code", "plink, none"), ("--pheno-missing", "per-trait, common")]
    {
        refused(&study, &[flag, "other"], 2, &["'other'", flag, values]);
    }
    // There are no names or numbers of the .fam.
    let output =
        study.rhe_alone(&["--bfile", "study", "--out", "result", "--pheno-name", "phenotype"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--pheno <FILE>"), "{}", stderr(&output));
}

#[test]
fn a_fam_without_values_is_no_trait() {
    let study = Study::small();
    let before = study.files();
    let output = study.rhe_alone(&["--bfile", "study", "--blocks", "5", "--out", "result"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stderr(&output);
    for part in ["study.fam", "0 have a value for trait 'phenotype'", "-9 are missing"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(study.files(), before);
}

#[test]
fn a_trait_that_is_constant_among_those_who_stay() {
    let study = Study::small();
    study.write_columns("own", "y", |i| if i < 40 { "1.5" } else { "2" }.to_owned());
    study.write("keep", study.individuals()[..40].join("\n"));
    let says = ["own: trait 'y' is 1.5 for all 40 individuals that stay", "leave it out"];
    refused(&study, &["--pheno", "own", "--keep", "keep"], 1, &says);
}

#[test]
fn options_of_phenotypes_that_cannot_be() {
    let study = Study::small();
    for (argument, says) in [
        ("--pheno-missing=all", "[possible values: per-trait, common]"),
        ("--missing-code=-9", "[possible values: plink, none]"),
        ("--pheno-quantile-normalize=yes", "unexpected value 'yes'"),
    ] {
        refused(&study, &[argument], 2, &[argument.split('=').next().unwrap(), says]);
    }
}

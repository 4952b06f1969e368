//! What is projected off.

use serde_json::Value;

use crate::study::{Study, groups, lines, notes, numbers, refused, stdout};

/// How far numbers may be apart that differ in rounding alone, of themselves.
const ROUNDED: f64 = 1e-9;

fn age(i: usize) -> usize {
    20 + i * i % 37
}

fn height(i: usize) -> usize {
    150 + i * 7 % 41
}

/// The study with a file `covar` of two covariates.
fn with_two() -> Study {
    let study = Study::small();
    study.write_columns("covar", "age height", |i| format!("{} {}", age(i), height(i)));
    study
}

fn close(one: &Value, other: &Value) {
    let (one, other) = (numbers(one), numbers(other));
    assert_eq!(one.len(), other.len());
    assert!(one.len() > 20);
    for (a, b) in one.iter().zip(&other) {
        assert!((a - b).abs() <= ROUNDED * a.abs().max(b.abs()), "{a} and {b}");
    }
}

#[test]
fn covariates_are_projected_off_and_named() {
    let study = Study::small();
    // Levels, a column that is twice another, and one that is the intercept.
    study.write_columns("a.covar", "age site age2 one", |i| {
        let site = ["north", "south", "west"][i % 3];
        match i {
            4 => format!("NA {site} NA 1"),
            _ => format!("{} {site} {} 1", age(i), 2 * age(i)),
        }
    });
    let output = study.rhe(&["--covar", "a.covar"]);
    let note = "covariates left out because the intercept and the others already explain them";
    assert!(stdout(&output).contains(note), "{}", stdout(&output));
    let result = study.json("result.json");
    let group = &result["groups"][0];
    assert_eq!((&result["model"], &group["individuals"]), (&"rhe-cov".into(), &59.into()));
    let covariates = &group["covariates"];
    assert_eq!((&covariates["rank"], &covariates["intercept"]), (&4.into(), &true.into()));
    let names = |of: &str| {
        let names = covariates[of].as_array().unwrap();
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("used").len(), 3);
    assert!(names("used").contains(&"site=south".to_owned()));
    assert!(names("used").contains(&"site=west".to_owned()));
    assert_eq!(names("dropped").len(), 2);
    assert!(names("dropped").contains(&"one".to_owned()));
    assert!(notes(&result).iter().any(|of| of.starts_with(note)));
    study.log_says(&[
        "a.covar: 60 rows, 60 matched by identifier, 0 not among the genotyped",
        "without any trait, or without covariates: 1 left out, 59 left",
        "0 not in the covariate file, 1 with a missing covariate",
        "covariate site: 0 set to the mean, levels against north",
        "projected off: the intercept, ",
        "(rank 4)\n",
    ]);
}

#[test]
fn rows_of_covariates_are_matched_by_identifier() {
    let study = with_two();
    let in_order = study.text(&["--covar", "covar"]);
    study.shuffle("covar");
    assert_eq!(study.text(&["--covar", "covar"]), in_order);
    study.shuffle("study.pheno");
    assert_eq!(study.text(&["--covar", "covar"]), in_order);
    // Somebody without a row is left out; somebody else's row is passed over.
    let covar = study.read("covar");
    study.write("covar", covar.replace("f7 i7 ", "nobody nowhere "));
    let result = study.result(&["--covar", "covar"]);
    assert_eq!(result["groups"][0]["individuals"], 59);
    study.log_says(&["60 rows, 59 matched by identifier, 1 not", "1 not in the covariate file"]);
}

#[test]
fn covariates_change_what_is_found() {
    let study = with_two();
    let with = study.result(&["--covar", "covar"]);
    let without = study.result(&[]);
    let h2 = |of: &Value| of["groups"][0]["traits"][0]["h2"]["value"].as_f64().unwrap();
    assert!((h2(&with) - h2(&without)).abs() > 1e-4);
    // A trait with more of a covariate is the same trait once that is projected off.
    let values = study.values(0);
    study.write_columns("more", "trait1", |i| (values[i] + 3.0 * age(i) as f64).to_string());
    let exact = ["--covar", "covar", "--precision", "double"];
    let plain = study.result(&[&exact[..], &["--pheno-name", "trait1"]].concat());
    let more = study.result(&[&exact[..], &["--pheno", "more"]].concat());
    assert!((h2(&plain) - h2(&more)).abs() < 1e-6);
}

#[test]
fn covariates_are_chosen_by_name_or_by_number() {
    let study = with_two();
    let all = study.text(&["--covar", "covar"]);
    let one = study.text(&["--covar", "covar", "--covar-name", "height"]);
    assert_eq!(study.json("result.json")["groups"][0]["covariates"]["used"][0], "height");
    assert_eq!(study.text(&["--covar", "covar", "--covar-col", "2"]), one);
    assert_eq!(study.text(&["--covar", "covar", "--covar-col", "1-2"]), all);
    assert_eq!(study.text(&["--covar", "covar", "--covar-name", "age,height"]), all);
    assert_ne!(one, all);
}

#[test]
fn the_unit_of_a_covariate_does_not_matter() {
    let study = with_two();
    let arguments = ["--covar", "covar", "--precision", "double", "--annot", "study.annot"];
    let plain = study.result(&arguments);
    study.write_columns("covar", "age height", |i| {
        format!("{} {}", 1000 * age(i) + 7, height(i) as f64 / 1000.0 - 12.0)
    });
    let scaled = study.result(&arguments);
    close(&scaled["groups"][0]["traits"], &plain["groups"][0]["traits"]);
}

#[test]
fn a_missing_covariate_leaves_somebody_out_or_is_the_mean() {
    let study = Study::small();
    let with = |missing: &str| {
        study.write_columns("covar", "age", |i| match i {
            4 => missing.to_owned(),
            _ => age(i).to_string(),
        });
    };
    with("NA");
    let dropped = study.text(&["--covar", "covar"]);
    assert_eq!(study.text(&["--covar", "covar", "--covar-missing", "drop"]), dropped);
    study.write("remove", "f4 i4\n");
    assert_eq!(study.text(&["--covar", "covar", "--remove", "remove"]), dropped);
    let mean = ["--covar", "covar", "--covar-missing", "mean", "--precision", "double"];
    let imputed = study.result(&mean);
    study.log_says(&["covariate age: 1 set to the mean"]);
    assert_eq!(imputed["groups"][0]["individuals"], 60);
    // The same as the mean in the file.
    let others = (0..60).filter(|&i| i != 4).map(age).sum::<usize>() as f64 / 59.0;
    with(&others.to_string());
    let written = study.result(&mean);
    study.log_says(&["covariate age: 0 set to the mean"]);
    close(&imputed["groups"][0]["traits"], &written["groups"][0]["traits"]);
}

#[test]
fn levels_are_as_good_as_indicators() {
    let study = Study::small();
    study.write_columns("levels", "site", |i| ["a", "b", "c"][i % 3].to_owned());
    let levels = study.text(&["--covar", "levels"]);
    study.write_columns("indicators", "site=b site=c", |i| {
        format!("{} {}", u8::from(i % 3 == 1), u8::from(i % 3 == 2))
    });
    assert_eq!(study.text(&["--covar", "indicators"]), levels);
    // A level that nobody who stays has is none.
    study.write("keep", lines((0..60).filter(|i| i % 3 != 1), |i| format!("f{i} i{i}")));
    let result = study.result(&["--covar", "levels", "--keep", "keep"]);
    assert_eq!(result["groups"][0]["covariates"]["used"], serde_json::json!(["site=c"]));
    study.log_says(&["levels against a, levels of nobody: b"]);
}

#[test]
fn without_an_intercept_nothing_is_projected_off() {
    let study = Study::small();
    let with = study.text(&[]);
    study.log_says(&["projected off: the intercept\n"]);
    let without = study.result(&["--no-intercept"]);
    study.log_says(&["projected off: nothing\n"]);
    let covariates = &without["groups"][0]["covariates"];
    assert_eq!((&covariates["rank"], &covariates["intercept"]), (&0.into(), &false.into()));
    assert_ne!(study.read("result.json"), with);
    // A covariate that does not vary is then the intercept.
    study.write_columns("ones", "one", |_| "1".to_owned());
    let ones = study.result(&["--no-intercept", "--covar", "ones", "--precision", "double"]);
    let rank = &ones["groups"][0]["covariates"]["rank"];
    assert_eq!(rank, 1);
    study.log_says(&["projected off: one (rank 1), no intercept\n"]);
    let with = study.result(&["--precision", "double"]);
    close(&ones["groups"][0]["traits"], &with["groups"][0]["traits"]);
}

#[test]
fn covariates_of_each_group_are_those_of_its_individuals() {
    let study = with_two();
    let values = study.values(0);
    study.write_columns("own", "a b", |i| {
        let b = if i % 6 == 0 { "NA".to_owned() } else { values[i].to_string() };
        format!("{} {b}", values[i])
    });
    let all = groups(&study.text(&["--pheno", "own", "--covar", "covar"]));
    let alone = study.text(&["--pheno", "own", "--covar", "covar", "--pheno-name", "b"]);
    assert_eq!((all.len(), &all[1..]), (2, &groups(&alone)[..]));
}

#[test]
fn covariates_that_are_not_there() {
    let study = with_two();
    let covar = ["--covar", "covar"];
    let says = ["covar has no covariate 'weight'; it has age, height"];
    refused(&study, &[&covar[..], &["--covar-name", "weight"]].concat(), 1, &says);
    let says =
        ["--covar-col asks for what is not there", "covariate number 3 is asked for, it has 2"];
    refused(&study, &[&covar[..], &["--covar-col", "3"]].concat(), 1, &says);
    refused(&study, &["--covar", "nowhere"], 1, &["nowhere could not be read"]);
}

#[test]
fn options_of_covariates_that_cannot_be() {
    let study = with_two();
    for (arguments, says) in [
        (&["--covar-name", "age"][..], ["not provided", "--covar <FILE>"]),
        (&["--covar-col", "1"], ["not provided", "--covar <FILE>"]),
        (&["--covar", "covar", "--covar-col", "0"], ["'--covar-col <NUMBERS>'", "from 1 on"]),
        (
            &["--covar", "covar", "--covar-col", "1", "--covar-name", "age"],
            ["'--covar-col <NUMBERS>' cannot be used with", "--covar-name <NAME>"],
        ),
        (
            &["--covar", "covar", "--covar-missing", "zero"],
            ["--covar-missing", "[possible values: drop, mean]"],
        ),
    ] {
        refused(&study, arguments, 2, &says);
    }
}

#[test]
fn covariates_that_nobody_has() {
    let study = Study::small();
    study.write_columns("covar", "age site", |i| format!("NA {}", i % 3));
    let says = ["covar", "60 lack a covariate", "0 stay", "leave out covariates that few have"];
    refused(&study, &["--covar", "covar"], 1, &says);
    let mean = ["--covar", "covar", "--covar-missing", "mean"];
    let says = ["covar: none of the 60 individuals", "'trait1'", "covariate 'age'"];
    refused(&study, &mean, 1, &says);
    study.write("covar", "FID IID age\nnobody nowhere 3\n");
    let says = ["none of the 1 individuals of covar is among the 60 of study.fam"];
    refused(&study, &["--covar", "covar"], 1, &says);
}

#[test]
fn covariates_that_explain_everything() {
    let study = Study::small();
    // With an intercept they leave nobody a degree of freedom.
    let names: Vec<_> = (0..58).map(|c| format!("c{c}")).collect();
    study.write_columns("many", &names.join(" "), |i| {
        let row: Vec<_> = (0..58).map(|c| u8::from(c == i).to_string()).collect();
        row.join(" ")
    });
    refused(&study, &["--covar", "many"], 1, &["60 individuals stay", "59 columns"]);
    // A trait that is a covariate.
    study.write_columns("own", "y", |i| (3 * age(i)).to_string());
    study.write_columns("covar", "age", |i| age(i).to_string());
    refused(&study, &["--pheno", "own", "--covar", "covar"], 1, &["\"y\"", "60 individuals"]);
}

#[test]
fn a_covariate_file_that_is_none() {
    let study = Study::small();
    study.write("covar", "f0 i0 3\n");
    refused(
        &study,
        &["--covar", "covar"],
        1,
        &["covar, line 1", "a header is expected", "covariate"],
    );
    study.write_columns("covar", "age", |i| if i == 7 { "inf".to_owned() } else { i.to_string() });
    refused(&study, &["--covar", "covar"], 1, &["covar, line 9, column 'age'", "not finite"]);
}

#[test]
fn more_covariates_than_individuals_are_refused() {
    let study = Study::small();
    let names: Vec<_> = (0..70).map(|c| format!("c{c}")).collect();
    study.write_columns("many", &names.join(" "), |i| {
        let row: Vec<_> =
            (0..70).map(|c| ((i * 31 + c * c * 17 + i * i * c) % 101).to_string()).collect();
        row.join(" ")
    });
    refused(&study, &["--covar", "many"], 1, &["60 individuals stay"]);
}

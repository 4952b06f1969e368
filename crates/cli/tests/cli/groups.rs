//! Traits that are not of the same individuals.

use crate::study::{Study, groups, refused};

/// Three traits: the first and the third are missing for some, the second for others.
fn with_gaps() -> Study {
    let size = ["--individuals", "60", "--variants", "40", "--traits", "3", "--missing", "0.02"];
    let study = Study::simulate(&size);
    let values: Vec<_> = (0..3).map(|t| study.values(t)).collect();
    study.write_columns("study.pheno", "trait1 trait2 trait3", |i| {
        let of = |t: usize, missing: bool| {
            if missing { "NA".to_owned() } else { values[t][i].to_string() }
        };
        let (one, two) = (i % 7 == 3, i % 5 == 1);
        format!("{} {} {}", of(0, one), of(1, two), of(2, one))
    });
    study
}

#[test]
fn a_trait_is_analysed_as_if_it_were_alone() {
    let study = with_gaps();
    study.write_columns("covar", "age", |i| (20 + i * i % 37).to_string());
    for more in [
        &[][..],
        &["--covar", "covar"],
        &["--missing-genotype", "binomial"],
        &["--pheno-quantile-normalize"],
        &["--maf", "0.2", "--geno", "0.03"],
    ] {
        let all = groups(&study.text(more));
        assert_eq!(all.len(), 2);
        let result = study.json("result.json");
        let individuals: Vec<_> =
            result["groups"].as_array().unwrap().iter().map(|of| &of["individuals"]).collect();
        assert_eq!(individuals, [51, 48]);
        let alone = groups(&study.text(&[&["--pheno-name", "trait2"], more].concat()));
        assert_eq!(alone, all[1..], "{more:?}");
        let together = groups(&study.text(&[&["--pheno-name", "trait1,trait3"], more].concat()));
        assert_eq!(together, all[..1], "{more:?}");
    }
    study.text(&[]);
    study.log_says(&[
        "without any trait: 1 left out, 59 left",
        "group 1:\n  trait1: 51 individuals with a value, 9 without one\n  trait3: 51",
        "group 2:\n  trait2: 48 individuals with a value, 12 without one\n  individuals: 48",
    ]);
    assert_eq!(study.json("result.run.json")["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn the_table_has_every_trait_with_its_own_individuals() {
    let study = with_gaps();
    study.text(&["--trace"]);
    let table = study.read("result.tsv");
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let totals: Vec<_> =
        rows.iter().filter(|row| row[2] == "total").map(|row| (row[0], row[1])).collect();
    assert_eq!(totals, [("trait1", "51"), ("trait3", "51"), ("trait2", "48")]);
}

#[test]
fn only_individuals_with_every_trait_may_stay() {
    let study = with_gaps();
    let common = study.text(&["--pheno-missing", "common"]);
    assert_eq!(groups(&common).len(), 1);
    let everything = |i: &usize| i % 7 != 3 && i % 5 != 1;
    let individuals = study.individuals();
    let stay: Vec<_> = (0..60).filter(everything).map(|i| individuals[i].clone()).collect();
    assert_eq!(study.json("result.json")["groups"][0]["individuals"], stay.len());
    study.write("keep", stay.join("\n"));
    assert_eq!(study.text(&["--keep", "keep"]), common);
}

#[test]
fn groups_are_spread_over_reads_where_memory_is_small() {
    let study = with_gaps();
    let whole = study.text(&["--threads", "1"]);
    // The largest memory in which the groups do not fit together.
    let plan = |memory: &str| study.rhe(&["--threads", "1", "--memory", memory, "--plan"]);
    let memory = (1..200).rev().map(|step| format!("{}K", 10 * step)).find(|memory| {
        let output = plan(memory);
        crate::study::stdout(&output).contains("then         groups 2\n")
    });
    let memory = memory.unwrap();
    assert_eq!(study.text(&["--threads", "1", "--memory", &memory]), whole);
    let run = study.json("result.run.json");
    let runs = run["runs"].as_array().unwrap();
    let read: Vec<_> = runs.iter().map(|run| &run["groups"]).collect();
    assert_eq!(read, [&serde_json::json!([1]), &serde_json::json!([2])]);
    for run in runs {
        assert_eq!(run["stages"].as_array().unwrap().len(), 2);
        assert!(run["plan"]["memory"]["states"].as_u64().unwrap() > 0);
    }
    study.log_says(&["run of groups 1:", "run of groups 2:"]);
}

#[test]
fn nobody_with_every_trait() {
    let study = Study::small();
    let values = study.values(0);
    study.write_columns("own", "a b", |i| {
        if i % 2 == 0 { format!("{} NA", values[i]) } else { format!("NA {}", values[i]) }
    });
    let says = ["own", "0 have a value for every trait", "analyse fewer traits"];
    refused(&study, &["--pheno", "own", "--pheno-missing", "common"], 1, &says);
    // Each by itself has 30.
    assert_eq!(groups(&study.text(&["--pheno", "own"])).len(), 2);
}

#[test]
fn memory_for_no_group() {
    let study = with_gaps();
    let says = ["--memory 100 KiB is too small", "what would fit: --memory ", "because"];
    refused(&study, &["--memory", "100K"], 1, &says);
    // What it says does fit, and is nearly the least that does.
    let text = crate::study::stderr(&study.rhe(&["--memory", "100K"]));
    let (_, rest) = text.split_once("would fit: --memory ").unwrap();
    let least: usize = rest.split_once('K').unwrap().0.parse().unwrap();
    study.text(&["--memory", &format!("{least}K")]);
    let below = format!("{}K", least - 5);
    refused(&study, &["--memory", &below], 1, &["is too small"]);
    let says = ["the text files take", "more than --memory 1 KiB", "at least --memory "];
    refused(&study, &["--memory", "1K"], 1, &says);
    refused(&study, &["--memory", "0"], 2, &["--memory <SIZE>"]);
}

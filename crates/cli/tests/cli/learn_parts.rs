//! Fits in parts: the model of one process, to the byte.

use std::fs;

use crate::study::Study;

/// A table in which classes and numbers can be predicted.
fn table() -> Study {
    let study = Study::empty();
    let size = ["--rows", "6000", "--features", "4", "--keys", "20", "--missing", "0.01"];
    study.works(&[&["simulate", "table", "--out", "t.csv"], &size[..]].concat());
    study
}

/// The options of a fit.
fn fit(kind: &str) -> Vec<&str> {
    let target = if kind == "ridge" { "x1" } else { "y" };
    let how =
        ["--without", "row,key", "--block-rows", "500", "--cv", "3", "--quiet", "--jackknife", "6"];
    let words = ["learn", "fit", "--data", "t.csv", "--model", kind, "--target", target];
    [&words[..], &how].concat()
}

fn bytes(study: &Study, file: &str) -> Vec<u8> {
    fs::read(study.path(file)).unwrap()
}

#[test]
fn any_cut_and_any_tree_of_merges_gives_the_same_model() {
    let study = table();
    for kind in ["ridge", "bayes", "forest"] {
        study.works(&[&fit(kind)[..], &["--out", "one"]].concat());
        study.works(&[&fit(kind)[..], &["--plan-out", "plan.json"]].concat());
        let works = |words: &[&str]| study.works(&[words, &["--quiet"]].concat());
        let part = |pass: &[&str], which: &[&str], out: &str, threads: &str| {
            let rest = ["--out", out, "--threads", threads];
            works(&[pass, which, &rest].concat());
        };
        let one = ["pass-one", "plan.json"];
        part(&one, &["--shard", "1/3"], "a", "1");
        part(&one, &["--shard", "2/3"], "b", "2");
        part(&one, &["--shard", "3/3"], "c", "1");
        study.works(&["merge", "c", "a", "--out", "ca"]);
        study.works(&["merge", "b", "ca", "--out", "total"]);
        part(&one, &["--blocks", "1..12"], "whole", "2");
        assert!(bytes(&study, "total") == bytes(&study, "whole"), "{kind}");

        let mut scores = Vec::new();
        if kind == "ridge" {
            let two = ["pass-two", "plan.json", "total", "--shard", "1/1", "--out", "no"];
            let message = study.fails(1, &two);
            assert!(message.contains("ridge scores its folds in pass one"), "{message}");
        } else {
            let two = ["pass-two", "plan.json", "total"];
            part(&two, &["--blocks", "6..12"], "y", "1");
            part(&two, &["--blocks", "1..5"], "x", "2");
            scores = vec!["y", "x"];
        }
        let verify = [&["verify", "plan.json", "a", "b", "c"][..], &scores].concat();
        assert!(study.works(&verify).contains("pass one: complete"));
        let finish = ["finish", "plan.json", "total"];
        works(&[&finish[..], &scores, &["--out", "parts"]].concat());
        assert!(bytes(&study, "parts") == bytes(&study, "one"), "{kind}");
        for file in ["one", "parts", "plan.json"] {
            fs::remove_file(study.path(file)).unwrap();
        }
    }
}

#[test]
fn what_is_missing_or_of_another_table_is_refused() {
    let study = table();
    study.works(&[&fit("bayes")[..], &["--plan-out", "plan.json"]].concat());
    study.works(&["pass-one", "plan.json", "--shard", "1/2", "--out", "a", "--quiet"]);
    study.works(&["pass-one", "plan.json", "--shard", "2/2", "--out", "b", "--quiet"]);
    study.works(&["merge", "a", "b", "--out", "total"]);

    let message = study.fails(5, &["finish", "plan.json", "a", "--out", "m"]);
    assert!(
        message.contains("blocks 7 to 12 are missing") || message.contains("7 to 12"),
        "{message}"
    );
    let message = study.fails(1, &["finish", "plan.json", "total", "--out", "m"]);
    assert!(message.contains("the scores of pass two are needed"), "{message}");
    study.works(&["pass-two", "plan.json", "total", "--shard", "1/2", "--out", "x", "--quiet"]);
    let message = study.fails(5, &["finish", "plan.json", "total", "x", "--out", "m"]);
    assert!(message.contains("7 to 12"), "{message}");
    assert!(!study.path("m").exists());

    // The plan of another fit.
    let other = [&fit("bayes")[..], &["--smoothing", "0.1", "--plan-out", "other.json"]].concat();
    study.works(&other);
    let message =
        study.fails(4, &["pass-two", "other.json", "total", "--shard", "1/1", "--out", "no"]);
    assert!(message.contains("fingerprint of options"), "{message}");

    // And other rows.
    let text = study.read("t.csv");
    let (head, last) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(study.path("t.csv"), format!("{head}\n{}\n", last.replace('1', "2"))).unwrap();
    let message = study.fails(1, &["pass-one", "plan.json", "--shard", "1/2", "--out", "no"]);
    assert!(message.contains("t.csv"), "{message}");
    assert!(message.contains("make the plan again with learn fit --plan-out"), "{message}");

    for kind in ["logistic", "linear"] {
        let message = study.fails(1, &[&fit(kind)[..], &["--plan-out", "no.json"]].concat());
        let expected = format!("--model {kind} learns from rows in their order");
        assert!(message.contains(&expected), "{message}");
    }
    assert!(!study.path("no.json").exists() && !study.path("no").exists());
}

#[test]
fn rows_sorted_by_the_target_are_refused_with_the_command_that_shuffles_them() {
    let study = table();
    study.works(&["table", "sort", "t.csv", "--by", "y,row", "--out", "sorted.csv", "--quiet"]);
    let forest = |file: &str, out: &str| {
        let data = ["learn", "fit", "--data", file, "--model", "forest", "--target", "y"];
        [&data[..], &["--without", "row,key", "--out", out, "--quiet"]].concat().join(" ")
    };
    let run = |words: &str| study.run(&words.split(' ').collect::<Vec<_>>());
    let refused = run(&forest("sorted.csv", "no"));
    let message = crate::study::stderr(&refused);
    assert_eq!(refused.status.code(), Some(1), "{message}");
    assert!(message.contains("rows look sorted by `y`"), "{message}");
    let command = "twoblade table shuffle sorted.csv --out shuffled.csv";
    assert!(message.contains(command), "{message}");
    assert!(!study.path("no").exists());
    // What is said helps.
    assert!(run(command.strip_prefix("twoblade ").unwrap()).status.success());
    let taken = run(&forest("shuffled.csv", "yes"));
    assert!(taken.status.success(), "{}", crate::study::stderr(&taken));
}

//! `twoblade learn` from outside: what is fitted, predicted and evaluated, beside the same computed here.

use std::fmt::Write;

use serde_json::Value;

use crate::study::{Study, twoblade};

/// A table with numbers, a word, a whole number, a class of two and one of three, and gaps.
fn table(rows: u64) -> String {
    let mut text = String::from("id,x1,x2,k,c,y,kind,three\n");
    let uniform = |row: u64, draw: u64| {
        // A generator of its own, splitmix64: the product's is not what is tested here.
        let mut bits = (row * 8 + draw).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    for row in 0..rows {
        let draw = |place| uniform(row, place) - 0.5;
        let (x1, x2, k) = (draw(0), 100.0 + 10.0 * draw(1), (7.0 * uniform(row, 2)).floor());
        let c = ["red", "green", "blue"][third(uniform(row, 3))];
        let level = if c == "green" { 1.0 } else { 0.0 };
        let y = 3.0 * x1 - 0.2 * x2 + 0.5 * k + level + draw(4);
        let kind = u8::from(4.0 * x1 + level + 2.0 * draw(5) > 0.3);
        let three = ["a", "b", "c"][third((x1 + 0.5 + uniform(row, 6) / 2.0) / 1.5)];
        let x1 = if row % 50 == 7 { "NA".to_owned() } else { format!("{x1:.6}") };
        writeln!(text, "{row},{x1},{x2:.5},{k},{c},{y:.6},{kind},{three}").unwrap();
    }
    text
}

/// Which third of 0 to 1.
fn third(number: f64) -> usize {
    usize::from(3.0 * number >= 1.0) + usize::from(3.0 * number >= 2.0)
}

fn study(rows: u64) -> Study {
    let study = Study::empty();
    study.write("t.csv", table(rows));
    study
}

const NUMBER: &str = "learn fit --data t.csv --target y --without id,kind,three --model";
const CLASS: &str = "learn fit --data t.csv --target kind --without id,y,three --model";

fn works(study: &Study, line: &str) -> String {
    study.works(&line.split(' ').collect::<Vec<_>>())
}

fn fails(study: &Study, code: i32, line: &str) -> String {
    study.fails(code, &line.split(' ').collect::<Vec<_>>())
}

/// The columns of a CSV file, by name.
fn columns(text: &str) -> Vec<(String, Vec<String>)> {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let mut columns: Vec<_> =
        lines.next().unwrap().into_iter().map(|name| (name, vec![])).collect();
    for line in lines {
        assert_eq!(line.len(), columns.len());
        columns.iter_mut().zip(line).for_each(|((_, column), cell)| column.push(cell));
    }
    columns
}

fn column(text: &str, name: &str) -> Vec<String> {
    let mut columns = columns(text);
    let place = columns.iter().position(|(of, _)| of == name).unwrap();
    columns.swap_remove(place).1
}

fn numbers(text: &str, name: &str) -> Vec<Option<f64>> {
    column(text, name).iter().map(|cell| cell.parse().ok()).collect()
}

fn inspect(study: &Study, model: &str) -> Value {
    serde_json::from_str(&works(study, &format!("learn inspect {model} --json"))).unwrap()
}

fn close(one: f64, other: f64) {
    assert!((one - other).abs() <= 1e-9 * other.abs().max(1.0), "{one} {other}");
}

#[test]
fn ridge_is_fitted_predicts_and_is_evaluated() {
    let study = study(3000);
    let said = works(&study, &format!("{NUMBER} ridge --out m"));
    assert!(said.starts_with("ridge of y from 2,940 rows; 60 more have missing values"), "{said}");
    assert!(said.contains("written: m m.html (from 2,940 rows)"), "{said}");
    let found = inspect(&study, "m");
    let report = &found["report"];
    assert_eq!((report["rows"].as_u64(), report["folds"].as_u64()), (Some(2940), Some(5)));
    // The noise is uniform, of variance 1/12.
    let point = &report["path"][0];
    for error in point["mean_squared_error"].as_array().unwrap() {
        assert!((error.as_f64().unwrap() * 12.0 - 1.0).abs() < 0.15, "{error}");
    }
    let list = &report["coefficients"][0];
    let coefficient = |name: &str| -> (f64, f64) {
        let all = list["features"].as_array().unwrap();
        let of = all.iter().find(|of| of["name"] == name).unwrap();
        (of["value"].as_f64().unwrap(), of["se"].as_f64().unwrap())
    };
    for (name, truth) in [("x1", 3.0), ("x2", -0.2), ("k", 0.5)] {
        let (value, se) = coefficient(name);
        assert!(se > 0.0 && (value - truth).abs() < 4.5 * se, "{name}: {value} ({se})");
    }
    assert!((coefficient("c=green").0 - coefficient("c=red").0 - 1.0).abs() < 0.1);

    let said = works(&study, "learn predict --model m --data t.csv --keep id,y --out p.csv");
    assert_eq!(said, "written: p.csv (3,000 rows)\n");
    let (text, predicted) = (study.read("t.csv"), study.read("p.csv"));
    let (x1, x2) = (numbers(&text, "x1"), numbers(&text, "x2"));
    let (k, c) = (numbers(&text, "k"), column(&text, "c"));
    let ours = numbers(&predicted, "prediction");
    let intercept = list["intercept"]["value"].as_f64().unwrap();
    let mut squares = 0.0;
    for row in 0..3000 {
        assert_eq!(ours[row].is_none(), row % 50 == 7);
        let Some(ours) = ours[row] else { continue };
        let terms = [("x1", x1[row]), ("x2", x2[row]), ("k", k[row])];
        let sum: f64 = terms.iter().map(|(name, x)| coefficient(name).0 * x.unwrap()).sum();
        close(ours, intercept + sum + coefficient(&format!("c={}", c[row])).0);
        squares += (ours - numbers_at(&text, row)).powi(2);
    }
    assert_eq!(column(&predicted, "id"), column(&text, "id"));

    works(&study, "learn evaluate --model m --data t.csv --by c --out e");
    let evaluated = study.json("e.json");
    close(evaluated["all"]["numbers"]["mean_squared_error"].as_f64().unwrap(), squares / 2940.0);
    assert_eq!(evaluated["groups"].as_array().unwrap().len(), 3);
    assert_eq!(study.read("e.tsv").lines().count(), 5);
    assert_eq!(evaluated["dropped"], 60);
    let page = study.read("m.html");
    assert!(page.contains("<polyline class=\"mean\"") && page.contains("c=green"));
}

/// What y is in a row.
fn numbers_at(text: &str, row: usize) -> f64 {
    let line = text.lines().nth(row + 1).unwrap();
    line.split(',').nth(5).unwrap().parse().unwrap()
}

/// Of two classes and of three, by every model that can: probabilities are some, accuracy and areas are
/// those that predictions have when they are counted one by one.
#[test]
fn classes_are_predicted_and_evaluated_by_every_model() {
    let study = study(4000);
    let text = study.read("t.csv");
    for (target, others, classes) in
        [("kind", "y,three", &["0", "1"][..]), ("three", "y,kind", &["a", "b", "c"])]
    {
        for model in ["bayes", "logistic --epochs 2", "forest --target-kind class"] {
            let fit = format!("learn fit --data t.csv --target {target} --without id,{others}");
            works(&study, &format!("{fit} --model {model} --incomplete mean --out m"));
            works(&study, "learn predict --model m --data t.csv --out p.csv");
            let predicted = study.read("p.csv");
            let words = column(&predicted, "prediction");
            let truth = column(&text, target);
            let of: Vec<Vec<f64>> = classes
                .iter()
                .map(|class| {
                    let all = numbers(&predicted, &format!("probability_{class}"));
                    all.into_iter().map(Option::unwrap).collect()
                })
                .collect();
            for (row, word) in words.iter().enumerate() {
                let all: Vec<f64> = of.iter().map(|class| class[row]).collect();
                assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{all:?}");
                let best = all.iter().copied().fold(0.0, f64::max);
                let place = classes.iter().position(|class| class == word).unwrap();
                assert!(all[place] >= best, "{all:?} {word}");
            }
            let right = words.iter().zip(&truth).filter(|(a, b)| a == b).count();
            works(&study, "learn evaluate --model m --data t.csv --out e");
            let evaluated = study.json("e.json");
            let accuracy = evaluated["all"]["classes"]["accuracy"].as_f64().unwrap();
            close(accuracy, right as f64 / 4000.0);
            assert!(accuracy > 0.6, "{model} of {target}: {accuracy}");
            let positives = if classes.len() == 2 { 1..2 } else { 0..3 };
            for (place, class) in positives.enumerate() {
                let area = area(&of[class], &truth, classes[class]);
                close(evaluated["areas"]["all"][place].as_f64().unwrap(), area);
                assert!(area > 0.6, "{model} of {target}: {area}");
            }
            // Rows that were not seen are predicted a little worse.
            let scores = &inspect(&study, "m")["report"]["scores"];
            let unseen = scores["all"]["classes"]["accuracy"].as_f64().unwrap();
            assert!(unseen > 0.5 && unseen < accuracy + 0.02, "{unseen} {accuracy}");
            assert_eq!(scores["groups"].as_array().unwrap().len(), 5);
        }
    }
}

/// The area under the ROC curve, pair by pair.
fn area(scores: &[f64], truth: &[String], class: &str) -> f64 {
    let of = |positive: bool| -> Vec<f64> {
        let rows =
            scores.iter().zip(truth).filter(|(_, word)| (word.as_str() == class) == positive);
        rows.map(|(score, _)| *score).collect()
    };
    let (positives, negatives) = (of(true), of(false));
    let mut sum = 0.0;
    for one in &positives {
        for other in &negatives {
            sum += if one > other {
                1.0
            } else if one < other {
                0.0
            } else {
                0.5
            };
        }
    }
    sum / (positives.len() * negatives.len()) as f64
}

#[test]
fn numbers_are_predicted_by_every_model() {
    let study = study(4000);
    for model in ["ridge", "linear --epochs 3", "forest"] {
        works(&study, &format!("{NUMBER} {model} --out m"));
        works(&study, "learn evaluate --model m --data t.csv --out e");
        let share = study.json("e.json")["all"]["numbers"]["r_squared"].as_f64().unwrap();
        let least = if model == "forest" { 0.7 } else { 0.8 };
        assert!(share > least, "{model}: {share}");
    }
}

/// No bit of a model depends on threads, memory or the format of the table.
#[test]
fn models_do_not_depend_on_threads_or_memory() {
    let study = study(3000);
    for model in ["ridge", "bayes", "logistic", "forest"] {
        let line = if model == "ridge" { NUMBER } else { CLASS };
        works(&study, &format!("{line} {model} --threads 1 --out one"));
        works(&study, &format!("{line} {model} --threads 3 --memory 48M --out two"));
        let bytes = |name: &str| std::fs::read(study.path(name)).unwrap();
        assert!(bytes("one") == bytes("two"), "{model}");
        let predict = |name: &str| {
            works(&study, &format!("learn predict --model {name} --data t.csv --out {name}.csv"));
            study.read(&format!("{name}.csv"))
        };
        assert_eq!(predict("one"), predict("two"), "{model}");
    }
}

/// Rows in Parquet are the same rows, and so is the model but for the name of its file.
#[test]
fn a_table_in_parquet_gives_the_same_model() {
    let study = study(2000);
    works(&study, "table convert t.csv --out t.parquet");
    for model in ["ridge", "logistic"] {
        let line = if model == "ridge" { NUMBER } else { CLASS };
        works(&study, &format!("{line} {model} --out one"));
        works(&study, &format!("{line} {model} --out two").replace("t.csv", "t.parquet"));
        let (one, two) = (inspect(&study, "one"), inspect(&study, "two"));
        assert_eq!(one["report"], two["report"], "{model}");
        assert_eq!(one["features"], two["features"], "{model}");
        works(&study, "learn predict --model two --data t.csv --out p.csv");
        works(&study, "learn predict --model one --data t.parquet --out q.csv");
        assert_eq!(study.read("p.csv"), study.read("q.csv"), "{model}");
    }
}

/// Classes that are integers with gaps are looked up, and words may be hashed.
#[test]
fn classes_with_gaps_and_hashed_words() {
    let study = Study::empty();
    let mut text = String::from("word,x,y\n");
    for row in 0..900u32 {
        let class = [1, 2, 40][(row * 7 % 3) as usize];
        writeln!(text, "w{}-{class},{},{class}", row % 5, row % 11).unwrap();
    }
    study.write("t.csv", text);
    let forest = "forest --target-kind class --tried 65 --block-rows 180";
    for model in ["bayes", "logistic", forest] {
        works(
            &study,
            &format!("learn fit --data t.csv --target y --hash word=64 --model {model} --out m"),
        );
        let found = inspect(&study, "m");
        assert_eq!(
            found["features"]["target"]["class"]["classes"],
            serde_json::json!(["1", "2", "40"]),
            "{found}"
        );
        // The word says it all, unless two of its 15 share a bucket.
        works(&study, "learn evaluate --model m --data t.csv --out e");
        let accuracy = study.json("e.json")["all"]["classes"]["accuracy"].as_f64().unwrap();
        assert!(accuracy > 0.8, "{model}: {accuracy}");
    }
    let line = "learn fit --data t.csv --target y --levels 3 --model bayes --out n";
    let error = fails(&study, 1, line);
    assert!(error.contains("column `word` has more different words than are counted"), "{error}");
}

/// A file of options makes the same model, and so do those that the model keeps.
#[test]
fn the_options_of_a_model_make_it_again() {
    let study = study(2000);
    study.write(
        "pipeline.toml",
        "target = \"kind\"\n\n[features]\nfeatures = [\"x1\", \"c\"]\nincomplete = \"mean\"\n\n\
         [model]\nmodel = \"bayes\"\nsmoothing = 1e-6\n\n[metrics]\ncv = 4\n",
    );
    works(&study, "learn fit --config pipeline.toml --data t.csv --out m");
    let options = works(&study, "learn inspect m --options");
    assert!(options.contains("model = \"bayes\"") && options.contains("cv = 4"), "{options}");
    study.write("again.toml", options);
    works(&study, "learn fit --config again.toml --out m2");
    let bytes = |name: &str| std::fs::read(study.path(name)).unwrap();
    assert!(bytes("m") == bytes("m2"));
    assert_eq!(inspect(&study, "m")["report"]["rows"], 2000);
    let error = fails(&study, 2, "learn fit --config pipeline.toml --data t.csv --out m --cv 1");
    assert!(error.contains("'1' is no number of folds: 0 for none, or 2 or more"), "{error}");
    study.write("wrong.toml", "[model]\nmodel = \"bayes\"\ncv = 4\n");
    let error = fails(&study, 2, "learn fit --config wrong.toml --data t.csv --out m");
    assert!(error.contains("wrong.toml, line 3, key cv"), "{error}");
}

#[test]
fn a_table_with_other_columns_is_refused_by_name() {
    let study = study(1000);
    works(&study, &format!("{NUMBER} ridge --out m"));
    study.write("other.csv", "x1,x2,c,y\n1,2,red,3\n1,red,3,4\n");
    let error = fails(&study, 1, "learn predict --model m --data other.csv --out p.csv");
    assert!(error.contains("`k` is missing"), "{error}");
    let error = fails(&study, 1, "learn evaluate --model m --data t.csv --by nothing");
    assert!(error.contains("there is no column `nothing`"), "{error}");
    study.write("words.csv", "x1,x2,k,c\n1,2,3,red\nlow,2,3,red\n");
    let error = fails(&study, 1, "learn predict --model m --data words.csv --out p.csv");
    assert!(error.contains("words.csv, line 3"), "{error}");
    assert!(!study.files().contains(&"p.csv".to_owned()));
    let error = fails(&study, 1, "learn inspect t.csv");
    assert!(error.contains("t.csv cannot be used as a model"), "{error}");
    assert!(error.contains("because: this is no model: it does not begin as one does"), "{error}");
    let mut bytes = std::fs::read(study.path("m")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    study.write("m", bytes);
    let error = fails(&study, 1, "learn inspect m");
    assert!(error.contains("it is damaged: its checksum is wrong"), "{error}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let study = study(600);
    for (line, expected) in [
        ("--target c --without id --model ridge", "the target `c` is a category, and this model"),
        (
            "--target y --features x1,y --model ridge",
            "`y` is the target, and cannot predict itself",
        ),
        ("--target y --model ridge --penalties 1,2 --cv 0", "2 penalties and no cross-validation"),
        ("--target y --model bayes", "classes are words, integers or booleans"),
        ("--target y --features x9 --model ridge", "there is no column `x9`"),
        ("--target y --model ridge --block-rows 100", "blocks of rows cannot make 50 groups"),
        ("--target kind --model logistic --rate 0", "the rate is 0"),
        ("--target kind --model forest --leaf-rows 0", "rows of a leaf"),
    ] {
        let error = fails(&study, 1, &format!("learn fit --data t.csv {line} --out m"));
        assert!(error.contains(expected), "{line}: {error}");
        assert_eq!(study.files(), ["t.csv"], "{line}");
    }
    // Every block has a class of its own.
    let mut sorted = String::from("x,y\n");
    (0..600).for_each(|row| writeln!(sorted, "{},{}", row * 7 % 11, row / 200).unwrap());
    study.write("sorted.csv", sorted);
    let line = "learn fit --data sorted.csv --target y --model forest --target-kind class --out m";
    let error = fails(&study, 1, line);
    assert!(error.contains("twoblade table shuffle"), "{error}");
}

/// The model is there also if nobody reads what is said of it.
#[test]
fn a_closed_pipe_does_not_cost_the_model() {
    let study = study(1000);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_twoblade"));
    command.current_dir(study.path("")).args(format!("{NUMBER} ridge --out m").split(' '));
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(study.files(), ["m", "m.html", "t.csv"]);
}

/// A run that is stopped at any block goes on and makes the same model.
#[test]
fn a_fit_goes_on_from_its_checkpoint() {
    let study = study(3000);
    for model in ["ridge", "logistic --epochs 2"] {
        let line = if model == "ridge" { NUMBER } else { CLASS };
        works(&study, &format!("{line} {model} --out whole"));
        let parts = format!("{line} {model} --out m --checkpoint saved --checkpoint-interval 0");
        // A budget of time instead of a signal: the same command until it is done.
        let mut runs = 0;
        loop {
            let mut command = twoblade();
            command.current_dir(study.path("")).args(parts.split(' '));
            command.timeout(std::time::Duration::from_millis(20 + 15 * runs));
            runs += 1;
            let done = command.output().unwrap().status.success();
            if done {
                break;
            }
            assert!(runs < 100, "{model} does not end");
        }
        let bytes = |name: &str| std::fs::read(study.path(name)).unwrap();
        assert!(bytes("m") == bytes("whole"), "{model}");
        assert!(!study.files().contains(&"saved".to_owned()));
        std::fs::remove_file(study.path("m")).unwrap();
    }
}

//! Dominance (`rhe --dominance`) and gene-environment interaction (`genie`): all that the commands do
//! for additive effects they do for these.

use serde_json::Value;

use crate::study::{Study, notes, stderr};

/// A study with two environments: age, and whether somebody smokes.
fn with_environments() -> Study {
    let study = Study::simulate(&[
        "--individuals",
        "120",
        "--variants",
        "60",
        "--h2",
        "0.2,0.3",
        "--seed",
        "4",
    ]);
    study.write_columns("env", "age smokes", |i| format!("{} {}", 20 + i * i % 47, i * 7 % 3 % 2));
    study
}

/// The commands, each with the bins of the study.
const DOMINANCE: &[&str] = &["rhe", "--dominance", "--annot", "study.annot"];
const GENIE: &[&str] = &["genie", "--env", "env", "--annot", "study.annot"];
const COMMON: &[&str] = &["--bfile", "study", "--pheno", "study.pheno", "--blocks", "5"];

impl Study {
    fn model(&self, command: &[&str], arguments: &[&str], out: &str) -> Value {
        self.works(&[command, COMMON, arguments, &["--out", out]].concat());
        self.json(&format!("{out}.json"))
    }
}

fn first_trait(result: &Value) -> &Value {
    &result["groups"][0]["traits"][0]
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|of| of[field].as_str().unwrap()).collect()
}

fn value(number: &Value) -> f64 {
    number["value"].as_f64().unwrap_or_else(|| panic!("{number}"))
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0), "{a} and {b}");
}

#[test]
fn dominance_has_a_component_for_each_bin_and_totals() {
    let study = with_environments();
    let result = study.model(DOMINANCE, &[], "result");
    assert_eq!(result["model"], "rhe-dom");
    let of = first_trait(&result);
    let names = ["bin1", "bin2", "bin1_dominance", "bin2_dominance"];
    assert_eq!(texts(&of["components"], "name"), names);
    assert_eq!(
        texts(&of["components"], "kind"),
        ["additive", "additive", "dominance", "dominance"]
    );
    assert_eq!(texts(&of["totals"], "name"), ["additive", "dominance"]);
    let h2 = |k: usize| value(&of["components"][k]["h2"]);
    near(value(&of["totals"][1]["h2"]), h2(2) + h2(3));
    near(value(&of["h2"]), (0..4).map(h2).sum());
    // Enrichment is over both sets together: weighted by their shares of columns it is 1.
    let columns = |k: usize| of["components"][k]["variants"].as_f64().unwrap();
    let all: f64 = (0..4).map(columns).sum();
    let weighted = (0..4).map(|k| value(&of["components"][k]["enrichment"]) * columns(k) / all);
    near(weighted.sum(), 1.0);
    let table = study.read("result.tsv");
    assert!(table.contains("\tdominance\tbin2_dominance\t"), "{table}");
    assert!(table.contains("\tpart\tadditive\tNA\t"), "{table}");
}

#[test]
fn long_dominance_columns_are_counted_and_named() {
    let study = with_environments();
    // Of variant 5 one individual has two copies, and nobody one.
    study.change_variants(|v, packed| {
        if v == 5 {
            packed.fill(0xff);
            packed[2] = 0b11_11_00_11;
        }
    });
    let result = study.model(DOMINANCE, &[], "result");
    assert_eq!(result["groups"][0]["counts"]["variants_long"], 1);
    let note =
        "1 variants have a column whose squares add up to more than 100 times the individuals";
    assert!(notes(&result).iter().any(|of| of.starts_with(note)), "{:?}", notes(&result));
    study.log_says(&["long columns: snp5\n"]);
    let without = study.model(DOMINANCE, &["--maf", "0.02"], "result");
    assert_eq!(without["groups"][0]["counts"]["variants_long"], 0);
    assert!(!study.read("result.log").contains("long columns"));
}

#[test]
fn interactions_have_components_for_each_environment_and_totals() {
    let study = with_environments();
    let result = study.model(GENIE, &[], "result");
    assert_eq!(result["model"], "genie");
    let of = first_trait(&result);
    let names = [
        "bin1",
        "bin2",
        "bin1*age",
        "bin2*age",
        "bin1*smokes",
        "bin2*smokes",
        "NxE*age",
        "NxE*smokes",
    ];
    assert_eq!(texts(&of["components"], "name"), names);
    assert_eq!(of["components"][2]["kind"], "GxE");
    assert_eq!(of["components"][2]["environment"], "age");
    assert_eq!(of["components"][0]["environment"], Value::Null);
    assert_eq!(of["components"][6]["variants"], Value::Null);
    assert_eq!(of["components"][6]["enrichment"], Value::Null);
    let totals = ["G", "GxE", "GxE*age", "GxE*smokes", "NxE", "NxE*age", "NxE*smokes"];
    assert_eq!(texts(&of["totals"], "name"), totals);
    let h2 = |k: usize| value(&of["components"][k]["h2"]);
    near(value(&of["totals"][0]["h2"]), h2(0) + h2(1));
    near(value(&of["totals"][1]["h2"]), (2..6).map(h2).sum());
    near(value(&of["totals"][3]["h2"]), h2(4) + h2(5));
    near(value(&of["h2"]), (0..8).map(h2).sum());
    for component in of["components"].as_array().unwrap() {
        near(value(&component["h2"]), value(&component["h2_by_trace"]));
    }
    // Among the components of one environment enrichments average to 1.
    let columns = |k: usize| of["components"][k]["variants"].as_f64().unwrap();
    for first in [0, 2, 4] {
        let weighted = |k: usize| value(&of["components"][k]["enrichment"]) * columns(k);
        let all = columns(first) + columns(first + 1);
        near((weighted(first) + weighted(first + 1)) / all, 1.0);
    }
    // Environments are covariates too.
    let covariates = &result["groups"][0]["covariates"];
    assert_eq!((&covariates["rank"], &covariates["used"][0]), (&3.into(), &"age".into()));
    study.log_says(&[
        "twoblade 0.1.0 genie\n",
        "env: 120 rows, 120 matched by identifier, 0 not among the genotyped",
        "  environments, covariates too: age, smokes\n",
        "projected off: the intercept, age, smokes (rank 3)\n",
    ]);
    let alone = study.model(GENIE, &["--no-env-covariates"], "result");
    assert_eq!(alone["groups"][0]["covariates"]["rank"], 1);
    study.log_says(&["  environments, not projected off: age, smokes\n"]);
}

#[test]
fn the_unit_of_an_environment_changes_no_share_of_variance() {
    let study = with_environments();
    let years = study.model(GENIE, &["--precision", "double"], "result");
    let text = study.read("env");
    let days = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[2].parse::<f64>() {
            Ok(age) => format!("{} {} {} {}\n", words[0], words[1], age * 1024.0, words[3]),
            Err(_) => format!("{line}\n"),
        }
    };
    study.write("env", text.lines().map(days).collect::<String>());
    let days = study.model(GENIE, &["--precision", "double"], "result");
    let h2 = |of: &Value, k: usize| value(&first_trait(of)["components"][k]["h2"]);
    (0..8).for_each(|k| near(h2(&years, k), h2(&days, k)));
    // The variance itself is in the unit of the environment.
    let variance = |of: &Value, k: usize| value(&first_trait(of)["components"][k]["variance"]);
    near(variance(&years, 2), variance(&days, 2) * 1024.0 * 1024.0);
}

#[test]
fn environments_are_chosen_and_matched_by_identifier() {
    let study = with_environments();
    study.model(GENIE, &["--env-name", "smokes"], "result");
    let one = study.read("result.json");
    study.model(GENIE, &["--env-col", "2"], "result");
    assert_eq!(study.read("result.json"), one);
    study.shuffle("env");
    study.shuffle("study.pheno");
    study.model(GENIE, &["--env-name", "smokes"], "result");
    assert_eq!(study.read("result.json"), one);
    // Whoever lacks an environment is left out, and so is whoever is not in the file.
    let text = study.read("env").replace("f7 i7 ", "nobody nowhere ");
    let row = text.lines().find(|line| line.starts_with("f9 i9 ")).unwrap().to_owned();
    study.write("env", text.replace(&row, "f9 i9 NA 1"));
    let result = study.model(GENIE, &[], "result");
    assert_eq!(result["groups"][0]["individuals"], 118);
    study.log_says(&["1 not in the file of environments, 1 with a missing one"]);
}

#[test]
fn additive_effects_alone_are_those_of_rhe_shared_by_trace() {
    let study = with_environments();
    let alone = ["genie", "--model", "G", "--annot", "study.annot"];
    let genie = study.model(&alone, &[], "result");
    let rhe = study.model(&["rhe", "--annot", "study.annot"], &[], "result");
    let (genie, rhe) = (first_trait(&genie), first_trait(&rhe));
    assert_eq!(genie["totals"].as_array().unwrap().len(), 0);
    for k in 0..2 {
        let of = |from: &Value, number: &str| value(&from["components"][k][number]);
        near(of(genie, "variance"), of(rhe, "variance"));
        near(of(genie, "h2"), of(rhe, "h2_by_trace"));
    }
    near(value(&genie["h2"]), value(&rhe["h2_by_trace"]));
    // With environments as covariates, it is adjusted for them.
    let adjusted = study.model(&alone, &["--env", "env"], "result");
    assert_eq!(adjusted["groups"][0]["covariates"]["rank"], 3);
}

/// Covariates, bins that overlap, several groups of traits, drawn genotypes, correlations: at once.
#[test]
fn every_option_works_for_both() {
    let study = with_environments();
    let values = study.values(0);
    study.write_columns("traits", "a b ill", |i| {
        let b = if i % 6 == 1 { "NA".to_owned() } else { (values[i] * 2.0 + 1.0).to_string() };
        format!("{} {b} {}", values[i], 1 + u8::from(values[i] > 0.2))
    });
    study.write_columns("covar", "site", |i| ["north", "south", "west"][i % 3].to_owned());
    let rows = (0..60).map(|v| format!("1 {}\n", u8::from(v % 3 == 0)));
    study.write("overlap", rows.collect::<String>());
    for command in [&["rhe", "--dominance"][..], &["genie", "--env", "env", "--env-name", "smokes"]]
    {
        let arguments = [
            "--bfile",
            "study",
            "--pheno",
            "traits",
            "--covar",
            "covar",
            "--annot",
            "overlap",
            "--blocks",
            "5",
            "--rg",
            "--missing-genotype",
            "binomial",
            "--probes",
            "20",
            "--seed",
            "3",
            "--population-prevalence",
            "ill=0.1",
            "--trace",
            "--out",
            "result",
        ];
        study.works(&[command, &arguments].concat());
        let result = study.json("result.json");
        let groups = result["groups"].as_array().unwrap();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0]["correlations"].as_array().unwrap().len(), 1);
        let ill = &groups[0]["traits"][1];
        assert_eq!(ill["name"], "ill");
        // On the scale of liability: that of genotypes alone.
        let (scaled, sets) = (value(&ill["liability"]["h2"]), &ill["totals"]);
        let of_genotypes: f64 = match command[0] {
            "rhe" => value(&ill["h2"]),
            _ => value(&sets[0]["h2"]),
        };
        assert!((scaled / of_genotypes).is_finite() && scaled.signum() == of_genotypes.signum());
        let overlap = &ill["components"][0]["h2_with_overlap"];
        assert!((value(overlap) - value(&ill["components"][0]["h2"])).abs() > 1e-9);
        let trace = study.read("result.trace.tsv");
        assert!(trace.starts_with("group\tindividuals\trank\tleft_out\tcomponent"));
        let files = study.files();
        assert!(!files.contains(&"result.tr".to_owned()));
        let note = "the files .tr and .MN are for additive effects alone: not written";
        assert!(notes(&result).contains(&note.to_owned()));
        // A trait of its own group is analysed as if it were alone.
        let alone = [
            "--bfile",
            "study",
            "--pheno",
            "traits",
            "--pheno-name",
            "b",
            "--covar",
            "covar",
            "--annot",
            "overlap",
            "--blocks",
            "5",
            "--rg",
            "--missing-genotype",
            "binomial",
            "--probes",
            "20",
            "--seed",
            "3",
            "--out",
            "alone",
        ];
        study.works(&[command, &alone].concat());
        assert_eq!(study.json("alone.json")["groups"][0], groups[1]);
    }
}

#[test]
fn threads_reuse_checkpoints_and_parts_change_no_byte() {
    let study = with_environments();
    for command in [DOMINANCE, GENIE] {
        let run = [command, COMMON, &["--seed", "2"]].concat();
        study.works(&[&run[..], &["--out", "one", "--threads", "1"]].concat());
        let expected = study.read("one.json");
        for arguments in [
            &["--threads", "3"][..],
            &["--reuse", "keep"],
            &["--reuse", "recompute"],
            &["--reuse", "spill"],
            &["--checkpoint", "saved", "--checkpoint-interval", "0"],
        ] {
            study.works(&[&run[..], arguments, &["--out", "two"]].concat());
            assert_eq!(study.read("two.json"), expected, "{arguments:?}");
        }
        // From the file of options.
        study.works(&[command[0], "--config", "one.run.toml", "--out", "two"]);
        assert_eq!(study.read("two.json"), expected);
        study.works(&[&run[..], &["--plan-out", "plan.json"]].concat());
        for (shard, file) in [("1/2", "a"), ("2/2", "b")] {
            study.works(&["pass-one", "plan.json", "--shard", shard, "-o", file]);
        }
        study.works(&["merge", "b", "a", "-o", "total"]);
        for (shard, file) in [("1/2", "c"), ("2/2", "d")] {
            study.works(&["pass-two", "plan.json", "total", "--shard", shard, "-o", file]);
        }
        assert!(study.works(&["verify", "plan.json", "a", "b", "c", "d"]).contains("complete"));
        study.works(&["finish", "plan.json", "total", "c", "d", "--out", "two"]);
        assert_eq!(study.read("two.json"), expected);
        for file in ["a", "b", "c", "d", "total", "plan.json"] {
            std::fs::remove_file(study.path(file)).unwrap();
        }
        let plan = study.works(&[&run[..], &["--plan"]].concat());
        assert!(plan.starts_with("plan for "), "{plan}");
        let few = study.fails(1, &[&run[..], &["--memory", "200K", "--out", "two"]].concat());
        assert!(few.contains("what would fit: --memory"), "{few}");
    }
}

#[test]
fn environments_that_are_none() {
    let study = with_environments();
    let refused = |arguments: &[&str], code: i32, says: &[&str]| {
        let before = study.files();
        let run = [&["genie"], arguments, COMMON, &["--out", "result"]].concat();
        let output = study.run(&run);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        for part in says {
            assert!(text.contains(part), "'{part}' is not in:\n{text}");
        }
        assert_eq!(study.files(), before, "nothing is left behind");
    };
    refused(&[], 2, &["--model G+GxE+NxE needs --env FILE", "it is --model G"]);
    refused(&["--model", "NxE"], 2, &["[possible values: G, G+GxE, G+GxE+NxE]"]);
    refused(
        &["--env", "env", "--env-name", "sex"],
        1,
        &["env has no covariate 'sex'", "age, smokes"],
    );
    refused(&["--env", "env", "--env-col", "3"], 1, &["--env-col asks for what is not there"]);
    refused(
        &["--env", "env", "--env-col", "1", "--env-name", "age"],
        2,
        &["'--env-col <NUMBERS>' cannot be used with", "--env-name <NAME>"],
    );
    refused(&["--env", "nowhere"], 1, &["nowhere could not be read"]);
    refused(&["--env", "env", "--no-env-covariates=yes"], 2, &["unexpected value 'yes'"]);
    study.write_columns("text", "site", |i| ["a", "b"][i % 2].to_owned());
    refused(&["--env", "text"], 1, &["text: environment 'site' holds text such as 'a'"]);
    study.write_columns("constant", "one", |_| "3".to_owned());
    refused(&["--env", "constant"], 1, &["environment \"one\" is 3 for everybody who stays"]);
    study.write_columns("signs", "sex", |i| ["-1", "1"][i % 2].to_owned());
    refused(
        &["--env", "signs"],
        1,
        &["environment \"sex\" is 1 or -1 for everybody", "is the residual; leave NxE out"],
    );
    study.model(&["genie", "--env", "signs", "--model", "G+GxE"], &[], "result");
    let dominance = study.fails(2, &[&["rhe", "--dominance=no"], COMMON, &["--out", "x"]].concat());
    assert!(dominance.contains("unexpected value 'no'"), "{dominance}");
    // An environment that its covariates already hold is right; two that say the same are not.
    study.write_columns("twice", "age old", |i| format!("{0} {0}", 20 + i * i % 47));
    let all = "all*age, all*old, NxE*age, NxE*old cannot be told apart";
    refused(&["--env", "twice"], 1, &[all]);
}

/// One individual far from all others decides what interacts with it: the result is right, or refused in
/// words.
#[test]
fn an_environment_with_an_outlier_is_right_or_refused_in_words() {
    let study = with_environments();
    study.write_columns("env", "dose", |i| match i {
        17 => "1000".to_owned(),
        _ => format!("{}", (i * 37 % 101) as f64 / 50.0 - 1.0),
    });
    let exact = ["--probe-kind", "basis", "--precision", "double", "--no-env-covariates"];
    let alone = [&exact[..], &["--model", "G+GxE"]].concat();
    let result = study.model(&["genie", "--env", "env"], &alone, "result");
    // G is nearly that of a run without the environment and without the individual.
    let of = |result: &Value| value(&first_trait(result)["components"][0]["variance"]);
    let others = study.individuals().into_iter().enumerate().filter(|&(i, _)| i != 17);
    study.write("keep", others.map(|(_, who)| who + "\n").collect::<String>());
    let arguments = [&exact[..3], &["double", "--keep", "keep"]].concat();
    let without = study.model(&["genie", "--model", "G"], &arguments, "result");
    assert!((of(&result) - of(&without)).abs() < 0.05, "{} and {}", of(&result), of(&without));
    for (arguments, says) in [
        // Noise of one individual, and its interaction, are the same.
        (&exact[..], "components all*dose, NxE*dose cannot be told apart"),
        // As a covariate it takes that individual out.
        (&["--model", "G+GxE"], "component all*dose is next to nothing beside"),
    ] {
        let run = [&["genie", "--env", "env"], COMMON, arguments, &["--out", "two"]].concat();
        let text = study.fails(1, &run);
        assert!(text.contains(says), "'{says}' is not in:\n{text}");
    }
}

//! `twoblade rhe` on good input.

use crate::study::{Study, stderr, stdout, twoblade};

#[test]
fn a_run_writes_five_files_and_prints_a_table() {
    let study = Study::small();
    let before = study.files();
    let output = study.rhe(&["--annot", "study.annot"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut expected = before;
    expected.extend(
        ["json", "log", "run.json", "run.toml", "tsv"].map(|ending| format!("result.{ending}")),
    );
    expected.sort();
    assert_eq!(study.files(), expected);
    let text = stdout(&output);
    for part in ["trait1: 60 individuals", "bin1", "bin2", "residual", "total h2", "written: "] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(stderr(&output), "");
}

#[test]
fn the_result_holds_what_its_schema_says() {
    let study = Study::small();
    let result = study.result(&["--annot", "study.annot", "--seed", "9"]);
    for (field, value) in [("schema", 3), ("blocks", 5), ("seed", 9)] {
        assert_eq!(result[field], value, "{field}");
    }
    assert_eq!((&result["model"], &result["missing_genotype"]), (&"rhe".into(), &"mean".into()));
    let listed = &result["listed"];
    for (field, value) in [("individuals", 60), ("variants", 40), ("variants_chosen", 40)] {
        assert_eq!(listed[field], value, "{field}");
    }
    assert_eq!(result["groups"].as_array().unwrap().len(), 1);
    let group = &result["groups"][0];
    assert_eq!((&group["individuals"], &group["probes"]), (&60.into(), &50.into()));
    let used = group["variants"].as_u64().unwrap();
    let monomorphic = group["counts"]["variants_monomorphic"].as_u64().unwrap();
    assert_eq!(used + monomorphic, 40);
    assert!(group["counts"]["genotypes_missing"].as_u64().unwrap() > 0);
    assert_eq!(group["correlations"].as_array().unwrap().len(), 0);
    let traits = group["traits"].as_array().unwrap();
    assert_eq!(traits.len(), 2);
    for of in traits {
        assert_eq!(of["individuals"], 60);
        assert!(of["cases"].is_null() && of["liability"].is_null());
        let components = of["components"].as_array().unwrap();
        assert_eq!(components.len(), 2);
        let sum: f64 = components.iter().map(|c| c["h2"]["value"].as_f64().unwrap()).sum();
        assert!((sum - of["h2"]["value"].as_f64().unwrap()).abs() < 1e-12);
        for number in [&of["residual"], &of["h2_by_trace"], &components[0]["enrichment"]] {
            for part in ["value", "se", "mc_se", "z", "p"] {
                assert!(number[part].is_f64(), "{part} of {number}");
            }
        }
        // No variant is in two bins, so that there is nothing to tell apart.
        assert!(components.iter().all(|c| c["h2_with_overlap"].is_null()));
    }
    // The same numbers, as a table: a header, then two bins, a residual and a total for each trait.
    let table = study.read("result.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 1 + 2 * 4);
    assert!(rows.iter().all(|row| row.len() == 5 + 5 * 5), "{table}");
    let column = |name: &str| rows[0].iter().position(|&other| other == name).unwrap();
    let value: f64 = rows[1][column("h2")].parse().unwrap();
    let in_json = traits[0]["components"][0]["h2"]["value"].as_f64().unwrap();
    assert_eq!(value.to_bits(), in_json.to_bits());
    // Without overlap the two are one number for a bin, and nothing for the rest.
    let kinds: Vec<_> = rows[1..5].iter().map(|row| row[column("kind")]).collect();
    assert_eq!(kinds, ["bin", "bin", "residual", "total"]);
    for row in &rows[1..] {
        let is_bin = row[column("kind")] == "bin";
        let expected = if is_bin { row[column("h2")] } else { "NA" };
        assert_eq!(row[column("h2_with_overlap")], expected);
    }
}

#[test]
fn the_result_is_the_same_for_any_threads_and_any_reuse() {
    let size =
        ["--individuals", "2100", "--variants", "300", "--h2", "0.2,0.3", "--missing", "0.01"];
    let study = Study::simulate(&size);
    let mut results = Vec::new();
    for threads in ["1", "2", "3", "8"] {
        for reuse in ["keep", "recompute"] {
            let arguments = ["--annot", "study.annot", "--threads", threads, "--reuse", reuse];
            results.push(study.text(&arguments));
            let run = study.json("result.run.json");
            assert_eq!(run["runs"].as_array().unwrap().len(), 1);
            let plan = &run["runs"][0]["plan"];
            assert_eq!(plan["reuse"], reuse);
            assert_eq!(plan["reads"], if reuse == "keep" { 1 } else { 2 });
        }
    }
    assert_eq!(results.len(), 8);
    assert!(results.iter().all(|result| *result == results[0]));
}

/// Blocks of one chunk are read once and kept, or twice, with something remembered between.
#[test]
fn a_plan_says_what_is_kept_and_what_is_remembered() {
    let study = Study::small();
    for (reuse, reads, said) in [
        ("keep", "1 x", "kept of all blocks"),
        ("recompute", "2 x", "remembered from the first read to the second"),
        ("spill", "1 x", ""),
    ] {
        let output = study.rhe(&["--memory", "4G", "--reuse", reuse, "--plan"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.contains(reads), "{text}");
        for what in ["kept of all blocks", "remembered from the first read to the second"] {
            assert_eq!(text.contains(what), what == said, "{reuse}: {what} in {text}");
        }
    }
}

#[test]
fn a_plan_reads_no_genotypes_and_writes_nothing() {
    let study = Study::small();
    // Genotypes that cannot be: nobody looks at them. Only the magic bytes and the length are right.
    let mut bed = std::fs::read(study.path("study.bed")).unwrap();
    bed[3..].fill(0x55);
    study.write("study.bed", &bed);
    let before = study.files();
    let output = study.rhe(&["--memory", "4G", "--plan"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(study.files(), before);
    let text = stdout(&output);
    for part in [
        "60 of 60 listed",
        "40 of 40 listed",
        "blocks: 5",
        "probes       50",
        "memory",
        " KiB of 4,096 MiB",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // What is counted before is no more than named: everybody lacks every genotype here.
    let scores: Vec<_> = (0..40).map(|v| format!("snp{v} {v}")).collect();
    study.write("scores", scores.join("\n"));
    let counting = ["--plan", "--mind", "0.1", "--ld-maf-bins", "scores", "--ld-groups", "2"];
    let output = study.rhe(&counting);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for part in ["60 of 60 listed", "individuals (--mind)", "variants (--ld-maf-bins)", "bins: 4"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // The same genotypes, run: nothing varies.
    let output = study.rhe(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("none of them varies"), "{}", stderr(&output));
}

#[test]
fn exact_probes_have_no_monte_carlo_error() {
    let study = Study::small();
    let arguments = ["--probe-kind", "basis", "--precision", "double"];
    let mut one = study.result(&[arguments.as_slice(), &["--seed", "1"]].concat());
    assert_eq!(one["groups"][0]["traits"][0]["h2"]["mc_se"], 0.0);
    let two = study.result(&[arguments.as_slice(), &["--seed", "2"]].concat());
    one["seed"] = 2.into();
    assert_eq!(one, two);
}

#[test]
fn quiet_prints_nothing() {
    let study = Study::small();
    let output = study.rhe(&["--quiet"]);
    assert!(output.status.success());
    assert_eq!((stdout(&output), stderr(&output)), (String::new(), String::new()));
    assert!(study.files().contains(&"result.json".to_owned()));
}

#[test]
fn progress_can_be_forced_and_goes_to_stderr() {
    let study = Study::small();
    let output = study.rhe(&["--progress"]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("total h2"));
    let text = stderr(&output);
    assert!(text.contains("pass one: 5 of 5") && text.contains("pass two: 5 of 5"), "{text}");
    // Without it, and without a terminal, there is none.
    assert_eq!(stderr(&study.rhe(&[])), "");
}

#[test]
fn the_demo_shows_estimates_beside_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let output = twoblade().arg("demo").arg("--out").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for part in ["h2 of", "simulated", "estimated", "bin1", "bin2", "both bins"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let read = |name: &str| {
        let text = std::fs::read_to_string(out.join(name)).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let (truth, result) = (read("study.truth.json"), read("result.json"));
    let h2 = &result["groups"][0]["traits"][0]["h2"];
    let off = (h2["value"].as_f64().unwrap() - truth["h2"].as_f64().unwrap())
        / h2["se"].as_f64().unwrap();
    assert!(off.abs() < 4.0, "{off} standard errors off");
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_with_130_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("large");
    // Far more than can be done before the signal comes.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_twoblade"));
    command.args(["simulate", "--individuals", "50000", "--variants", "1000000", "--out"]);
    command.arg(out).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    // A file that grows says that the handler has been there for a while.
    let grown = || {
        let sizes = std::fs::read_dir(folder.path()).unwrap();
        sizes.map(|entry| entry.unwrap().metadata().map_or(0, |data| data.len())).max()
            > Some(1 << 20)
    };
    while !grown() {
        std::thread::yield_now();
    }
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(stderr(&output).contains("of 1000000 variants; nothing was written"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

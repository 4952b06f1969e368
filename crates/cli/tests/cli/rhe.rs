//! `twoblade rhe` on good input.

use crate::study::{Study, stderr, stdout, twoblade};

fn json(study: &Study, name: &str) -> serde_json::Value {
    serde_json::from_str(&study.read(name)).unwrap()
}

#[test]
fn a_run_writes_four_files_and_prints_a_table() {
    let study = Study::small();
    let before = study.files();
    let annot = study.path("study.annot");
    let output = study.rhe(&["--annot", annot.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut expected = before;
    expected.extend(["json", "log", "run.json", "tsv"].map(|ending| format!("result.{ending}")));
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
    let annot = study.path("study.annot");
    assert!(study.rhe(&["--annot", annot.to_str().unwrap(), "--seed", "9"]).status.success());
    let result = json(&study, "result.json");
    for (field, value) in
        [("schema", 1), ("individuals", 60), ("blocks", 5), ("probes", 50), ("seed", 9)]
    {
        assert_eq!(result[field], value, "{field}");
    }
    assert_eq!(result["model"], "rhe");
    let used = result["variants"].as_u64().unwrap();
    let monomorphic = result["counts"]["variants_monomorphic"].as_u64().unwrap();
    assert_eq!(used + monomorphic, 40);
    assert!(result["counts"]["genotypes_missing"].as_u64().unwrap() > 0);
    let traits = result["traits"].as_array().unwrap();
    assert_eq!(traits.len(), 2);
    for of in traits {
        assert_eq!(of["individuals"], 60);
        let components = of["components"].as_array().unwrap();
        assert_eq!(components.len(), 2);
        let sum: f64 = components.iter().map(|c| c["h2"]["value"].as_f64().unwrap()).sum();
        assert!((sum - of["h2"]["value"].as_f64().unwrap()).abs() < 1e-12);
        for number in [&of["residual"], &of["h2_by_trace"], &components[0]["enrichment"]] {
            for part in ["value", "se", "mc_se", "z", "p"] {
                assert!(number[part].is_f64(), "{part} of {number}");
            }
        }
    }
    // The same numbers, as a table: a header, then two bins, a residual and a total for each trait.
    let table = study.read("result.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 1 + 2 * 4);
    assert!(rows.iter().all(|row| row.len() == 5 + 4 * 5), "{table}");
    let h2 = rows[0].iter().position(|&name| name == "h2").unwrap();
    let value: f64 = rows[1][h2].parse().unwrap();
    let in_json = traits[0]["components"][0]["h2"]["value"].as_f64().unwrap();
    assert_eq!(value.to_bits(), in_json.to_bits());
}

#[test]
fn the_result_is_the_same_for_any_threads_and_any_reuse() {
    let size =
        ["--individuals", "2100", "--variants", "300", "--h2", "0.2,0.3", "--missing", "0.01"];
    let study = Study::simulate(&size);
    let annot = study.path("study.annot");
    let mut results = Vec::new();
    for threads in ["1", "2", "3", "8"] {
        for reuse in ["keep", "recompute"] {
            let arguments =
                ["--annot", annot.to_str().unwrap(), "--threads", threads, "--reuse", reuse];
            let output = study.rhe(&arguments);
            assert!(output.status.success(), "{}", stderr(&output));
            results.push(study.read("result.json"));
            let run = json(&study, "result.run.json");
            assert_eq!(run["plan"]["reuse"], reuse);
            assert_eq!(run["plan"]["reads"], if reuse == "keep" { 1 } else { 2 });
        }
    }
    assert_eq!(results.len(), 8);
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn a_plan_reads_no_genotypes_and_writes_nothing() {
    let study = Study::small();
    // Genotypes that cannot be: nobody looks at them. Only the magic bytes and the length are right.
    let mut bed = std::fs::read(study.path("study.bed")).unwrap();
    bed[3..].fill(0x55);
    study.write("study.bed", &bed);
    let before = study.files();
    let output = study.rhe(&["--plan"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(study.files(), before);
    let text = stdout(&output);
    for part in [
        "60 of 60 listed",
        "40 listed",
        "5 blocks",
        "probes       50",
        "memory",
        " MiB of 4,096 MiB",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // The same genotypes, run: nothing varies.
    let output = study.rhe(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no polymorphic variant"), "{}", stderr(&output));
}

#[test]
fn phenotypes_are_matched_by_identifier_and_not_by_row() {
    let study = Study::small();
    assert!(study.rhe(&[]).status.success());
    let in_order = study.read("result.json");
    let text = study.read("study.pheno");
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    rows.swap(3, 40);
    study.write("study.pheno", format!("{header}\n{}\n", rows.join("\n")));
    assert!(study.rhe(&[]).status.success());
    assert_eq!(study.read("result.json"), in_order);
}

#[test]
fn a_trait_can_be_chosen_by_name() {
    let study = Study::small();
    assert!(study.rhe(&["--pheno-name", "trait2"]).status.success());
    let one = json(&study, "result.json");
    assert_eq!(one["traits"].as_array().unwrap().len(), 1);
    assert!(study.rhe(&[]).status.success());
    let both = json(&study, "result.json");
    // Traits ride the same products: alone or together, the same bits but for the last ones of a
    // library product of another width.
    let value =
        |result: &serde_json::Value, t: usize| result["traits"][t]["h2"]["value"].as_f64().unwrap();
    assert_eq!(one["traits"][0]["name"], "trait2");
    assert!((value(&one, 0) - value(&both, 1)).abs() < 1e-4);
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
    let output = study.rhe(&[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let result = json(&study, "result.json");
    assert_eq!(
        (&result["individuals"], &result["counts"]["individuals_listed"]),
        (&57.into(), &60.into())
    );
    let log = study.read("result.log");
    for part in [
        "60 rows, 59 matched by identifier, 1 not among the genotyped",
        "trait1: 2 missing (1 NA, 0 nan, 1 -9, 0 0)",
        "trait2: 1 missing (0 NA, 1 nan, 0 -9, 0 0)",
        "1 without a phenotype row, 2 with a missing trait)",
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
}

#[test]
fn exact_probes_have_no_monte_carlo_error() {
    let study = Study::small();
    let arguments = ["--probe-kind", "basis", "--precision", "double"];
    let output = study.rhe(&[arguments.as_slice(), &["--seed", "1"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let mut one = json(&study, "result.json");
    assert_eq!(one["traits"][0]["h2"]["mc_se"], 0.0);
    assert!(study.rhe(&[arguments.as_slice(), &["--seed", "2"]].concat()).status.success());
    let two = json(&study, "result.json");
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
    let h2 = &result["traits"][0]["h2"];
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

#[test]
fn covariates_are_projected_off_and_named() {
    let study = Study::small();
    let mut rows = vec!["FID IID age site age2 one".to_owned()];
    for (i, line) in study.read("study.fam").lines().enumerate() {
        let identifiers: Vec<_> = line.split_whitespace().take(2).collect();
        let age = match i {
            4 => "NA".to_owned(),
            _ => (20 + i * i % 37).to_string(),
        };
        let twice = if i == 4 { "NA".to_owned() } else { (2 * (20 + i * i % 37)).to_string() };
        rows.push(format!(
            "{} {age} {} {twice} 1",
            identifiers.join(" "),
            ["north", "south", "west"][i % 3]
        ));
    }
    // Rows in any order give the same bits.
    let mut reversed = rows.clone();
    reversed[1..].reverse();
    study.write("a.covar", rows.join("\n"));
    study.write("b.covar", reversed.join("\n"));
    let mut results = Vec::new();
    for name in ["a.covar", "b.covar"] {
        let covar = study.path(name);
        let output = study.rhe(&["--covar", covar.to_str().unwrap()]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains("covariates left out because"), "{}", stdout(&output));
        results.push(study.read("result.json"));
    }
    assert_eq!(results[0], results[1]);
    let result = json(&study, "result.json");
    assert_eq!((&result["model"], &result["individuals"]), (&"rhe-cov".into(), &59.into()));
    let covariates = &result["covariates"];
    assert_eq!(covariates["rank"], 4);
    assert_eq!(covariates["intercept"], true);
    let names = |of: &str| {
        let names = covariates[of].as_array().unwrap();
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("used").len(), 3);
    assert!(names("used").contains(&"site=south".to_owned()));
    assert_eq!(names("dropped").len(), 2);
    assert!(names("dropped").contains(&"one".to_owned()));
    let log = study.read("result.log");
    for part in [
        "60 rows, 60 matched",
        "site: 0 set to the mean, levels against north",
        "1 with a missing covariate",
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
    let covar = study.path("a.covar");
    let arguments =
        ["--covar", covar.to_str().unwrap(), "--covar-name", "age", "--covar-missing", "mean"];
    assert!(study.rhe(&arguments).status.success());
    let result = json(&study, "result.json");
    assert_eq!((&result["individuals"], &result["covariates"]["rank"]), (&60.into(), &2.into()));
    assert!(study.read("result.log").contains("age: 1 set to the mean"));
}

#[test]
fn lists_keep_and_remove_individuals_in_this_order() {
    let study = Study::small();
    let fam = study.read("study.fam");
    let identifiers: Vec<String> = fam
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect();
    study.write("keep", identifiers[..50].join("\n"));
    study.write("remove", format!("{}\nnobody nowhere\n", identifiers[45..55].join("\n")));
    let (keep, remove) = (study.path("keep"), study.path("remove"));
    let lists = ["--keep", keep.to_str().unwrap(), "--remove", remove.to_str().unwrap()];
    assert!(study.rhe(&lists).status.success());
    assert_eq!(json(&study, "result.json")["individuals"], 45);
    let log = study.read("result.log");
    for part in
        ["11 lines, 10 matched by identifier, 1 not", "10 not on the list to keep, 5 removed"]
    {
        assert!(log.contains(part), "{part} in {log}");
    }
    // The same as a phenotype file that has those individuals alone: probes follow the row of the
    // .fam, and not who else stays.
    let listed = study.read("result.json");
    let pheno = study.read("study.pheno");
    let rows: Vec<&str> = pheno.lines().take(46).collect();
    study.write("study.pheno", rows.join("\n"));
    assert!(study.rhe(&[]).status.success());
    assert_eq!(study.read("result.json"), listed);
}

#[test]
fn the_sixth_column_of_the_fam_is_the_default_trait() {
    let study = Study::small();
    let pheno = study.read("study.pheno");
    let values = pheno.lines().skip(1).map(|line| line.split_whitespace().nth(2).unwrap());
    let fam = study.read("study.fam");
    let rows = fam.lines().zip(values).map(|(line, value)| {
        let five: Vec<_> = line.split_whitespace().take(5).collect();
        format!("{} {value}", five.join(" "))
    });
    let rows: Vec<_> = rows.collect();
    assert!(study.rhe(&["--pheno-name", "trait1"]).status.success());
    let from_file = json(&study, "result.json");
    study.write("study.fam", rows.join("\n"));
    let mut command = twoblade();
    command.args(["rhe", "--blocks", "5", "--bfile"]).arg(study.path("study"));
    let output = command.arg("--out").arg(study.path("result")).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let from_fam = json(&study, "result.json");
    assert_eq!(from_fam["traits"][0]["components"], from_file["traits"][0]["components"]);
}

#[test]
fn quantile_normalization_follows_ranks_alone() {
    let study = Study::small();
    let arguments = ["--pheno-name", "trait1", "--pheno-quantile-normalize"];
    assert!(study.rhe(&arguments).status.success());
    let plain = study.read("result.json");
    // The exponential keeps the order, and nothing else.
    let pheno = study.read("study.pheno");
    let rows = pheno.lines().skip(1).map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let value: f64 = words[2].parse().unwrap();
        format!("{} {} {}", words[0], words[1], value.exp())
    });
    let rows: Vec<_> = rows.collect();
    study.write("study.pheno", format!("FID IID trait1\n{}\n", rows.join("\n")));
    assert!(study.rhe(&arguments).status.success());
    assert_eq!(study.read("result.json"), plain);
    assert!(study.rhe(&arguments[..2]).status.success());
    assert_ne!(study.read("result.json"), plain);
}

#[test]
fn variants_are_left_out_by_frequency_and_by_missing_genotypes_and_hold_their_place() {
    let size = ["--individuals", "400", "--variants", "200", "--missing", "0.05", "--seed", "4"];
    let study = Study::simulate(&size);
    assert!(study.rhe(&[]).status.success());
    let all = json(&study, "result.json");
    assert_eq!(all["variants"], 200);
    assert!(study.rhe(&["--maf", "0.2", "--geno", "0.05"]).status.success());
    let some = json(&study, "result.json");
    // Counted once more, from the genotypes themselves.
    let bed = std::fs::read(study.path("study.bed")).unwrap();
    let (mut missing, mut rare) = (0u64, 0u64);
    for row in bed[3..].chunks(100) {
        let mut of = [0u32; 4];
        (0..400).for_each(|i| of[usize::from(row[i / 4] >> (2 * (i % 4)) & 3)] += 1);
        let p = f64::from(2 * of[0] + of[2]) / f64::from(2 * (400 - of[1]));
        if of[1] > 20 {
            missing += 1;
        } else if p.min(1.0 - p) < 0.2 {
            rare += 1;
        }
    }
    let counts = &some["counts"];
    assert_eq!(
        (counts["variants_missing"].as_u64(), counts["variants_rare"].as_u64()),
        (Some(missing), Some(rare))
    );
    assert!(missing > 20 && rare > 20, "{missing} and {rare}");
    assert_eq!(some["variants"].as_u64(), Some(200 - missing - rare));
    assert!(
        study
            .read("result.log")
            .contains(&format!("({missing} with too many missing genotypes, 0 mono"))
    );
    // The same as bins that leave these variants out: blocks do not move.
    let rows = bed[3..].chunks(100).map(|row| {
        let mut of = [0u32; 4];
        (0..400).for_each(|i| of[usize::from(row[i / 4] >> (2 * (i % 4)) & 3)] += 1);
        let p = f64::from(2 * of[0] + of[2]) / f64::from(2 * (400 - of[1]));
        if of[1] > 20 || p.min(1.0 - p) < 0.2 { "0" } else { "1" }
    });
    let rows: Vec<_> = rows.collect();
    study.write("some.annot", rows.join("\n"));
    let annot = study.path("some.annot");
    assert!(study.rhe(&["--annot", annot.to_str().unwrap()]).status.success());
    assert_eq!(json(&study, "result.json")["traits"][0]["h2"], some["traits"][0]["h2"]);
    for arguments in [["--maf", "0.6"], ["--geno", "-0.1"]] {
        assert_eq!(study.rhe(&arguments).status.code(), Some(2));
    }
}

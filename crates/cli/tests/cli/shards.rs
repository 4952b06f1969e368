//! A run in parts: a plan, states, merges, and the same bytes at the end.

use crate::study::Study;

const OPTIONS: [&str; 10] = [
    "rhe",
    "--bfile",
    "study",
    "--pheno",
    "study.pheno",
    "--annot",
    "study.annot",
    "--blocks",
    "9",
    "--rg",
];

/// A study with a plan, and a run of it in one process.
fn planned() -> Study {
    let study = Study::small();
    study.works(&[&OPTIONS[..], &["--plan-out", "plan.json"]].concat());
    study.works(&[&OPTIONS[..], &["--out", "one", "--quiet"]].concat());
    study
}

impl Study {
    fn pass_one(&self, which: [&str; 2], out: &str) -> String {
        self.works(&[&["pass-one", "plan.json"][..], &which, &["-o", out]].concat())
    }

    fn pass_two(&self, which: [&str; 2], out: &str) -> String {
        self.works(&[&["pass-two", "plan.json", "total"][..], &which, &["-o", out]].concat())
    }
}

#[test]
fn any_cut_and_any_tree_of_merges_gives_the_same_bytes() {
    let study = planned();
    let said = study.pass_one(["--shard", "2/3"], "b");
    assert_eq!(said, "b written: 3 blocks (4 to 6)\n");
    study.pass_one(["--blocks", "1..1"], "a1");
    study.pass_one(["--blocks", "2..3"], "a2");
    study.pass_one(["--shard", "3/3"], "c");
    let said = study.works(&["merge", "c", "a1", "-o", "ca1"]);
    assert_eq!(said, "ca1 written: 4 of 9 blocks; missing: 2 to 6\n");
    study.works(&["merge", "a2", "b", "-o", "a2b"]);
    study.works(&["merge", "a2b", "ca1", "-o", "total"]);
    study.works(&["merge", "a1", "a2", "b", "c", "-o", "total2"]);
    assert_eq!(
        std::fs::read(study.path("total")).unwrap(),
        std::fs::read(study.path("total2")).unwrap()
    );

    // More parts than blocks: some are empty.
    let parts: Vec<String> = (1..=11).map(|part| format!("r{part}")).collect();
    for (part, out) in (1..).zip(&parts) {
        study.pass_two(["--shard", &format!("{part}/11")], out);
    }
    let mut finish = vec!["finish", "plan.json", "total"];
    finish.extend(parts.iter().rev().map(String::as_str));
    finish.extend(["--out", "two", "--threads", "1", "--memory", "1G"]);
    study.works(&finish);
    for file in ["json", "tsv", "rg.tsv"] {
        assert_eq!(study.read(&format!("two.{file}")), study.read(&format!("one.{file}")));
    }
    assert!(study.read("two.run.json").contains("finish"));
}

#[test]
fn a_part_that_is_there_is_not_made_again() {
    let study = planned();
    study.pass_one(["--shard", "1/2"], "a");
    let before = std::fs::metadata(study.path("a")).unwrap().modified().unwrap();
    let said = study.pass_one(["--shard", "1/2"], "a");
    assert_eq!(said, "a is there already: 4 blocks (1 to 4)\n");
    assert_eq!(std::fs::metadata(study.path("a")).unwrap().modified().unwrap(), before);
    // Another part, or a damaged one, is.
    assert_eq!(study.pass_one(["--shard", "2/2"], "a"), "a written: 5 blocks (5 to 9)\n");
    std::fs::write(study.path("a"), "nothing").unwrap();
    assert_eq!(study.pass_one(["--shard", "2/2"], "a"), "a written: 5 blocks (5 to 9)\n");
}

/// Files as a process leaves them that is killed with signal 9 while it writes.
#[test]
fn what_a_kill_left_half_written_goes_with_the_next_write_to_the_same_file() {
    let study = planned();
    let begun = |names: &[&str]| {
        for name in names {
            study.write(&format!(".twoblade-{name}"), "half");
        }
    };
    let left = || -> Vec<String> {
        study.files().into_iter().filter(|name| name.starts_with(".twoblade-")).collect()
    };
    begun(&[
        "a",
        "b",
        "total",
        "r",
        "two",
        "two.tsv",
        "two.run.json",
        "two.log",
        "two.json",
        "plan.json",
    ]);
    study.pass_one(["--shard", "1/2"], "a");
    assert_eq!(left().len(), 9, "{:?}", left());
    study.pass_one(["--shard", "2/2"], "b");
    study.works(&["merge", "a", "b", "-o", "total"]);
    study.pass_two(["--shard", "1/1"], "r");
    study.works(&["finish", "plan.json", "total", "r", "--out", "two"]);
    assert_eq!(left(), [".twoblade-plan.json"]);
    study.works(&[&OPTIONS[..], &["--plan-out", "plan.json"]].concat());
    assert!(left().is_empty(), "{:?}", left());
}

fn changed(study: &Study, file: &str) -> std::time::SystemTime {
    std::fs::metadata(study.path(file)).unwrap().modified().unwrap()
}

#[test]
fn a_sum_that_is_there_is_not_made_again() {
    let study = planned();
    study.pass_one(["--shard", "1/2"], "a");
    study.pass_one(["--shard", "2/2"], "b");
    study.pass_one(["--shard", "1/3"], "c");
    study.works(&["merge", "a", "b", "-o", "total"]);
    let (before, bytes) = (changed(&study, "total"), std::fs::read(study.path("total")).unwrap());
    for states in [["a", "b"], ["b", "a"]] {
        let said = study.works(&["merge", states[0], states[1], "-o", "total"]);
        assert_eq!(said, "total is there already: 9 of 9 blocks\n");
    }
    assert_eq!(changed(&study, "total"), before);
    // What is wrong with the states is said all the same.
    assert!(study.fails(4, &["merge", "a", "c", "-o", "total"]).contains("block 1 is in c"));
    assert!(study.fails(1, &["merge", "a", "a", "-o", "total"]).contains("a is given twice"));
    // A damaged sum, and one of other blocks, are made again.
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    std::fs::write(study.path("total"), damaged).unwrap();
    let said = study.works(&["merge", "a", "b", "-o", "total"]);
    assert_eq!(said, "total written: 9 of 9 blocks\n");
    assert_eq!(std::fs::read(study.path("total")).unwrap(), bytes);
    let said = study.works(&["merge", "b", "-o", "total"]);
    assert_eq!(said, "total written: 5 of 9 blocks; missing: 1 to 4\n");
    // So is a sum of other data: only the names of its files are the same.
    let mut genotypes = std::fs::read(study.path("study.bed")).unwrap();
    genotypes[100] ^= 0b10;
    std::fs::write(study.path("study.bed"), genotypes).unwrap();
    study.works(&[&OPTIONS[..], &["--plan-out", "plan.json"]].concat());
    study.pass_one(["--shard", "2/2"], "b");
    let said = study.works(&["merge", "b", "-o", "total"]);
    assert_eq!(said, "total written: 5 of 9 blocks; missing: 1 to 4\n");
}

#[test]
fn a_result_that_is_there_is_not_made_again() {
    let study = planned();
    study.pass_one(["--shard", "1/1"], "total");
    study.pass_two(["--shard", "1/2"], "r1");
    study.pass_two(["--shard", "2/2"], "r2");
    let finish = |more: &[&str]| {
        let finish = ["finish", "plan.json", "total", "r1", "r2", "--out", "two"];
        study.works(&[&finish[..], more].concat())
    };
    assert!(
        finish(&[])
            .ends_with("written: two.tsv two.rg.tsv two.run.json two.run.toml two.log two.json\n")
    );
    let made = study.json("two.run.json");
    let plan_hash = &study.json("plan.json")["hash"];
    // So has a run of one process, which is of the same plan.
    for run in [&made, &study.json("one.run.json")] {
        assert_eq!(&run["plan_hash"], plan_hash);
        let files: Vec<_> = run["files"].as_array().unwrap().iter().collect();
        assert_eq!(files.len(), 3);
        for file in files {
            let bytes = std::fs::read(study.path(file["file"].as_str().unwrap())).unwrap();
            assert_eq!(file["blake3"], blake3::hash(&bytes).to_hex().as_str());
            assert_eq!(file["bytes"], bytes.len());
        }
    }
    let hash = |file: &str| blake3::hash(&std::fs::read(study.path(file)).unwrap()).to_string();
    let from = ["plan.json", "total", "r1", "r2"].map(hash);
    assert_eq!(made["from"], serde_json::json!(from));
    assert_eq!(study.json("one.run.json")["from"], serde_json::json!([]));

    let before = changed(&study, "two.json");
    let there =
        "two.json is there already, of this plan and these states; to make it again, remove it\n";
    assert_eq!(finish(&[]), there);
    assert_eq!(finish(&["--quiet"]), "");
    assert_eq!((changed(&study, "two.json"), &study.json("two.run.json")), (before, &made));
    // What is gone or was changed is made again, whichever of the files it is, and as it was.
    for file in ["two.json", "two.tsv", "two.rg.tsv", "two.run.json"] {
        let bytes = study.read(file);
        for damaged in [None, Some(bytes.replacen('0', "1", 1))] {
            match damaged {
                None => std::fs::remove_file(study.path(file)).unwrap(),
                Some(text) => study.write(file, text),
            }
            assert!(finish(&[]).contains("written: "), "{file}");
            for result in ["json", "tsv", "rg.tsv"] {
                let (one, two) = (format!("one.{result}"), format!("two.{result}"));
                assert_eq!(study.read(&one), study.read(&two));
            }
        }
    }
    // So is what other states, or a run of one process, made.
    study.pass_two(["--shard", "1/1"], "r");
    let other = ["finish", "plan.json", "total", "r", "--out", "two"];
    assert!(study.works(&other).contains("written: "));
    assert_eq!(study.works(&other), there);
    assert!(finish(&[]).contains("written: "));
    study.works(&[&OPTIONS[..], &["--out", "two", "--quiet"]].concat());
    assert!(finish(&[]).contains("written: "));
    assert_eq!(study.read("one.json"), study.read("two.json"));
}

#[test]
fn what_is_missing_damaged_or_of_another_plan_is_refused() {
    let study = planned();
    study.pass_one(["--shard", "1/3"], "a");
    study.pass_one(["--shard", "2/3"], "b");
    study.works(&["merge", "a", "b", "-o", "ab"]);
    let finish =
        |total: &str| ["finish", "plan.json", total, "r", "--out", "two"].map(str::to_owned);
    let gap = "error: pass one is not complete: blocks 7 to 9 of 9 are missing\n";
    let pass_two = ["pass-two", "plan.json", "ab", "--shard", "1/1", "-o", "r"];
    assert_eq!(study.fails(5, &pass_two), gap);
    let overlap = "error: block 1 is in ab and in what it was to be added to\n";
    assert_eq!(study.fails(4, &["merge", "a", "ab", "-o", "x"]), overlap);
    assert!(study.fails(1, &["merge", "a", "a", "-o", "x"]).contains("a is given twice"));

    study.pass_one(["--shard", "3/3"], "c");
    study.works(&["merge", "ab", "c", "-o", "total"]);
    study.pass_two(["--blocks", "1..8"], "r");
    let words = finish("total");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let gap = "error: pass two is not complete: blocks 9 of 9 are missing\n";
    assert_eq!(study.fails(5, &words), gap);
    let said = study.fails(4, &["merge", "r", "a", "-o", "x"]);
    assert_eq!(said, "error: r holds pass two, and pass one is wanted here\n");
    let said = study.fails(4, &["finish", "plan.json", "total", "a", "--out", "two"]);
    assert_eq!(said, "error: a holds pass one, and pass two is wanted here\n");

    study.works(&[&OPTIONS[..], &["--seed", "7", "--plan-out", "other.json"]].concat());
    let said = study.fails(4, &["finish", "other.json", "total", "r", "--out", "two"]);
    assert!(said.contains("total belongs to another run: fingerprint of options"), "{said}");

    let mut bytes = std::fs::read(study.path("c")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(study.path("c"), bytes).unwrap();
    let damaged = "error: c is damaged (its checksum differs): remove it, and make it again\n";
    assert_eq!(study.fails(4, &["merge", "ab", "c", "-o", "x"]), damaged);
    assert_eq!(study.fails(4, &["status", "c"]), damaged);
    let said = study.fails(4, &["status", "study.bim"]);
    assert_eq!(said, "error: study.bim is not a state of twoblade\n");
    for file in ["x", "two.json"] {
        assert!(!study.path(file).exists(), "{file}");
    }
}

#[test]
fn data_that_changed_after_the_plan_are_refused() {
    let study = planned();
    study.pass_one(["--shard", "1/1"], "total");
    let mut genotypes = std::fs::read(study.path("study.bed")).unwrap();
    genotypes[100] ^= 0b10;
    std::fs::write(study.path("study.bed"), genotypes).unwrap();
    for arguments in [
        &["pass-two", "plan.json", "total", "--shard", "1/1", "-o", "r"][..],
        &["pass-one", "plan.json", "--shard", "1/2", "-o", "r"],
        &["verify", "plan.json"],
    ] {
        let said = study.fails(4, arguments);
        assert!(
            said.contains("plan.json belongs to another run: fingerprint of the data"),
            "{said}"
        );
    }
}

#[test]
fn status_and_verify_say_what_is_there() {
    let study = planned();
    study.pass_one(["--shard", "1/3"], "a");
    study.pass_one(["--blocks", "4..9"], "b");
    let said = study.works(&["status", "a"]);
    assert!(said.starts_with("a: rhe, pass one, plan "), "{said}");
    assert!(said.ends_with(": 3 of 9 blocks, missing: 4 to 9\n"), "{said}");
    let said = study.works(&["verify", "plan.json", "a", "b"]);
    assert!(said.starts_with("plan.json: the data and options are the plan's\n"), "{said}");
    let gap = "pass one is not complete: blocks 4 to 9 of 9 are missing";
    assert!(study.fails(5, &["verify", "plan.json", "a"]).contains(gap));
    assert!(study.fails(4, &["verify", "plan.json", "a", "a"]).contains("block 1 is in a"));
}

#[test]
fn usage_is_checked_first() {
    let study = planned();
    for (which, message) in [
        (["--shard", "4/3"], "'4/3' is not a part such as 3/20"),
        (["--shard", "0/3"], "'0/3' is not a part such as 3/20"),
        (["--blocks", "5..4"], "'5..4' is not a range of blocks"),
    ] {
        let said = study.fails(2, &[&["pass-one", "plan.json", "-o", "a"], &which[..]].concat());
        assert!(said.contains(message), "{said}");
    }
    let beyond = "error: --blocks 5..10 asks for blocks up to 10, and the plan has 9: give a range \
                  within 1..9\n";
    for part in [&["pass-one", "plan.json"][..], &["pass-two", "plan.json", "total"]] {
        let arguments = [part, &["-o", "a", "--blocks", "5..10"]].concat();
        assert_eq!(study.fails(2, &arguments), beyond);
    }
    assert!(!study.path("a").exists());
    let saving = ["--plan-out", "other.json", "--checkpoint", "saved"];
    let said = study.fails(2, &[&OPTIONS[..], &saving].concat());
    let both = "the argument '--plan-out <FILE>' cannot be used with '--checkpoint <FOLDER>'";
    assert!(said.contains(both), "{said}");
    assert!(!study.path("other.json").exists() && !study.path("saved").exists());
    let said = study.fails(2, &["pass-one", "plan.json", "-o", "a"]);
    assert!(said.contains("--shard <I/N>|--blocks <A..B>"), "{said}");
    std::fs::write(study.path("plan.json"), study.read("plan.json").replace("\"rhe\"", "\"no\""))
        .unwrap();
    let said = study.fails(4, &["pass-one", "plan.json", "-o", "a", "--shard", "1/1"]);
    assert!(said.contains("plan.json is damaged (its hash is not that of what it says)"), "{said}");
}

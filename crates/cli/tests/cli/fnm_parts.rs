//! Maps of runs that were stopped and go on, and of runs in parts.

use std::process::{Command, Stdio};
use std::time::Instant;

use twoblade::core::Random;
use twoblade::runner::read_header;

use crate::fnm::Files;
use crate::study::{Study, stderr};

/// Two groups of lesions in little memory.
fn network() -> Study {
    let study = Study::empty();
    let size = ["--subjects", "30", "--time-points", "60", "--voxels", "4000", "--files", "3"];
    let lesions = ["--lesions", "24", "--constant-voxels", "2", "--seed", "5", "--out", "."];
    study.works(&[&["simulate", "connectome"][..], &size, &lesions].concat());
    study
}

const OPTIONS: [&str; 7] =
    ["fnm", "--connectome", "connectome", "--lesions", "lesions/*.nii.gz", "--se", "--quiet"];

/// So much memory that 16 lesions fit, and not 24: the most for which the plan has two reads.
fn little(study: &Study) -> [String; 4] {
    for step in (1..100).rev() {
        let memory = format!("{}K", 100 * step);
        let how = ["--threads", "1", "--memory", &memory];
        let plan = study.run(&[&OPTIONS[..6], &how, &["--plan"]].concat());
        if String::from_utf8(plan.stdout).unwrap().matches("  read ").count() == 2 {
            return how.map(str::to_owned);
        }
    }
    panic!("no memory leads to two reads");
}

fn files(study: &Study, folder: &str) -> Files {
    let entries = std::fs::read_dir(study.path(folder)).unwrap();
    let files = entries.map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    });
    files.filter(|(name, _)| !["run.toml", "run.json"].contains(&name.as_str())).collect()
}

fn whole(study: &Study) -> Files {
    study.works(&[&OPTIONS[..], &["--out", "one"]].concat());
    files(study, "one")
}

/// 50 times, at moments that are drawn: while subjects are read, and while maps are written.
#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_files() {
    let study = network();
    let expected = whole(&study);
    let saving = ["--checkpoint", "saved", "--checkpoint-interval", "0", "--out", "two"];
    let little = little(&study);
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twoblade"));
        command.current_dir(study.path("")).args(OPTIONS).args(&little).args(saving);
        command.stderr(Stdio::null()).spawn().unwrap()
    };
    let started = Instant::now();
    assert!(command().wait().unwrap().success());
    let length = started.elapsed();
    std::fs::remove_dir_all(study.path("two")).unwrap();
    let random = Random::new(3, 0);
    let (mut reading, mut writing, mut kills, mut ends, mut tries) = (0, 0, 0, 0, 0);
    while kills < 50 {
        let state = read_header(&study.path("saved/group/pass-one.state"));
        let blocks = state.map_or(0, |header| header.cover.count());
        let has_maps =
            std::fs::read_dir(study.path("two")).is_ok_and(|mut two| two.next().is_some());
        reading += u32::from(blocks > 0 && blocks < 30);
        writing += u32::from(blocks == 30 && has_maps);
        let mut child = command();
        tries += 1;
        std::thread::sleep(length.mul_f64(0.8 * random.uniform(tries, 0)));
        child.kill().unwrap();
        if !child.wait().unwrap().success() {
            kills += 1;
            continue;
        }
        ends += 1;
        assert!(files(&study, "two") == expected);
        assert!(!study.path("saved").exists());
        std::fs::remove_dir_all(study.path("two")).unwrap();
    }
    let counted =
        format!("{kills} kills; {reading} went on reading, {writing} writing; {ends} ends");
    assert!(reading + writing >= 25 && reading >= 5 && writing >= 5, "{counted}");
    // And to the end, however far it is.
    assert!(command().wait().unwrap().success());
    assert!(files(&study, "two") == expected);
}

#[test]
fn a_group_under_way_stays_a_group() {
    let study = network();
    let expected = whole(&study);
    let saving = ["--checkpoint", "saved", "--checkpoint-interval", "0", "--out", "two"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_twoblade"));
    command.current_dir(study.path("")).args(OPTIONS).args(little(&study)).args(saving);
    let mut child = command.spawn().unwrap();
    while !study.path("saved/group/pass-one.state").exists() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let group: Vec<String> = serde_json::from_str(&study.read("saved/lesions.json")).unwrap();
    assert_eq!(group.len(), 16);

    // Fewer lesions than the group has: refused by name, and other options with what differs.
    let fewer = ["fnm", "--connectome", "connectome", "--lesions", "lesions/sphere-001.nii.gz"];
    let said = study.fails(1, &[&fewer[..], &saving].concat());
    assert!(said.contains("has the lesion sphere-002, which is not asked for now"), "{said}");
    let other = [&OPTIONS[..], &saving, &["--seed", "pc1"]].concat();
    let said = study.fails(4, &other);
    assert!(said.contains("(seed: \"mean\" then, \"pc1\" now)"), "{said}");

    // With all the memory there is, the group is still the one that was begun.
    let loud = [&OPTIONS[..OPTIONS.len() - 1], &saving].concat();
    let output = study.run(&loud);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("pass one goes on from its checkpoint: "),
        "{}",
        stderr(&output)
    );
    assert!(files(&study, "two") == expected);
}

#[test]
fn parts_of_groups_give_the_same_files() {
    let study = network();
    let expected = whole(&study);
    let little = little(&study);
    let little: Vec<&str> = little.iter().map(String::as_str).collect();
    let said = study.works(&[&OPTIONS[..6], &little, &["--plan-out", "plan.json"]].concat());
    assert!(said.contains("plan-1.json written: 16 lesions, 30 blocks"), "{said}");
    assert!(said.contains("plan-2.json written: 8 lesions, 30 blocks"), "{said}");
    for group in ["1", "2"] {
        let plan = format!("plan-{group}.json");
        for part in ["1/3", "2/3", "3/3"] {
            let out = format!("part-{}", &part[..1]);
            study.works(&["pass-one", &plan, "--shard", part, "-o", &out]);
        }
        study.works(&["merge", "part-3", "part-1", "-o", "some"]);
        let gap = study.fails(5, &["finish", &plan, "some", "--out", "two"]);
        assert_eq!(gap, "error: pass one is not complete: blocks 11 to 20 of 30 are missing\n");
        study.works(&["merge", "some", "part-2", "-o", "total"]);
        assert!(study.works(&["verify", &plan, "total"]).contains("30 of 30 blocks, complete"));
        study.works(&["finish", &plan, "total", "--out", "two", "--quiet"]);
        // Once more: what is there is passed over, and what is not is made again.
        let (made, lesions) = (files(&study, "two"), if group == "1" { 16 } else { 8 });
        let lost =
            format!("two/sphere-0{}_stat-t_statmap.nii.gz", if group == "1" { 11 } else { 19 });
        for (gone, finished) in [(false, lesions), (true, lesions - 1)] {
            if gone {
                std::fs::remove_file(study.path(&lost)).unwrap();
            }
            let again = study.run(&["finish", &plan, "total", "--out", "two"]);
            let said = stderr(&again);
            let passed_over =
                format!("{finished} lesions are finished already; another --out makes them again");
            assert!(again.status.success() && said.contains(&passed_over), "{said}");
            let lost = "1 lesion is computed again: files are missing or have changed";
            assert_eq!(said.contains(lost), gone, "{said}");
            assert!(files(&study, "two") == made);
        }
        std::fs::remove_file(study.path("some")).unwrap();
        std::fs::remove_file(study.path("total")).unwrap();
    }
    // What is made of the maps of all lesions, once they are there.
    let output = study.run(&[&OPTIONS[..6], &["--out", "two"]].concat());
    assert!(stderr(&output).contains("24 lesions are finished already"), "{}", stderr(&output));
    assert!(files(&study, "two") == expected);

    let said = study.fails(1, &["pass-two", "plan-1.json", "part-1", "--shard", "1/1", "-o", "r"]);
    assert!(said.contains("plan-1.json is a plan of fnm, which has no pass two"), "{said}");
    std::fs::remove_file(study.path("lesions/sphere-003.nii.gz")).unwrap();
    let said = study.fails(1, &["verify", "plan-1.json"]);
    assert!(said.contains("the lesion sphere-003 of plan-1.json is not there any more"), "{said}");
}

//! Lesions that are finished, sidecars, and what a run that fails leaves.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;
use twoblade::connectome::{MapHeader, read_map, write_map};

use crate::fnm::{Files, Network, SUBJECTS, ends, map_of, same, sidecar_of};
use crate::study::stderr;

const ONE: &str = "lesions/sphere-001.nii.gz";
const TWO: &str = "lesions/sphere-002.nii.gz";

fn json(network: &Network, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(network.path("maps").join(file)).unwrap()).unwrap()
}

/// When each file of a lesion was written.
fn times(network: &Network, lesion: &str) -> BTreeMap<String, SystemTime> {
    let entries = std::fs::read_dir(network.path("maps")).unwrap().map(Result::unwrap);
    let of_lesion = entries.filter(|entry| entry.file_name().to_str().unwrap().starts_with(lesion));
    let time = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().modified().unwrap())
    };
    let times: BTreeMap<_, _> = of_lesion.map(time).collect();
    assert!(times.len() > 12, "{times:?}");
    times
}

#[test]
fn finished_lesions_are_not_computed_again() {
    let network = Network::new(4, 1);
    let whole = network.maps(&[], "whole");
    network.maps(&["--lesions", ONE, TWO], "maps");
    let before = ["sphere-001", "sphere-002"].map(|lesion| times(&network, lesion));

    let output = network.fnm(&[]);
    ends(&output, 0, &["2 lesions are finished already; --overwrite computes them again\n"]);
    assert_eq!(["sphere-001", "sphere-002"].map(|lesion| times(&network, lesion)), before);
    same(&network.written("maps"), &whole);

    let output = network.fnm(&["--overwrite"]);
    assert!(!stderr(&output).contains("finished"), "{}", stderr(&output));
    let after = times(&network, "sphere-001");
    assert!(before[0].iter().all(|(file, time)| after[file] > *time));
    same(&network.written("maps"), &whole);

    // Nothing is left to be read; what others are there stays, and is not listed.
    ends(&network.fnm(&["--lesions", TWO]), 0, &["1 lesion is finished already; --overwrite"]);
    let written = network.written("maps");
    assert_eq!(written.len(), whole.len() - 2, "no t over lesions, nor its sidecar");
    let summary = String::from_utf8(written["summary.tsv"].clone()).unwrap();
    assert!(summary.lines().count() == 2 && summary.contains("sphere-002\t"), "{summary}");
    let plan = network.fnm(&["--plan"]);
    assert!(String::from_utf8(plan.stdout).unwrap().contains("finished     4 lesions already"));
    let quiet = network.fnm(&["--quiet"]);
    assert_eq!((stderr(&quiet).as_str(), quiet.stdout.as_slice()), ("", &b""[..]));
}

#[test]
fn what_a_map_depends_on_has_it_computed_again() {
    let network = Network::new(2, 1);
    let whole = network.maps(&[], "maps");
    let again = |arguments: &[&str], says: &str| {
        let output = network.fnm(arguments);
        ends(&output, 0, &[says]);
    };
    // The other lesion takes no part in it.
    std::fs::copy(network.path(TWO), network.path(ONE)).unwrap();
    again(&[], "1 lesion is computed again: their voxels were others");
    let changed = network.written("maps");
    let z = |lesion| {
        let map = network.path("maps").join(map_of(lesion, "z"));
        read_map(map, &network.mask()).unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(z("sphere-001"), z("sphere-002"));
    let other = map_of("sphere-002", "z");
    assert!(changed[&other] == whole[&other]);

    again(&["--se"], "2 lesions are computed again: the options or the version were others");
    assert!(network.path("maps").join(map_of("sphere-002", "se")).exists());
    again(&[], "2 lesions are computed again: the options");
    same(&network.written("maps"), &changed); // without the maps of --se

    std::fs::write(network.path("some.txt"), "0\n1\n3\n").unwrap();
    let says = "2 lesions are computed again: the connectome, its mask or its subjects were others";
    again(&["--subjects", "some.txt"], says);
    again(&[], says);
    same(&network.written("maps"), &changed);
}

#[test]
fn a_file_that_is_not_what_it_was_is_made_again() {
    let network = Network::new(2, 1);
    let whole = network.maps(&[], "maps");
    let file = |name: String| network.path("maps").join(name);
    let (map, sidecar) = (file(map_of("sphere-002", "q")), file(sidecar_of("sphere-002", "q")));
    let mark = file("sphere-002_statmap.json".to_owned());
    let flipped = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let last = bytes.len() - 20;
        bytes[last] ^= 1;
        std::fs::write(path, bytes).unwrap();
    };
    let other = "1 lesion is computed again: files are missing or have changed";
    let harms: [(&dyn Fn(), &str); 5] = [
        (&|| std::fs::remove_file(&map).unwrap(), other),
        (&|| flipped(&map), other),
        (&|| std::fs::write(&sidecar, "{}").unwrap(), other),
        (&|| std::fs::write(&mark, "{").unwrap(), "computed again: their marks cannot be read"),
        (&|| std::fs::remove_file(&mark).unwrap(), "1 lesion is finished already"),
    ];
    for (harm, says) in harms {
        harm();
        let output = network.fnm(&[]);
        ends(&output, 0, &[says, "1 lesion is finished already"]);
        same(&network.written("maps"), &whole);
    }
}

#[test]
fn sidecars_say_what_a_map_is() {
    let network = Network::new(1, 1);
    network.maps(&["--se", "--p-values"], "maps");
    let t = json(&network, &sidecar_of("sphere-001", "t"));
    assert_eq!(t["DegreesOfFreedom"], SUBJECTS - 1);
    assert_eq!((&t["N"], &t["Units"], &t["Voxels"]), (&SUBJECTS.into(), &"t".into(), &1100.into()));
    assert_eq!(t["VoxelsWithoutValue"], 2);
    assert_eq!(t["Lesions"], serde_json::json!(["sphere-001"]));
    assert_eq!(t["Sources"], serde_json::json!(["connectome", ONE]));
    assert_eq!(t["GeneratedBy"]["Name"], "twoblade fnm");
    let parameters = serde_json::json!({
        "model": t["Parameters"]["model"], "weighted": false, "space_check": "strict",
        "p_values": true, "se": true,
    });
    assert_eq!(
        (&t["Parameters"], &t["Parameters"]["model"]["runs"]),
        (&parameters, &"concatenate".into())
    );
    let units = |stat| json(&network, &sidecar_of("sphere-001", stat))["Units"].clone();
    let all = ["n", "r", "z", "p", "q", "se", "rse"].map(units);
    let expected = [
        "subjects",
        "correlation",
        "Fisher's z",
        "probability",
        "probability",
        "Fisher's z",
        "correlation",
    ];
    assert_eq!(all, expected.map(Value::from));
    assert!(json(&network, &sidecar_of("sphere-001", "r")).get("DegreesOfFreedom").is_none());

    // The mark lists each of them, with its size.
    let mark = json(&network, "sphere-001_statmap.json");
    let files = mark["files"].as_array().unwrap();
    assert_eq!(files.len(), 16);
    for file in files {
        let path = network.path("maps").join(file["file"].as_str().unwrap());
        assert_eq!(file["bytes"], std::fs::metadata(path).unwrap().len());
    }
    assert_eq!(mark["n"], SUBJECTS);
}

#[test]
fn one_subject_has_no_t_and_that_is_said() {
    let network = Network::new(1, 1);
    std::fs::write(network.path("one.txt"), "2\n").unwrap();
    let output = network.fnm(&["--subjects", "one.txt", "--se"]);
    let says = "one subject: t, p, q and standard errors are not defined, and are NaN everywhere";
    ends(&output, 0, &[&format!("sphere-001: {says}\n")]);
    let mask = network.mask();
    for (stat, defined) in
        [("z", true), ("t", false), ("p", false), ("q", false), ("se", false), ("rse", false)]
    {
        let sidecar = json(&network, &sidecar_of("sphere-001", stat));
        assert_eq!(sidecar["Description"].as_str().unwrap().ends_with(says), !defined, "{stat}");
        let map = read_map(network.path("maps").join(map_of("sphere-001", stat)), &mask).unwrap();
        assert_eq!(map.iter().filter(|x| x.is_nan()).count(), if defined { 2 } else { 1100 });
    }
    assert_eq!(json(&network, "sphere-001_statmap.json")["notes"], serde_json::json!([says]));
    let summary = std::fs::read_to_string(network.path("maps/summary.tsv")).unwrap();
    assert!(summary.lines().nth(1).unwrap().contains("\tNA\tNA"), "{summary}");
}

/// Files may have 2 kB, as if the disk were full then: `ulimit -f`, whose signal is ignored.
#[cfg(target_os = "linux")]
fn full(network: &Network, arguments: &str) -> std::process::Output {
    let script = format!(
        "trap '' XFSZ; ulimit -f 2; exec {} fnm --connectome connectome --lesions 'lesions/*.nii.gz' \
         --out maps {arguments}",
        env!("CARGO_BIN_EXE_twoblade")
    );
    Command::new("bash").current_dir(network.path("")).args(["-c", &script]).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_half_of_a_file_and_no_mark() {
    let network = Network::new(2, 1);
    let whole = network.maps(&[], "maps");
    let says = ["maps/sphere-001_stat-r_statmap.nii.gz could not be written", "because: "];
    ends(&full(&network, "--overwrite"), 1, &says);
    // What is there is whole, no temporary file stays, and nothing says that all is well.
    let written = network.written("maps");
    let first: Vec<_> = written.keys().filter(|name| name.starts_with("sphere-001")).collect();
    assert_eq!(first, [&sidecar_of("sphere-001", "n"), &map_of("sphere-001", "n")]);
    assert!(written.iter().all(|(name, bytes)| whole[name] == *bytes));
    assert!(!written.contains_key("summary.tsv"));
    let second = |files: &Files| files.keys().filter(|name| name.starts_with("sphere-002")).count();
    assert_eq!((written.len(), second(&written)), (2 + second(&whole), second(&whole)));

    ends(&network.fnm(&[]), 0, &["1 lesion is finished already"]);
    same(&network.written("maps"), &whole);

    // Full when only what is of all lesions is left: finished ones stay so, and no summary says that
    // everything is there.
    ends(&full(&network, ""), 1, &["2 lesions are finished", "maps/", "could not be written"]);
    let written = network.written("maps");
    assert!(!written.contains_key("summary.tsv") && written.len() < whole.len());
    for (name, bytes) in whole.iter().filter(|(name, _)| name.starts_with("sphere")) {
        assert!(written[name] == *bytes, "{name}");
    }
    assert!(written.iter().all(|(name, bytes)| whole[name] == *bytes));
    ends(&network.fnm(&[]), 0, &["2 lesions are finished already"]);
    same(&network.written("maps"), &whole);
}

#[test]
fn a_lesion_that_fails_leaves_what_it_had() {
    let network = Network::new(2, 1);
    let whole = network.maps(&[], "maps");
    let empty = vec![0.0; network.mask().count()];
    write_map(network.path(ONE), &network.mask(), &empty, 0.0, &MapHeader::default()).unwrap();
    ends(
        &network.fnm(&[]),
        3,
        &[
            "not mapped: sphere-001: lesions/sphere-001.nii.gz is empty",
            "error: not mapped: sphere-001 (lesions/sphere-001.nii.gz); the others are",
        ],
    );
    let written = network.written("maps");
    for (name, bytes) in &whole {
        if name.starts_with("sphere") {
            assert!(written[name] == *bytes, "{name}");
        }
    }
    let summary = String::from_utf8(written["summary.tsv"].clone()).unwrap();
    assert!(summary.lines().count() == 2 && summary.contains("sphere-002\t"), "{summary}");
}

//! Work on tables that is killed at random moments: nothing stays behind, and nothing is half done.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use twoblade::core::Random;

use crate::study::Study;

/// Everything that spills or writes.
const WORK: [&[&str]; 6] = [
    &["sort", "t.csv", "--by", "x1", "--out", "out.csv"],
    &["group", "t.csv", "--by", "key", "--agg", "count(),sum(x1)", "--out", "out.csv"],
    &["shuffle", "t.csv", "--seed", "1", "--out", "out.csv"],
    &["split", "t.csv", "--by", "y", "--fractions", "0.8,0.2", "--out", "out.csv,out2.csv"],
    &["convert", "t.csv", "--out", "out.parquet"],
    &["describe", "t.csv", "--out", "out"],
];
const LIMITS: [&str; 6] = ["--memory", "32M", "--temp", "temp", "--threads", "2"];
/// For each of them.
const KILLS: u32 = 12;

fn results(study: &Study) -> Vec<(String, Vec<u8>)> {
    let names = study.files().into_iter().filter(|name| name.starts_with("out"));
    names.map(|name| (name.clone(), std::fs::read(study.path(&name)).unwrap())).collect()
}

/// Kills each command 12 times at moments that are drawn, and lets it end after each kill: the result has
/// the same bytes every time, and neither the folder of the result nor that for temporary files has
/// anything that was not there before.
#[test]
#[expect(clippy::print_stderr, reason = "how many were killed, and when, is the result")]
fn what_is_killed_leaves_nothing_behind() {
    let study = Study::empty();
    std::fs::create_dir(study.path("temp")).unwrap();
    let size = ["--rows", "500000", "--features", "4", "--keys", "100000", "--out", "t.csv"];
    study.works(&[&["simulate", "table"], &size[..]].concat());
    let random = Random::new(17, 0);
    for (number, work) in WORK.iter().enumerate() {
        let words = [&["table"], *work, &LIMITS].concat();
        let started = Instant::now();
        study.works(&words);
        let whole = started.elapsed();
        let (expected, clean) = (results(&study), study.files());
        let (mut killed, mut left) = (0, 0);
        for kill in 0..KILLS {
            for (name, _) in &expected {
                std::fs::remove_file(study.path(name)).unwrap();
            }
            let mut child = Command::new(env!("CARGO_BIN_EXE_twoblade"));
            child.current_dir(study.path("")).args(&words);
            let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let moment = whole
                .mul_f64(0.95 * random.uniform(u64::from(kill), u32::try_from(number).unwrap()));
            std::thread::sleep(moment.max(Duration::from_millis(1)));
            child.kill().unwrap();
            killed += u32::from(child.wait().unwrap().code().is_none());
            // What has its name is whole.
            for (name, bytes) in results(&study) {
                assert!(expected.contains(&(name.clone(), bytes)), "{name} is half done");
            }
            left += u32::from(std::fs::read_dir(study.path("temp")).unwrap().next().is_some());
            study.works(&words);
            assert!(results(&study) == expected, "{words:?} has other bytes");
            assert_eq!(study.files(), clean, "{words:?}");
            assert!(std::fs::read_dir(study.path("temp")).unwrap().next().is_none(), "{words:?}");
        }
        eprintln!("{}: killed {killed} of {KILLS} times, {left} with temporary files", work[0]);
        // A machine may be faster the second time; but not always.
        assert!(killed >= KILLS / 2, "{words:?}: {killed}");
        for (name, _) in &expected {
            std::fs::remove_file(study.path(name)).unwrap();
        }
    }
}

/// The first interrupt stops where nothing is half done.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let study = Study::empty();
    std::fs::create_dir(study.path("temp")).unwrap();
    let size = ["--rows", "1000000", "--features", "4", "--out", "t.csv"];
    study.works(&[&["simulate", "table"], &size[..]].concat());
    let clean = study.files();
    let words = [&["table"], WORK[0], &LIMITS].concat();
    let mut child = Command::new(env!("CARGO_BIN_EXE_twoblade"));
    child.current_dir(study.path("")).args(&words);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Until it works: there are temporary files.
    let begun = || std::fs::read_dir(study.path("temp")).unwrap().next().is_some();
    while !begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(study.files(), clean);
    assert!(!begun());
}

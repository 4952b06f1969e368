//! A run that is killed at random moments and started again, until it has been killed often enough.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use twoblade::core::Random;
use twoblade::runner::{Pass, read_header};

use crate::study::Study;

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Killed {
    /// Runs that were killed.
    pub(crate) kills: u32,
    /// Runs that went on from some blocks of pass one, and not all.
    pub(crate) in_pass_one: u32,
    /// Runs that went on from some blocks of pass two, and not all.
    pub(crate) in_pass_two: u32,
    /// Runs that got to the end, each with the bytes of one that was never stopped.
    pub(crate) ends: u32,
}

impl Killed {
    /// Runs that went on from something, and not from everything.
    pub(crate) fn resumed(&self) -> u32 {
        self.in_pass_one + self.in_pass_two
    }
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, in_pass_one, in_pass_two, ends } = self;
        write!(
            f,
            "killed {kills} times; {} started again in the middle ({in_pass_one} of pass one, \
             {in_pass_two} of pass two); {ends} ends with the same bytes",
            self.resumed()
        )
    }
}

/// Kills `command` so many times, at moments that `seed` draws, with a checkpoint after every block.
/// Whenever a run gets to its end, its files OUT.`results` are compared with those of a run that nobody
/// stopped, and the next one begins anew.
pub(crate) fn killed(
    study: &Study,
    command: &[&str],
    results: &[&str],
    (kills, seed): (u32, u64),
) -> Killed {
    study.works(&[command, &["--out", "whole"]].concat());
    let saving = ["--checkpoint", "saved", "--checkpoint-interval", "0", "--out", "killed"];
    let arguments = [command, &saving].concat();
    let started = Instant::now();
    study.works(&arguments);
    let whole = started.elapsed();
    let random = Random::new(seed, 0);
    let (mut of, mut again, mut tries) = (Killed::default(), false, 0);
    let check = |of: &mut Killed| {
        for result in results {
            let bytes = ["whole", "killed"]
                .map(|out| std::fs::read(study.path(&format!("{out}.{result}"))).unwrap());
            assert!(bytes[0] == bytes[1], "{result} differs: {of}");
            std::fs::remove_file(study.path(&format!("killed.{result}"))).unwrap();
        }
        assert!(!study.path("saved").exists(), "what was saved is removed");
        let begun = study.files().into_iter().find(|name| name.starts_with(".twoblade-"));
        assert_eq!(begun, None, "what a kill left half-written is removed");
        of.ends += 1;
    };
    check(&mut of);
    // And once more at the end, so that what the last kill left is gone on from too.
    while of.kills < kills || again {
        if again {
            let [one, two] = partly(&study.path("saved"));
            of.in_pass_one += u32::from(one && !two);
            of.in_pass_two += u32::from(two);
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_twoblade"));
        child.current_dir(study.path("")).args(&arguments).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        if of.kills < kills {
            // Soon enough that a run is killed several times on its way.
            let moment = whole.mul_f64(0.5 * random.uniform(u64::from(tries), 0));
            std::thread::sleep(moment.max(Duration::from_millis(1)));
            child.kill().unwrap();
        }
        tries += 1;
        assert!(tries < 20 * kills, "{of}");
        let output = child.wait_with_output().unwrap();
        again = !output.status.success();
        if again {
            // Killed, and nothing else.
            assert_eq!(output.status.code(), None, "{}", crate::study::stderr(&output));
            of.kills += 1;
        } else {
            check(&mut of);
        }
    }
    of
}

/// Whether there is a state of pass one, and one of pass two, that covers some blocks and not all.
fn partly(folder: &Path) -> [bool; 2] {
    let mut partly = [false; 2];
    for file in files(folder) {
        let file_name = file.file_name().unwrap().to_string_lossy().into_owned();
        // Those of single blocks are spilled.
        if !file_name.starts_with("pass-") {
            continue;
        }
        // Whatever the moment was, it is whole.
        let header = read_header(&file).unwrap();
        let some = !header.cover.is_empty();
        let rest = (header.cover.count() as u64) < header.identity.blocks;
        partly[usize::from(header.pass == Pass::Two)] |= some && rest;
    }
    partly
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

//! A small study in a folder of its own, and the command run on it.

use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

/// A folder with `study.bed` and the files beside it.
pub(crate) struct Study {
    folder: TempDir,
}

impl Study {
    /// Simulates one, with more arguments for `twoblade simulate`.
    pub(crate) fn simulate(arguments: &[&str]) -> Self {
        let study = Self { folder: tempfile::tempdir().unwrap() };
        let mut command = twoblade();
        command.arg("simulate").args(arguments).arg("--out").arg(study.path("study"));
        command.assert().success();
        study
    }

    /// 60 individuals, 40 variants, two bins, two traits.
    pub(crate) fn small() -> Self {
        let size = ["--individuals", "60", "--variants", "40", "--h2", "0.2,0.3", "--traits", "2"];
        Self::simulate(&[size.as_slice(), &["--missing", "0.02", "--seed", "3"]].concat())
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `twoblade rhe` on the study with more arguments; 5 blocks unless they say otherwise.
    pub(crate) fn rhe(&self, arguments: &[&str]) -> Output {
        let mut command = twoblade();
        command.arg("rhe").arg("--bfile").arg(self.path("study"));
        for (flag, value) in [("--pheno", "study.pheno"), ("--blocks", "5"), ("--out", "result")] {
            if !arguments.contains(&flag) {
                let value = if flag == "--blocks" { value.into() } else { self.path(value) };
                command.arg(flag).arg(value);
            }
        }
        command.args(arguments).output().unwrap()
    }

    /// What the folder holds, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries.map(|entry| name(entry).into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A text file in the folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces a file in the folder.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), contents).unwrap();
    }
}

/// The binary under test.
pub(crate) fn twoblade() -> Command {
    Command::new(env!("CARGO_BIN_EXE_twoblade"))
}

/// What a command said to stderr.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a command said to stdout.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

//! The files of a result, each written beside its target and renamed when all of them are whole.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use twoblade_files::{Complete, Whole, folder_of};

use crate::written::Written;

/// Files that appear together or not at all, but for a crash between two renames: the last one
/// added is renamed last, so its presence is the proof.
#[derive(Debug)]
pub(crate) struct Outputs {
    prefix: PathBuf,
    files: Vec<Complete>,
}

impl Outputs {
    /// For files `prefix.*`. Fails now, and not after the work, if nothing can be written there.
    pub(crate) fn prepare(prefix: &Path) -> Result<Self> {
        let folder = folder_of(prefix);
        anyhow::ensure!(
            prefix.file_name().is_some(),
            "--out {} names a folder; give a prefix for the files in it, such as {}",
            prefix.display(),
            prefix.join("result").display()
        );
        anyhow::ensure!(
            folder.is_dir(),
            "the output folder {} does not exist; create it first (mkdir -p {0})",
            folder.display()
        );
        Whole::create(prefix)
            .with_context(|| format!("the output folder {} cannot be written", folder.display()))?;
        Ok(Self { prefix: prefix.to_path_buf(), files: Vec::new() })
    }

    /// The path with this ending.
    pub(crate) fn path(&self, ending: &str) -> PathBuf {
        with_ending(&self.prefix, ending)
    }

    /// Writes a file beside its target, and says what it is.
    pub(crate) fn add(&mut self, ending: &str, contents: &str) -> Result<Written> {
        let path = self.path(ending);
        self.place(&path, contents)?;
        Ok(Written::with(&path, contents))
    }

    fn place(&mut self, path: &Path, contents: &str) -> Result<()> {
        let write = || {
            let mut file = Whole::create(path)?;
            file.write_all(contents.as_bytes())?;
            file.complete()
        };
        let file = write().with_context(|| format!("{} could not be written", path.display()))?;
        self.files.push(file);
        Ok(())
    }

    /// Renames all of them into place, and says which they are.
    pub(crate) fn persist(self) -> Result<Vec<PathBuf>> {
        let mut written = Vec::with_capacity(self.files.len());
        for file in self.files {
            let path = file.target().to_path_buf();
            file.persist()
                .with_context(|| format!("{} could not be put in place", path.display()))?;
            written.push(path);
        }
        Ok(written)
    }
}

/// Writes one file, whole or not at all.
pub(crate) fn write_whole(file: &Path, contents: &str) -> Result<()> {
    twoblade_files::write(file, |whole| whole.write_all(contents.as_bytes()))
        .with_context(|| format!("{} could not be written", file.display()))
}

/// A table that is written line by line beside its target, and is there when it is whole.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    file: Whole,
}

impl Table {
    /// Begins with the names of the columns.
    pub(crate) fn begin(path: PathBuf, header: &str) -> Result<Self> {
        let file = Whole::create(&path)
            .with_context(|| format!("{} could not be written", path.display()))?;
        let mut table = Self { path, file };
        table.line(header)?;
        Ok(table)
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<()> {
        writeln!(self.file, "{line}")
            .with_context(|| format!("{} could not be written", self.path.display()))
    }

    /// Renames it into place.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, file } = self;
        let whole = file.complete().and_then(Complete::persist);
        whole.with_context(|| format!("{} could not be written", path.display()))
    }
}

/// Takes a file away, if it is there.
pub(crate) fn remove(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} could not be removed", file.display()))
        }
        _ => Ok(()),
    }
}

/// Writes one file part by part, whole or not at all.
pub(crate) fn stream_whole(
    file: &Path,
    parts: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let write = || -> Result<()> {
        let mut whole = Whole::create(file)?;
        parts(&mut whole)?;
        Ok(whole.complete()?.persist()?)
    };
    write().with_context(|| format!("{} could not be written", file.display()))
}

/// `prefix.ending`, also where the prefix has a dot in it.
pub(crate) fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    let mut name = prefix.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_off_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page");
        stream_whole(&file, |to| Ok(to.write_all(b"whole")?)).unwrap();
        let broken = stream_whole(&file, |to| {
            to.write_all(b"half of")?;
            anyhow::bail!("the second half is missing")
        });
        let error = broken.unwrap_err();
        assert!(error.to_string().contains("page could not be written"), "{error}");
        assert_eq!(error.root_cause().to_string(), "the second half is missing");
        assert_eq!(std::fs::read(&file).unwrap(), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

//! The files of a result, each written beside its target and renamed when all of them are whole.

use std::io::{BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Files that appear together or not at all, but for a crash between two renames: the last one
/// added is renamed last, so its presence is the proof.
#[derive(Debug)]
pub(crate) struct Outputs {
    prefix: PathBuf,
    folder: PathBuf,
    files: Vec<(PathBuf, NamedTempFile)>,
}

impl Outputs {
    /// For files `prefix.*`. Fails now, and not after the work, if nothing can be written there.
    pub(crate) fn prepare(prefix: &Path) -> Result<Self> {
        let parent = prefix.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).to_path_buf();
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
        let probe = NamedTempFile::new_in(&folder);
        probe
            .with_context(|| format!("the output folder {} cannot be written", folder.display()))?;
        Ok(Self { prefix: prefix.to_path_buf(), folder, files: Vec::new() })
    }

    /// The path with this ending.
    pub(crate) fn path(&self, ending: &str) -> PathBuf {
        with_ending(&self.prefix, ending)
    }

    /// Writes a file beside its target.
    pub(crate) fn add(&mut self, ending: &str, contents: &str) -> Result<()> {
        self.place(self.path(ending), contents)
    }

    fn place(&mut self, path: PathBuf, contents: &str) -> Result<()> {
        let write = || -> std::io::Result<NamedTempFile> {
            let mut file = temporary(&self.folder)?;
            file.write_all(contents.as_bytes())?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        let file = write().with_context(|| format!("{} could not be written", path.display()))?;
        self.files.push((path, file));
        Ok(())
    }

    /// Renames all of them into place, and says which they are.
    pub(crate) fn persist(self) -> Result<Vec<PathBuf>> {
        let mut written = Vec::with_capacity(self.files.len());
        for (path, file) in self.files {
            file.persist(&path)
                .map_err(|error| error.error)
                .with_context(|| format!("{} could not be put in place", path.display()))?;
            written.push(path);
        }
        // The names are in the folder's own data. Where a folder cannot be opened there is no more to do.
        if let Ok(folder) = std::fs::File::open(&self.folder) {
            let _ = folder.sync_all();
        }
        Ok(written)
    }
}

/// Writes one file, whole or not at all.
pub(crate) fn write_whole(file: &Path, contents: &str) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    let mut one = Outputs { prefix: file.to_path_buf(), folder, files: Vec::new() };
    one.place(file.to_path_buf(), contents)?;
    one.persist().map(|_| ())
}

/// Writes one file part by part, whole or not at all.
pub(crate) fn stream_whole(
    file: &Path,
    parts: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    let write = || -> Result<NamedTempFile> {
        let mut to = BufWriter::new(temporary(&folder)?);
        parts(&mut to)?;
        let whole = to.into_inner().map_err(IntoInnerError::into_error)?;
        whole.as_file().sync_all()?;
        Ok(whole)
    };
    let whole = write().with_context(|| format!("{} could not be written", file.display()))?;
    let one =
        Outputs { prefix: file.to_path_buf(), folder, files: vec![(file.to_path_buf(), whole)] };
    one.persist().map(|_| ())
}

/// A file of no name that is known.
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".twoblade-").permissions_like_others().tempfile_in(folder)
}

/// `prefix.ending`, also where the prefix has a dot in it.
pub(crate) fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    let mut name = prefix.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Temporary files are private by default; results are as readable as any file the user makes.
trait PermissionsLikeOthers {
    fn permissions_like_others(&mut self) -> &mut Self;
}

impl PermissionsLikeOthers for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_like_others(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        // The kernel takes the umask off.
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_like_others(&mut self) -> &mut Self {
        self
    }
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

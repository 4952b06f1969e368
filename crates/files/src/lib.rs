//! Files that are there whole or not at all.
//!
//! A file is written beside its target under another name, put on the disk, and then renamed: whoever
//! looks sees the old file or the new one. An error, or a drop, leaves nothing behind; a crash may
//! leave a file whose name begins with [`PREFIX`].
//!
//! ```
//! use std::io::Write;
//! use twoblade_files::{Whole, write};
//!
//! # let folder = tempfile::tempdir()?;
//! let (numbers, words) = (folder.path().join("numbers"), folder.path().join("words"));
//! write(&numbers, |file| writeln!(file, "1 2 3"))?;
//!
//! // Two files that appear together, but for a crash between two renames.
//! let mut one = Whole::create(&numbers)?;
//! let mut two = Whole::create(&words)?;
//! writeln!(one, "4 5 6")?;
//! writeln!(two, "four five six")?;
//! let (one, two) = (one.complete()?, two.complete()?);
//! assert_eq!(std::fs::read_to_string(&numbers)?, "1 2 3\n");
//! one.persist()?;
//! two.persist()?;
//! assert_eq!(std::fs::read_to_string(&numbers)?, "4 5 6\n");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What the names of files begin with that are not whole yet.
pub const PREFIX: &str = ".twoblade-";

const BUFFER: usize = 256 << 10;

/// A file being written beside its target.
#[derive(Debug)]
pub struct Whole {
    target: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl Whole {
    /// Begins a file in the target's folder.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn create(target: &Path) -> io::Result<Self> {
        let file = temporary(folder_of(target))?;
        Ok(Self { target: target.to_path_buf(), writer: BufWriter::with_capacity(BUFFER, file) })
    }

    /// Puts everything on the disk.
    ///
    /// # Errors
    /// If that fails, as on a full disk; nothing is left then.
    pub fn complete(self) -> io::Result<Complete> {
        let file = self.writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        Ok(Complete { target: self.target, file })
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A file that is whole, and has everything but its name.
#[derive(Debug)]
pub struct Complete {
    target: PathBuf,
    file: NamedTempFile,
}

impl Complete {
    /// A file in the target's folder that others fill by its name, and that is complete when they have.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn beside(target: &Path) -> io::Result<Self> {
        Ok(Self { target: target.to_path_buf(), file: temporary(folder_of(target))? })
    }

    /// The name that it has now.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The name that it will have.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it its name, and puts that on the disk too.
    ///
    /// # Errors
    /// If the file cannot be renamed; nothing is left then.
    pub fn persist(self) -> io::Result<()> {
        // Others may have filled it since.
        self.file.as_file().sync_all()?;
        self.file.persist(&self.target)?;
        sync_folder(folder_of(&self.target))
    }
}

/// Writes one file.
///
/// # Errors
/// What `content` or the disk has to say; nothing is left then, and what was there before is.
pub fn write(target: &Path, content: impl FnOnce(&mut Whole) -> io::Result<()>) -> io::Result<()> {
    let mut file = Whole::create(target)?;
    content(&mut file)?;
    file.complete()?.persist()
}

/// The folder that a file is in.
pub fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Removes what a crash left behind in a folder that nobody else writes to now.
///
/// # Errors
/// If the folder cannot be read, or a file in it not removed.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        if ours && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// With the permissions of an ordinary file: temporary files are their owner's alone by default, and
/// they keep that when they are renamed.
#[cfg(unix)]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let ordinary = std::fs::Permissions::from_mode(0o666); // less the umask
    tempfile::Builder::new().prefix(PREFIX).permissions(ordinary).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn what_fails_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        write(&target, |file| file.write_all(b"before")).unwrap();
        let failed = write(&target, |file| {
            file.write_all(&vec![1; 2 * BUFFER])?;
            Err(io::Error::other("enough"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "enough");
        drop(Whole::create(&target).unwrap());
        assert_eq!(std::fs::read(&target).unwrap(), b"before");
        assert_eq!(names(folder.path()), ["target"]);
    }

    #[test]
    fn a_name_that_cannot_be_given_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        std::fs::create_dir(&target).unwrap();
        write(&target, |file| file.write_all(b"after")).unwrap_err();
        assert_eq!(names(folder.path()), ["target"]);
        // Nor does a file that somebody took away meanwhile.
        let other = folder.path().join("other");
        let complete = Whole::create(&other).unwrap().complete().unwrap();
        std::fs::remove_file(complete.path()).unwrap();
        complete.persist().unwrap_err();
        assert_eq!(names(folder.path()), ["target"]);
    }

    #[test]
    fn sweeping_takes_what_a_crash_left_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        write(&target, |_| Ok(())).unwrap();
        let (_, left) = temporary(folder.path()).unwrap().keep().unwrap();
        assert!(left.exists());
        sweep(folder.path()).unwrap();
        assert_eq!(names(folder.path()), ["target"]);
    }
}

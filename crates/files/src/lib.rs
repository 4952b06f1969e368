//! Files that are there whole or not at all.
//!
//! A file is written beside its target under another name, put on the disk, and then renamed: whoever
//! looks sees the old file or the new one. An error, or a drop, leaves nothing behind; a crash may
//! leave a file whose name begins with [`PREFIX`], which the next write to the same target removes (on
//! Unix).
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

mod folder;
mod temporary;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::folder::sync_folder;

pub use crate::folder::folder_of;
pub use crate::temporary::{PREFIX, sweep};

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
        let file = temporary::create(target)?;
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
        Ok(Self { target: target.to_path_buf(), file: temporary::create(target)? })
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
        temporary::ensure_ours(self.file)?.persist(&self.target)?;
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
        let left = left_by_a_crash(&folder.path().join("other"));
        assert!(left.exists());
        sweep(folder.path()).unwrap();
        assert_eq!(names(folder.path()), ["target"]);
    }

    /// The file that a process leaves which is killed while it writes a target.
    fn left_by_a_crash(target: &Path) -> PathBuf {
        let file = Complete::beside(target).unwrap();
        let path = file.path().to_path_buf();
        drop(file);
        std::fs::write(&path, "half").unwrap();
        path
    }

    #[test]
    #[cfg(unix)]
    fn the_next_write_to_the_same_target_takes_what_a_crash_left() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let left = left_by_a_crash(&target);
        assert_eq!(left.file_name().unwrap(), ".twoblade-target");
        let other = left_by_a_crash(&folder.path().join("target.tsv"));
        write(&target, |file| file.write_all(b"whole")).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        // What belongs to another target stays for whoever writes that.
        assert!(!left.exists() && other.exists());
        // What is dropped has taken it too.
        let left = left_by_a_crash(&target);
        drop(Whole::create(&target).unwrap());
        assert!(!left.exists());
    }

    #[test]
    fn two_that_write_the_same_target_leave_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let mut one = Whole::create(&target).unwrap();
        let mut two = Whole::create(&target).unwrap();
        one.write_all(b"one").unwrap();
        two.write_all(b"two").unwrap();
        let (one, two) = (one.complete().unwrap(), two.complete().unwrap());
        assert_ne!(one.path(), two.path());
        two.persist().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"two");
        one.persist().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["target"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_name_that_was_taken_by_another_is_left_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let mut mine = Whole::create(&target).unwrap();
        mine.write_all(b"mine").unwrap();
        let mine = mine.complete().unwrap();
        // As a machine does that cannot see the lock.
        let path = mine.path().to_path_buf();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "half of theirs").unwrap();
        let error = mine.persist().unwrap_err().to_string();
        assert_eq!(error, "another process has written to the same target meanwhile");
        assert_eq!(names(folder.path()), [".twoblade-target"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"half of theirs");
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_file_of_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (target, elsewhere) = (folder.path().join("target"), folder.path().join("elsewhere"));
        std::fs::write(&elsewhere, "mine").unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.path().join(".twoblade-target")).unwrap();
        write(&target, |file| file.write_all(b"whole")).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"mine");
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn a_name_as_long_as_names_can_be_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("n".repeat(255));
        write(&target, |file| file.write_all(b"whole")).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        assert_eq!(names(folder.path()).len(), 1);
    }
}

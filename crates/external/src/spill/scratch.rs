//! A folder for what does not fit into memory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use crate::disk::{Disk, Operation, Through};
use crate::error::Error;

/// What the names of these folders begin with.
const PREFIX: &str = ".twoblade-scratch-";

/// The file in each that its process holds locked.
const LOCK: &str = "lock";

/// A folder of this process for what does not fit into memory, gone when the last that uses it is.
///
/// A process that is killed cannot remove its folder. So each folder holds a file that its process
/// has locked, a lock that ends with the process however that ends; the next `Scratch` in the same
/// place removes the folders that nobody holds. Where the file system has no locks, they stay.
#[derive(Clone, Debug)]
pub struct Scratch {
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    disk: Disk,
    made: AtomicU64,
    // Dropped in this order: the folder goes while it is still locked.
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// A folder in `temp`, from which those of dead processes are removed first.
    ///
    /// # Errors
    /// If nothing can be made in `temp`.
    pub fn new(temp: &Path, disk: &Disk) -> Result<Self, Error> {
        sweep(temp, disk).map_err(Error::io("clear", temp))?;
        let (folder, lock) = hold(temp, disk).map_err(Error::io("make a folder in", temp))?;
        let held = Held { disk: disk.clone(), made: AtomicU64::new(0), folder, _lock: lock };
        Ok(Self { held: Arc::new(held) })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.held.folder.path()
    }

    /// The way to the disk that it was made with.
    pub fn disk(&self) -> &Disk {
        &self.held.disk
    }

    /// The bytes that this process may still write there; `None` where that cannot be asked.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn free(&self) -> Result<Option<u64>, Error> {
        free(self.folder()).map_err(Error::io("ask for the free space of", self.folder()))
    }

    /// That there is room for so many bytes, to be asked before work is begun that needs them.
    ///
    /// # Errors
    /// If there is not, with both numbers.
    pub fn require(&self, needed: u64) -> Result<(), Error> {
        let path = self.folder().parent().unwrap_or(self.folder());
        match self.free()? {
            Some(free) if free < needed => {
                Err(Error::NoRoom { path: path.to_path_buf(), needed, free })
            }
            _ => Ok(()),
        }
    }

    /// A new file in it, to be written and read.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(&self, what: &str) -> Result<(PathBuf, Through<File>), Error> {
        let number = self.held.made.fetch_add(1, Ordering::Relaxed);
        let path = self.folder().join(format!("{what}-{number}"));
        let file = self
            .disk()
            .ask(Operation::File)
            .and_then(|()| OpenOptions::new().read(true).write(true).create_new(true).open(&path))
            .map_err(Error::io("make", &path))?;
        Ok((path, self.disk().through(file)))
    }

    /// A file of it, to be read once more.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(&self, path: &Path) -> Result<Through<File>, Error> {
        let file = self.disk().ask(Operation::File).and_then(|()| File::open(path));
        Ok(self.disk().through(file.map_err(Error::io("open", path))?))
    }
}

/// A new folder, and its lock.
///
/// Another process that sweeps may come between any two steps. It removes a folder only if it is
/// empty, or while it holds the lock: so a folder whose lock is ours *and* still has its name is ours,
/// and otherwise we try again.
fn hold(temp: &Path, disk: &Disk) -> io::Result<(TempDir, File)> {
    loop {
        disk.ask(Operation::File)?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(temp)?;
        let path = folder.path().join(LOCK);
        disk.ask(Operation::File)?;
        let lock = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            made => made?,
        };
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                return Err(error);
            }
            _ if path.exists() => return Ok((folder, lock)),
            _ => {}
        }
        // It is the other's to remove, as the other is about to do.
        let _ = folder.keep();
    }
}

/// Removes the folders of dead processes. What others remove at the same time is no error.
fn sweep(temp: &Path, disk: &Disk) -> io::Result<()> {
    disk.ask(Operation::File)?;
    for entry in fs::read_dir(temp)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            continue;
        }
        let folder = entry.path();
        match OpenOptions::new().write(true).open(folder.join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() => {
                disk.ask(Operation::File)?;
                absent_is_well(fs::remove_dir_all(&folder))?;
            }
            // Only just made, or emptied but for the folder itself: it goes if it is empty.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let _ = fs::remove_dir(&folder);
            }
            // Alive, or another user's.
            _ => {}
        }
    }
    Ok(())
}

fn absent_is_well(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> io::Result<Option<u64>> {
    let found = rustix::fs::statvfs(folder)?;
    Ok(Some(found.f_bavail.saturating_mul(found.f_frsize)))
}

#[cfg(not(unix))]
fn free(_: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn entries(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn a_folder_goes_with_the_last_that_uses_it() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let other = scratch.clone();
        let (path, mut file) = scratch.create("run").unwrap();
        file.write_all(b"abc").unwrap();
        drop(scratch);
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        drop(other);
        assert!(entries(temp.path()).is_empty());
    }

    #[test]
    fn what_the_dead_left_is_removed_and_what_the_living_have_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let alive = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let dead = temp.path().join(format!("{PREFIX}dead"));
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), b"").unwrap();
        fs::write(dead.join("run-0"), b"abc").unwrap();
        fs::create_dir(temp.path().join(format!("{PREFIX}empty"))).unwrap();
        let foreign = temp.path().join(".twoblade-other");
        fs::write(&foreign, b"abc").unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        let mut left = entries(temp.path());
        let mut expected = vec![alive.folder().into(), scratch.folder().into(), foreign];
        left.sort();
        expected.sort();
        assert_eq!(left, expected);
    }

    #[test]
    fn many_at_once_do_not_remove_each_other() {
        let temp = tempfile::tempdir().unwrap();
        let made = std::sync::Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
                        scratch.create("run").unwrap();
                        assert!(scratch.folder().join(LOCK).exists());
                        *made.lock().unwrap() += 1;
                    }
                });
            }
        });
        assert_eq!(made.into_inner().unwrap(), 200);
        assert!(entries(temp.path()).is_empty());
    }

    #[test]
    fn a_disk_without_room_is_noticed_before() {
        let temp = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
        scratch.require(1).unwrap();
        if scratch.free().unwrap().is_some() {
            let message = scratch.require(u64::MAX).unwrap_err().to_string();
            let begin = format!("{} has room for ", temp.path().display());
            assert!(message.starts_with(&begin), "{message}");
            assert!(
                message.contains("may take up to 18446744073709551615; make room"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_place_that_is_none_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let missing = temp.path().join("missing");
        let message = Scratch::new(&missing, &Disk::new()).unwrap_err().to_string();
        assert_eq!(message, format!("cannot clear {}", missing.display()));
    }
}

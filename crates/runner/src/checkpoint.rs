//! The folder of a run that can be stopped at any moment and goes on.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cover::Cover;
use crate::identity::Identity;
use crate::part::Part;
use crate::pass::Pass;
use crate::state_error::StateError;
use crate::state_file::{self, Header};

/// A state is not written again before so many times what the last one took, with the time that others
/// waited for it: so checkpoints cost less than 1 / 40 of a run.
const COST: u32 = 40;
const LOCK: &str = "lock";
const ENDING: &str = ".state";

/// The saved states of one run, in a folder that no other process uses at the same time.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    folder: PathBuf,
    identity: Identity,
    pace: Mutex<Pace>,
    /// Held until the process ends, however it ends.
    _lock: File,
}

#[derive(Debug)]
struct Pace {
    interval: Duration,
    last: Instant,
    cost: Duration,
}

impl Checkpoint {
    /// Makes the folder if it is not there, and takes away what a crash left half-written.
    pub(crate) fn open(
        folder: &Path,
        identity: Identity,
        interval: Duration,
    ) -> Result<Self, StateError> {
        let written = |source| StateError::Write { file: folder.to_path_buf(), source };
        std::fs::create_dir_all(folder).map_err(written)?;
        let lock = lock(folder)?;
        twoblade_files::sweep(folder).map_err(written)?;
        let pace = Mutex::new(Pace { interval, last: Instant::now(), cost: Duration::ZERO });
        Ok(Self { folder: folder.to_path_buf(), identity, pace, _lock: lock })
    }

    /// What a pass left, if it left something.
    pub(crate) fn load<T: DeserializeOwned>(
        &self,
        pass: Pass,
        wanted: &Cover,
    ) -> Result<Option<Part<T>>, StateError> {
        let file = self.file(pass);
        let Some(part) = self.load_of_this_run(&file)? else { return Ok(None) };
        part.expect(&file, &self.identity, pass)?;
        let cover = &part.header().cover;
        if let Some(block) = cover.blocks().find(|&block| !wanted.contains(block)) {
            let differences =
                format!("it covers blocks {cover}, and {} is not asked for", block + 1);
            return Err(StateError::OtherRun { file, differences });
        }
        Ok(Some(part))
    }

    /// What the last epoch left, if there was one, and in which file.
    pub(crate) fn load_epoch<T: DeserializeOwned>(
        &self,
    ) -> Result<Option<(PathBuf, Part<T>)>, StateError> {
        let file = self.file(Pass::Epoch(0));
        let part = self.load_of_this_run(&file)?;
        Ok(part.map(|part| (file, part)))
    }

    fn load_of_this_run<T: DeserializeOwned>(
        &self,
        file: &Path,
    ) -> Result<Option<Part<T>>, StateError> {
        if !there(file)? {
            return Ok(None);
        }
        // Whose it is comes before what it holds: another model's state may be of any shape.
        let differences = state_file::read_header(file)?.identity.differences(&self.identity);
        if !differences.is_empty() {
            return Err(StateError::OtherRun { file: file.to_path_buf(), differences });
        }
        Ok(Some(Part::load(file)?))
    }

    /// Whether enough time has passed to write again.
    pub(crate) fn due(&self) -> bool {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let since = pace.last.elapsed();
        pace.interval.is_zero() || since >= pace.interval && since >= COST * pace.cost
    }

    /// Writes what a pass has so far; work has waited for it `since` then.
    pub(crate) fn write(
        &self,
        header: &Header,
        payload: &impl Serialize,
        since: Instant,
    ) -> Result<(), StateError> {
        state_file::write(&self.file(header.pass), header, payload)?;
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.last = Instant::now();
        pace.cost = since.elapsed();
        Ok(())
    }

    fn file(&self, pass: Pass) -> PathBuf {
        let name = match pass {
            Pass::One => "pass-one",
            Pass::Two => "pass-two",
            Pass::Epoch(_) => "epoch",
        };
        self.folder.join(name.to_owned() + ENDING)
    }
}

/// Removes the saved states of a run that is over, and the folder if nothing else is in it. There may
/// be none.
///
/// # Errors
/// [`StateError`] if another run uses the folder, or a file cannot be removed.
pub fn discard(folder: &Path) -> Result<(), StateError> {
    if !there(folder)? {
        return Ok(());
    }
    let _lock = lock(folder)?;
    let remove = || -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|ending| ending == &ENDING[1..]) {
                std::fs::remove_file(file)?;
            }
        }
        std::fs::remove_file(folder.join(LOCK))
    };
    remove().map_err(|source| StateError::Write { file: folder.to_path_buf(), source })?;
    // Only an empty one goes.
    let _ = std::fs::remove_dir(folder);
    Ok(())
}

/// Refuses a folder that another process uses.
fn lock(folder: &Path) -> Result<File, StateError> {
    let file = folder.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&file);
    let lock = opened.map_err(|source| StateError::Write { file: file.clone(), source })?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StateError::Locked { folder: folder.to_path_buf() }),
        Err(TryLockError::Error(source)) => Err(StateError::Write { file, source }),
    }
}

fn there(file: &Path) -> Result<bool, StateError> {
    file.try_exists().map_err(|source| StateError::Read { file: file.to_path_buf(), source })
}

//! How a command ends: what it says, and its exit code.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use twoblade::connectome::ConnectomeError;
use twoblade::plink::PlinkError;
use twoblade::runner::{RunError, StateError};

use crate::{interrupt, say};

/// A lesion that could not be mapped.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) lesion: String,
    pub(crate) file: PathBuf,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.lesion, self.file.display())
    }
}

/// Some parts failed, by name, and the rest is written.
#[derive(Debug)]
pub(crate) struct PartlyFailed {
    pub(crate) failed: Vec<Failure>,
}

impl fmt::Display for PartlyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not mapped: {}; the others are", listed(&self.failed))
    }
}

impl Error for PartlyFailed {}

/// Lesions that failed, by name and file.
pub(crate) fn listed(failed: &[Failure]) -> String {
    failed.iter().map(Failure::to_string).collect::<Vec<_>>().join(", ")
}

/// Somebody asked to stop between two parts.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) done: usize,
    pub(crate) of: usize,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, of } = self;
        write!(f, "stopped after the maps of {done} of {of} lesions; run again for the others")
    }
}

impl Error for Stopped {}

/// An option asks for what a plan does not have, which is known only when the plan is read.
#[derive(Debug)]
pub(crate) struct Misused(pub(crate) String);

impl fmt::Display for Misused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Misused {}

const USAGE: u8 = 2;
/// A saved state is damaged, or is not of this run.
const OTHER_STATE: u8 = 4;
/// Blocks are missing at the end.
const MISSING: u8 = 5;

/// 0 done, 1 the data or the model says no, 2 usage, 3 some parts failed and the rest is written, 4 a saved
/// state is damaged or belongs elsewhere, 5 blocks are missing, 130 interrupted, 143 terminated.
/// What clap refuses (2) never comes here.
pub(crate) fn code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if say::is_closed_pipe(&error) {
        // `twoblade … | head` is done when head is.
        return ExitCode::SUCCESS;
    }
    say::chain(&error);
    if error.is::<PartlyFailed>() {
        return ExitCode::from(3);
    }
    if error.is::<Misused>() {
        return ExitCode::from(USAGE);
    }
    let stopped = matches!(error.downcast_ref(), Some(RunError::Cancelled { .. }))
        || matches!(error.downcast_ref(), Some(PlinkError::Interrupted { .. }))
        || matches!(error.downcast_ref(), Some(ConnectomeError::Interrupted { .. }))
        || error.is::<Stopped>();
    #[cfg(feature = "table")]
    let stopped =
        stopped || matches!(error.downcast_ref(), Some(twoblade::external::Error::Stopped));
    if stopped {
        return ExitCode::from(interrupt::exit_code());
    }
    let state = match error.downcast_ref() {
        Some(RunError::State(state)) => Some(state),
        Some(RunError::Changed { .. }) => return ExitCode::from(OTHER_STATE),
        _ => error.downcast_ref::<StateError>(),
    };
    state.map_or(ExitCode::FAILURE, |state| match state {
        StateError::Missing { .. } => ExitCode::from(MISSING),
        StateError::Read { .. } | StateError::Write { .. } | StateError::Locked { .. } => {
            ExitCode::FAILURE
        }
        _ => ExitCode::from(OTHER_STATE),
    })
}

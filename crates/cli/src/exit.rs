//! How a command ends: what it says, and its exit code.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use twoblade::plink::PlinkError;
use twoblade::runner::{RunError, StateError};

use crate::{interrupt, say};

/// Some parts failed, by name, and the rest is written.
#[derive(Debug)]
pub(crate) struct PartlyFailed {
    pub(crate) failed: Vec<String>,
}

impl fmt::Display for PartlyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not mapped: {}; the others are", self.failed.join(", "))
    }
}

impl Error for PartlyFailed {}

/// A saved state is damaged, or is not of this run.
const OTHER_STATE: u8 = 4;
/// Blocks are missing at the end.
const MISSING: u8 = 5;

/// 0 done, 1 the data or the model says no, 3 some parts failed and the rest is written, 4 a saved
/// state is damaged or belongs elsewhere, 5 blocks are missing, 130 interrupted, 143 terminated.
/// Usage errors (2) never come here.
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
    let stopped = matches!(error.downcast_ref(), Some(RunError::Cancelled { .. }))
        || matches!(error.downcast_ref(), Some(PlinkError::Interrupted { .. }));
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

//! How a command ends: what it says, and its exit code.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use twoblade::connectome::ConnectomeError;
use twoblade::plink::PlinkError;
use twoblade::runner::RunError;

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

/// 0 done, 1 the data or the model says no, 3 some parts failed and the rest is written, 130
/// interrupted. Usage errors (2) never come here.
pub(crate) fn code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if say::is_closed_pipe(&error) {
        // `twoblade … | head` is done when head is.
        return ExitCode::SUCCESS;
    }
    say::chain(&error);
    let stopped = matches!(error.downcast_ref(), Some(RunError::Cancelled { .. }))
        || matches!(error.downcast_ref(), Some(PlinkError::Interrupted { .. }))
        || matches!(error.downcast_ref(), Some(ConnectomeError::Interrupted { .. }));
    if error.is::<PartlyFailed>() {
        return ExitCode::from(3);
    }
    if stopped { ExitCode::from(interrupt::EXIT_CODE) } else { ExitCode::FAILURE }
}

//! How a command ends: what it says, and its exit code.

use std::process::ExitCode;

use twoblade::runner::RunError;

use crate::say;

/// Interrupted, as shells number it: 128 + SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// 0 done, 1 the data or the model says no, 130 interrupted. Usage errors (2) never come here.
pub(crate) fn code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if say::is_closed_pipe(&error) {
        // `twoblade … | head` is done when head is.
        return ExitCode::SUCCESS;
    }
    say::chain(&error);
    if let Some(RunError::Cancelled { .. }) = error.downcast_ref() {
        return ExitCode::from(INTERRUPTED);
    }
    ExitCode::FAILURE
}

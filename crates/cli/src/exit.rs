//! How a command ends: what it says, and its exit code.

use std::process::ExitCode;

use twoblade::plink::PlinkError;
use twoblade::runner::RunError;

use crate::{interrupt, say};

/// 0 done, 1 the data or the model says no, 130 interrupted. Usage errors (2) never come here.
pub(crate) fn code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if say::is_closed_pipe(&error) {
        // `twoblade … | head` is done when head is.
        return ExitCode::SUCCESS;
    }
    say::chain(&error);
    let stopped = matches!(error.downcast_ref(), Some(RunError::Cancelled { .. }))
        || matches!(error.downcast_ref(), Some(PlinkError::Interrupted { .. }));
    if stopped { ExitCode::from(interrupt::EXIT_CODE) } else { ExitCode::FAILURE }
}

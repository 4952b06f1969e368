//! Words for the human: results to stdout, everything else to stderr.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes one line of result to stdout.
///
/// # Errors
/// A pipe that is closed; see [`is_closed_pipe`].
pub(crate) fn result(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Writes one line of news to stderr; nobody listening is no error.
pub(crate) fn news(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints an error and its causes, one a line.
pub(crate) fn chain(error: &anyhow::Error) {
    news(format_args!("error: {error}"));
    for cause in error.chain().skip(1) {
        news(format_args!("  because: {cause}"));
    }
}

/// Whether an error is only that nobody reads stdout any more.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}

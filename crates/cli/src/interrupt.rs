//! Ctrl-C and termination.

use twoblade::runner::Cancel;

/// Interrupted, as shells number it: 128 + SIGINT.
pub(crate) const EXIT_CODE: u8 = 130;

/// A token that the first interrupt sets, so that work stops where nothing is half-done; a second
/// interrupt stops at once.
pub(crate) fn token() -> Cancel {
    let cancel = Cancel::new();
    let seen = cancel.clone();
    let handler = move || {
        if seen.is_cancelled() {
            std::process::exit(EXIT_CODE.into());
        }
        seen.cancel();
    };
    // Only the second of two handlers in one process is refused; then the first one still works.
    let _ = ctrlc::set_handler(handler);
    cancel
}

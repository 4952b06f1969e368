//! Ctrl-C and termination.

use std::sync::atomic::{AtomicU8, Ordering};

use twoblade::runner::Cancel;

/// SIGINT.
const INTERRUPT: u8 = 2;

/// The signal that came first; 0 if none did.
static SIGNAL: AtomicU8 = AtomicU8::new(0);

/// What a process exits with that a signal stopped, as shells number it: 128 + the signal.
pub(crate) fn exit_code() -> u8 {
    let signal = SIGNAL.load(Ordering::Relaxed);
    128 + if signal == 0 { INTERRUPT } else { signal }
}

/// A token that the first interrupt or termination sets, so that work stops where nothing is
/// half-done; a second one stops at once.
pub(crate) fn token() -> Cancel {
    let cancel = Cancel::new();
    // Only the second of two handlers in one process is refused; then the first one still works.
    listen(cancel.clone());
    cancel
}

fn came(signal: u8, cancel: &Cancel) {
    if cancel.is_cancelled() {
        std::process::exit(exit_code().into());
    }
    SIGNAL.store(signal, Ordering::Relaxed);
    cancel.cancel();
}

#[cfg(unix)]
fn listen(cancel: Cancel) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    // Where no thread can be had, signals end the process as they do by themselves.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            came(u8::try_from(signal).unwrap_or(INTERRUPT), &cancel);
        }
    });
}

#[cfg(not(unix))]
fn listen(cancel: Cancel) {
    let _ = ctrlc::set_handler(move || came(INTERRUPT, &cancel));
}

//! Room for buffers that several threads hold.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::input::cutter::Room;

/// Lets buffers in up to a number of bytes, and one of any size where there is no other.
#[derive(Debug)]
pub(crate) struct Gate {
    share: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: usize,
    closed: bool,
}

impl Gate {
    pub(crate) fn new(share: usize) -> Self {
        Self { share, state: Mutex::default(), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives room back.
    pub(crate) fn leave(&self, bytes: usize) {
        self.state().used -= bytes;
        self.changed.notify_all();
    }

    /// Nobody gets in any more.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

impl Room for Gate {
    fn grow(&self, held: usize, to: usize) -> bool {
        let full = |state: &mut State| {
            let others = state.used - held;
            !state.closed && others > 0 && others + to > self.share
        };
        let waited = self.changed.wait_while(self.state(), full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.used = state.used - held + to;
        !state.closed
    }
}

/// Room for the one who asks, who holds nothing else.
#[derive(Debug)]
pub(crate) struct Alone;

impl Room for Alone {
    fn grow(&self, _held: usize, _to: usize) -> bool {
        true
    }
}

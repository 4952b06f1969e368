//! Watching a run.

use crate::error::Pass;

/// Somebody who wants to know how far a run is.
pub trait Observer: Sync {
    /// Called after every chunk, from any thread.
    fn progress(&self, progress: Progress);
}

/// How far one pass is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which pass.
    pub pass: Pass,
    /// Chunks folded (or, where states were kept, blocks left out).
    pub done: u64,
    /// Of how many.
    pub of: u64,
}

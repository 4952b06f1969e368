//! Watching a run.

use crate::cover::Cover;
use crate::pass::Pass;

/// Somebody who wants to know how a run goes.
pub trait Observer: Sync {
    /// Called after every chunk, from any thread.
    fn progress(&self, progress: Progress);

    /// A pass goes on where a saved state left it, which covers these blocks.
    fn resumed(&self, pass: Pass, cover: &Cover) {
        let _ = (pass, cover);
    }

    /// The process has more bytes of memory resident than the runner was granted; called after every
    /// block while it is so. What the program itself takes, and what its caller holds, is among them.
    fn over_budget(&self, resident: usize, budget: usize) {
        let _ = (resident, budget);
    }
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

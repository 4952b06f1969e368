//! Who looks on while a table is worked on.

/// Told how far the work is, and asked whether to go on.
///
/// Both are called from the thread that drives the work, between chunks.
pub trait Watch {
    /// `done` of `total` bytes of this stage ("reading", "merging", …) are done.
    fn progress(&self, stage: &'static str, done: u64, total: u64) {
        let _ = (stage, done, total);
    }

    /// Whether to stop; the work then ends with [`Error::Stopped`](crate::Error::Stopped), and leaves
    /// nothing behind.
    fn stop(&self) -> bool {
        false
    }
}

/// Nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

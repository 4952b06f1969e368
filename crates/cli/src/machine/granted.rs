//! How much, and who says so.

use crate::quantity::mebibytes;

/// A number of threads, or of bytes of memory, and what it was granted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) amount: usize,
    pub(crate) by: &'static str,
}

impl Granted {
    /// The flag by which a user grants memory.
    pub(crate) const MEMORY: &'static str = "--memory";
    /// The flag by which a user grants threads.
    pub(crate) const THREADS: &'static str = "--threads";

    /// So much, by this.
    pub(crate) const fn new(amount: usize, by: &'static str) -> Self {
        Self { amount, by }
    }

    /// The subject of a sentence about memory that does not suffice.
    pub(crate) fn memory_words(self) -> String {
        let Self { amount, by } = self;
        if by == Self::MEMORY {
            return format!("{by} {}", mebibytes(amount));
        }
        format!("the memory of {} (by {by})", mebibytes(amount))
    }
}

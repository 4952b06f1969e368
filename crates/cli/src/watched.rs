//! Work on tables, seen through the bar and stopped by a signal.

use twoblade::external::Watch;
use twoblade::runner::Cancel;

use crate::interrupt;
use crate::progress::Bar;

/// Shows how far the work is, and stops it where somebody asks to.
#[derive(Debug)]
pub(crate) struct Watched<'a> {
    bar: &'a Bar,
    cancel: Cancel,
}

impl<'a> Watched<'a> {
    /// Listens to signals from now on.
    pub(crate) fn by(bar: &'a Bar) -> Self {
        Self { bar, cancel: interrupt::token() }
    }
}

impl Watch for Watched<'_> {
    fn progress(&self, stage: &'static str, done: u64, total: u64) {
        self.bar.set(stage, done, total);
        self.bar.check();
    }

    fn stop(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

//! A bar on the terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use twoblade::runner::{Observer, Pass, Progress};

/// Shows how far a run is, with rate and time left.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    shown: bool,
}

impl Bar {
    /// On a terminal, or anywhere if `forced`; nowhere if `quiet`.
    pub(crate) fn new(forced: bool, quiet: bool) -> Self {
        let shown = !quiet && (forced || std::io::stderr().is_terminal());
        let target = if shown {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = "{msg:8} {bar:30} {pos}/{len} {per_sec} {eta} left";
        bar.set_style(ProgressStyle::with_template(style).expect("a template that parses"));
        Self { bar, shown }
    }

    /// Sets where it is, under a name; a new name starts the clock again.
    pub(crate) fn set(&self, name: &'static str, done: u64, of: u64) {
        if !self.shown {
            return;
        }
        if self.bar.message() != name {
            self.bar.reset();
            self.bar.set_message(name);
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
        self.bar.set_length(of);
        // Threads report in any order: the bar only goes forward.
        if done > self.bar.position() {
            self.bar.set_position(done);
        }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Bar {
    fn progress(&self, progress: Progress) {
        let name = match progress.pass {
            Pass::One => "pass one",
            Pass::Two => "pass two",
        };
        self.set(name, progress.done, progress.of);
    }
}

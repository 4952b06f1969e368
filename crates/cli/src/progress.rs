//! A bar on the terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use twoblade::runner::{Observer, Pass, Progress};

/// What is shown of a run while it goes on.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Screen {
    /// Print nothing but errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Show progress even where stderr is no terminal
    #[arg(long)]
    pub(crate) progress: bool,
}

/// Shows how far a run is, with rate and time left.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    shown: bool,
}

impl Bar {
    /// On a terminal, or where it is asked for.
    pub(crate) fn new(screen: Screen) -> Self {
        let shown = !screen.quiet && (screen.progress || std::io::stderr().is_terminal());
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

//! How far a run is: a bar on a terminal, lines now and then elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use twoblade::runner::process::resident_memory;
use twoblade::runner::{Cover, Observer, Pass, Progress};

use crate::quantity::mebibytes;
use crate::say;

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(5);

/// What is shown of a run while it goes on.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Screen {
    /// Print nothing but errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Show progress even where stderr is no terminal
    #[arg(long)]
    pub(crate) progress: bool,
}

/// What the program itself takes beside what is planned; a process within that is no news.
const PROGRAM: usize = 32 << 20;

/// Shows how far a run is, with rate, time left, and memory against what was granted.
#[derive(Debug)]
pub(crate) struct Bar {
    shown: Shown,
    quiet: bool,
    memory: Option<usize>,
    warned: AtomicBool,
}

#[derive(Debug)]
enum Shown {
    /// On a terminal.
    Terminal(ProgressBar),
    /// Elsewhere, if it is asked for.
    Lines(Mutex<Line>),
    /// Not at all.
    Hidden,
}

/// The last line, and when its stage began.
#[derive(Debug)]
pub(crate) struct Line {
    stage: String,
    done: u64,
    began: Instant,
    printed: Instant,
}

impl Bar {
    /// As the user and the terminal want it.
    pub(crate) fn new(screen: Screen) -> Self {
        let (quiet, warned) = (screen.quiet, AtomicBool::new(false));
        Self { shown: Shown::new(screen), quiet, memory: None, warned }
    }

    /// Shows the process's memory beside the bytes that were granted, and warns if it passes them.
    pub(crate) fn memory(self, granted: usize) -> Self {
        Self { memory: Some(granted), ..self }
    }

    /// Sets where it is, in a stage; a new stage starts the clock again. Threads report in any
    /// order: it only goes forward.
    pub(crate) fn set(&self, stage: &str, done: u64, of: u64) {
        match &self.shown {
            Shown::Hidden => {}
            Shown::Terminal(bar) => {
                if bar.prefix() != stage {
                    bar.reset();
                    bar.set_prefix(stage.to_owned());
                    bar.set_length(of);
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
                if done > bar.position() {
                    bar.set_position(done);
                }
                bar.set_message(self.memory_now());
            }
            Shown::Lines(line) => {
                let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(text) = line.next(stage, done, of, Instant::now()) {
                    say::news(format_args!("{text}{}", self.memory_now()));
                }
            }
        }
    }

    /// Takes a bar away.
    pub(crate) fn clear(&self) {
        if let Shown::Terminal(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }

    /// Warns if the process holds more than was granted.
    #[cfg(feature = "table")]
    pub(crate) fn check(&self) {
        if let Some(text) = resident_memory().and_then(|resident| self.warning(resident)) {
            say::news(text);
        }
    }

    /// What to say of a process that holds so much: once, and not of what the program itself takes.
    fn warning(&self, resident: usize) -> Option<String> {
        let granted = self.memory.filter(|granted| resident > granted + PROGRAM)?;
        let first = !self.warned.swap(true, Ordering::Relaxed);
        first.then(|| {
            format!(
                "warning: the process holds {}, more than the {} that were granted",
                mebibytes(resident),
                mebibytes(granted)
            )
        })
    }

    /// Resident memory, beside what was granted.
    fn memory_now(&self) -> String {
        let both = resident_memory().zip(self.memory);
        both.map_or_else(String::new, |(resident, granted)| {
            format!(", {} of {}", mebibytes(resident), mebibytes(granted))
        })
    }
}

impl Shown {
    fn new(screen: Screen) -> Self {
        if screen.quiet {
            return Self::Hidden;
        }
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::no_length();
            let style = "{prefix:8} {bar:30} {pos}/{len} {per_sec} {eta} left{msg}";
            bar.set_style(ProgressStyle::with_template(style).expect("a template that parses"));
            return Self::Terminal(bar);
        }
        if !screen.progress {
            return Self::Hidden;
        }
        let now = Instant::now();
        Self::Lines(Mutex::new(Line { stage: String::new(), done: 0, began: now, printed: now }))
    }
}

impl Line {
    /// The line to print, if one is due: at the end of a stage, and now and then before.
    fn next(&mut self, stage: &str, done: u64, of: u64, now: Instant) -> Option<String> {
        if self.stage != stage {
            *self = Self { stage: stage.to_owned(), done: 0, began: now, printed: now };
        }
        if done <= self.done {
            return None;
        }
        self.done = done;
        if done < of && now.duration_since(self.printed) < PAUSE {
            return None;
        }
        self.printed = now;
        let seconds = now.duration_since(self.began).as_secs_f64();
        let left = seconds / done as f64 * of.saturating_sub(done) as f64;
        Some(format!("{stage}: {done} of {of}, {seconds:.0} s, {left:.0} s left"))
    }
}

impl Observer for Bar {
    fn progress(&self, progress: Progress) {
        self.set(&progress.pass.to_string(), progress.done, progress.of);
    }

    fn resumed(&self, pass: Pass, cover: &Cover) {
        if !self.quiet {
            let count = cover.count();
            say::news(format_args!("{pass} goes on from its checkpoint: {count} blocks are done"));
        }
    }

    fn over_budget(&self, resident: usize, _: usize) {
        if let Some(text) = self.warning(resident) {
            say::news(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Screen = Screen { quiet: true, progress: false };

    #[test]
    fn a_process_that_passes_its_memory_is_warned_of_once() {
        let bar = Bar::new(QUIET).memory(100 << 20);
        assert_eq!(bar.warning(132 << 20), None, "the program itself");
        let text = "warning: the process holds 133 MiB, more than the 100 MiB that were granted";
        assert_eq!(bar.warning(133 << 20).as_deref(), Some(text));
        assert_eq!(bar.warning(500 << 20), None);
        assert_eq!(Bar::new(QUIET).warning(usize::MAX), None, "nothing was granted");
    }

    #[test]
    fn a_line_of_progress_has_the_memory_beside_what_was_granted() {
        let text = Bar::new(QUIET).memory(3 << 30).memory_now();
        if resident_memory().is_some() {
            assert!(text.starts_with(", ") && text.ends_with(" of 3,072 MiB"), "{text}");
        }
        assert_eq!(Bar::new(QUIET).memory_now(), "");
    }

    #[test]
    fn lines_come_now_and_then_and_at_the_end_of_a_stage() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut line = Line { stage: String::new(), done: 0, began: start, printed: start };
        assert_eq!(line.next("one", 1, 4, after(0)), None);
        let text = line.next("one", 2, 4, after(6));
        assert_eq!(text.as_deref(), Some("one: 2 of 4, 6 s, 6 s left"));
        assert_eq!(line.next("one", 1, 4, after(20)), None, "it only goes forward");
        assert_eq!(line.next("one", 3, 4, after(7)), None);
        let text = line.next("one", 4, 4, after(8));
        assert_eq!(text.as_deref(), Some("one: 4 of 4, 8 s, 0 s left"));
        assert_eq!(line.next("two", 1, 2, after(9)), None);
        let text = line.next("two", 2, 2, after(10));
        assert_eq!(text.as_deref(), Some("two: 2 of 2, 1 s, 0 s left"));
    }
}

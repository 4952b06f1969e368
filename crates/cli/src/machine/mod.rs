//! What this machine has and grants, and how the process was started.

mod cgroup;
mod granted;
mod memory;
mod surroundings;
mod threads;

use std::fs;
use std::sync::LazyLock;

pub(crate) use self::granted::Granted;
use self::surroundings::Surroundings;

/// Asked once, so that one process has one answer: what is free changes.
static HERE: LazyLock<(Granted, Granted)> = LazyLock::new(|| {
    let around = Surroundings::of_process();
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    (threads::granted(&around, available), memory::granted(&around))
});

/// Threads that the scheduler grants this process.
pub(crate) fn threads() -> Granted {
    HERE.0
}

/// Bytes of memory that this process may plan for.
pub(crate) fn memory() -> Granted {
    HERE.1
}

/// The words of the command line; a word need not be UTF-8, and that is no reason to stop.
pub(crate) fn command_line() -> Vec<String> {
    std::env::args_os().map(|word| word.display().to_string()).collect()
}

/// The name of the machine, where the kernel tells.
pub(crate) fn host() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned())
}

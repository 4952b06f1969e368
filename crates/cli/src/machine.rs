//! What this machine has, what the process took of it, and how it was started.

use std::fs;

/// Threads that the scheduler grants this process.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
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

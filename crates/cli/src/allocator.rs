//! Memory that is freed goes back to the system at once.
//!
//! glibc keeps freed blocks for later unless they are large, and what is large grows with the blocks
//! that are freed, up to 32 MiB; each thread keeps its own. So the states of one read stay with the
//! threads that had them while those of the next are taken by others, and the process holds more than
//! was planned: of six reads with two threads 58 MiB more, of states of 15 MiB each. With a fixed limit
//! nothing of that size stays.
//!
//! glibc reads the limit before the program begins, so the program begins once more, as the same
//! process. Whoever sets one of these variables has their way.

/// Bytes from which a block is the system's again when it is freed, and bytes at the end of a heap that
/// are.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LIMITS: [(&str, usize); 2] =
    [("MALLOC_MMAP_THRESHOLD_", 1 << 20), ("MALLOC_TRIM_THRESHOLD_", 2 << 20)];

/// Begins the program once more with fixed limits, if nobody set them; where that cannot be done, or is
/// not needed, it goes on as it is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_back_what_is_freed() {
    use std::os::unix::process::CommandExt;

    let tuned = std::env::var_os("GLIBC_TUNABLES")
        .is_some_and(|tunables| tunables.to_string_lossy().contains("glibc.malloc."));
    if tuned || LIMITS.iter().any(|(name, _)| std::env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut words = std::env::args_os();
    let mut again = std::process::Command::new(program);
    if let Some(name) = words.next() {
        again.arg0(name);
    }
    again.args(words).envs(LIMITS.map(|(name, bytes)| (name, bytes.to_string())));
    // Only a failure comes back.
    let _ = again.exec();
}

/// Other allocators keep little.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back_what_is_freed() {}

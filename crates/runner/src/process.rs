//! What the kernel says of this process; nothing where it says nothing.

use std::fs;

/// Bytes of memory that are resident now.
pub fn resident_memory() -> Option<usize> {
    status("VmRSS:")
}

/// The most bytes of memory that were ever resident.
pub fn peak_memory() -> Option<usize> {
    status("VmHWM:")
}

/// Bytes that were read so far, from the disk or its cache.
pub fn bytes_read() -> Option<u64> {
    let io = fs::read_to_string("/proc/self/io").ok()?;
    io.lines().find_map(|line| line.strip_prefix("rchar:"))?.trim().parse().ok()
}

fn status(field: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

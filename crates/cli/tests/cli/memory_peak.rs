//! What a process of the command held at most, as the kernel tells.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The program itself: code, stacks of threads, buffers of the standard library, what the allocator
/// keeps back. At most 16 MiB in the tables of `docs/src/memory.md`.
pub(crate) const PROGRAM: u64 = 32 << 20;

/// A process that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    /// The most bytes that it had resident; none where the kernel does not tell.
    pub(crate) peak: Option<u64>,
}

/// The most bytes that a process has had resident so far: of one that has ended the kernel does not tell.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// Runs a command in a folder to its end. The peak only rises, so that looking now and then misses at
/// most what comes in the last instant, when files are renamed.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twoblade"));
    command.current_dir(folder).args(arguments).stdout(Stdio::null());
    let said = tempfile::tempfile().unwrap();
    let mut process = command.stderr(said.try_clone().unwrap()).spawn().unwrap();
    let mut peak = None;
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        peak = resident(process.id()).or(peak);
        std::thread::sleep(Duration::from_millis(1));
    };
    let mut stderr = String::new();
    let mut said = said;
    std::io::Seek::rewind(&mut said).unwrap();
    std::io::Read::read_to_string(&mut said, &mut stderr).unwrap();
    Ended { code: status.code(), stderr, peak }
}

/// `12M` or `800K` in bytes.
pub(crate) fn bytes(size: &str) -> u64 {
    let (number, unit) = size.split_at(size.len() - 1);
    let number: u64 = number.parse().unwrap();
    number << if unit == "M" { 20 } else { 10 }
}

/// The bytes of the text `1,234 KiB` or `12 MiB`.
pub(crate) fn said_bytes(text: &str) -> u64 {
    let (number, unit) = text.trim().split_once(' ').unwrap();
    bytes(&format!("{}{}", number.replace(',', ""), &unit[..1]))
}

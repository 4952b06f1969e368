//! What another process took.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// What one run of a command took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// CPU-seconds of the whole process and all its threads, to a hundredth.
    pub cpu: f64,
    /// Seconds from its start to its end.
    pub wall: f64,
    /// The most megabytes that it had resident.
    pub peak: f64,
}

/// Runs a command to its end.
///
/// # Errors
/// If it cannot be run, or ends in failure: with what it said.
///
/// # Panics
/// Where there is no /proc.
pub fn taken(command: &mut Command) -> Result<Taken, String> {
    let name = command.get_program().display().to_string();
    let said = |error: std::io::Error| format!("{name}: {error}");
    let before = children_seconds();
    let start = Instant::now();
    let started = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = started.map_err(said)?;
    let status = format!("/proc/{}/status", child.id());
    let (output, peak) = thread::scope(|scope| {
        let waiting = scope.spawn(|| child.wait_with_output());
        let mut peak = 0.0;
        while !waiting.is_finished() {
            peak = peak_megabytes(&status).unwrap_or(peak);
            thread::sleep(LOOK);
        }
        (waiting.join().expect("a thread that waits"), peak)
    });
    let wall = start.elapsed().as_secs_f64();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name}: {words}"));
    }
    Ok(Taken { cpu: children_seconds() - before, wall, peak })
}

/// The median of each number.
pub fn median(runs: &[Taken]) -> Taken {
    let of = |number: fn(&Taken) -> f64| {
        let mut numbers: Vec<f64> = runs.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Taken { cpu: of(|run| run.cpu), wall: of(|run| run.wall), peak: of(|run| run.peak) }
}

/// Of all children that have ended.
fn children_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // After the name, which may contain blanks: cutime and cstime are fields 16 and 17 of all.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(13);
    fields.take(2).map(|field| field.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}

fn peak_megabytes(status: &str) -> Option<f64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

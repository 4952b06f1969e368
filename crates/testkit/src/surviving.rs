//! Readers that survive damaged files, tried in processes of their own.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::damage::damaged;

/// Which copies a child tries; set by hand, the copies that a test tries in its own process.
const RANGE: &str = "TWOBLADE_DAMAGED";
/// Copies that one child tries.
const BATCH: u64 = 2_500;
/// A file in which a child writes the number of the copy that it tries.
const PROGRESS: &str = "TWOBLADE_DAMAGED_PROGRESS";
/// A child that tries one copy for so long hangs.
const SILENCE: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(5);
const DONE: &str = "all tried: ";

/// What became of damaged copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survived {
    /// Copies that were refused with an error.
    pub refused: u64,
    /// Copies that were read all the same.
    pub read: u64,
}

/// Has a reader read many [`damaged`] copies of a file, in processes that may use so many kibibytes of
/// address space, and counts what it refused: `reader` says whether it read a copy.
///
/// The processes run the one `test` that calls this, which is named as the test program lists it.
/// What stays of it after the call is run in the first process alone.
///
/// # Panics
/// If a process panics, dies, tries one copy for two minutes, or needs more memory; with the number of the
/// copy. `TWOBLADE_DAMAGED=7..8 cargo test …` tries copy 7 alone, in the process of the test itself.
pub fn survives_damage(
    test: &str,
    (copies, kibibytes): (u64, u64),
    file: &[u8],
    mut reader: impl FnMut(&[u8]) -> bool,
) -> Survived {
    if let Ok(range) = std::env::var(RANGE) {
        try_some(&range, file, &mut reader);
    }
    let mut survived = Survived::default();
    let mut first = 0;
    while first < copies {
        let end = (first + BATCH).min(copies);
        let Survived { refused, read } = child(test, kibibytes, file, first..end);
        survived.refused += refused;
        survived.read += read;
        first = end;
    }
    let Survived { refused, read } = survived;
    assert_eq!(refused + read, copies);
    say(&format!("{test}: {copies} damaged copies, {refused} refused and {read} read"));
    survived
}

/// Tries copies in this process, and ends it.
fn try_some(range: &str, file: &[u8], reader: &mut impl FnMut(&[u8]) -> bool) -> ! {
    let bounds = range.split_once("..").map(|(first, end)| (first.parse(), end.parse()));
    let Some((Ok(first), Ok(end))) = bounds else { panic!("{RANGE}={range} is no range") };
    let progress = std::env::var_os(PROGRESS);
    let mut progress = progress.map(|file| File::create(file).expect("the first process made it"));
    let Survived { mut refused, mut read } = Survived::default();
    for number in first..end {
        // Before it is tried: nobody can ask later.
        if let Some(progress) = &mut progress {
            let noted =
                progress.rewind().and_then(|()| progress.write_all(&u64::to_le_bytes(number)));
            noted.expect("eight bytes can be written");
        }
        if reader(&damaged(file, number).1) {
            read += 1;
        } else {
            refused += 1;
        }
    }
    say(&format!("{DONE}{refused} {read}"));
    std::process::exit(0)
}

fn child(test: &str, kibibytes: u64, file: &[u8], copies: Range<u64>) -> Survived {
    let program = std::env::current_exe().expect("a test knows its program");
    let progress = tempfile::NamedTempFile::new().expect("there is room for eight bytes");
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v \"$0\" && exec \"$@\"", &kibibytes.to_string()]).arg(program);
        shell
    } else {
        Command::new(program)
    };
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(RANGE, format!("{}..{}", copies.start, copies.end)).env(PROGRESS, progress.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a test can be started again");
    let said = last_words(child.stdout.take());
    let complained = last_words(child.stderr.take());
    let tried = || {
        let bytes = std::fs::read(progress.path()).unwrap_or_default();
        bytes.try_into().map(u64::from_le_bytes).ok()
    };
    let name = |number: Option<u64>| {
        let what = number.map(|number| format!("copy {number} ({})", damaged(file, number).0));
        what.unwrap_or_else(|| "nothing".to_owned())
    };
    let (mut last, mut since) = (None, Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait().expect("it was started") {
            break status;
        }
        std::thread::sleep(GLANCE);
        let now = tried();
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > SILENCE {
            let _ = child.kill();
            panic!("{test} hangs on {}", name(last));
        }
    };
    let said = said.join().unwrap_or_default();
    // The harness has begun a line.
    let counts = said.split_once(DONE).and_then(|(_, counts)| counts.trim_end().split_once(' '));
    match counts.map(|(refused, read)| (refused.parse(), read.parse())) {
        Some((Ok(refused), Ok(read))) if status.success() => Survived { refused, read },
        _ => {
            let words = complained.join().unwrap_or_default();
            panic!("{test} died ({status}) of {}\n{said}\n{words}", name(tried()))
        }
    }
}

/// The last of what comes through a pipe.
fn last_words(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return String::new() };
        let (mut words, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(got @ 1..) = pipe.read(&mut buffer) {
            words.extend(&buffer[..got]);
            words.drain(..words.len().saturating_sub(4096));
        }
        String::from_utf8_lossy(&words).into_owned()
    })
}

fn say(words: &str) {
    let _ = writeln!(io::stdout().lock(), "{words}");
}

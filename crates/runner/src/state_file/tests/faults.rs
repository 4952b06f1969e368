//! Disks that fail at the first operation, at the second, at every one.

use std::io::ErrorKind;

use super::*;

/// Long enough for many operations: ten bytes a number.
const NUMBERS: u64 = 60_000;

/// What an operation does that does not work.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The disk is full, or broken.
    Fails(ErrorKind),
    /// A signal came; it would work the next time.
    Interrupted,
}

/// Does its work in pieces, until one operation fails, and, unless that was a signal, all after it.
struct Faulty<T> {
    inner: T,
    fault: Fault,
    /// Operations that work before it.
    good: usize,
    /// Bytes that one operation takes or gives at most.
    piece: usize,
    failed: bool,
}

impl<T> Faulty<T> {
    fn new(inner: T, fault: Fault, good: usize) -> Self {
        Self { inner, fault, good, piece: 40_000, failed: false }
    }

    fn operation(&mut self) -> io::Result<()> {
        if self.good > 0 {
            self.good -= 1;
            return Ok(());
        }
        match self.fault {
            Fault::Fails(kind) => {
                self.failed = true;
                Err(io::Error::new(kind, "planted"))
            }
            Fault::Interrupted if self.failed => Ok(()),
            Fault::Interrupted => {
                self.failed = true;
                Err(ErrorKind::Interrupted.into())
            }
        }
    }
}

impl<W: Write> Write for Faulty<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.operation()?;
        self.inner.write(&bytes[..bytes.len().min(self.piece)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Faulty<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.operation()?;
        let most = buffer.len().min(self.piece);
        self.inner.read(&mut buffer[..most])
    }
}

impl<S: Seek> Seek for Faulty<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // A seek is not interrupted.
        if self.fault != Fault::Interrupted {
            self.operation()?;
        }
        self.inner.seek(to)
    }
}

#[test]
fn whatever_write_fails_the_file_before_it_stays_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    write(&file, &header(), &payload(3)).unwrap();
    let before = std::fs::read(&file).unwrap();
    let (after, longer) = (bytes(&header(), &payload(NUMBERS)), payload(NUMBERS));
    let mut tried = 0;
    for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
        for good in 0.. {
            let mut failed = false;
            let written = twoblade_files::write(&file, |whole| {
                let mut faulty = Faulty::new(whole, Fault::Fails(kind), good);
                let written = write_to(&mut faulty, &header(), &longer);
                failed = faulty.failed;
                written
            });
            let names = std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(names, 1, "{good} good writes");
            let there = std::fs::read(&file).unwrap();
            if !failed {
                written.unwrap();
                assert!(there == after);
                break;
            }
            let error = written.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, "planted"));
            assert!(there == before, "{good} good writes");
            tried += 1;
        }
        write(&file, &header(), &payload(3)).unwrap();
    }
    say(&format!("{tried} writes failed"));
    assert!(tried > 30, "{tried}");
}

#[test]
fn whatever_read_or_seek_fails_it_is_said_to_be_a_read() {
    let whole = bytes(&header(), &payload(NUMBERS));
    let mut tried = 0;
    for good in 0.. {
        let fault = Fault::Fails(ErrorKind::Other);
        let mut faulty = Faulty::new(Cursor::new(&whole), fault, good);
        let read = read_from::<Payload>(&mut faulty, Path::new("it"));
        if !faulty.failed {
            assert!(read.unwrap() == (header(), payload(NUMBERS)));
            break;
        }
        match read {
            Err(StateError::Read { source, .. }) => assert_eq!(source.to_string(), "planted"),
            other => panic!("{good} good operations: {:?}", other.map(|(header, _)| header)),
        }
        tried += 1;
    }
    say(&format!("{tried} reads and seeks failed"));
    assert!(tried > 30, "{tried}");
}

#[test]
fn a_signal_in_any_operation_changes_nothing() {
    let whole = bytes(&header(), &payload(NUMBERS));
    let mut tried = 0;
    for good in 0.. {
        let mut written = Vec::new();
        let mut faulty = Faulty::new(&mut written, Fault::Interrupted, good);
        write_to(&mut faulty, &header(), &payload(NUMBERS)).unwrap();
        let failed = faulty.failed;
        assert!(written == whole, "{good} good writes");
        if !failed {
            break;
        }
        tried += 1;
    }
    for good in 0.. {
        let mut faulty = Faulty::new(Cursor::new(&whole), Fault::Interrupted, good);
        let read = read_from::<Payload>(&mut faulty, Path::new("it")).unwrap();
        assert!(read == (header(), payload(NUMBERS)), "{good} good reads");
        if !faulty.failed {
            break;
        }
        tried += 1;
    }
    say(&format!("{tried} operations interrupted"));
    assert!(tried > 30, "{tried}");
}

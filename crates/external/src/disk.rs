//! Every read and write of this crate passes here, so that a test can make each of them fail.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// What is about to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Bytes are read.
    Read,
    /// Bytes are written.
    Write,
    /// A file is opened, made, renamed or removed.
    File,
}

type Hook = dyn Fn(Operation) -> io::Result<()> + Send + Sync;

/// The way to the disk: every operation asks it first.
#[derive(Clone, Default)]
pub struct Disk {
    before: Option<Arc<Hook>>,
}

impl Disk {
    /// The file system as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks `before` ahead of every operation, which fails with what that says: for tests of faults.
    pub fn watched(before: impl Fn(Operation) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self { before: Some(Arc::new(before)) }
    }

    /// To be asked before a file is opened, made, renamed or removed.
    ///
    /// # Errors
    /// What a test wants.
    pub fn ask(&self, operation: Operation) -> io::Result<()> {
        self.before.as_ref().map_or(Ok(()), |before| before(operation))
    }

    /// A file that asks before each read and write.
    pub fn through<F>(&self, file: F) -> Through<F> {
        Through { disk: self.clone(), file }
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.before.is_some() { "Disk(watched)" } else { "Disk" })
    }
}

/// A file whose reads and writes pass a [`Disk`].
#[derive(Debug)]
pub struct Through<F> {
    disk: Disk,
    file: F,
}

impl<F> Through<F> {
    /// The file itself.
    pub fn into_inner(self) -> F {
        self.file
    }

    /// The file itself.
    pub fn get_ref(&self) -> &F {
        &self.file
    }
}

impl<F: Read> Read for Through<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.disk.ask(Operation::Read)?;
        self.file.read(buffer)
    }
}

impl<F: Write> Write for Through<F> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.disk.ask(Operation::Write)?;
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<F: Seek> Seek for Through<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

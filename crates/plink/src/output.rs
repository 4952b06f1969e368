//! Files that are there whole or not at all.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::PlinkError;

const BUFFER: usize = 1 << 20;

/// A file being written beside its target, which takes the target's name when it is complete.
pub(crate) struct Output {
    target: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl Output {
    /// Begins a file; dropped before [`persist`](Self::persist), it leaves nothing.
    pub(crate) fn create(target: PathBuf) -> Result<Self, PlinkError> {
        match temporary(folder(&target)) {
            Ok(file) => Ok(Self { target, writer: BufWriter::with_capacity(BUFFER, file) }),
            Err(source) => Err(PlinkError::Write { file: target, source }),
        }
    }

    /// Appends bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), PlinkError> {
        let written = self.writer.write_all(bytes);
        written.map_err(|source| PlinkError::Write { file: self.target.clone(), source })
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: fmt::Arguments<'_>) -> Result<(), PlinkError> {
        let written = self.writer.write_fmt(text);
        written.map_err(|source| PlinkError::Write { file: self.target.clone(), source })
    }

    /// Puts everything on the disk.
    pub(crate) fn complete(self) -> Result<Complete, PlinkError> {
        let Self { target, writer } = self;
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error);
        let synced = file.and_then(|file| file.as_file().sync_all().map(|()| file));
        match synced {
            Ok(file) => Ok(Complete { target, file }),
            Err(source) => Err(PlinkError::Write { file: target, source }),
        }
    }
}

/// A file that is whole, and has everything but its name.
pub(crate) struct Complete {
    target: PathBuf,
    file: NamedTempFile,
}

impl Complete {
    /// Gives the file its name.
    pub(crate) fn persist(self) -> Result<(), PlinkError> {
        let Self { target, file } = self;
        let named = file.persist(&target).map_err(io::Error::from);
        let persisted = named.and_then(|_| sync_folder(folder(&target)));
        persisted.map_err(|source| PlinkError::Write { file: target, source })
    }
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// With the permissions of an ordinary file: temporary files are their owner's alone by default,
/// and they keep that when they are renamed.
#[cfg(unix)]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let ordinary = std::fs::Permissions::from_mode(0o666); // less the umask
    tempfile::Builder::new().permissions(ordinary).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

/// Puts the new name on the disk too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on unix")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

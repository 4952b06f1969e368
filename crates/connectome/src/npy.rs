//! Connectomes in .npy files: (S,T,V), or (T,V) for a run.
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::ConnectomeError;
use crate::npy_array::Npy;
use crate::series::{Format, Series, SeriesFile};

/// Bytes read at a time, a whole number of numbers of any kind.
const BUFFER: usize = 64 << 10;

/// Bytes that reading holds.
pub(crate) const HELD: usize = BUFFER;

/// Opens a file of one subject, (T,V), or of several, (S,T,V), which only a connectome of one file may be.
pub(crate) fn open(path: &Path, alone: bool) -> Result<SeriesFile, ConnectomeError> {
    let npy = Npy::read(path)?;
    let (subjects, time_points, voxels) = match *npy.shape.as_slice() {
        [time_points, voxels] if time_points * voxels > 0 => (1, time_points, voxels),
        [subjects, time_points, voxels] if alone && subjects * time_points * voxels > 0 => {
            (subjects, time_points, voxels)
        }
        _ => {
            let several = if alone { ", or with subjects before them" } else { "" };
            return Err(ConnectomeError::Shape {
                file: path.to_path_buf(),
                array: "the array".to_owned(),
                found: npy.shape,
                expected: format!("time points x voxels{several}"),
            });
        }
    };
    let path = path.to_path_buf();
    Ok(SeriesFile { path, format: Format::Npy(npy), subjects, time_points, voxels })
}

/// A file that was opened before.
pub(crate) fn reopen<'a>(
    series: &'a SeriesFile,
    npy: &'a Npy,
) -> Result<Box<dyn Series + 'a>, ConnectomeError> {
    if Npy::read(&series.path)? != *npy {
        return Err(ConnectomeError::Changed { file: series.path.clone() });
    }
    let file = File::open(&series.path)
        .map_err(|source| ConnectomeError::Read { file: series.path.clone(), source })?;
    Ok(Box::new(Rows { series, npy, file }))
}

struct Rows<'a> {
    series: &'a SeriesFile,
    npy: &'a Npy,
    file: File,
}

impl Rows<'_> {
    fn read(&mut self, first: usize, to: &mut [f32]) -> io::Result<()> {
        let bytes = self.npy.stored.kind.bytes();
        let start = (first * self.series.row() * bytes) as u64;
        self.file.seek(SeekFrom::Start(self.npy.offset + start))?;
        let mut buffer = vec![0; BUFFER];
        for to in to.chunks_mut(BUFFER / bytes) {
            let raw = &mut buffer[..to.len() * bytes];
            self.file.read_exact(raw)?;
            for (to, raw) in to.iter_mut().zip(raw.chunks_exact(bytes)) {
                #[expect(clippy::cast_possible_truncation, reason = "rounded, as said")]
                let number = self.npy.stored.number(raw) as f32;
                *to = number;
            }
        }
        Ok(())
    }
}

impl Series for Rows<'_> {
    fn rows(&mut self, first: usize, to: &mut [f32]) -> Result<(), ConnectomeError> {
        self.read(first, to)
            .map_err(|source| ConnectomeError::Read { file: self.series.path.clone(), source })
    }
}

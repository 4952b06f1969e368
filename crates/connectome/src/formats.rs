//! Files of series by their formats.

use twoblade_brain::BrainMask;

use crate::error::ConnectomeError;
use crate::series::{Format, Series, SeriesFile};
use crate::{hdf5_series, nifti_series, npy};

/// Opens a file again that was opened before.
pub(crate) fn open<'a>(
    file: &'a SeriesFile,
    mask: &BrainMask,
) -> Result<Box<dyn Series + 'a>, ConnectomeError> {
    match &file.format {
        Format::Hdf5(array) => hdf5_series::reopen(file, array),
        Format::Nifti(header) => Ok(nifti_series::reopen(file, header, mask)),
        Format::Npy(npy) => npy::reopen(file, npy),
    }
}

/// Bytes that reading some subjects together holds, beside their series.
pub(crate) fn held(file: &SeriesFile, subjects: usize) -> usize {
    match &file.format {
        Format::Hdf5(array) => array.held(subjects),
        Format::Nifti(header) => nifti_series::held(header, file.voxels),
        Format::Npy(_) => npy::HELD,
    }
}

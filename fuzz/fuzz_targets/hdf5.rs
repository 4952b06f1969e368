//! Connectomes in HDF5: heads, indices and series.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::hdf5(data));

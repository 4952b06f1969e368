//! Images in NIfTI, compressed or not.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::nifti(data));

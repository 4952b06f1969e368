//! Lists of variants.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::plink("study.bim", data));

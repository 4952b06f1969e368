//! Lists of individuals.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::plink("study.fam", data));

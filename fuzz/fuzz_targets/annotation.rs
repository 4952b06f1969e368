//! Annotations, bare or as a table.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::plink("study.annot", data));

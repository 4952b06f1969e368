//! Genotypes, beside a .bim and a .fam that are whole.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::plink("study.bed", data));

//! Phenotypes; covariates are read alike.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::plink("study.pheno", data));

//! Saved states, with the checksum that they come with and with the right one.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoblade_fuzz::state(data));

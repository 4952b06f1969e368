//! The command, from outside: one program, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod errors;
mod help;
mod memory;
mod rhe;
mod study;

//! The command, from outside: one program, so that it is linked once.

mod errors;
mod memory;
mod rhe;
mod study;

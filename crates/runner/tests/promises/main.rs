//! What the runner promises, whatever the model and the source do.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod ahead;
mod failures;
mod keeping;
mod last;
mod memory;
mod ordered;
mod panics;
mod refusals;
mod remembering;
mod rig;
mod saving;
mod steps;
mod stopping;
mod threads;
mod together;

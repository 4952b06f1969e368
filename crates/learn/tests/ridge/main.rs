//! Ridge regression: the laws, and a dense computation.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod agreement;
mod dense;
mod held;
mod laws;

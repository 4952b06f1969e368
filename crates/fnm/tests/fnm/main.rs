//! Maps against a dense computation in doubles, and the laws.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "samples are floats, and small numbers are drawn"
)]

mod dense;
mod exact;
mod laws;
mod memory;

//! The forest: its trees, the laws, the order of rows, and known truth.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod cart;
mod draws;
#[path = "../ridge/held.rs"]
mod held;
mod laws;
mod order;
mod planted;
mod trees;
mod truth;

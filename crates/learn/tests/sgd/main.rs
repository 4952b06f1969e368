//! Sgd models that learn in order: the laws, the same steps written out densely, and the optimum.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod data;
mod edges;
#[path = "../ridge/held.rs"]
mod held;
mod laws;
mod optimum;
mod steps;

//! Naive Bayes, and scores of predictions: the laws, and dense computations.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod auc;
mod bayes;
mod bayes_laws;
mod classes;
#[path = "../ridge/held.rs"]
mod held;
mod metrics;
mod score;
mod score_laws;

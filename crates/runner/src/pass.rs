//! The passes over a source.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which pass over a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// Folding every block into the total.
    One,
    /// Leaving each block out.
    Two,
    /// Learning from every block in order; from 0.
    Epoch(u32),
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("pass one"),
            Self::Two => f.write_str("pass two"),
            Self::Epoch(epoch) => write!(f, "epoch {}", u64::from(*epoch) + 1),
        }
    }
}

//! The passes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which of the two passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// Folding every block into the total.
    One,
    /// Leaving each block out.
    Two,
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "pass one",
            Self::Two => "pass two",
        })
    }
}

//! What is said about a table.

use serde::{Deserialize, Serialize};

use crate::kind::Kind;

/// What is said about a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// How many rows there are.
    pub rows: u64,
    /// Every column, in order.
    pub columns: Vec<Described>,
}

/// What is said about a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// How many values there are, NaN and infinities among them.
    pub present: u64,
    /// How many are missing.
    pub missing: u64,
    /// How many of those that are there differ; `None` where that is not found out without
    /// [`Detail::All`](super::Detail::All).
    pub distinct: Option<Distinct>,
    /// The rest, by kind.
    pub summary: Summary,
}

/// A number of different values. NaN is one value, and so are both zeros.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distinct {
    /// How many.
    pub count: u64,
    /// The standard error of `count` relative to it: 0 where it is exact, else 1.6 %.
    pub error: f64,
}

/// What is said about the values of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summary {
    /// Of integers and floats.
    Numbers(Numbers),
    /// Of booleans.
    Booleans {
        /// How many are true.
        yes: u64,
        /// How many are false.
        no: u64,
    },
    /// Of categories.
    Words {
        /// The commonest with their counts, equally common ones by their letters; `None` if there are
        /// more different ones than were to be kept.
        commonest: Option<Vec<Level>>,
    },
    /// Of dates (days since 1970) and times (microseconds since then).
    Instants {
        /// The earliest and the latest; `None` if there are none.
        extremes: Option<(i64, i64)>,
    },
}

/// A word and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The word.
    pub word: String,
    /// How often.
    pub count: u64,
}

/// What is said about numbers. NaN and infinities are counted; everything else is about the finite
/// ones, and NaN where there are too few of those.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// How many are NaN.
    pub nan: u64,
    /// How many are infinite, of either sign.
    pub infinite: u64,
    /// Mean; exact but for its last bit.
    pub mean: f64,
    /// Standard deviation over n - 1; exact but for its last bits.
    pub sd: f64,
    /// The least, exact.
    pub min: Number,
    /// The greatest, exact.
    pub max: Number,
    /// The quantiles asked for, in that order; none without [`Detail::All`](super::Detail::All).
    pub quantiles: Vec<Quantile>,
    /// A histogram, from the least to the greatest; empty where there is nothing, and without
    /// [`Detail::All`](super::Detail::All).
    pub histogram: Vec<Bar>,
}

/// A number as its column has it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// Of an integer column.
    Integer(i64),
    /// Of a float column; NaN where there is none.
    Float(f64),
}

impl Number {
    /// As a double, to the nearest.
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// A value below which a share of all lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// The share, from 0 to 1.
    pub share: f64,
    /// The value of rank ceil(share n), from 1, off by a relative [`Quantile::ERROR`] at most for sizes
    /// from 2^-64 to 2^64; beyond, by a third. Exact for the first and last rank, and for integers
    /// below 128.
    pub value: f64,
}

impl Quantile {
    /// The largest relative error of a quantile of a size from 2^-64 to 2^64: 2^-7.
    pub const ERROR: f64 = 1.0 / 128.0;
}

/// A bar of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Where it begins.
    pub from: f64,
    /// Where it ends. A value on the border of two bars is counted in the upper one; if it is a negative
    /// float, in the lower one.
    pub to: f64,
    /// How many values it holds, exactly.
    pub count: u64,
}

//! What the values of a column are.

use std::fmt;

use arrow_schema::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

/// What the values of a column are, and so the Arrow type they have. Any of them may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whole numbers of 64 bits: `Int64`.
    Integer,
    /// Doubles: `Float64`.
    Float,
    /// True and false: `Boolean`.
    Boolean,
    /// Words: `Utf8`.
    Category,
    /// Days: `Date32`.
    Date,
    /// Points in time in microseconds, UTC: `Timestamp(Microsecond, UTC)`.
    Time,
}

impl Kind {
    /// The Arrow type of a column of this kind.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Category => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    /// The kind that has exactly this Arrow type.
    pub fn of(data: &DataType) -> Option<Self> {
        let all =
            [Self::Integer, Self::Float, Self::Boolean, Self::Category, Self::Date, Self::Time];
        all.into_iter().find(|kind| kind.arrow() == *data)
    }

    /// Whether its values are numbers, so that they have a mean.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Float | Self::Boolean)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Category => "category",
            Self::Date => "date",
            Self::Time => "time",
        })
    }
}

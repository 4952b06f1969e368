//! What the order of rows is.

use arrow_array::ArrayRef;
use twoblade_core::Random;
use twoblade_table::Schema;

use crate::error::Error;
use crate::sort::by::By;
use crate::sort::keys::Keys;

/// What a seed is used for here, so that it shares no numbers with other uses.
const SHUFFLE: u32 = 0x7368_7566;

/// What the order of rows is.
pub(crate) enum Order {
    /// That of columns.
    Values { places: Vec<usize>, keys: Keys },
    /// A random one.
    Random(Random),
}

impl Order {
    /// The order of a table's rows that a sort by these columns makes.
    pub(crate) fn of_values(by: &By, schema: &Schema) -> Result<Self, Error> {
        Ok(Self::Values { places: by.places(), keys: Keys::new(by, schema)? })
    }

    /// The order that a seed makes.
    pub(crate) fn of_seed(seed: u64) -> Self {
        Self::Random(Random::new(seed, SHUFFLE))
    }

    /// The columns that decide.
    pub(crate) fn places(&self) -> &[usize] {
        match self {
            Self::Values { places, .. } => places,
            Self::Random(_) => &[],
        }
    }

    /// Gives the keys of some rows to `to`, with their places among them.
    pub(crate) fn keys(
        &mut self,
        columns: &[ArrayRef],
        first: u64,
        count: usize,
        mut to: impl FnMut(usize, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Values { keys, .. } => {
                let keys = keys.encode(columns)?;
                keys.iter().enumerate().try_for_each(|(place, key)| to(place, key.data()))
            }
            Self::Random(random) => (0..count)
                .zip(first..)
                .try_for_each(|(place, row)| to(place, &random.bits(row, 0)[0].to_be_bytes())),
        }
    }
}

//! What is known of a column after some rows.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrowPrimitiveType, PrimitiveArray};
use serde::{Deserialize, Serialize};
use twoblade_core::{Merge, merge_fields};
use xxhash_rust::xxh3::xxh3_64;

use super::buckets::Buckets;
use super::extremes::{Extremes, order};
use super::hashes::Hashes;
use super::levels::Levels;
use super::moments::Moments;
use crate::kind::Kind;

/// What is known of a column of any kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) missing: u64,
    pub(super) hashes: Hashes,
    pub(super) values: Values,
}
merge_fields!(Seen { missing, hashes, values });

/// What is known beyond that, kind by kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Values {
    /// Integers and floats.
    Numbers(Numbers),
    /// How many are true.
    Booleans {
        yes: u64,
    },
    Words(Levels),
    /// Days or microseconds.
    Instants(Extremes),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Numbers {
    pub(super) nan: u64,
    pub(super) infinite: u64,
    pub(super) moments: Moments,
    pub(super) extremes: Extremes,
    pub(super) buckets: Buckets,
}
merge_fields!(Numbers { nan, infinite, moments, extremes, buckets });

impl Merge for Values {
    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Numbers(mine), Self::Numbers(theirs)) => mine.merge(theirs),
            (Self::Booleans { yes: mine }, Self::Booleans { yes: theirs }) => mine.merge(theirs),
            (Self::Words(mine), Self::Words(theirs)) => mine.merge(theirs),
            (Self::Instants(mine), Self::Instants(theirs)) => mine.merge(theirs),
            _ => panic!("states of one model have one shape"),
        }
    }
}

impl Seen {
    pub(super) fn new(kind: Kind, levels: usize) -> Self {
        let values = match kind {
            Kind::Integer | Kind::Float => Values::Numbers(Numbers {
                nan: 0,
                infinite: 0,
                moments: Moments::default(),
                extremes: Extremes::new(),
                buckets: Buckets::new(),
            }),
            Kind::Boolean => Values::Booleans { yes: 0 },
            Kind::Category => Values::Words(Levels::new(levels)),
            Kind::Date | Kind::Time => Values::Instants(Extremes::new()),
        };
        Self { missing: 0, hashes: Hashes::new(), values }
    }

    /// Bytes in memory and saved.
    pub(super) fn bytes(kind: Kind, levels: usize) -> usize {
        let values = match kind {
            Kind::Integer | Kind::Float => 64 + Moments::bytes() + Buckets::bytes(),
            Kind::Boolean => 16,
            Kind::Category => Levels::bytes(levels),
            Kind::Date | Kind::Time => 32,
        };
        size_of::<Self>() + 32 + Hashes::bytes() + values
    }

    /// Whether it is of this kind, and whole: what is loaded may be anything.
    pub(super) fn is_of(&self, kind: Kind) -> bool {
        match (&self.values, kind) {
            (Values::Numbers(numbers), Kind::Integer | Kind::Float) => numbers.buckets.is_whole(),
            (Values::Booleans { .. }, Kind::Boolean)
            | (Values::Words(_), Kind::Category)
            | (Values::Instants(_), Kind::Date | Kind::Time) => true,
            _ => false,
        }
    }

    /// Adds the values of a column; `None` if they are not of this kind.
    pub(super) fn add(&mut self, kind: Kind, array: &dyn Array) -> Option<()> {
        self.missing += array.null_count() as u64;
        let hashes = &mut self.hashes;
        match (&mut self.values, kind) {
            (Values::Numbers(numbers), Kind::Integer) => {
                let values = present(array.as_primitive_opt::<Int64Type>()?);
                numbers.add_integers(&values);
                hash(hashes, &values);
            }
            (Values::Numbers(numbers), Kind::Float) => {
                let values = present(array.as_primitive_opt::<Float64Type>()?);
                numbers.add_floats(values, hashes);
            }
            (Values::Booleans { yes }, _) => {
                let array = array.as_boolean_opt()?;
                let (all, found) = (array.len() - array.null_count(), array.true_count());
                *yes += found as u64;
                for (value, there) in [(0i64, found < all), (1, found > 0)] {
                    hash(hashes, if there { std::slice::from_ref(&value) } else { &[] });
                }
            }
            (Values::Words(levels), _) => {
                for word in array.as_string_opt::<i32>()?.iter().flatten() {
                    let hash = xxh3_64(word.as_bytes());
                    hashes.add(hash);
                    levels.add(hash, word, 1);
                }
            }
            (Values::Instants(extremes), Kind::Date) => {
                let days = present(array.as_primitive_opt::<Date32Type>()?);
                let days: Vec<i64> = days.into_iter().map(i64::from).collect();
                extremes.add(days.iter().copied());
                hash(hashes, &days);
            }
            (Values::Instants(extremes), _) => {
                let times = present(array.as_primitive_opt::<TimestampMicrosecondType>()?);
                extremes.add(times.iter().copied());
                hash(hashes, &times);
            }
            _ => return None,
        }
        Some(())
    }
}

impl Numbers {
    fn add_integers(&mut self, values: &[i64]) {
        self.moments.add_integers(values.iter().copied());
        self.extremes.add(values.iter().copied());
        self.buckets.add(values.iter().map(|&value| value as f64));
    }

    fn add_floats(&mut self, mut values: Vec<f64>, hashes: &mut Hashes) {
        // One zero and one NaN, or they would be two values.
        for value in &mut values {
            *value = if value.is_nan() { f64::NAN } else { *value + 0.0 };
            hashes.add(xxh3_64(&value.to_bits().to_le_bytes()));
        }
        let all = values.len();
        values.retain(|value| !value.is_nan());
        self.nan += (all - values.len()) as u64;
        let numbers = values.len();
        values.retain(|value| value.is_finite());
        self.infinite += (numbers - values.len()) as u64;
        self.moments.add_floats(&values);
        self.extremes.add(values.iter().map(|&value| order(value)));
        self.buckets.add(values.iter().copied());
    }
}

/// The values that are not missing.
fn present<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Vec<T::Native> {
    if array.null_count() == 0 {
        return array.values().to_vec();
    }
    array.iter().flatten().collect()
}

fn hash(hashes: &mut Hashes, values: &[i64]) {
    for value in values {
        hashes.add(xxh3_64(&value.to_le_bytes()));
    }
}

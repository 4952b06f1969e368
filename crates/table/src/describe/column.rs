//! What is known of a column after some rows.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrowPrimitiveType, PrimitiveArray};
use serde::{Deserialize, Serialize};
use twoblade_core::{Merge, merge_fields};
use xxhash_rust::xxh3::xxh3_64;

use super::Detail;
use super::buckets::Buckets;
use super::digits::{RUN, ends};
use super::extremes::{Extremes, order};
use super::hashes::Hashes;
use super::levels::Levels;
use super::moments::Moments;
use crate::kind::Kind;

/// What is known of a column of any kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) missing: u64,
    /// With all detail; of integers in any, since a few may be classes.
    pub(super) hashes: Option<Hashes>,
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
    /// With all detail.
    pub(super) buckets: Option<Buckets>,
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
    pub(super) fn new(kind: Kind, levels: usize, detail: Detail) -> Self {
        let all = detail == Detail::All;
        let values = match kind {
            Kind::Integer | Kind::Float => Values::Numbers(Numbers {
                nan: 0,
                infinite: 0,
                moments: Moments::default(),
                extremes: Extremes::new(),
                buckets: all.then(Buckets::new),
            }),
            Kind::Boolean => Values::Booleans { yes: 0 },
            Kind::Category => Values::Words(Levels::new(levels)),
            Kind::Date | Kind::Time => Values::Instants(Extremes::new()),
        };
        let hashes = (all || kind == Kind::Integer).then(|| Hashes::new(all));
        Self { missing: 0, hashes, values }
    }

    /// Bytes in memory and saved.
    pub(super) fn bytes(kind: Kind, levels: usize, detail: Detail) -> usize {
        let (hashes, buckets) = match (detail, kind) {
            (Detail::All, _) => (Hashes::bytes(true), Buckets::bytes()),
            (Detail::Moments, Kind::Integer) => (Hashes::bytes(false), 0),
            (Detail::Moments, _) => (0, 0),
        };
        let values = match kind {
            Kind::Integer | Kind::Float => 64 + Moments::bytes() + buckets,
            Kind::Boolean => 16,
            Kind::Category => Levels::bytes(levels),
            Kind::Date | Kind::Time => 32,
        };
        size_of::<Self>() + 32 + hashes + values
    }

    /// Whether it is of this kind and detail, and whole: what is loaded may be anything.
    pub(super) fn is_of(&self, kind: Kind, detail: Detail) -> bool {
        let all = detail == Detail::All;
        let of_kind = match (&self.values, kind) {
            (Values::Numbers(numbers), Kind::Integer | Kind::Float) => {
                numbers.buckets.as_ref().map(Buckets::is_whole) == all.then_some(true)
            }
            (Values::Booleans { .. }, Kind::Boolean)
            | (Values::Words(_), Kind::Category)
            | (Values::Instants(_), Kind::Date | Kind::Time) => true,
            _ => false,
        };
        let registers = (all || kind == Kind::Integer).then_some(all);
        of_kind && self.hashes.as_ref().map(Hashes::has_registers) == registers
    }

    /// Adds the values of a column; `None` if they are not of this kind.
    pub(super) fn add(&mut self, kind: Kind, array: &dyn Array) -> Option<()> {
        self.missing += array.null_count() as u64;
        let hashes = &mut self.hashes;
        match (&mut self.values, kind) {
            (Values::Numbers(numbers), Kind::Integer) => {
                let values = present(array.as_primitive_opt::<Int64Type>()?);
                numbers.add_integers(&values);
                match hashes {
                    Some(hashes) if !hashes.has_registers() => few(hashes, &values),
                    hashes => hash(hashes, &values),
                }
            }
            (Values::Numbers(numbers), Kind::Float) => {
                let values = present(array.as_primitive_opt::<Float64Type>()?);
                numbers.add_floats(&values);
                if let Some(hashes) = hashes {
                    for &value in values.iter() {
                        // One zero and one NaN, or they would be two values.
                        let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
                        hashes.add(xxh3_64(&value.to_bits().to_le_bytes()));
                    }
                }
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
                    levels.add(hash, word, 1);
                    if let Some(hashes) = hashes {
                        hashes.add(hash);
                    }
                }
            }
            (Values::Instants(extremes), Kind::Date) => {
                let days = present(array.as_primitive_opt::<Date32Type>()?);
                let days: Vec<i64> = days.iter().map(|&day| i64::from(day)).collect();
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
        for run in values.chunks(RUN) {
            let mut ends = Extremes::new();
            ends.add(run.iter().copied());
            if let Some((least, greatest)) = ends.both() {
                self.moments.add_integers(run, least.unsigned_abs().max(greatest.unsigned_abs()));
            }
            self.extremes.merge(&ends);
        }
        if let Some(buckets) = &mut self.buckets {
            buckets.add(values.iter().map(|&value| value as f64));
        }
    }

    fn add_floats(&mut self, values: &[f64]) {
        for run in values.chunks(RUN) {
            if let Some(ends) = ends(run) {
                self.add_finite(run, ends);
                continue;
            }
            self.nan += run.iter().filter(|value| value.is_nan()).count() as u64;
            self.infinite += run.iter().filter(|value| value.is_infinite()).count() as u64;
            let finite = run.iter().copied().filter(|value| value.is_finite());
            let finite: Vec<f64> = finite.collect();
            if let Some(ends) = ends(&finite) {
                self.add_finite(&finite, ends);
            }
        }
    }

    fn add_finite(&mut self, run: &[f64], (least, greatest): (f64, f64)) {
        self.moments.add_floats(run, least.abs().max(greatest.abs()));
        self.extremes.add([least, greatest].map(order).into_iter());
        if let Some(buckets) = &mut self.buckets {
            buckets.add(run.iter().copied());
        }
    }
}

/// The values that are not missing.
fn present<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Cow<'_, [T::Native]> {
    let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return Cow::Borrowed(array.values());
    };
    // Each is written, and stays where it is there: without a branch.
    let mut present = vec![T::Native::default(); array.len()];
    let mut count = 0;
    for (&value, there) in array.values().iter().zip(nulls) {
        present[count] = value;
        count += usize::from(there);
    }
    present.truncate(count);
    Cow::Owned(present)
}

fn hash(hashes: &mut Option<Hashes>, values: &[i64]) {
    let Some(hashes) = hashes else { return };
    for value in values {
        hashes.add(xxh3_64(&value.to_le_bytes()));
    }
}

/// Adds integers as [`hash`] does, but each once where they are close together.
fn few(hashes: &mut Hashes, values: &[i64]) {
    const CLOSE: usize = 1024;
    for run in values.chunks(RUN) {
        if !hashes.is_open() {
            return;
        }
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        for &value in run {
            (least, greatest) = (least.min(value), greatest.max(value));
        }
        let mut add = |value: i64| hashes.add(xxh3_64(&value.to_le_bytes()));
        if greatest.abs_diff(least) >= CLOSE as u64 {
            for &value in run {
                add(value);
            }
            continue;
        }
        let mut seen = [false; CLOSE];
        for &value in run {
            seen[usize::try_from(value - least).expect("close")] = true;
        }
        for (value, _) in (least..=greatest).zip(seen).filter(|&(_, seen)| seen) {
            add(value);
        }
    }
}

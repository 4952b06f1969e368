//! What naive Bayes knows after some chunks.

use serde::{Deserialize, Serialize};
use twoblade_core::{Integers, group_fields};

use super::moments::{Differences, Moments};
use crate::encode::Encoded;
use crate::features::{Features, Term};

/// Where the sums of a feature are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Places {
    classes: usize,
    numbers: usize,
    ones: usize,
    /// By feature.
    features: Vec<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Among the numbers.
    Number(usize),
    /// Among the indicators, whose sum is a count and so is that of their squares.
    Ones(usize),
}

impl Places {
    pub(super) fn new(features: &Features, classes: usize) -> Self {
        let mut places = Self { classes, ..Self::default() };
        for term in &features.terms {
            for _ in 0..term.width() {
                let (count, place): (_, fn(usize) -> Place) = match term {
                    Term::Number { .. } => (&mut places.numbers, Place::Number),
                    Term::Levels { .. } | Term::Hashed { .. } => (&mut places.ones, Place::Ones),
                };
                places.features.push(place(*count));
                *count += 1;
            }
        }
        places
    }
}

/// Counts of rows by class, and the moments of every feature within each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    rows: Vec<u64>,
    dropped: u64,
    /// Of features that are numbers, in units of their scales, class by class.
    numbers: Vec<Moments>,
    /// How many rows have an indicator, class by class.
    ones: Integers,
}
group_fields!(State { rows, dropped, numbers, ones });

impl State {
    pub(super) fn new(places: &Places) -> Self {
        Self {
            rows: vec![0; places.classes],
            dropped: 0,
            numbers: vec![Moments::default(); places.classes * places.numbers],
            ones: Integers::new(places.classes * places.ones),
        }
    }

    /// Bytes in memory and saved.
    pub(super) fn bytes(places: &Places) -> usize {
        let Places { classes, numbers, ones, .. } = places;
        128 + 10 * classes + classes * numbers * Moments::BYTES + Integers::bytes(classes * ones)
    }

    /// Rows of each class that it was made of.
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// Rows that were left out for a missing value.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds a chunk, in which so many rows were left out.
    pub(super) fn add(&mut self, chunk: &Tally, dropped: usize) {
        self.dropped += dropped as u64;
        let each = self.numbers.len() / self.rows.len();
        for (class, (all, &rows)) in self.rows.iter_mut().zip(&chunk.rows).enumerate() {
            *all = all.wrapping_add(rows);
            if rows > 0 {
                let places = class * each..(class + 1) * each;
                let moments = &mut self.numbers[places.clone()];
                moments
                    .iter_mut()
                    .zip(&chunk.numbers[places])
                    .for_each(|(it, by)| it.add(rows, by));
            }
        }
        self.ones.values_mut().iter_mut().zip(&chunk.ones).for_each(|(all, ones)| *all += ones);
    }

    /// The moments of every feature in one class.
    pub(super) fn class(&self, places: &Places, class: usize) -> Vec<Moments> {
        let moments = |place: &Place| match *place {
            Place::Number(at) => self.numbers[class * places.numbers + at].clone(),
            Place::Ones(at) => {
                let ones = self.ones.values()[class * places.ones + at];
                Moments::of_ones(ones.cast_unsigned())
            }
        };
        places.features.iter().map(moments).collect()
    }

    /// The moments of every feature in all classes together.
    pub(super) fn together(&self, places: &Places) -> Vec<Moments> {
        let mut all = self.class(places, 0);
        for class in 1..places.classes {
            twoblade_core::Merge::merge(&mut all, &self.class(places, class));
        }
        all
    }
}

/// What a chunk adds.
#[derive(Debug)]
pub(super) struct Tally {
    rows: Vec<u64>,
    numbers: Vec<Differences>,
    ones: Vec<i64>,
    /// The class of each row, while a column is summed.
    classes: Vec<usize>,
}

impl Tally {
    pub(super) fn new(places: &Places) -> Self {
        Self {
            rows: vec![0; places.classes],
            numbers: vec![Differences::default(); places.classes * places.numbers],
            ones: vec![0; places.classes * places.ones],
            classes: Vec::new(),
        }
    }

    /// Bytes that it takes, but for the classes of the rows.
    pub(super) fn bytes(places: &Places) -> usize {
        let numbers = places.numbers * size_of::<Differences>();
        places.classes * (numbers + places.ones * size_of::<i64>() + 8)
    }

    /// Adds rows.
    pub(super) fn add(&mut self, places: &Places, encoded: &Encoded) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a class")]
        let class = |class: &f64| *class as usize;
        self.classes.clear();
        self.classes.extend(encoded.target.iter().map(class));
        let count = self.classes.len();
        if count == 0 {
            return;
        }
        for (row, &class) in self.classes.iter().enumerate() {
            if self.rows[class] == 0 {
                // The first of its class in this chunk is what others are compared with.
                for (place, column) in places.features.iter().zip(encoded.numbers.chunks(count)) {
                    if let Place::Number(at) = place {
                        self.numbers[class * places.numbers + at] = Differences::from(column[row]);
                    }
                }
            }
            self.rows[class] += 1;
        }
        for (place, column) in places.features.iter().zip(encoded.numbers.chunks(count)) {
            let rows = self.classes.iter().zip(column);
            match *place {
                Place::Number(at) => rows.for_each(|(class, &value)| {
                    self.numbers[class * places.numbers + at].add(value);
                }),
                Place::Ones(at) => rows.for_each(|(class, &value)| {
                    self.ones[class * places.ones + at] += i64::from(value != 0.0);
                }),
            }
        }
    }
}

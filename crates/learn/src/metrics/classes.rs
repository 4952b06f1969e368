//! How good predicted probabilities of classes are.

use libm::log;
use serde::{Deserialize, Serialize};
use twoblade_core::{Integers, group_fields};

use super::total::Total;

/// How good predicted probabilities of classes are. The class that is predicted is the most probable
/// one, the first of equally probable ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classes {
    /// Rows that were predicted.
    pub rows: u64,
    /// The share of rows whose class is the predicted one.
    pub accuracy: f64,
    /// The mean of -ln p, p being what was predicted for the class that it is, cut to between 2^-52 and
    /// 1 - 2^-52.
    pub log_loss: f64,
    /// Rows in which p was below 2^-52 and was cut.
    pub clipped: u64,
    /// The mean of the sum over classes of (p - 1)^2 for the class that it is and p^2 for others (Brier
    /// 1950, Monthly Weather Review 78:1); half of it where there are two classes, so that it is
    /// (p - y)^2.
    pub brier: f64,
    /// Of each class.
    pub classes: Vec<Class>,
    /// Rows by their class, and in each by the predicted one.
    pub confusion: Vec<Vec<u64>>,
    /// Of each class; of two classes, of the second.
    pub calibration: Vec<Calibration>,
}

/// How good the predictions of one class are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Rows of it.
    pub rows: u64,
    /// Rows in which it was predicted.
    pub predicted: u64,
    /// The share of rows of it that are predicted so; NaN where there are none.
    pub recall: f64,
    /// The share of rows predicted so that are of it; NaN where there are none.
    pub precision: f64,
}

/// Predicted probabilities of a class beside how often it was there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The class.
    pub class: String,
    /// In ascending order; those without rows are left out.
    pub bins: Vec<Bin>,
}

/// Rows whose predicted probability is above `from`, or 0, and not above `to`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The lower end.
    pub from: f64,
    /// The upper end.
    pub to: f64,
    /// How many rows.
    pub rows: u64,
    /// The mean of what was predicted.
    pub predicted: f64,
    /// The share of rows that are of the class.
    pub observed: f64,
}

/// How many classes and bins there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) classes: usize,
    pub(super) bins: usize,
}

impl Shape {
    /// The classes whose calibration is of interest: of two, that of the second says all.
    fn calibrated(self) -> std::ops::Range<usize> {
        usize::from(self.classes == 2)..self.classes
    }

    /// Bytes of [`Sums`] in memory and saved.
    pub(super) fn bytes(self) -> usize {
        let bins = self.calibrated().len() * self.bins;
        let integers = Integers::bytes(self.classes * self.classes) + 2 * Integers::bytes(bins);
        192 + integers + bins * Total::BYTES
    }

    /// Where a bin begins and ends. As multiples of its width: so is a probability of 0.3 in the bin
    /// in which others count it.
    fn edge(self, bin: usize) -> f64 {
        if bin == self.bins { 1.0 } else { bin as f64 * (1.0 / self.bins as f64) }
    }

    /// The bin of a probability.
    fn bin(self, probability: f64) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to bins")]
        let near = (probability * self.bins as f64) as usize;
        // Rounding moves it by one at the most.
        let near = near.min(self.bins - 1);
        if near > 0 && probability <= self.edge(near) {
            near - 1
        } else if near + 1 < self.bins && probability > self.edge(near + 1) {
            near + 1
        } else {
            near
        }
    }
}

/// Sums over predicted rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    rows: u64,
    clipped: u64,
    log_loss: Total,
    brier: Total,
    /// By class, and in it by prediction.
    confusion: Integers,
    /// Rows by calibrated class and bin, how many of them are of the class, and what was predicted.
    binned: Integers,
    observed: Integers,
    predicted: Vec<Total>,
}
group_fields!(Sums { rows, clipped, log_loss, brier, confusion, binned, observed, predicted });

impl Sums {
    pub(super) fn new(shape: Shape) -> Self {
        let bins = shape.calibrated().len() * shape.bins;
        Self {
            rows: 0,
            clipped: 0,
            log_loss: Total::default(),
            brier: Total::default(),
            confusion: Integers::new(shape.classes * shape.classes),
            binned: Integers::new(bins),
            observed: Integers::new(bins),
            predicted: vec![Total::default(); bins],
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row of a class; the probabilities are from 0 to 1, one for each class.
    pub(super) fn add(&mut self, shape: Shape, class: usize, probabilities: &[f64]) {
        self.rows += 1;
        let probability = probabilities[class];
        self.clipped += u64::from(probability < f64::EPSILON);
        let certain = 1.0 - f64::EPSILON;
        self.log_loss.add(-log(probability.clamp(f64::EPSILON, certain)));
        let (mut brier, mut predicted) = (0.0, 0);
        for (other, &value) in probabilities.iter().enumerate() {
            let error = value - f64::from(u8::from(other == class));
            brier += error * error;
            if value > probabilities[predicted] {
                predicted = other;
            }
        }
        self.brier.add(brier);
        self.confusion.values_mut()[class * shape.classes + predicted] += 1;
        for (place, other) in shape.calibrated().enumerate() {
            let at = place * shape.bins + shape.bin(probabilities[other]);
            self.binned.values_mut()[at] += 1;
            self.observed.values_mut()[at] += i64::from(other == class);
            self.predicted[at].add(probabilities[other]);
        }
    }

    pub(super) fn scores(&self, shape: Shape, names: &[String]) -> Classes {
        let count = self.rows as f64;
        let whole = |count: &i64| count.cast_unsigned();
        let confusion: Vec<Vec<u64>> = self
            .confusion
            .values()
            .chunks(shape.classes)
            .map(|row| row.iter().map(whole).collect())
            .collect();
        let right = together((0..shape.classes).map(|class| confusion[class][class]));
        let class = |(class, name): (usize, &String)| {
            let rows = together(confusion[class].iter().copied());
            let predicted = together(confusion.iter().map(|row| row[class]));
            let right = confusion[class][class] as f64;
            let (recall, precision) = (right / rows as f64, right / predicted as f64);
            Class { name: name.clone(), rows, predicted, recall, precision }
        };
        let halves = if shape.classes == 2 { 0.5 } else { 1.0 };
        Classes {
            rows: self.rows,
            accuracy: right as f64 / count,
            log_loss: self.log_loss.value() / count,
            clipped: self.clipped,
            brier: halves * self.brier.value() / count,
            classes: names.iter().enumerate().map(class).collect(),
            calibration: self.calibration(shape, names),
            confusion,
        }
    }

    fn calibration(&self, shape: Shape, names: &[String]) -> Vec<Calibration> {
        let bin = |place: usize, bin: usize| {
            let at = place * shape.bins + bin;
            let rows = self.binned.values()[at].cast_unsigned();
            Bin {
                from: shape.edge(bin),
                to: shape.edge(bin + 1),
                rows,
                predicted: self.predicted[at].value() / rows as f64,
                observed: self.observed.values()[at] as f64 / rows as f64,
            }
        };
        let of = |(place, class): (usize, usize)| Calibration {
            class: names[class].clone(),
            bins: (0..shape.bins).map(|it| bin(place, it)).filter(|bin| bin.rows > 0).collect(),
        };
        shape.calibrated().enumerate().map(of).collect()
    }
}

/// A sum of counts, which wrap as those of a state do.
fn together(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::wrapping_add)
}

//! A table of any size with a known answer.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use twoblade_core::Random;
use twoblade_files::{Complete, Whole};

use crate::error::Error;
use crate::watch::Watch;

/// Four draws of 16 bits have this standard deviation, in units of their last bit, and this sum on
/// average.
const DEVIATION: f64 = 37_837.227_227_5;
const AVERAGE: f64 = 131_070.0;

/// Rows between two looks at the watch.
const STRIDE: u64 = 8192;

/// The options of a simulated table.
///
/// Columns are `row` (from 0), `key` (a whole number below [`keys`](Self::keys), uniform), `y` (0
/// or 1) and features `x1`, `x2`, …: each the sum of four uniform numbers, scaled to mean 0 and
/// variance 1, with four decimals.
///
/// With p the chance of y = 1, log(p / (1 - p)) is the sum of the features as they are written, times
/// [`coefficients`](Self::coefficients). All draws are by row, so a file depends on these options
/// alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimulatedTable {
    /// Rows, at least 1.
    pub rows: u64,
    /// Features, from 1 to 100,000.
    pub features: u32,
    /// Different keys, at least 1.
    pub keys: u32,
    /// The share of features' values that are missing (empty; 0 in the sum), from 0 to below 1.
    pub missing: f64,
    /// Chooses the draws.
    pub seed: u64,
}

impl SimulatedTable {
    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`Error::Simulation`], which names the option.
    pub fn check(&self) -> Result<(), Error> {
        let refuse =
            |option, found: String, expected| Err(Error::Simulation { option, found, expected });
        if self.rows == 0 {
            return refuse("number of rows", "0".to_owned(), "1 or more");
        }
        if !(1..=100_000).contains(&self.features) {
            return refuse("number of features", self.features.to_string(), "from 1 to 100000");
        }
        if self.keys == 0 {
            return refuse("number of keys", "0".to_owned(), "1 or more");
        }
        if !(0.0..1.0).contains(&self.missing) {
            return refuse("missing share", self.missing.to_string(), "from 0 to below 1");
        }
        Ok(())
    }

    /// The truth: what each feature adds to the log odds of y. Uniform from -1 to 1, divided by the
    /// root of the number of features, so that the log odds have a variance near 1/3.
    pub fn coefficients(&self) -> Vec<f64> {
        let random = Random::new(self.seed, 1);
        let scale = f64::from(self.features).sqrt();
        let one = |feature| (2.0 * random.uniform(feature, 0) - 1.0) / scale;
        (0..u64::from(self.features)).map(one).collect()
    }

    /// Writes the table as CSV, whole or not at all.
    ///
    /// # Errors
    /// Options that make no sense, the disk, or that it was told to stop.
    pub fn write(&self, target: &Path, watch: &dyn Watch) -> Result<(), Error> {
        self.check()?;
        let mut file = Whole::create(target).map_err(Error::io("write", target))?;
        let coefficients = self.coefficients();
        self.header(&mut file).map_err(Error::io("write", target))?;
        let mut features = vec![0; self.features as usize];
        for row in 0..self.rows {
            if row % STRIDE == 0 {
                watch.progress("simulating", row, self.rows);
                if watch.stop() {
                    return Err(Error::Stopped);
                }
            }
            self.row(row, &coefficients, &mut features, &mut file)
                .map_err(Error::io("write", target))?;
        }
        file.complete().and_then(Complete::persist).map_err(Error::io("write", target))
    }

    fn header(&self, to: &mut impl Write) -> io::Result<()> {
        write!(to, "row,key,y")?;
        (1..=self.features).try_for_each(|feature| write!(to, ",x{feature}"))?;
        writeln!(to)
    }

    /// One row; `features` is room for its features, in units of their last decimal.
    fn row(
        &self,
        row: u64,
        coefficients: &[f64],
        features: &mut [i32],
        to: &mut impl Write,
    ) -> io::Result<()> {
        let values = Random::new(self.seed, 2);
        let gaps = Random::new(self.seed, 3);
        let mut odds = 0.0;
        for (place, (feature, coefficient)) in features.iter_mut().zip(coefficients).enumerate() {
            let draw = u32::try_from(place).expect("100,000 at most");
            let gap = self.missing > 0.0 && gaps.uniform(row, draw) < self.missing;
            *feature = if gap { MISSING } else { standard(values.bits(row, draw / 2)[place % 2]) };
            if !gap {
                odds += coefficient * (f64::from(*feature) / 1e4);
            }
        }
        let others = Random::new(self.seed, 4);
        let key = others.below(row, 0, self.keys);
        let label = others.uniform(row, 1) < 1.0 / (1.0 + libm::exp(-odds));
        write!(to, "{row},{key},{}", u8::from(label))?;
        features.iter().try_for_each(|&feature| decimal(feature, to))?;
        to.write_all(b"\n")
    }
}

const MISSING: i32 = i32::MIN;

/// The sum of the four quarters of a word, with mean 0 and variance 1, in units of 0.0001.
fn standard(word: u64) -> i32 {
    let quarters = [word, word >> 16, word >> 32, word >> 48];
    let sum: u64 = quarters.map(|quarter| quarter & 0xffff).iter().sum();
    #[expect(clippy::cast_possible_truncation, reason = "below 3.5 standard deviations")]
    let units = ((sum as f64 - AVERAGE) / DEVIATION * 1e4).round() as i32;
    units
}

/// A comma, and units of 0.0001 as a decimal number.
fn decimal(units: i32, to: &mut impl Write) -> io::Result<()> {
    if units == MISSING {
        return to.write_all(b",");
    }
    let sign = if units < 0 { "-" } else { "" };
    let size = units.unsigned_abs();
    write!(to, ",{sign}{}.{:04}", size / 10_000, size % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Unwatched;

    fn text(table: &SimulatedTable) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        table.write(&file, &Unwatched).unwrap();
        std::fs::read_to_string(file).unwrap()
    }

    #[test]
    fn the_truth_is_in_the_file() {
        let table = SimulatedTable { rows: 40_000, features: 3, keys: 10, missing: 0.1, seed: 1 };
        let text = text(&table);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("row,key,y,x1,x2,x3"));
        let (mut sums, mut missing, mut keys) = ([0.0; 2], 0, [0; 10]);
        // The score of a logistic regression at the truth: sum of x (y - p), 0 on average.
        let (mut score, mut spread) = (0.0, 0.0);
        for (row, line) in lines.enumerate() {
            let words: Vec<&str> = line.split(',').collect();
            assert_eq!(words[0], row.to_string());
            keys[words[1].parse::<usize>().unwrap()] += 1;
            let x: Vec<f64> = words[3..].iter().map(|word| word.parse().unwrap_or(0.0)).collect();
            missing += words[3..].iter().filter(|word| word.is_empty()).count();
            let odds: f64 = x.iter().zip(table.coefficients()).map(|(x, b)| x * b).sum();
            let p = 1.0 / (1.0 + (-odds).exp());
            score += x[1] * (words[2].parse::<f64>().unwrap() - p);
            spread += x[1] * x[1] * p * (1.0 - p);
            sums[0] += x[0];
            sums[1] += x[0] * x[0];
        }
        // Five standard errors of each.
        let n = 40_000.0_f64;
        assert!((score / f64::sqrt(spread)).abs() < 5.0, "{score} {spread}");
        assert!((sums[0] / n).abs() < 5.0 / n.sqrt(), "{sums:?}");
        assert!((sums[1] / n - 0.9).abs() < 5.0 * (2.0 / n).sqrt(), "{sums:?}");
        assert!((missing as f64 - 0.3 * n).abs() < 5.0 * (0.27 * n).sqrt(), "{missing}");
        assert!(keys.iter().all(|&key| f64::abs(f64::from(key) - 4e3) < 5.0 * 60.0), "{keys:?}");
    }

    #[test]
    fn a_row_does_not_depend_on_how_many_there_are() {
        let table = SimulatedTable { rows: 20, features: 2, keys: 5, missing: 0.0, seed: 3 };
        let few = text(&table);
        let many = text(&SimulatedTable { rows: 30, ..table.clone() });
        assert!(many.starts_with(&few) && many.len() > few.len());
        assert_ne!(few, text(&SimulatedTable { seed: 4, ..table }));
    }

    #[test]
    fn options_without_sense_are_named() {
        let table = SimulatedTable { rows: 0, features: 2, keys: 5, missing: 0.0, seed: 3 };
        let message = table.check().unwrap_err().to_string();
        assert_eq!(message, "the number of rows is 0; expected 1 or more");
    }
}

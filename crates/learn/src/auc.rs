//! The area under the ROC curve, exactly.
//!
//! It is the probability that a positive row has a higher score than a negative one, a tie counting
//! half (Mann and Whitney 1947, Annals of Mathematical Statistics 18:50; Hanley and McNeil 1982,
//! Radiology 143:29). Of rows sorted by score it is counted in integers and divided once. What sorts
//! more rows than fit into memory is elsewhere: [`Scored::key`] is what it sorts by.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A row to be sorted: by group, and within it by score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The group whose area it belongs to.
    pub group: u32,
    /// The higher, the more probably positive; not NaN.
    pub score: f64,
    /// Whether it is positive.
    pub positive: bool,
}

impl Scored {
    /// Bytes of a key.
    pub const BYTES: usize = 13;

    /// Bytes whose order is that of group and score. Both zeros have the same.
    pub fn key(&self) -> [u8; Self::BYTES] {
        let mut key = [0; Self::BYTES];
        key[..4].copy_from_slice(&self.group.to_be_bytes());
        key[4..12].copy_from_slice(&ordered(self.score).to_be_bytes());
        key[12] = u8::from(self.positive);
        key
    }

    /// The row of a key; `None` if it is none.
    pub fn of_key(key: &[u8]) -> Option<Self> {
        let key: &[u8; Self::BYTES] = key.try_into().ok()?;
        let (group, rest) = key.split_first_chunk::<4>()?;
        let (score, positive) = rest.split_first_chunk::<8>()?;
        let positive = match positive {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let score = unordered(u64::from_be_bytes(*score));
        Some(Self { group: u32::from_be_bytes(*group), score, positive })
    }
}

/// The bits of a double, turned so that they have its order.
fn ordered(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits(); // -0 becomes 0
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn unordered(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits })
}

/// An area under the curve, as the counts that it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Positive rows.
    pub positives: u64,
    /// Negative rows.
    pub negatives: u64,
    /// Pairs in which the positive row has the higher score, counted twice, and ties, counted once.
    pub half_pairs: u128,
}

impl Area {
    /// The area, 0 to 1; NaN where there are only positive or only negative rows.
    pub fn value(&self) -> f64 {
        let pairs = u128::from(self.positives) * u128::from(self.negatives);
        self.half_pairs as f64 / (2.0 * pairs as f64)
    }
}

/// Counts an area from rows in ascending order of their scores.
///
/// ```
/// use twoblade_learn::auc::Sweep;
///
/// let mut sweep = Sweep::default();
/// for (score, positive) in [(0.1, false), (0.4, true), (0.4, false), (0.9, true)] {
///     sweep.push(score, positive)?;
/// }
/// // Of four pairs three are in order, and one is a tie.
/// assert_eq!(sweep.finish().value(), 0.875);
/// # Ok::<(), twoblade_learn::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    area: Area,
    /// Rows with the score of the last one, which are not in `area` yet.
    score: Option<f64>,
    positives: u64,
    negatives: u64,
}

impl Sweep {
    /// Takes the next row.
    ///
    /// # Errors
    /// [`Error::Unsorted`] if its score is below that of the row before, or NaN.
    pub fn push(&mut self, score: f64, positive: bool) -> Result<(), Error> {
        let before = self.score.unwrap_or(f64::NEG_INFINITY);
        match score.partial_cmp(&before) {
            Some(Ordering::Equal) => {}
            Some(Ordering::Greater) => {
                self.close();
                self.score = Some(score);
            }
            Some(Ordering::Less) | None => return Err(Error::Unsorted { score, before }),
        }
        if positive {
            self.positives += 1;
        } else {
            self.negatives += 1;
        }
        Ok(())
    }

    /// The area of all rows.
    pub fn finish(mut self) -> Area {
        self.close();
        self.area
    }

    /// Counts the rows of one score: their positives are above all negatives before, and tie with those
    /// beside them.
    fn close(&mut self) {
        let (positives, negatives) =
            (std::mem::take(&mut self.positives), std::mem::take(&mut self.negatives));
        let below = 2 * u128::from(self.area.negatives) + u128::from(negatives);
        self.area.half_pairs += u128::from(positives) * below;
        self.area.positives += positives;
        self.area.negatives += negatives;
    }
}

/// The area of every group, of rows in ascending order of their groups and then of their scores.
///
/// # Errors
/// What the rows come with, or [`Error::Unsorted`].
pub fn areas<E: From<Error>>(
    rows: impl IntoIterator<Item = Result<Scored, E>>,
) -> Result<Vec<(u32, Area)>, E> {
    let mut areas = Vec::new();
    let mut open: Option<(u32, Sweep)> = None;
    for row in rows {
        let Scored { group, score, positive } = row?;
        let (_, sweep) = match open.take() {
            Some((at, sweep)) if at == group => open.insert((at, sweep)),
            Some((at, _)) if at > group => {
                let (score, before) = (f64::from(group), f64::from(at));
                return Err(Error::Unsorted { score, before }.into());
            }
            before => {
                areas.extend(before.map(|(at, sweep)| (at, sweep.finish())));
                open.insert((group, Sweep::default()))
            }
        };
        sweep.push(score, positive)?;
    }
    areas.extend(open.map(|(at, sweep)| (at, sweep.finish())));
    Ok(areas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_scores() {
        let scores =
            [f64::NEG_INFINITY, -1e300, -1.0, -1e-310, 0.0, 1e-310, 0.5, 1.0, f64::INFINITY];
        let key = |group, score, positive| Scored { group, score, positive }.key();
        for pair in scores.windows(2) {
            assert!(key(3, pair[0], true) < key(3, pair[1], false), "{pair:?}");
        }
        assert!(key(3, f64::INFINITY, true) < key(256, f64::NEG_INFINITY, false));
        assert_eq!(key(0, -0.0, true), key(0, 0.0, true));
        for score in scores {
            let row = Scored { group: 77, score, positive: score > 0.0 };
            assert_eq!(Scored::of_key(&row.key()), Some(row));
        }
        assert_eq!(Scored::of_key(&[0; 12]), None);
        assert_eq!(Scored::of_key(&[2; 13]), None);
    }
}

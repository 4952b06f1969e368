//! Strata: rows of one label, counted and then drawn.

use std::collections::HashMap;

use twoblade_core::Random;

use crate::error::Error;
use crate::split::fractions::Fractions;

/// What a stratum takes besides its label and its parts: an entry of a map that is half empty when it
/// grows, and that is there twice meanwhile; a box; a row of counts.
const STRATUM: usize = 3 * (size_of::<(Box<[u8]>, u32)>() + 8) + 4 * size_of::<usize>();

/// The uses of a seed here that must not share numbers.
mod stream {
    pub(super) const CUTS: u32 = 0x7370_6c01;
    pub(super) const ROWS: u32 = 0x7370_6c02;
}

/// How many rows each label has. Memory grows with the labels.
#[derive(Debug)]
pub(crate) struct Strata {
    places: HashMap<Box<[u8]>, u32>,
    rows: Vec<u64>,
    parts: usize,
    held: usize,
    memory: usize,
}

impl Strata {
    /// Labels of at most `memory` bytes with what belongs to them.
    pub(crate) fn new(memory: usize, parts: usize) -> Self {
        Self { places: HashMap::new(), rows: Vec::new(), parts, held: 0, memory }
    }

    /// Counts a row.
    pub(crate) fn count(&mut self, label: &[u8]) -> Result<(), Error> {
        if let Some(&place) = self.places.get(label) {
            self.rows[place as usize] += 1;
            return Ok(());
        }
        self.held += STRATUM + label.len() + 8 * (self.parts + 2);
        let place = u32::try_from(self.rows.len()).ok().filter(|_| self.held <= self.memory);
        let many = Error::ManyStrata { strata: self.rows.len(), memory: self.memory };
        self.places.insert(label.into(), place.ok_or(many)?);
        self.rows.push(1);
        Ok(())
    }

    /// How many labels there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many rows of each are to go where.
    pub(crate) fn draw(self, fractions: &Fractions, seed: u64) -> Draw {
        let cuts = Random::new(seed, stream::CUTS);
        let mut left = Vec::with_capacity(self.rows.len() * self.parts);
        for (stratum, &rows) in (0..).zip(&self.rows) {
            left.extend(fractions.counts(rows, cuts, stratum));
        }
        let random = Random::new(seed, stream::ROWS);
        Draw { places: self.places, left, parts: self.parts, random }
    }
}

/// Sends each row to a part.
///
/// Sampling without replacement, in the order of the rows (Fan, Muller and Rezucha, JASA 57, 1962): a
/// row goes to a part with the probability that is the part's share of what its stratum still has to
/// give. Every choice of rows with the right counts is equally likely.
#[derive(Debug)]
pub(crate) struct Draw {
    places: HashMap<Box<[u8]>, u32>,
    /// What each part of each stratum still gets.
    left: Vec<u64>,
    parts: usize,
    random: Random,
}

impl Draw {
    /// The part that row `row` goes to; `None` if there are more rows of this label than were counted.
    pub(crate) fn part(&mut self, row: u64, label: &[u8]) -> Option<usize> {
        let place = *self.places.get(label)? as usize;
        let left = &mut self.left[place * self.parts..][..self.parts];
        let all: u64 = left.iter().sum();
        let product = u128::from(self.random.bits(row, 0)[0]) * u128::from(all);
        let mut drawn = u64::try_from(product >> 64).expect("below all");
        for (part, left) in left.iter_mut().enumerate() {
            if drawn < *left {
                *left -= 1;
                return Some(part);
            }
            drawn -= *left;
        }
        None
    }

    /// Whether every row that was counted has come again.
    pub(crate) fn is_over(&self) -> bool {
        self.left.iter().all(|&left| left == 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(labels: &[u8], fractions: &Fractions, seed: u64) -> Vec<usize> {
        let mut strata = Strata::new(1 << 20, fractions.parts());
        for &label in labels {
            strata.count(&[label]).unwrap();
        }
        let mut draw = strata.draw(fractions, seed);
        let parts = (0..).zip(labels).map(|(row, &label)| draw.part(row, &[label]).unwrap());
        let parts = parts.collect();
        assert!(draw.is_over());
        assert_eq!(draw.part(0, &[labels[0]]), None);
        parts
    }

    proptest! {
        #[test]
        fn each_stratum_has_its_fractions(
            labels in prop::collection::vec(0u8..4, 1..300),
            seed in any::<u64>(),
        ) {
            let tenths = [5, 3, 2];
            let parts = drawn(&labels, &Fractions::parse("0.5,0.3,0.2").unwrap(), seed);
            for label in 0..4 {
                let of = |part: usize| {
                    labels.iter().zip(&parts).filter(|&both| both == (&label, &part)).count()
                };
                let all: usize = (0..3).map(of).sum();
                for (part, tenths) in tenths.iter().enumerate() {
                    prop_assert!((10 * of(part)).abs_diff(tenths * all) < 10);
                }
            }
        }
    }

    /// Two of four rows: each of the 6 choices in a sixth of 6000 seeds, 1000 +- 5 * sqrt(6000 * 5 / 36).
    #[test]
    fn every_choice_is_equally_likely() {
        let fractions = Fractions::parse("0.5,0.5").unwrap();
        let mut choices = HashMap::new();
        for seed in 0..6000 {
            *choices.entry(drawn(&[7; 4], &fractions, seed)).or_insert(0_u32) += 1;
        }
        assert_eq!(choices.len(), 6);
        assert!(choices.values().all(|count| count.abs_diff(1000) < 145), "{choices:?}");
    }

    #[test]
    fn too_many_strata_are_refused() {
        let mut strata = Strata::new(100_000, 2);
        let message = (0..10_000_u32)
            .find_map(|label| strata.count(&label.to_be_bytes()).err())
            .unwrap()
            .to_string();
        let counted = strata.len();
        assert!(counted > 100, "{counted}");
        assert_eq!(
            message,
            format!(
                "the label has more than {counted} different values, which is more than 100000 bytes \
                 of memory can hold; allow more memory or split by another column"
            )
        );
    }
}

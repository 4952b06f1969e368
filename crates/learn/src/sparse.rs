//! Rows as few numbers: indicators as places, of which a row has one in each term at most.

use std::ops::Range;

/// The place of an indicator that is not there.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// What [`Encoded`](crate::Encoded) holds, without the zeros of indicators.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparse {
    /// Which rows of the chunk these are, ascending, from 0.
    pub rows: Vec<usize>,
    /// The numbers of each term that is one, `rows.len()` after another, in units of its scale.
    pub numbers: Vec<f64>,
    /// The indicator of each row in each other term, `rows.len()` after another: its place among the
    /// indicators of all terms, or `u32::MAX` where there is none.
    pub places: Vec<u32>,
    /// The target of each row, in units of its scale; or its class.
    pub target: Vec<f64>,
}

impl Sparse {
    /// Terms that are numbers.
    pub(crate) fn columns(&self) -> usize {
        self.numbers.len() / self.rows.len().max(1)
    }

    /// The numbers of such a term.
    pub(crate) fn column(&self, column: usize) -> &[f64] {
        &self.numbers[self.of(column)]
    }

    /// The indicators of each other term.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.places.len() / self.rows.len().max(1)).map(|term| &self.places[self.of(term)])
    }

    fn of(&self, which: usize) -> Range<usize> {
        which * self.rows.len()..(which + 1) * self.rows.len()
    }
}

//! Some items of a list.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Some items of a list, in the order of the list. A clone shares the memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subset {
    listed: usize,
    /// Where they are in the list, ascending; none if all of them stay.
    rows: Option<Arc<Vec<u32>>>,
}

impl Subset {
    /// All of `listed` items.
    pub fn all(listed: usize) -> Self {
        Self { listed, rows: None }
    }

    /// Those of `listed` items that are at `rows`, counted from 0.
    ///
    /// # Panics
    /// If a row does not ascend or is not listed.
    pub fn new(listed: usize, rows: Vec<u32>) -> Self {
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "rows ascend");
        assert!(rows.last().is_none_or(|&last| (last as usize) < listed), "rows are listed");
        Self { listed, rows: (rows.len() < listed).then(|| rows.into()) }
    }

    /// Items in the list.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// How many stay.
    pub fn kept(&self) -> usize {
        self.rows.as_ref().map_or(self.listed, |rows| rows.len())
    }

    /// Whether all of them stay.
    pub fn is_all(&self) -> bool {
        self.rows.is_none()
    }

    /// Where the item that has the number `kept` among those that stay is in the list.
    ///
    /// # Panics
    /// If no so many stay.
    pub fn row(&self, kept: usize) -> usize {
        assert!(kept < self.kept(), "item {kept} of {}", self.kept());
        self.rows.as_ref().map_or(kept, |rows| rows[kept] as usize)
    }

    /// The number that the item at `row` of the list has among those that stay, if it does.
    pub fn number(&self, row: usize) -> Option<usize> {
        match &self.rows {
            None => (row < self.listed).then_some(row),
            Some(rows) => rows.binary_search(&u32::try_from(row).ok()?).ok(),
        }
    }

    /// Some of those that stay, as runs of the list without a gap, in order.
    ///
    /// # Panics
    /// If no so many stay.
    pub fn runs(&self, kept: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        assert!(kept.end <= self.kept(), "item {} of {}", kept.end, self.kept());
        let mut next = kept.start;
        std::iter::from_fn(move || {
            if next >= kept.end {
                return None;
            }
            let first = self.row(next);
            let mut end = first + 1;
            next += 1;
            if self.is_all() {
                end += kept.end - next;
                next = kept.end;
            }
            while next < kept.end && self.row(next) == end {
                end += 1;
                next += 1;
            }
            Some(first..end)
        })
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.len() * size_of::<u32>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_and_runs_are_as_long_as_they_can_be() {
        let some = Subset::new(20, vec![2, 3, 4, 9, 11, 12, 19]);
        assert_eq!((some.listed(), some.kept(), some.row(3), some.bytes()), (20, 7, 9, 28));
        assert_eq!([2, 9, 19].map(|row| some.number(row)), [0, 3, 6].map(Some));
        assert_eq!([0, 10, 20, usize::MAX].map(|row| some.number(row)), [None; 4]);
        assert!(some.runs(1..7).eq([3..5, 9..10, 11..13, 19..20]));
        assert!(some.runs(0..2).eq(std::iter::once(2..4)));
        assert_eq!(some.runs(3..3).next(), None);
        let all = Subset::new(4, vec![0, 1, 2, 3]);
        assert_eq!((all.number(3), all.number(4)), (Some(3), None));
        assert_eq!(all, Subset::all(4));
        assert!(all.runs(1..4).eq(std::iter::once(1..4)));
    }
}

//! Records in memory, to be sorted.

use std::cmp::Ordering;

use crate::sort::head::Head;
use crate::spill::Record;

/// Records one behind the other, and where they begin.
///
/// Memory that was touched stays with the process, so what counts is the most that either part ever
/// had: together they never have more than `limit`. Where records of another length come, that could
/// leave room to neither; both parts are given back then.
#[derive(Debug)]
pub(crate) struct Arena {
    bytes: Vec<u8>,
    places: Vec<Place>,
    limit: usize,
    touched: (usize, usize),
}

/// A record: the beginning of its key, and where it stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    head: Head,
    at: usize,
}

const PLACE: usize = size_of::<Place>();

/// How many records are looked at together.
const AHEAD: usize = 16;

/// The least that is allocated.
const LEAST: usize = 64 << 10;

impl Arena {
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), places: Vec::new(), limit, touched: (0, 0) }
    }

    /// Whether there is room for a record of `length` bytes; always if there is no other.
    pub(crate) fn fits(&self, length: usize) -> bool {
        let bytes = self.touched.0.max(self.bytes.len() + length);
        let places = self.touched.1.max((self.places.len() + 1) * PLACE);
        bytes + places <= self.limit || self.places.is_empty()
    }

    /// Leaves room for something else, from now on.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(crate) fn push(&mut self, record: &Record<'_>) {
        grow(&mut self.bytes, record.len(), self.limit);
        grow(&mut self.places, 1, self.limit / PLACE);
        self.places.push(Place { head: Head::of(record.key), at: self.bytes.len() });
        record.write(&mut self.bytes);
    }

    /// Puts the records in order: by their keys, and as they came where those are equal.
    pub(crate) fn sort(&mut self) {
        let bytes = &self.bytes;
        self.places.sort_unstable_by(|one, two| {
            match one
                .head
                .compare(two.head, || (record(bytes, one.at).0.key, record(bytes, two.at).0.key))
            {
                Ordering::Equal => one.at.cmp(&two.at),
                unequal => unequal,
            }
        });
    }

    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// All records as they are encoded, in their order.
    ///
    /// Each stands at a random place in memory. Some ahead are looked at together, so that they are
    /// waited for together: this takes half the time.
    pub(crate) fn encoded(&self) -> impl Iterator<Item = &[u8]> {
        self.places.chunks(AHEAD).flat_map(|places| {
            let mut ends = [0; AHEAD];
            for (end, place) in ends.iter_mut().zip(places) {
                *end = place.at + record(&self.bytes, place.at).1;
            }
            places.iter().zip(ends).map(|(place, end)| &self.bytes[place.at..end])
        })
    }

    /// A record by its place in the order.
    pub(crate) fn record(&self, place: usize) -> Record<'_> {
        record(&self.bytes, self.places[place].at).0
    }

    /// Removes all records.
    pub(crate) fn clear(&mut self) {
        let used = (self.bytes.len(), self.places.len() * PLACE);
        self.touched = (self.touched.0.max(used.0), self.touched.1.max(used.1));
        if used.0 + used.1 < self.limit / 4 * 3 {
            *self = Self::new(self.limit);
        }
        self.bytes.clear();
        self.places.clear();
    }
}

fn record(bytes: &[u8], at: usize) -> (Record<'_>, usize) {
    Record::read(&bytes[at..]).expect("written by push")
}

/// Room for `more`: twice what there is, but not beyond `limit`, which may be all the memory there is.
fn grow<T>(all: &mut Vec<T>, more: usize, limit: usize) {
    let needed = all.len() + more;
    if needed > all.capacity() {
        let wanted = (2 * all.capacity()).max(LEAST / size_of::<T>()).min(limit).max(needed);
        all.reserve_exact(wanted - all.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills it as a sorter does, and gives the lengths of the runs.
    fn fill(arena: &mut Arena, rows: impl Iterator<Item = usize>) -> Vec<usize> {
        let row = vec![7; 10_000];
        let mut runs = Vec::new();
        for length in rows {
            let record = Record { key: &[1, 2], row: &row[..length] };
            if !arena.fits(record.len()) {
                runs.push(arena.count());
                arena.clear();
            }
            arena.push(&record);
            assert!(
                arena.touched.0.max(arena.bytes.len())
                    + arena.touched.1.max(arena.places.len() * PLACE)
                    <= arena.limit
            );
        }
        runs
    }

    /// Long rows after short ones and the reverse: the memory is kept and the runs are not tiny.
    #[test]
    fn rows_of_another_length_do_not_waste_the_memory() {
        let mut arena = Arena::new(1 << 20);
        let lengths = [vec![4; 100_000], vec![10_000; 1000], vec![4; 100_000]].concat();
        let bytes: usize = lengths.iter().map(|length| length + 5 + PLACE).sum();
        let runs = fill(&mut arena, lengths.into_iter());
        assert!(runs.len() > 10);
        assert!(runs.len() <= bytes / (1 << 20) * 4 / 3 + 4, "{}", runs.len());
    }
}

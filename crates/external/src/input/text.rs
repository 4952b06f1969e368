//! Records as they stand in a file.

use crate::input::cutter::Piece;
use crate::input::field::lines;
use crate::input::place::Place;
use crate::input::pool::Pool;

/// The records of a run of rows as they stand in the file.
#[derive(Debug)]
pub struct Text {
    bytes: Vec<u8>,
    /// Of which so many count.
    end: usize,
    /// Where they begin.
    place: Place,
    spans: Vec<(u32, u32)>,
    pool: Pool,
}

impl Text {
    pub(crate) fn new(piece: Piece, spans: Vec<(u32, u32)>, pool: Pool) -> Self {
        let Piece { buffer: bytes, end, place, .. } = piece;
        Self { bytes, end, place, spans, pool }
    }

    /// How many records.
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// Record `index` of this run, quotes and all, without what ends it.
    ///
    /// # Panics
    /// If there are not so many.
    #[inline]
    pub fn record(&self, index: usize) -> &[u8] {
        let (begin, end) = self.spans[index];
        &self.bytes[begin as usize..end as usize]
    }

    /// The file that they are in, by its number.
    pub(crate) fn file(&self) -> usize {
        self.place.file
    }

    /// Where the first of them begins, or what is left out before it.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// All that was read.
    pub(crate) fn all(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// Where each of these records begins, which ascend.
    pub(crate) fn places(&self, records: impl Iterator<Item = usize>) -> Vec<Place> {
        let mut place = self.place;
        let mut at = 0;
        let mut places = Vec::new();
        for record in records {
            let begin = self.spans[record].0 as usize;
            place.line += lines(&self.bytes[at..begin]);
            place.offset += (begin - at) as u64;
            at = begin;
            places.push(place);
        }
        places
    }

    /// What no record is longer than, with what ends it and what is left out before it; and the length
    /// of the shortest, without.
    pub(crate) fn lengths(&self) -> (usize, Option<usize>) {
        let mut at = 0;
        let (mut longest, mut shortest) = (0, None);
        for &(begin, end) in &self.spans {
            let (begin, end) = (begin as usize, end as usize);
            longest = longest.max(end - at);
            shortest = Some(shortest.unwrap_or(usize::MAX).min(end - begin));
            at = end;
        }
        // Each stands between the ends of two, and two bytes may end one.
        (longest.max(self.end - at) + 2, shortest)
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.bytes));
    }
}

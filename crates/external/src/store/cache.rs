//! The pieces that were used last.

use std::collections::HashMap;

/// Pieces in memory by their number; when there are too many, the one goes that was not used longest.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    slots: Vec<Slot<T>>,
    places: HashMap<usize, usize>,
    clock: u64,
    held: usize,
    room: usize,
}

#[derive(Debug)]
struct Slot<T> {
    piece: usize,
    used: u64,
    bytes: usize,
    value: T,
}

impl<T> Cache<T> {
    /// For pieces of `room` bytes together, and for one in any case.
    pub(crate) fn new(room: usize) -> Self {
        Self { slots: Vec::new(), places: HashMap::new(), clock: 0, held: 0, room }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A piece, if it is here.
    pub(crate) fn get(&mut self, piece: usize) -> Option<&T> {
        let slot = &mut self.slots[*self.places.get(&piece)?];
        self.clock += 1;
        slot.used = self.clock;
        Some(&slot.value)
    }

    /// Makes room for a piece of `bytes` bytes; gives one that had to go, to be used again.
    pub(crate) fn make_room(&mut self, bytes: usize) -> Option<T> {
        let mut gone = None;
        while self.held + bytes > self.room {
            let oldest = (0..self.slots.len()).min_by_key(|&slot| self.slots[slot].used);
            let Some(oldest) = oldest else { break };
            let slot = self.slots.swap_remove(oldest);
            self.places.remove(&slot.piece);
            if let Some(moved) = self.slots.get(oldest) {
                self.places.insert(moved.piece, oldest);
            }
            self.held -= slot.bytes;
            gone = Some(slot.value);
        }
        gone
    }

    /// Keeps a piece that is not here yet, for which there is room.
    pub(crate) fn put(&mut self, piece: usize, bytes: usize, value: T) -> &T {
        self.clock += 1;
        self.held += bytes;
        self.places.insert(piece, self.slots.len());
        self.slots.push(Slot { piece, used: self.clock, bytes, value });
        &self.slots[self.slots.len() - 1].value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_longest_goes() {
        let mut cache = Cache::new(30);
        for piece in 0..3 {
            assert_eq!(cache.make_room(10), None);
            cache.put(piece, 10, piece * 100);
        }
        assert_eq!(cache.get(0), Some(&0));
        assert_eq!(cache.make_room(10), Some(100));
        assert_eq!(cache.put(3, 10, 300), &300);
        assert_eq!(
            [0, 1, 2, 3].map(|piece| cache.get(piece).copied()),
            [Some(0), None, Some(200), Some(300)]
        );
        // One that needs the room of two, then one that needs more than there is.
        assert_eq!(cache.make_room(20), Some(200));
        cache.put(4, 20, 400);
        assert_eq!((cache.get(3).copied(), cache.held), (Some(300), 30));
        assert!(cache.make_room(99).is_some());
        cache.put(5, 99, 500);
        assert_eq!((cache.get(5).copied(), cache.slots.len()), (Some(500), 1));
    }
}

//! Threads that are lent to a model.

/// Threads that a runner lends to a model for the time of one call.
///
/// # Contract
/// [`each`](Self::each) calls `f` exactly once for every index below `n`, in any order, perhaps at
/// the same time, and returns when all calls have. So a result may depend on the index alone:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use twoblade_core::{Serial, Threads};
///
/// // Right: each index has a place of its own.
/// let mut squares = [0u64; 4];
/// twoblade_core::tiles(&Serial, &mut squares, 1, &|index, place| place[0] = (index as u64).pow(2));
/// assert_eq!(squares, [0, 1, 4, 9]);
///
/// // Right: integer addition does not mind the order. Adding doubles like this would be wrong.
/// let sum = AtomicU64::new(0);
/// Serial.each(4, &|index| {
///     sum.fetch_add(index as u64, Ordering::Relaxed);
/// });
/// assert_eq!(sum.into_inner(), 6);
/// ```
pub trait Threads: Sync {
    /// Calls `f` once for every index below `n`.
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync));
}

/// One thread, the caller's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serial;

impl Threads for Serial {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(f);
    }
}

/// Cuts `data` into tiles of `len` (the last may be shorter) and hands each to one thread.
///
/// # Panics
/// If `len` is 0.
pub fn tiles<T: Send>(
    threads: &dyn Threads,
    data: &mut [T],
    len: usize,
    f: &(dyn Fn(usize, &mut [T]) + Sync),
) {
    // A lock a tile is what safe code needs to hand out disjoint parts by index; nobody waits.
    let tiles: Vec<_> = data.chunks_mut(len).map(std::sync::Mutex::new).collect();
    threads.each(tiles.len(), &|index| {
        f(index, &mut tiles[index].lock().expect("a tile has one visitor"));
    });
}

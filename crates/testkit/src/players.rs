//! Threads that are as unlike a plain loop as the contract allows.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use twoblade_core::Threads;

/// One thread that goes from the last index to the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backwards;

impl Threads for Backwards {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        (0..n).rev().for_each(f);
    }
}

/// Three threads that start together and take turns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interleaved;

impl Threads for Interleaved {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        const THREADS: usize = 3;
        let next = AtomicUsize::new(0);
        let start = Barrier::new(THREADS);
        let play = || {
            start.wait();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= n {
                    break;
                }
                f(index);
                // Lets the others in, so that neighbours are not all done by one thread.
                std::thread::yield_now();
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..THREADS {
                scope.spawn(play);
            }
            play();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_played_once() {
        for n in [0, 1, 2, 100] {
            for threads in [&Backwards as &dyn Threads, &Interleaved] {
                let counts: Vec<_> = (0..n).map(|_| AtomicUsize::new(0)).collect();
                threads.each(n, &|index| {
                    counts[index].fetch_add(1, Ordering::Relaxed);
                });
                let counts: Vec<_> = counts.into_iter().map(AtomicUsize::into_inner).collect();
                assert_eq!(counts, vec![1; n]);
            }
        }
    }
}

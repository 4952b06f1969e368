//! What several threads take in turn.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, PoisonError};

use rayon::prelude::*;
use twoblade_core::Threads;

/// A few things of which each has one user at a time; who finds none waits.
pub(crate) struct Pool<T> {
    free: Mutex<Vec<T>>,
    freed: Condvar,
}

impl<T> Pool<T> {
    pub(crate) fn new(things: impl IntoIterator<Item = T>) -> Self {
        Self { free: Mutex::new(things.into_iter().collect()), freed: Condvar::new() }
    }

    pub(crate) fn take(&self) -> Taken<'_, T> {
        // A panic cannot happen while the lock is held, so a poisoned lock is still whole.
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(thing) = free.pop() {
                return Taken { pool: self, thing: Some(thing) };
            }
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn into_all(self) -> Vec<T> {
        self.free.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the things, until it is dropped.
pub(crate) struct Taken<'a, T> {
    pool: &'a Pool<T>,
    thing: Option<T>,
}

impl<T> Deref for Taken<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.thing.as_ref().expect("held until dropped")
    }
}

impl<T> DerefMut for Taken<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.thing.as_mut().expect("held until dropped")
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        let mut free = self.pool.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.thing.take());
        drop(free);
        self.pool.freed.notify_one();
    }
}

/// The threads that one model call is lent at a time.
pub(crate) struct Lent(pub(crate) rayon::ThreadPool);

impl Threads for Lent {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        self.0.install(|| (0..n).into_par_iter().with_max_len(1).for_each(f));
    }
}

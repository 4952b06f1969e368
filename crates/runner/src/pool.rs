//! What several threads take in turn.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

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

    /// Lends all of them at once, when nobody has one.
    pub(crate) fn with_all<R>(&self, f: impl FnOnce(&mut [T]) -> R) -> R {
        f(&mut self.free.lock().unwrap_or_else(PoisonError::into_inner))
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

/// A place for a thing of every block, filled in any order and from any thread.
pub(crate) struct Places<T>(Mutex<Vec<Option<T>>>);

impl<T> Places<T> {
    pub(crate) fn new(places: usize) -> Self {
        Self(Mutex::new((0..places).map(|_| None).collect()))
    }

    pub(crate) fn set(&self, place: usize, thing: T) {
        self.lock()[place] = Some(thing);
    }

    /// Takes what stands at a place.
    pub(crate) fn take(&self, place: usize) -> Option<T> {
        self.lock()[place].take()
    }

    /// Whether something stands at a place.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.lock()[place].is_some()
    }

    /// Lends all things, by place.
    pub(crate) fn with_all<R>(&self, f: impl FnOnce(Vec<(usize, &T)>) -> R) -> R {
        let places = self.lock();
        let things = places.iter().enumerate();
        f(things.filter_map(|(place, thing)| Some((place, thing.as_ref()?))).collect())
    }

    /// All things, in order.
    pub(crate) fn into_all(self) -> Vec<T> {
        let places = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        places.into_iter().flatten().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads that one model call is lent at a time.
pub(crate) struct Lent(pub(crate) rayon::ThreadPool);

impl Threads for Lent {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        self.0.install(|| (0..n).into_par_iter().with_max_len(1).for_each(f));
    }
}

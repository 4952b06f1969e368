//! What a model keeps of a chunk from the first reading of it to the second.

use std::any::Any;
use std::fmt;

/// What a model keeps of a chunk that it will read again: only the model knows what.
///
/// It is found out once, and not twice; so it is worth its memory where finding it out is dear beside
/// reading.
///
/// ```
/// use twoblade_core::Remembered;
///
/// let remembered = Remembered::new(vec![1.5, 2.5]);
/// assert_eq!(remembered.get::<Vec<f64>>().unwrap()[1], 2.5);
/// assert!(Remembered::NOTHING.get::<Vec<f64>>().is_none());
/// ```
#[derive(Default)]
pub struct Remembered(Option<Box<dyn Any + Send + Sync>>);

impl Remembered {
    /// Nothing.
    pub const NOTHING: &'static Self = &NOTHING;

    /// Something.
    pub fn new(what: impl Send + Sync + 'static) -> Self {
        Self(Some(Box::new(what)))
    }

    /// What it is, if it is one of these.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }
}

/// What was kept of a block is not what the model keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NothingKept;

impl fmt::Display for NothingKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing was kept of this block, or what another model keeps")
    }
}

impl std::error::Error for NothingKept {}

static NOTHING: Remembered = Remembered(None);

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Remembered(..)" } else { "Remembered(nothing)" })
    }
}

/// A chunk that may have been read before.
#[derive(Debug)]
pub struct Again<'a, C> {
    /// What is read now.
    pub chunk: &'a C,
    /// What the first reading left: nothing, where a runner had no room for it, or did not read it itself.
    pub remembered: &'a Remembered,
}

// Whatever a chunk is, this is two references.
impl<C> Clone for Again<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Again<'_, C> {}

impl<'a, C> Again<'a, C> {
    /// A chunk of which nothing is remembered.
    pub fn first(chunk: &'a C) -> Self {
        Self { chunk, remembered: Remembered::NOTHING }
    }

    /// The same with another chunk: what a model inside another one is to read.
    pub fn with<D>(self, chunk: &'a D) -> Again<'a, D> {
        Again { chunk, remembered: self.remembered }
    }
}

/// A block of which the last chunk is at hand and has not been folded.
#[derive(Debug)]
pub struct Last<'a, S, C> {
    /// The state of its other chunks, if it has any.
    pub rest: Option<&'a S>,
    /// The last one.
    pub chunk: Again<'a, C>,
}

// Whatever states and chunks are, these are references.
impl<S, C> Clone for Last<'_, S, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, C> Copy for Last<'_, S, C> {}

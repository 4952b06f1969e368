//! Buffers that go round.

use std::sync::{Arc, Mutex, PoisonError};

/// Buffers of one size that go round: of freed memory the allocator gives little back.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    size: usize,
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Pool {
    pub(crate) fn new(size: usize) -> Self {
        Self { size, free: Arc::default() }
    }

    /// The size.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// A buffer of the size, with any content.
    pub(crate) fn take(&self) -> Vec<u8> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.unwrap_or_else(|| vec![0; self.size])
    }

    /// Takes a buffer back; one that has grown is freed.
    pub(crate) fn give(&self, buffer: Vec<u8>) {
        if buffer.len() == self.size {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}

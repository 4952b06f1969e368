//! Records as they stand in a file.

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

/// The records of a run of rows as they stand in the file.
#[derive(Debug)]
pub struct Text {
    bytes: Vec<u8>,
    spans: Vec<(u32, u32)>,
    pool: Pool,
}

impl Text {
    pub(crate) fn new(bytes: Vec<u8>, spans: Vec<(u32, u32)>, pool: Pool) -> Self {
        Self { bytes, spans, pool }
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
}

impl Drop for Text {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.bytes));
    }
}

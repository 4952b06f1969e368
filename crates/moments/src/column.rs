//! A column in memory, as a source.

use std::ops::ControlFlow;

use twoblade_core::{BlockSource, Blocks, BoxError, Fingerprint};

/// Values in chunks.
const CHUNK: usize = 4096;

/// A column of numbers in memory, for examples and tests.
#[derive(Clone, Debug)]
pub struct Column {
    values: Vec<f64>,
    blocks: Blocks,
    chunk: usize,
}

impl Column {
    /// A column cut into blocks, read in chunks of 4,096 values.
    ///
    /// # Panics
    /// If the blocks are of another number of values.
    pub fn new(values: Vec<f64>, blocks: Blocks) -> Self {
        assert_eq!(values.len(), blocks.items(), "blocks of these values");
        Self { values, blocks, chunk: CHUNK }
    }

    /// Read in chunks of `values` instead (at least 1).
    #[must_use]
    pub fn chunk(mut self, values: usize) -> Self {
        self.chunk = values.max(1);
        self
    }
}

impl BlockSource for Column {
    type Chunk = Vec<f64>;

    fn blocks(&self) -> usize {
        self.blocks.count()
    }

    fn chunks(&self) -> u64 {
        self.blocks.iter().map(|block| block.len().div_ceil(self.chunk) as u64).sum()
    }

    fn chunk_bytes(&self) -> usize {
        self.chunk * size_of::<f64>()
    }

    fn fingerprint(&self) -> Fingerprint {
        // All the values, folded: enough to tell columns of examples and tests apart.
        let mut lanes = [self.values.len() as u64; 4];
        for (index, value) in self.values.iter().enumerate() {
            let lane = &mut lanes[index % 4];
            *lane = (*lane ^ value.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        }
        let mut bytes = [0; 32];
        for (place, lane) in bytes.chunks_exact_mut(8).zip(lanes) {
            place.copy_from_slice(&lane.to_le_bytes());
        }
        Fingerprint::new(bytes)
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Vec<f64>) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let mut buffer = Vec::with_capacity(self.chunk);
        let mut digest = 0u64;
        for values in self.values[self.blocks.range(block)].chunks(self.chunk) {
            buffer.clear();
            buffer.extend_from_slice(values);
            digest = values.iter().fold(digest, |digest, value| {
                (digest ^ value.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
            });
            if visit(&buffer).is_break() {
                break;
            }
        }
        Ok(digest)
    }
}

//! Genotypes in memory, as a source.

use std::ops::ControlFlow;

use twoblade::core::{BlockSource, BoxError, Fingerprint};
use twoblade::geno::{Cut, PackedChunk, stride};

/// Genotypes by variant and individual, in the codes of PLINK.
#[derive(Clone, Debug)]
pub struct Genotypes {
    /// `codes[v][i]`, each below 4.
    pub codes: Vec<Vec<u8>>,
    /// The cut into blocks and chunks.
    pub cut: Cut,
}

impl BlockSource for Genotypes {
    type Chunk = PackedChunk;

    fn blocks(&self) -> usize {
        self.cut.blocks().count()
    }

    fn chunks(&self) -> u64 {
        self.cut.chunks()
    }

    fn chunks_in(&self, block: usize) -> Option<u64> {
        Some(self.cut.chunks_in(block))
    }

    fn chunk_bytes(&self) -> usize {
        self.cut.largest_chunk() * stride(self.cut.listed())
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([0; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&PackedChunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let individuals = self.cut.listed();
        let mut chunk = PackedChunk::new(individuals);
        for range in self.cut.chunks_of(block) {
            let bytes = chunk.refill(range.start, range.len());
            bytes.fill(0);
            for (row, codes) in bytes.chunks_exact_mut(stride(individuals)).zip(&self.codes[range])
            {
                for (i, code) in codes.iter().enumerate() {
                    row[i / 4] |= code << (2 * (i % 4));
                }
            }
            if visit(&chunk).is_break() {
                break;
            }
        }
        Ok(0)
    }
}

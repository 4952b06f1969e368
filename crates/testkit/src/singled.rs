//! A source with as many blocks as chunks.

use std::ops::ControlFlow;

use twoblade_core::{BlockSource, BoxError, Fingerprint};

/// Every chunk of a source as a block of its own: such blocks a runner may take several at a time.
pub(crate) struct Singled<'a, S> {
    source: &'a S,
    /// Of each chunk its block, and which it is there.
    chunks: Vec<(usize, usize)>,
}

impl<'a, S: BlockSource> Singled<'a, S> {
    /// Of a source, each block of which is read once.
    pub(crate) fn new(source: &'a S) -> Result<Self, BoxError> {
        let mut chunks = Vec::new();
        for block in 0..source.blocks() {
            let mut number = 0;
            source.visit(block, &mut |_| {
                chunks.push((block, number));
                number += 1;
                ControlFlow::Continue(())
            })?;
        }
        Ok(Self { source, chunks })
    }
}

impl<S: BlockSource> BlockSource for Singled<'_, S> {
    type Chunk = S::Chunk;

    fn blocks(&self) -> usize {
        self.chunks.len()
    }

    fn chunks(&self) -> u64 {
        self.chunks.len() as u64
    }

    fn chunks_in(&self, _block: usize) -> Option<u64> {
        Some(1)
    }

    fn chunk_bytes(&self) -> usize {
        self.source.chunk_bytes()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.source.fingerprint()
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&S::Chunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let (block, wanted) = self.chunks[block];
        let mut number = 0;
        self.source.visit(block, &mut |chunk| {
            number += 1;
            if number <= wanted {
                return ControlFlow::Continue(());
            }
            let _ = visit(chunk);
            ControlFlow::Break(())
        })?;
        // After a break the digest of the source means nothing.
        Ok(0)
    }
}

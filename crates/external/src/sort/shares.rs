//! What a sort does with its memory.

use crate::spill::{BLOCK, RunWriter};

/// The most runs that are read at once: each is an open file.
const FILES: usize = 64;

/// What a sort does with its memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares {
    /// For records in memory and a writer, while runs are made; for readers of runs and a writer,
    /// while they are merged to others; for readers alone in the end.
    pub memory: usize,
    /// The blocks of runs.
    pub block: usize,
    /// The longest record. A reader holds two of them and a writer too, so that three runs can be
    /// merged at once.
    pub longest: usize,
    /// The most runs that are read at once.
    pub runs: usize,
}

impl Shares {
    /// Of so many bytes; fewer than 256 KiB are taken for 256 KiB.
    pub(crate) fn of(memory: usize) -> Self {
        let memory = memory.max(256 << 10);
        let block = (memory / 256).clamp(4 << 10, BLOCK);
        Self { memory, block, longest: memory / 8, runs: FILES }
    }

    /// How many runs of short records can be read at once.
    pub(crate) fn together(&self) -> usize {
        self.runs.min(self.memory / (2 * self.block))
    }

    /// What is left beside a writer of records of at most `longest` bytes.
    pub(crate) fn beside_writer(&self, longest: usize) -> usize {
        self.memory.saturating_sub(RunWriter::memory(self.block.max(longest)))
    }
}

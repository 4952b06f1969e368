//! What can go wrong in a run.

use thiserror::Error;
use twoblade_core::BoxError;

use crate::pass::Pass;
use crate::state_error::StateError;

/// Why a run gave no result. Blocks are counted from 0 in fields and from 1 in words.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The source could not be read.
    #[error("{model}, {pass}: block {} of {blocks} could not be read", block + 1)]
    Read {
        /// The model's name.
        model: String,
        /// Which pass.
        pass: Pass,
        /// Which block.
        block: usize,
        /// Of how many.
        blocks: usize,
        /// What the source says.
        source: BoxError,
    },
    /// The model refused a block, or panicked on it.
    #[error("{model}, {pass}: block {} of {blocks}", block + 1)]
    Block {
        /// The model's name.
        model: String,
        /// Which pass.
        pass: Pass,
        /// Which block.
        block: usize,
        /// Of how many.
        blocks: usize,
        /// What the model says.
        source: BoxError,
    },
    /// The model found no estimate in the whole.
    #[error("{model}: no estimate from all blocks together")]
    Solve {
        /// The model's name.
        model: String,
        /// What the model says.
        source: BoxError,
    },
    /// The smallest plan does not fit the budget.
    #[error(
        "{model} needs at least {} and the budget is {}: {} for states, {} for chunks, {} for what is shared, {} for scratch",
        mebibytes(*needed), mebibytes(*budget), mebibytes(*states), mebibytes(*chunks), mebibytes(*shared), mebibytes(*scratch)
    )]
    Budget {
        /// The model's name.
        model: String,
        /// Bytes that would fit the smallest plan.
        needed: usize,
        /// Bytes that were granted.
        budget: usize,
        /// Bytes of states in the smallest plan.
        states: usize,
        /// Bytes of chunks in the smallest plan.
        chunks: usize,
        /// Bytes of what is there once in the smallest plan.
        shared: usize,
        /// Bytes of scratch in the smallest plan.
        scratch: usize,
    },
    /// A jackknife needs two blocks.
    #[error("{model}: a jackknife needs at least 2 blocks and the source has {blocks}")]
    TooFewBlocks {
        /// The model's name.
        model: String,
        /// How many there are.
        blocks: usize,
    },
    /// A block gave other bytes in pass two than in pass one.
    #[error("{model}: block {} changed between the passes (digest {first:016x}, then {second:016x}); is something writing to the data?", block + 1)]
    Changed {
        /// The model's name.
        model: String,
        /// Which block.
        block: usize,
        /// Digest in pass one.
        first: u64,
        /// Digest in pass two.
        second: u64,
    },
    /// Somebody asked the run to stop.
    #[error("stopped in {pass} after {done} of {of} blocks")]
    Cancelled {
        /// In which pass.
        pass: Pass,
        /// Blocks that were done.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// The threads could not be started.
    #[error("{threads} threads could not be started")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why not.
        source: BoxError,
    },
    /// The model has no identity that could be saved.
    #[error("{model} cannot be serialized")]
    Identity {
        /// The model's name.
        model: String,
        /// Why not.
        source: BoxError,
    },
    /// States of blocks were to go to files, and no folder was named.
    #[error("{model}: states of blocks cannot be spilled without a folder")]
    NoFolder {
        /// The model's name.
        model: String,
    },
    /// A saved state could not be written, read or used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Bytes in mebibytes, or in kibibytes where these are few, rounded up, so that what is printed
/// suffices.
fn mebibytes(bytes: usize) -> String {
    if bytes < 10 << 20 {
        return format!("{} KiB", bytes.div_ceil(1 << 10));
    }
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

/// What a panic said.
#[derive(Debug, Error)]
#[error("panicked: {0}")]
pub(crate) struct Panicked(String);

impl Panicked {
    pub(crate) fn new(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Self(text.unwrap_or_else(|| "without a message".to_owned()))
    }
}

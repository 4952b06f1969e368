//! What can be wrong with saved states.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::cover::Cover;
use crate::pass::Pass;

/// Why a saved state could not be written, read or used. Blocks are counted from 1 in words.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The disk refused to give it.
    #[error("{} could not be read", file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The disk refused to take it.
    #[error("{} could not be written", file.display())]
    Write {
        /// Which file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is another kind of file.
    #[error("{} is not a state of twoblade", file.display())]
    NotAState {
        /// Which file.
        file: PathBuf,
    },
    /// It was written by a later version.
    #[error("{} is of format {found}, and this twoblade reads {reads}: use the version that wrote it", file.display())]
    OtherFormat {
        /// Which file.
        file: PathBuf,
        /// Its format.
        found: u32,
        /// The format that can be read.
        reads: u32,
    },
    /// Its bytes are not those that were written.
    #[error("{} is damaged ({what}): remove it, and make it again", file.display())]
    Corrupt {
        /// Which file.
        file: PathBuf,
        /// What shows it.
        what: &'static str,
    },
    /// It belongs to another run.
    #[error("{} belongs to another run: {differences}", file.display())]
    OtherRun {
        /// Which file.
        file: PathBuf,
        /// What differs, in words.
        differences: String,
    },
    /// It is of the other pass.
    #[error("{} holds {found}, and {expected} is wanted here", file.display())]
    OtherPass {
        /// Which file.
        file: PathBuf,
        /// What it holds.
        found: Pass,
        /// What is wanted.
        expected: Pass,
    },
    /// A block is in two states that were to be added.
    #[error("block {} is in {} and in what it was to be added to", block + 1, file.display())]
    Overlap {
        /// The file that was added.
        file: PathBuf,
        /// Which block.
        block: usize,
    },
    /// Blocks are missing at the end.
    #[error("{pass} is not complete: blocks {blocks} of {of} are missing")]
    Missing {
        /// Of which pass.
        pass: Pass,
        /// Which blocks.
        blocks: Cover,
        /// Of how many.
        of: usize,
    },
    /// A block was read as other bytes by who left it out than by who folded it.
    #[error("block {} was left out as other bytes than were folded (digest {first:016x}, then {second:016x}): the data changed between the passes", block + 1)]
    Changed {
        /// Which block.
        block: usize,
        /// Digest in pass one.
        first: u64,
        /// Digest in pass two.
        second: u64,
    },
    /// Another process uses the folder.
    #[error("another run uses the folder {}: wait for it, or give each its own", folder.display())]
    Locked {
        /// Which folder.
        folder: PathBuf,
    },
}

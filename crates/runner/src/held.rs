//! States of blocks that wait to be left out.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::RunError;
use crate::one_block::OneBlock;
use crate::pool::Places;
use crate::spill::Spill;

/// Where the state of each block is, once it has been folded.
pub(crate) enum Held<State> {
    /// In memory, until it is left out.
    Memory(Places<State>),
    /// In files.
    Disk(Spill),
}

impl<State: Serialize + DeserializeOwned> Held<State> {
    /// Takes over what a block gave.
    pub(crate) fn take_over(&self, block: usize, one: OneBlock<'_, State>) -> Result<(), RunError> {
        match self {
            Self::Memory(places) => places.set(block, one.state),
            Self::Disk(spill) => {
                spill.write(block, one.digest, &one.state)?;
                one.give_back();
            }
        }
        Ok(())
    }
}

//! States of blocks in files, where memory has no room for them.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cover::Cover;
use crate::identity::Identity;
use crate::pass::Pass;
use crate::state_error::StateError;
use crate::state_file::{self, Header};

/// A folder with a saved state for every block that was folded.
#[derive(Debug)]
pub(crate) struct Spill {
    folder: PathBuf,
    identity: Identity,
}

impl Spill {
    pub(crate) fn open(folder: &Path, identity: Identity) -> Result<Self, StateError> {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|source| StateError::Write { file: folder.to_path_buf(), source })?;
        Ok(Self { folder: folder.to_path_buf(), identity })
    }

    pub(crate) fn write(
        &self,
        block: usize,
        digest: u64,
        state: &impl Serialize,
    ) -> Result<(), StateError> {
        let header = Header {
            identity: self.identity.clone(),
            pass: Pass::One,
            cover: Cover::from(block..block + 1),
            digests: vec![digest],
        };
        state_file::write(&self.file(block), &header, state)
    }

    /// The state of a block that was folded as these bytes. None if there is none, or not a whole one
    /// of this run: then the block is to be read again.
    pub(crate) fn read<S: DeserializeOwned>(
        &self,
        block: usize,
        digest: u64,
    ) -> Result<Option<S>, StateError> {
        let file = self.file(block);
        match state_file::read::<S>(&file) {
            Ok((header, state)) => {
                let is_it = header.identity == self.identity
                    && header.pass == Pass::One
                    && header.cover == Cover::from(block..block + 1)
                    && header.digests == [digest];
                Ok(is_it.then_some(state))
            }
            Err(StateError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error @ StateError::Read { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Removes all of them, and the folder if nothing else is in it.
    pub(crate) fn remove(&self, blocks: usize) -> Result<(), StateError> {
        for block in 0..blocks {
            let file = self.file(block);
            match std::fs::remove_file(&file) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(StateError::Write { file, source });
                }
                _ => {}
            }
        }
        let _ = std::fs::remove_dir(&self.folder);
        Ok(())
    }

    fn file(&self, block: usize) -> PathBuf {
        self.folder.join(format!("block-{}.state", block + 1))
    }
}

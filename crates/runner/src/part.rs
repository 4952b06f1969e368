//! A part of a run: what some blocks gave.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use twoblade_core::Merge;

use crate::cover::Cover;
use crate::crew::guarded;
use crate::error::RunError;
use crate::identity::Identity;
use crate::pass::Pass;
use crate::state_error::StateError;
use crate::state_file::{self, Header};

/// What some blocks of a run gave: of pass one their state, of pass two the estimates without each of
/// them, in order. It can be saved, loaded on another machine, and added to others; however the blocks
/// were cut and in whatever order parts are added, the same bits come out.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<T> {
    pub(crate) header: Header,
    pub(crate) payload: T,
}

impl<T> Part<T> {
    /// What it says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the blocks gave.
    pub fn payload(&self) -> &T {
        &self.payload
    }

    /// What the blocks gave, for itself.
    pub fn into_payload(self) -> T {
        self.payload
    }

    /// The same as a part of the second pass of the run `identity`, whose total this part's model was
    /// made of: it is another model, but the same for every part of that run.
    #[must_use]
    pub fn as_second_pass(self, identity: Identity) -> Self {
        let header = Header { identity, pass: Pass::Two, ..self.header };
        Self { header, ..self }
    }

    /// Refuses a part of another run or the other pass; `file` is where it came from.
    ///
    /// # Errors
    /// [`StateError::OtherRun`], [`StateError::OtherPass`].
    pub fn expect(&self, file: &Path, identity: &Identity, pass: Pass) -> Result<(), StateError> {
        self.header.expect(file, identity, pass)
    }

    /// Refuses a part that does not cover all blocks.
    ///
    /// # Errors
    /// [`StateError::Missing`].
    pub fn complete(&self) -> Result<(), StateError> {
        let Header { identity, pass, cover, .. } = &self.header;
        let of = usize::try_from(identity.blocks).unwrap_or(usize::MAX);
        let blocks = cover.missing(of);
        if blocks.is_empty() {
            Ok(())
        } else {
            Err(StateError::Missing { pass: *pass, blocks, of })
        }
    }
}

impl<T: Serialize> Part<T> {
    /// Saves it, whole or not at all.
    ///
    /// # Errors
    /// [`StateError::Write`].
    pub fn save(&self, file: &Path) -> Result<(), StateError> {
        state_file::write(file, &self.header, &self.payload)
    }
}

impl<T: DeserializeOwned> Part<T> {
    /// Loads a part that was saved.
    ///
    /// # Errors
    /// [`StateError`] if the file cannot be read, is damaged, or is something else.
    pub fn load(file: &Path) -> Result<Self, StateError> {
        let (header, payload) = state_file::read(file)?;
        Ok(Self { header, payload })
    }

    /// Loads a part of this run and this pass. What another one holds is not looked at.
    ///
    /// # Errors
    /// Those of [`load`](Self::load) and of [`expect`](Self::expect).
    pub fn load_of(file: &Path, identity: &Identity, pass: Pass) -> Result<Self, StateError> {
        state_file::read_header(file)?.expect(file, identity, pass)?;
        Self::load(file)
    }
}

impl<S: Merge> Part<S> {
    /// Adds the state of other blocks of the same run; `file` is where it came from.
    ///
    /// # Errors
    /// [`StateError::OtherRun`], [`StateError::OtherPass`], [`StateError::Overlap`], or
    /// [`RunError::Solve`] if the states do not fit each other.
    pub fn merge(&mut self, other: &Self, file: &Path) -> Result<(), RunError> {
        let header = self.header.with(&other.header, file)?;
        let merged = guarded(|| {
            self.payload.merge(&other.payload);
            Ok(())
        });
        merged
            .map_err(|source| RunError::Solve { model: header.identity.model.clone(), source })?;
        self.header = header;
        Ok(())
    }
}

impl<E> Part<Vec<E>> {
    /// Adds the estimates without other blocks of the same run; `file` is where they came from.
    ///
    /// # Errors
    /// [`StateError::OtherRun`], [`StateError::OtherPass`], [`StateError::Overlap`].
    pub fn join(&mut self, other: Self, file: &Path) -> Result<(), StateError> {
        let header = self.header.with(&other.header, file)?;
        let mine = self.header.cover.blocks().zip(std::mem::take(&mut self.payload));
        let theirs = other.header.cover.blocks().zip(other.payload);
        let mut all: Vec<(usize, E)> = mine.chain(theirs).collect();
        all.sort_by_key(|(block, _)| *block);
        self.payload = all.into_iter().map(|(_, estimate)| estimate).collect();
        self.header = header;
        Ok(())
    }
}

/// What a state in a file says of itself; the whole file is checked.
///
/// # Errors
/// [`StateError`] if the file cannot be read, is damaged, or is something else.
pub fn read_header(file: &Path) -> Result<Header, StateError> {
    state_file::read_header(file)
}

impl Header {
    /// Refuses another run or the other pass; `file` is where it came from.
    ///
    /// # Errors
    /// [`StateError::OtherRun`], [`StateError::OtherPass`].
    pub fn expect(&self, file: &Path, identity: &Identity, pass: Pass) -> Result<(), StateError> {
        let file = file.to_path_buf();
        let differences = self.identity.differences(identity);
        if !differences.is_empty() {
            return Err(StateError::OtherRun { file, differences });
        }
        if self.pass != pass {
            return Err(StateError::OtherPass { file, found: self.pass, expected: pass });
        }
        Ok(())
    }

    /// What a part of the same run and pass that has these blocks and those of `other` says of itself;
    /// `file` is where the other came from.
    ///
    /// # Errors
    /// [`StateError::OtherRun`], [`StateError::OtherPass`], [`StateError::Overlap`].
    pub fn with(&self, other: &Self, file: &Path) -> Result<Self, StateError> {
        other.expect(file, &self.identity, self.pass)?;
        let mut cover = self.cover.clone();
        let overlap = |block| StateError::Overlap { file: file.to_path_buf(), block };
        cover.add(&other.cover).map_err(overlap)?;
        let digests = |of: &Self| -> Vec<(usize, u64)> {
            of.cover.blocks().zip(of.digests.iter().copied()).collect()
        };
        let mut digests = [digests(self), digests(other)].concat();
        digests.sort_unstable();
        let digests = digests.into_iter().map(|(_, digest)| digest).collect();
        Ok(Self { identity: self.identity.clone(), pass: self.pass, cover, digests })
    }

    /// Nothing yet, of a run.
    pub(crate) fn nothing(identity: Identity, pass: Pass) -> Self {
        Self { identity, pass, cover: Cover::default(), digests: Vec::new() }
    }
}

//! How many different values there are: exactly while they are few, and about beyond.

use serde::{Deserialize, Serialize};
use twoblade_core::merge_fields;

use super::description::Distinct;
use super::few::Few;
use super::registers::Registers;

/// What is kept of the hashes of values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Hashes {
    few: Few,
    registers: Registers,
}
merge_fields!(Hashes { few, registers });

impl Hashes {
    pub(super) fn new() -> Self {
        Self { few: Few::new(), registers: Registers::new() }
    }

    /// Bytes in memory and saved.
    pub(super) const fn bytes() -> usize {
        Few::bytes() + Registers::bytes()
    }

    /// Adds a value by its hash.
    #[inline]
    pub(super) fn add(&mut self, hash: u64) {
        self.few.add(hash);
        self.registers.add(hash);
    }

    /// How many values differ.
    pub(super) fn distinct(&self) -> Distinct {
        if let Some(count) = self.few.count() {
            return Distinct { count: count as u64, error: 0.0 };
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = self.registers.estimate().round() as u64;
        Distinct { count, error: Registers::ERROR }
    }
}

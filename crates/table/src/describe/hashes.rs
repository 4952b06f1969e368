//! How many different values there are: exactly while they are few, and about beyond.

use serde::{Deserialize, Serialize};
use twoblade_core::merge_fields;

use super::description::Distinct;
use super::few::Few;
use super::registers::Registers;

/// What is kept of the hashes of values: a few of them, and registers where their number is asked for
/// in any case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Hashes {
    few: Few,
    registers: Option<Registers>,
}
merge_fields!(Hashes { few, registers });

impl Hashes {
    pub(super) fn new(registers: bool) -> Self {
        Self { few: Few::new(), registers: registers.then(Registers::new) }
    }

    /// Bytes in memory and saved.
    pub(super) const fn bytes(registers: bool) -> usize {
        Few::bytes() + if registers { Registers::bytes() } else { 0 }
    }

    /// Whether the number is found out in any case.
    pub(super) fn has_registers(&self) -> bool {
        self.registers.is_some()
    }

    /// Whether one more could matter.
    pub(super) fn is_open(&self) -> bool {
        self.registers.is_some() || self.few.count().is_some()
    }

    /// Adds a value by its hash.
    #[inline]
    pub(super) fn add(&mut self, hash: u64) {
        self.few.add(hash);
        if let Some(registers) = &mut self.registers {
            registers.add(hash);
        }
    }

    /// How many values differ; `None` if they are many and nobody asked.
    pub(super) fn distinct(&self) -> Option<Distinct> {
        if let Some(count) = self.few.count() {
            return Some(Distinct { count: count as u64, error: 0.0 });
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = self.registers.as_ref()?.estimate().round() as u64;
        Some(Distinct { count, error: Registers::ERROR })
    }
}

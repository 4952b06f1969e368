//! Individuals that stay, taken out of packed genotypes without unpacking them.

use crate::chunk::{PER_BYTE, stride};

/// Some individuals of a file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    listed: usize,
    kept: usize,
    /// For each byte of genotypes, which of its four individuals stay; empty if all do.
    masks: Vec<u8>,
}

/// `COMPACT[mask][byte]`: the genotypes of `byte` that `mask` keeps, moved down.
static COMPACT: [[u8; 256]; 16] = compact_table();

const fn compact_table() -> [[u8; 256]; 16] {
    let mut table = [[0u8; 256]; 16];
    let mut mask = 0;
    while mask < 16 {
        let mut byte = 0usize;
        while byte < 256 {
            let (mut out, mut place, mut individual) = (0usize, 0, 0);
            while individual < PER_BYTE {
                if mask & (1 << individual) != 0 {
                    out |= ((byte >> (2 * individual)) & 3) << (2 * place);
                    place += 1;
                }
                individual += 1;
            }
            #[expect(clippy::cast_possible_truncation, reason = "four genotypes fill one byte")]
            let out = out as u8;
            table[mask][byte] = out;
            byte += 1;
        }
        mask += 1;
    }
    table
}

impl Selection {
    /// Of `listed` individuals those at `rows`, which ascend.
    ///
    /// # Panics
    /// If a row does not ascend or is not listed.
    pub fn new(listed: usize, rows: &[u32]) -> Self {
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "rows ascend");
        assert!(rows.last().is_none_or(|&last| (last as usize) < listed), "rows are listed");
        let mut masks = Vec::new();
        if rows.len() < listed {
            masks.resize(stride(listed), 0u8);
            for &row in rows {
                masks[row as usize / PER_BYTE] |= 1 << (row as usize % PER_BYTE);
            }
        }
        Self { listed, kept: rows.len(), masks }
    }

    /// Individuals in the file.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// Individuals that stay.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// Whether all of them stay, so that nothing has to be moved.
    pub fn is_all(&self) -> bool {
        self.masks.is_empty()
    }

    /// Bytes that the selection holds.
    pub fn bytes(&self) -> usize {
        self.masks.len()
    }

    /// Packs the genotypes of those that stay, of one variant.
    ///
    /// # Panics
    /// If `from` is not one variant of the file, or `to` not one of those that stay.
    pub fn compact(&self, from: &[u8], to: &mut [u8]) {
        assert_eq!(from.len(), stride(self.listed), "one variant of the file");
        assert_eq!(to.len(), stride(self.kept), "one variant of those that stay");
        if self.is_all() {
            to.copy_from_slice(from);
            return;
        }
        // Genotypes wait in a register until four bytes are full.
        let (mut waiting, mut bits) = (0u64, 0u32);
        let mut out = to.iter_mut();
        for (&byte, &mask) in from.iter().zip(&self.masks) {
            waiting |= u64::from(COMPACT[usize::from(mask)][usize::from(byte)]) << bits;
            bits += 2 * mask.count_ones();
            if bits >= 32 {
                for (place, full) in out.by_ref().take(4).zip(waiting.to_le_bytes()) {
                    *place = full;
                }
                waiting >>= 32;
                bits -= 32;
            }
        }
        for (place, rest) in out.zip(waiting.to_le_bytes()) {
            *place = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(bytes: &[u8], individual: usize) -> u8 {
        (bytes[individual / 4] >> (2 * (individual % 4))) & 3
    }

    proptest! {
        #[test]
        fn those_that_stay_keep_their_genotypes_and_their_order(
            individuals in prop::collection::vec((any::<bool>(), 0u8..4), 1..300)
        ) {
            let mut from = vec![0u8; stride(individuals.len())];
            for (row, (_, genotype)) in individuals.iter().enumerate() {
                from[row / 4] |= genotype << (2 * (row % 4));
            }
            let rows: Vec<u32> =
                (0u32..).zip(&individuals).filter(|(_, kept)| kept.0).map(|(row, _)| row).collect();
            let selection = Selection::new(individuals.len(), &rows);
            let mut to = vec![0xff; stride(rows.len())];
            selection.compact(&from, &mut to);
            prop_assert_eq!(selection.kept(), rows.len());
            for (place, &row) in rows.iter().enumerate() {
                prop_assert_eq!(at(&to, place), individuals[row as usize].1);
            }
        }
    }
}

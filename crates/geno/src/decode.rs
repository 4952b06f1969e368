//! Packed genotypes of some rows and columns as numbers: one tile, never a whole chunk.

use std::ops::Range;

use crate::chunk::{PER_BYTE, PackedChunk};
use crate::column::Column;
use crate::element::Element;

/// Writes the rows `rows` of `columns` into `tile`, column after column.
///
/// Half a byte, two genotypes, is one look-up of a table of 16 pairs, made for every column.
///
/// # Panics
/// If `rows` does not start at a multiple of 4 or ends beyond the individuals, or `tile` has
/// another size than rows x columns.
pub fn decode<E: Element>(
    chunk: &PackedChunk,
    columns: &[Column],
    rows: Range<usize>,
    tile: &mut [E],
) {
    assert!(rows.start.is_multiple_of(PER_BYTE) && rows.end <= chunk.individuals());
    assert_eq!(tile.len(), rows.len() * columns.len(), "a place for every number");
    let bytes = rows.start / PER_BYTE..rows.end.div_ceil(PER_BYTE);
    for (column, out) in columns.iter().zip(tile.chunks_exact_mut(rows.len().max(1))) {
        let pairs = column.pairs(E::nearest);
        let packed = &chunk.variant(column.variant)[bytes.clone()];
        let (fours, rest) = out.as_chunks_mut::<PER_BYTE>();
        for (four, &byte) in fours.iter_mut().zip(packed) {
            let (low, high) = (pairs[usize::from(byte & 15)], pairs[usize::from(byte >> 4)]);
            *four = [low[0], low[1], high[0], high[1]];
        }
        if let Some(&byte) = packed.get(fours.len()) {
            let last = [pairs[usize::from(byte & 15)], pairs[usize::from(byte >> 4)]];
            rest.copy_from_slice(&last.as_flattened()[..rest.len()]);
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is exact is compared exactly")]
mod tests {
    use super::*;
    use crate::counts::Counts;

    #[test]
    fn each_genotype_becomes_its_value() {
        let mut chunk = PackedChunk::new(6);
        // Variant 0: codes 0 1 2 3 | 3 2; variant 1: all 0.
        chunk.refill(0, 2).copy_from_slice(&[0b11_10_01_00, 0b10_11, 0, 0]);
        let column = |variant, values| Column::new(variant, values, &Counts::default());
        let columns = [column(0, [1.0, 2.0, 3.0, 4.0]), column(1, [9.0, 0.0, 0.0, 0.0])];
        let mut tile = [0.0f64; 12];
        decode(&chunk, &columns, 0..6, &mut tile);
        assert_eq!(tile, [1.0, 2.0, 3.0, 4.0, 4.0, 3.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]);
        let mut tile = [0.0f32; 2];
        decode(&chunk, &columns[..1], 4..6, &mut tile);
        assert_eq!(tile, [4.0, 3.0]);
    }
}

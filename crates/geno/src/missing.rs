//! Who is missing, in packed genotypes.

use crate::chunk::code;
use crate::counts::{LOW, PER_WORD};

/// The numbers of those who are missing, ascending; there may be some beyond the last individual.
pub(crate) fn missing(packed: &[u8]) -> impl Iterator<Item = usize> {
    let (whole, rest) = packed.as_chunks();
    let words = whole.iter().map(|word| u64::from_le_bytes(*word)).chain([read(rest)]);
    let some = words.map(low_of).enumerate().filter(|&(_, word)| word != 0);
    some.flat_map(|(number, word)| {
        let each = std::iter::successors(Some(word), |left| Some(left & left.wrapping_sub(1)));
        let each = each.take_while(|&left| left != 0);
        each.map(move |left| number * PER_WORD + left.trailing_zeros() as usize / 2)
    })
}

/// A bit for each genotype of a word that is missing.
fn low_of(word: u64) -> u64 {
    word & !(word >> 1) & LOW
}

/// The last word, which is not whole. What fills it up is not missing.
fn read(rest: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(word)
}

const _: () = assert!(code::MISSING == 0b01 && code::HOM_A1 == 0b00);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_missing_are_found_and_nobody_else() {
        for individuals in [0usize, 1, 4, 31, 32, 33, 70, 128] {
            let is = |i: usize| i % 7 == 3 || i % 32 == 31;
            let code = |i: usize| if is(i) { 1u8 } else { [0, 2, 3][i % 3] };
            let mut packed = vec![0u8; individuals.div_ceil(4)];
            (0..individuals).for_each(|i| packed[i / 4] |= code(i) << (2 * (i % 4)));
            let expected: Vec<usize> = (0..individuals).filter(|&i| is(i)).collect();
            assert_eq!(missing(&packed).collect::<Vec<_>>(), expected);
        }
    }
}

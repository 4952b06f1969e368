//! Digits of individuals, in the order in which packed genotypes come to lie.

use super::counting::LINE;

/// Genotypes in a byte.
pub(super) const FOUR: usize = 4;
/// The digits of the individuals of a [`Line`]: those of the first individual of each byte, then those of the
/// second, the third and the fourth. So a shift brings all genotypes to the places of their digits.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct DigitLine(pub(crate) [[u8; LINE]; FOUR]);

/// Planes of digits, each of so many lines.
#[derive(Clone, Copy)]
pub(crate) struct Digits<'a> {
    /// The first line of the first plane, and all that follow.
    pub(crate) lines: &'a [DigitLine],
    /// Lines from one plane to the next.
    pub(crate) stride: usize,
    /// How many planes.
    pub(crate) planes: usize,
}

impl<'a> Digits<'a> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(super) fn plane(&self, plane: usize, lines: usize) -> &'a [DigitLine] {
        &self.lines[plane * self.stride..][..lines]
    }
}

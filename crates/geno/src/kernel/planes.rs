//! Digits of individuals, in the order in which packed genotypes come to lie.

use super::counting::{LINE, Strided};
use crate::chunk::PER_BYTE;

/// The digits of the individuals of a [`Line`](super::Line): those of the first individual of each byte, then
/// those of the second, the third and the fourth. So a shift brings all genotypes to the places of their digits.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct DigitLine(pub(crate) [[u8; LINE]; PER_BYTE]);

/// Planes of digits: those of one place of a column's whole numbers.
pub(crate) type Digits<'a> = Strided<'a, DigitLine>;

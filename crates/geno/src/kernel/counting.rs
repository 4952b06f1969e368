//! Bits that two rows have in common.

use std::array::from_fn;

use twoblade_core::Instructions;

use super::{Loop, run};

/// Bytes of a [`Line`].
pub(crate) const LINE: usize = 64;
/// Rows and masks that are counted together: their 16 counts and 4 of the rows stay in registers.
const TOGETHER: usize = 4;
/// Words of a line.
pub(crate) const WORDS: usize = LINE / 8;

/// 512 bits that lie together.
pub(crate) type Line = [u64; WORDS];

/// Rows of lines, at equal distances.
#[derive(Clone, Copy)]
pub(crate) struct Strided<'a, L> {
    /// The first line of the first row, and all that follow.
    pub(crate) lines: &'a [L],
    /// Lines from one row to the next.
    pub(crate) stride: usize,
    /// How many rows.
    pub(crate) rows: usize,
}

/// Rows of bits.
pub(crate) type Bits<'a> = Strided<'a, Line>;

impl<'a, L> Strided<'a, L> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(super) fn row(&self, row: usize, lines: usize) -> &'a [L] {
        &self.lines[row * self.stride..][..lines]
    }
}

/// For each row and each mask adds the number of bits that both have among their first `lines` to
/// `counts[row * masks.rows + mask]`.
pub(crate) fn count_common(
    instructions: Instructions,
    rows: Bits<'_>,
    masks: Bits<'_>,
    lines: usize,
    counts: &mut [u64],
) {
    run(instructions, Counting { rows, masks, lines, counts });
}

struct Counting<'a> {
    rows: Bits<'a>,
    masks: Bits<'a>,
    lines: usize,
    counts: &'a mut [u64],
}

impl Loop for Counting<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { rows, masks, lines, counts } = self;
        let whole = rows.rows - rows.rows % TOGETHER;
        for row in (0..whole).step_by(TOGETHER) {
            let four = from_fn(|next| rows.row(row + next, lines));
            all_masks::<TOGETHER>(four, masks, &mut counts[row * masks.rows..]);
        }
        for row in whole..rows.rows {
            all_masks::<1>([rows.row(row, lines)], masks, &mut counts[row * masks.rows..]);
        }
    }
}

/// `R` rows with all masks.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn all_masks<'a, const R: usize>(rows: [&'a [Line]; R], masks: Bits<'a>, counts: &mut [u64]) {
    let lines = rows[0].len();
    let whole = masks.rows - masks.rows % TOGETHER;
    for mask in (0..whole).step_by(TOGETHER) {
        let four: [_; TOGETHER] = from_fn(|next| masks.row(mask + next, lines));
        several(rows, four, (&mut counts[mask..], masks.rows));
    }
    let to = (&mut counts[whole..], masks.rows);
    match masks.rows - whole {
        1 => several::<R, 1>(rows, from_fn(|next| masks.row(whole + next, lines)), to),
        2 => several::<R, 2>(rows, from_fn(|next| masks.row(whole + next, lines)), to),
        3 => several::<R, 3>(rows, from_fn(|next| masks.row(whole + next, lines)), to),
        _ => {}
    }
}

/// `R` rows and `M` masks of the same length.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn several<'a, const R: usize, const M: usize>(
    rows: [&'a [Line]; R],
    masks: [&'a [Line]; M],
    (counts, stride): (&mut [u64], usize),
) {
    let mut sums = [[0u64; M]; R];
    let words = rows[0].len() * WORDS;
    let flat = |lines: &'a [Line]| &lines.as_flattened()[..words];
    let (rows, masks) = (rows.map(flat), masks.map(flat));
    for word in 0..words {
        for r in 0..R {
            for m in 0..M {
                // Nothing can overflow, and a check would keep the loop from being made of vectors.
                let common = (rows[r][word] & masks[m][word]).count_ones();
                sums[r][m] = sums[r][m].wrapping_add(common.into());
            }
        }
    }
    for r in 0..R {
        for m in 0..M {
            counts[r * stride + m] += sums[r][m];
        }
    }
}

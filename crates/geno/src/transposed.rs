//! X'Z on packed genotypes.
//!
//! Nothing is decoded. A panel is cut into masks of bits, and the bits are counted that a row of packed
//! genotypes has in common with each mask; columns of floats are looked up.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::{Instructions, Threads, tiles};

use crate::chunk::{PackedChunk, code, stride};
use crate::column::Column;
use crate::kernel::{Bits, LINE, Line, WIDTH, What, copy_bits, count_common, sum_digits};
use crate::panel::{Panel, PanelSize};
use crate::{reals, signs};

/// Columns that one thread takes at a time.
const COLUMNS: usize = 32;
/// Rows of each of these: their genotypes, which are missing, and which have no copy.
const ROWS: usize = 3;
/// Lines of a row that are counted before its next ones: those of all rows of a tile, and of some
/// masks, stay in a core's cache.
const LINES: usize = 128;

/// X'Z: for each of `columns` a row of `panel.width()` sums over individuals. Columns of one variant
/// stand side by side.
///
/// With t, m and d the sums of a panel column over individuals, weighted with the sum of both bits of
/// their genotype, and over those that are missing (01) and those with no copy (11), the sums over the
/// others are t - m - 2d for one copy (10), and what is left of all for two (00).
///
/// # Panics
/// If the panel is not of the individuals of the chunk.
pub fn transposed_product(
    instructions: Instructions,
    chunk: &PackedChunk,
    columns: &[Column],
    panel: &Panel,
    threads: &dyn Threads,
) -> Vec<f64> {
    let width = panel.width();
    assert_eq!(panel.individuals(), chunk.individuals(), "a row for every individual");
    let mut sums = vec![0.0; columns.len() * width];
    let variants = Variants::of(columns);
    let totals = panel.totals();
    let reals = variants.reals(instructions, chunk, panel, threads);
    tiles(threads, &mut sums, COLUMNS * width.max(1), &|tile, sums| {
        let columns = tile * COLUMNS..((tile + 1) * COLUMNS).min(columns.len());
        let numbers = variants.numbers[columns.start]..variants.numbers[columns.end - 1] + 1;
        let [counts, digits] = variants.count(instructions, chunk, panel, numbers.clone());
        let (counts, digits) = (&counts[..], &digits[..]);
        let found = Found { panel, totals, reals: &reals, counts, digits };
        variants.combine(&found, (columns, numbers), sums);
    });
    sums
}

/// The variants of some columns, numbered as they come.
struct Variants<'a> {
    columns: &'a [Column],
    /// Of each column.
    numbers: Vec<usize>,
    /// Where each is in the chunk.
    places: Vec<usize>,
    /// Whether individuals without a copy are counted too: one of its columns is not a straight line in the
    /// copies.
    bent: Vec<bool>,
    /// Whether any genotype is missing.
    missing: Vec<bool>,
}

/// What is counted of a variant, in this order.
const COUNTED: [What; ROWS] = [What::Genotypes, What::Missing, What::NoCopy];

/// Sums of the columns of floats of a panel, and of those of weighted signs, for each variant: in the order
/// of [`COUNTED`], none where nothing is to be counted.
type RealSums = [[Vec<f64>; 2]; ROWS];

/// All that the sums of a column are made of.
struct Found<'a> {
    panel: &'a Panel,
    totals: &'a [f64],
    reals: &'a RealSums,
    /// For each variant, [`COUNTED`] and mask.
    counts: &'a [u64],
    /// For each variant, [`COUNTED`] and plane of digits.
    digits: &'a [u64],
}

impl<'a> Variants<'a> {
    fn of(columns: &'a [Column]) -> Self {
        let (mut numbers, mut places) = (Vec::new(), Vec::new());
        let (mut bent, mut missing) = (Vec::new(), Vec::new());
        for column in columns {
            if places.last() != Some(&column.variant) {
                places.push(column.variant);
                bent.push(false);
                missing.push(column.missing > 0);
            }
            numbers.push(places.len() - 1);
            if let Some(bent) = bent.last_mut() {
                *bent |= slope(column.values).is_none();
            }
        }
        Self { columns, numbers, places, bent, missing }
    }

    fn reals(
        &self,
        instructions: Instructions,
        chunk: &PackedChunk,
        panel: &Panel,
        threads: &dyn Threads,
    ) -> RealSums {
        COUNTED.map(|what| {
            let anybody = (0..self.places.len()).any(|number| self.counts(number, what));
            if !anybody || panel.floats().width() + panel.signs().width() == 0 {
                return [Vec::new(), Vec::new()];
            }
            let of = (&self.places[..], what);
            let floats = panel.floats().sums(instructions, chunk, of, threads);
            [floats, panel.signs().sums(instructions, chunk, of, threads)]
        })
    }

    /// Whether there may be somebody to count of a variant.
    fn counts(&self, number: usize, what: What) -> bool {
        match what {
            What::Genotypes => true,
            What::Missing => self.missing[number],
            What::NoCopy => self.bent[number],
        }
    }

    /// The bits that the rows of some variants have in common with each mask, and their sums with each plane of
    /// digits.
    fn count(
        &self,
        instructions: Instructions,
        chunk: &PackedChunk,
        panel: &Panel,
        numbers: Range<usize>,
    ) -> [Vec<u64>; 2] {
        let widths = [panel.masks_from(0).rows, panel.digits_from(0).rows];
        let mut all = widths.map(|width| vec![0; numbers.len() * ROWS * width]);
        let mut some = all.clone();
        // Memory for all is taken at once, and touched as far as there are rows.
        let most = LINES.min(panel.lines()) * ROWS * numbers.len();
        let mut copied: Vec<Line> = Vec::with_capacity(most);
        let mut there = Vec::with_capacity(numbers.len() * ROWS);
        for first in (0..panel.lines()).step_by(LINES) {
            let lines = LINES.min(panel.lines() - first);
            there.clear();
            for number in numbers.clone() {
                let packed = chunk.variant(self.places[number]);
                let packed = &packed[first * LINE..packed.len().min((first + lines) * LINE)];
                for (row, &what) in COUNTED.iter().enumerate() {
                    if !self.counts(number, what) {
                        continue;
                    }
                    // A row without a bit is written over by the next. There are far fewer than three for
                    // each variant, unless genotypes are missing.
                    let end = (there.len() + 1) * lines;
                    if copied.len() < end {
                        copied.resize(end, Line::default());
                    }
                    let to = &mut copied[end - lines..end];
                    if copy_bits(instructions, what, packed, to) {
                        there.push((number - numbers.start) * ROWS + row);
                    }
                }
            }
            let rows = Bits { lines: &copied, stride: lines, rows: there.len() };
            let [of_masks, of_digits] = &mut some;
            of_masks.fill(0);
            of_digits.fill(0);
            count_common(instructions, rows, panel.masks_from(first), lines, of_masks);
            sum_digits(instructions, rows, panel.digits_from(first), lines, of_digits);
            for ((all, some), width) in zip(zip(&mut all, &some), widths) {
                for (&row, some) in zip(&there, some.chunks_exact(width.max(1))) {
                    let all = &mut all[row * width..][..width];
                    zip(all, some).for_each(|(sum, &more)| *sum += more);
                }
            }
        }
        all
    }

    /// The sums of some columns, which are of the variants `numbers`.
    fn combine(
        &self,
        found: &Found<'_>,
        (columns, numbers): (Range<usize>, Range<usize>),
        sums: &mut [f64],
    ) {
        let width = found.panel.width();
        let [mut both, mut missing, mut none] = [0; ROWS].map(|_| vec![0.0; width]);
        let mut last = None;
        for (column, sums) in zip(columns, sums.chunks_exact_mut(width)) {
            let number = self.numbers[column];
            if last != Some(number) {
                last = Some(number);
                for (row, sums) in [&mut both, &mut missing, &mut none].into_iter().enumerate() {
                    found.put_together((number, number - numbers.start), row, sums);
                }
            }
            let values = self.columns[column].values;
            if let Some(slope) = slope(values) {
                for at in 0..width {
                    let known = found.totals[at] - missing[at];
                    let copies = 2.0 * known - (both[at] - missing[at]);
                    sums[at] = values[code::HOM_A2] * known
                        + slope * copies
                        + values[code::MISSING] * missing[at];
                }
            } else {
                for at in 0..width {
                    let one = both[at] - missing[at] - 2.0 * none[at];
                    let two = found.totals[at] - missing[at] - one - none[at];
                    sums[at] = values[code::HOM_A1] * two
                        + values[code::HET] * one
                        + values[code::HOM_A2] * none[at]
                        + values[code::MISSING] * missing[at];
                }
            }
        }
    }
}

impl Found<'_> {
    /// The sums of all panel columns over one row of a variant, which has one number among all and
    /// another among those that were counted.
    fn put_together(&self, (number, counted): (usize, usize), row: usize, sums: &mut [f64]) {
        let of = |counts, width| of_row(counts, counted * ROWS + row, width);
        let counts = of(self.counts, self.panel.masks_from(0).rows);
        let digits = of(self.digits, self.panel.digits_from(0).rows);
        let [floats, signed] = &self.reals[row];
        let floats = of_row(floats, number, self.panel.floats().width());
        let signed = of_row(signed, number, self.panel.signs().width());
        self.panel.weigh([counts, digits], [floats, signed], sums);
    }
}

/// A row of a width, or nothing where there are none.
fn of_row<T>(rows: &[T], number: usize, width: usize) -> &[T] {
    rows.get(number * width..(number + 1) * width).unwrap_or_default()
}

/// What one more copy adds, where each adds the same, but for rounding.
fn slope(values: [f64; 4]) -> Option<f64> {
    let [none, one, two] = [code::HOM_A2, code::HET, code::HOM_A1].map(|code| values[code]);
    let bend = (none - one) - (one - two);
    let rounding = 4.0 * f64::EPSILON * none.abs().max(one.abs()).max(two.abs());
    (bend.abs() <= rounding).then_some((two - none) / 2.0)
}

/// Bytes that one thread holds, for chunks of so many variants and individuals, and of all threads
/// together what they share, which counts as if each had it.
pub(crate) fn scratch_bytes(
    (variants, individuals): (usize, usize),
    PanelSize { masks, floats, planes, signs, weights }: PanelSize,
) -> usize {
    let columns = COLUMNS.min(variants);
    let lines = LINES.min(stride(individuals).div_ceil(LINE));
    let counted = masks + 1 + planes;
    let counts = ROWS * columns * (lines * LINE + 2 * counted * size_of::<u64>());
    let width = floats.next_multiple_of(WIDTH) + signs * weights;
    let sums = ROWS * variants * width * size_of::<f64>();
    let of = (variants, individuals);
    let reals = reals::scratch_bytes(of, floats).max(signs::scratch_bytes(of, (signs, weights)));
    counts + sums + variants * 18 + reals
}

//! X'Z on packed genotypes.
//!
//! Nothing is decoded. A panel is cut into masks of bits, and the bits are counted that a row of packed
//! genotypes has in common with each mask; columns of floats are looked up.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::{Instructions, Threads, tiles};

use crate::chunk::{PackedChunk, code, stride};
use crate::column::Column;
use crate::kernel::{Bits, LINE, Line, WIDTH, What, copy_bits, count_common};
use crate::missing::any_missing;
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
        let counts = variants.count(instructions, chunk, panel, numbers.clone());
        let found = Found { panel, totals, reals: &reals, counts: &counts };
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
    /// Whether one of its columns is not a straight line in the copies, so that individuals without a
    /// copy are counted too.
    bent: Vec<bool>,
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
}

impl<'a> Variants<'a> {
    fn of(columns: &'a [Column]) -> Self {
        let (mut numbers, mut places, mut bent) = (Vec::new(), Vec::new(), Vec::new());
        for column in columns {
            if places.last() != Some(&column.variant) {
                places.push(column.variant);
                bent.push(false);
            }
            numbers.push(places.len() - 1);
            if let Some(bent) = bent.last_mut() {
                *bent |= slope(column.values).is_none();
            }
        }
        Self { columns, numbers, places, bent }
    }

    fn reals(
        &self,
        instructions: Instructions,
        chunk: &PackedChunk,
        panel: &Panel,
        threads: &dyn Threads,
    ) -> RealSums {
        COUNTED.map(|what| {
            let nobody = match what {
                What::Genotypes => false,
                What::Missing => !self.places.iter().any(|&at| any_missing(chunk.variant(at))),
                What::NoCopy => !self.bent.contains(&true),
            };
            if nobody || panel.floats().width() + panel.signs().width() == 0 {
                return [Vec::new(), Vec::new()];
            }
            let of = (&self.places[..], what);
            let floats = panel.floats().sums(instructions, chunk, of, threads);
            [floats, panel.signs().sums(instructions, chunk, of, threads)]
        })
    }

    /// The bits that the rows of some variants have in common with each mask.
    fn count(
        &self,
        instructions: Instructions,
        chunk: &PackedChunk,
        panel: &Panel,
        numbers: Range<usize>,
    ) -> Vec<u64> {
        let masks = panel.masks_from(0).rows;
        let mut all = vec![0; numbers.len() * ROWS * masks];
        let mut some = vec![0; all.len()];
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
                    if what == What::NoCopy && !self.bent[number] {
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
            let some = &mut some[..there.len() * masks];
            some.fill(0);
            count_common(instructions, rows, panel.masks_from(first), lines, some);
            for (&row, some) in zip(&there, some.chunks_exact(masks)) {
                zip(&mut all[row * masks..][..masks], some).for_each(|(sum, &count)| *sum += count);
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
        let masks = self.panel.masks_from(0).rows;
        let counts = &self.counts[(counted * ROWS + row) * masks..][..masks];
        let [floats, signed] = &self.reals[row];
        let floats = row_of(floats, number, self.panel.floats().width());
        let signed = row_of(signed, number, self.panel.signs().width());
        self.panel.weigh(counts, [floats, signed], sums);
    }
}

/// A row of a width, or nothing where there are none.
fn row_of(rows: &[f64], number: usize, width: usize) -> &[f64] {
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
    PanelSize { masks, floats, signs, weights }: PanelSize,
) -> usize {
    let columns = COLUMNS.min(variants);
    let lines = LINES.min(stride(individuals).div_ceil(LINE));
    let counts = ROWS * columns * (lines * LINE + 2 * masks * size_of::<u64>());
    let width = floats.next_multiple_of(WIDTH) + signs * weights;
    let sums = ROWS * variants * width * size_of::<f64>();
    let of = (variants, individuals);
    let reals = reals::scratch_bytes(of, floats).max(signs::scratch_bytes(of, (signs, weights)));
    counts + sums + variants * 17 + reals
}

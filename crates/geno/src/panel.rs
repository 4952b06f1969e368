//! What genotypes are multiplied by, as bits or as floats.

use std::ops::Range;
use std::sync::OnceLock;

use crate::chunk::{PER_BYTE, stride};
use crate::counts::PER_WORD;
use crate::kernel::{Bits, DigitLine, Digits, LINE, Line, SIXTEEN, WORDS};
use crate::reals::Floats;
use crate::signs::Signs;

/// The largest whole number below which every one is a double.
const EXACT_BITS: u32 = 53;

/// How many columns of each kind a panel has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PanelSize {
    /// Masks: one for a column of two values.
    pub masks: usize,
    /// Columns of floats: as many of those of more values, from the first on. Quick for sixteen at a time.
    pub floats: usize,
    /// Planes of digits: one for each eight bits, or fewer, of each of the others.
    pub planes: usize,
    /// Columns of signs that are multiplied by weights.
    pub signs: usize,
    /// Sets of weights, each of which multiplies all of these.
    pub weights: usize,
}

/// Columns of numbers by individual.
///
/// A column of two values is a mask of bits, with each bit twice, so that it lies upon both bits of a
/// genotype; nothing is rounded, and a sum of a genotype column with it is a count of bits, and exact. A
/// column of one value needs no mask. Any other column is floats, whose sums of 4,096 are added to doubles; or it
/// is rounded to whole numbers of so many bits, the last of which is worth so small a part of the column's range,
/// and sums are exact.
#[derive(Clone, Debug)]
pub struct Panel {
    individuals: usize,
    /// Bits of whole numbers.
    bits: u32,
    /// How many columns become floats.
    most_floats: usize,
    /// Lines of a mask.
    lines: usize,
    /// The mask of everybody, then those of all columns.
    masks: Vec<Line>,
    /// The digits of whole numbers, from the lowest on.
    digits: Vec<DigitLine>,
    floats: Floats,
    signs: Signs,
    columns: Vec<Parts>,
    /// The sums of the columns, once they are asked for.
    totals: OnceLock<Vec<f64>>,
}

/// How a column is put together.
#[derive(Clone, Debug)]
enum Parts {
    /// The same for everybody.
    Constant(f64),
    /// `constant` for everybody, and beside it `unit` for those of the mask.
    Mask { mask: usize, constant: f64, unit: f64 },
    /// `constant` for everybody, and beside it `unit` 256^k times the k-th of its digits.
    Whole { planes: Range<usize>, constant: f64, unit: f64 },
    /// The column of floats with this number.
    Floats(usize),
    /// The column of signs times weights with this number.
    Signed(usize),
}

impl Parts {
    /// Its one mask, if it is a column of signs.
    #[expect(clippy::float_cmp, reason = "signs are exact")]
    fn sign(&self) -> Option<usize> {
        match self {
            Self::Mask { mask, constant, unit } => {
                (*constant == -1.0 && *unit == 2.0).then_some(*mask)
            }
            _ => None,
        }
    }
}

impl Panel {
    /// No columns yet, for so many individuals, and whole numbers of so many bits. Memory for columns of that
    /// size is taken at once.
    ///
    /// # Panics
    /// If whole numbers are to have no bits, or more than 53.
    pub fn new(individuals: usize, bits: u32, size: PanelSize) -> Self {
        assert!((1..=EXACT_BITS).contains(&bits), "1 to {EXACT_BITS} bits");
        let lines = stride(individuals).div_ceil(LINE).max(1);
        let masks = Vec::with_capacity((size.masks + 1) * lines);
        let mut columns = Floats::new(individuals);
        columns.reserve(size.floats);
        let mut panel = Self {
            individuals,
            bits,
            most_floats: size.floats,
            lines,
            masks,
            digits: Vec::with_capacity(size.planes * lines),
            floats: columns,
            signs: Signs::default(),
            columns: Vec::new(),
            totals: OnceLock::new(),
        };
        let everybody = panel.more_masks(1);
        (0..individuals).for_each(|row| panel.set(everybody.start, row));
        panel
    }

    /// How many columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// How many individuals.
    pub fn individuals(&self) -> usize {
        self.individuals
    }

    /// Bytes held by a panel of so many individuals.
    pub fn bytes(individuals: usize, size: PanelSize) -> usize {
        let lines = stride(individuals).div_ceil(LINE).max(1);
        let masks = (size.masks + 1) * lines * LINE;
        let floats = Floats::bytes(individuals, size.floats);
        let whole = size.planes * lines * size_of::<DigitLine>();
        masks + floats + whole + Signs::bytes(individuals, (size.signs, size.weights))
    }

    /// Adds columns of two values, at most 128: `bits` tells of each individual, from the first on, in
    /// which of them it has the larger (the lowest bit is for the first column).
    ///
    /// # Panics
    /// If there are more than 128 columns.
    pub fn push_two_valued(
        &mut self,
        columns: usize,
        [small, large]: [f64; 2],
        mut bits: impl FnMut(usize) -> u128,
    ) {
        assert!(columns <= 128, "at most 128 columns at a time");
        self.totals.take();
        let masks = self.more_masks(columns);
        for mask in masks.clone() {
            self.columns.push(Parts::Mask { mask, constant: small, unit: large - small });
        }
        for row in 0..self.individuals {
            let mut left = bits(row);
            for mask in masks.clone() {
                if left & 1 == 1 {
                    self.set(mask, row);
                }
                left >>= 1;
            }
        }
    }

    /// Adds all the columns of signs so far times these weights, rounded to floats: column after column, a
    /// weight where it has its larger value and less it where it has the smaller one. Sums of 4,096
    /// individuals are added to doubles. Much quicker than as many columns of floats.
    ///
    /// # Panics
    /// If there is not a weight for each individual, or columns of two values were added since it was
    /// first asked for.
    pub fn push_weighted_signs(&mut self, weights: &[f64]) {
        assert_eq!(weights.len(), self.individuals, "a weight for each individual");
        self.totals.take();
        let masks: Vec<usize> = self.columns.iter().filter_map(Parts::sign).collect();
        if self.signs.columns() == 0 {
            let sixteen = |column: usize, group: usize| self.sixteen(masks[column], group);
            self.signs = Signs::new(self.individuals, masks.len(), sixteen);
        }
        assert_eq!(self.signs.columns(), masks.len(), "the same columns of signs");
        let first = self.signs.push(weights);
        self.columns.extend((first..first + masks.len()).map(Parts::Signed));
    }

    /// Which of sixteen individuals a mask has.
    fn sixteen(&self, mask: usize, group: usize) -> u16 {
        let first = group * SIXTEEN;
        let line = &self.masks[mask * self.lines + first / PER_WORD / WORDS];
        let word = line[first / PER_WORD % WORDS] >> (2 * (first % PER_WORD));
        (0..SIXTEEN).fold(0, |signs, at| signs | (((word >> (2 * at)) & 1) as u16) << at)
    }

    /// Adds a column.
    ///
    /// # Panics
    /// If it has not a value for each individual.
    pub fn push(&mut self, values: &[f64]) {
        assert_eq!(values.len(), self.individuals, "a value for each individual");
        self.totals.take();
        let (least, most) = values
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
        if least >= most {
            self.columns.push(Parts::Constant(least));
        } else if values.iter().all(|&x| x <= least || x >= most) {
            let mask = self.more_masks(1).start;
            self.columns.push(Parts::Mask { mask, constant: least, unit: most - least });
            for (row, _) in values.iter().enumerate().filter(|(_, x)| **x >= most) {
                self.set(mask, row);
            }
        } else if self.floats.columns() < self.most_floats {
            let number = self.floats.push(values);
            self.columns.push(Parts::Floats(number));
        } else {
            self.push_whole(values, (least, most));
        }
    }

    /// Adds a column of many values, all of them from `least` to `most`.
    fn push_whole(&mut self, values: &[f64], (least, most): (f64, f64)) {
        let first = self.digits.len() / self.lines;
        let planes = first..first + self.bits.div_ceil(8) as usize;
        self.digits.resize(planes.end * self.lines, DigitLine([[0; LINE]; PER_BYTE]));
        let steps = ((1u64 << self.bits) - 1) as f64;
        let unit = (most - least) / steps;
        for (row, &value) in values.iter().enumerate() {
            let rounded = ((value - least) / unit).round_ties_even().clamp(0.0, steps);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 0 to 2^53 - 1"
            )]
            let digits = (rounded as u64).to_le_bytes();
            let (byte, place) = (row / PER_BYTE, row % PER_BYTE);
            for (plane, digit) in planes.clone().zip(digits) {
                let line = &mut self.digits[plane * self.lines + byte / LINE];
                line.0[place][byte % LINE] = digit;
            }
        }
        self.columns.push(Parts::Whole { planes, constant: least, unit });
    }

    /// Takes place for more masks.
    fn more_masks(&mut self, more: usize) -> Range<usize> {
        let first = self.masks.len() / self.lines;
        self.masks.resize((first + more) * self.lines, Line::default());
        first..first + more
    }

    fn set(&mut self, mask: usize, row: usize) {
        let word = row / PER_WORD;
        let line = &mut self.masks[mask * self.lines + word / WORDS];
        line[word % WORDS] |= 3 << (2 * (row % PER_WORD));
    }

    /// Lines of a mask.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    /// The masks from some line on; the first is that of everybody.
    pub(crate) fn masks_from(&self, line: usize) -> Bits<'_> {
        let rows = self.masks.len() / self.lines;
        Bits { lines: &self.masks[line..], stride: self.lines, rows }
    }

    /// The digits of whole numbers, from some line on.
    pub(crate) fn digits_from(&self, line: usize) -> Digits<'_> {
        let rows = self.digits.len() / self.lines;
        Digits { lines: self.digits.get(line..).unwrap_or_default(), stride: self.lines, rows }
    }

    /// The sums of the columns.
    pub(crate) fn totals(&self) -> &[f64] {
        self.totals.get_or_init(|| self.add_up())
    }

    fn add_up(&self) -> Vec<f64> {
        let ones = |mask: &[Line]| {
            let ones = mask.iter().flatten().copied().map(u64::count_ones);
            // Each bit is there twice.
            ones.map(u64::from).sum::<u64>() / 2
        };
        let counts: Vec<u64> = self.masks.chunks_exact(self.lines).map(ones).collect();
        let plane = |plane: &[DigitLine]| {
            plane.iter().flat_map(|line| line.0.as_flattened()).map(|&digit| u64::from(digit)).sum()
        };
        let digits: Vec<u64> = self.digits.chunks_exact(self.lines).map(plane).collect();
        let mut totals = vec![0.0; self.width()];
        let reals = [self.floats.totals(), self.signs.totals()];
        self.weigh([&counts, &digits], reals.each_ref().map(Vec::as_slice), &mut totals);
        totals
    }

    /// Its columns of signs times weights.
    pub(crate) fn signs(&self) -> &Signs {
        &self.signs
    }

    /// Its columns of floats.
    pub(crate) fn floats(&self) -> &Floats {
        &self.floats
    }

    /// From the bits that a row has in common with each mask, its sums with each plane of digits, and those with
    /// the columns of floats and of weighted signs (none if the row has no bit), the sums over individuals of that
    /// row times each column.
    pub(crate) fn weigh(
        &self,
        [counts, digits]: [&[u64]; 2],
        [floats, signed]: [&[f64]; 2],
        sums: &mut [f64],
    ) {
        let all = counts[0] as f64;
        for (column, sum) in self.columns.iter().zip(sums) {
            *sum = match column {
                Parts::Constant(constant) => constant * all,
                Parts::Mask { mask, constant, unit } => {
                    constant * all + unit * counts[*mask] as f64
                }
                Parts::Whole { planes, constant, unit } => {
                    let mut whole = 0.0;
                    // From the highest digit on, and exact while it is below 2^53.
                    for &digit in digits[planes.clone()].iter().rev() {
                        whole = 256.0 * whole + digit as f64;
                    }
                    constant * all + unit * whole
                }
                Parts::Floats(number) => floats.get(*number).copied().unwrap_or_default(),
                Parts::Signed(number) => signed.get(*number).copied().unwrap_or_default(),
            };
        }
    }
}

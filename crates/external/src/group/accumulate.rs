//! What is known of a group after some of its rows.
//!
//! A group's accumulators are words of 64 bits that stand together, a few for each aggregate. Rows
//! reach them in the order of the file, so that sums have the same bits however rows were divided.

use twoblade_table::Kind;

use super::aggregate::Function;
use super::batch::Values;

/// How an aggregate is kept, and where its words begin among those of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accumulator {
    pub(super) at: usize,
    pub(super) keep: Keep,
    pub(super) function: Function,
    /// The column among those of a batch.
    pub(super) input: Option<usize>,
    /// Of that column.
    pub(super) kind: Kind,
}

/// What the words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// How many.
    Count,
    /// A sum of integers in 128 bits, and how many.
    Integers,
    /// A sum, what rounding took from it, and how many.
    Floats,
    /// How many, their mean, and the sum of squared deviations from it.
    Spread,
    /// A value, and whether there is one.
    Word,
    /// The number of a string, from 1; 0 for none.
    String,
}

impl Keep {
    pub(super) fn of(function: Function, kind: Kind) -> Self {
        match function {
            Function::Count => Self::Count,
            Function::Sum | Function::Mean if kind == Kind::Float => Self::Floats,
            Function::Sum | Function::Mean => Self::Integers,
            Function::Var | Function::Sd => Self::Spread,
            _ if kind == Kind::Category => Self::String,
            _ => Self::Word,
        }
    }

    pub(super) fn words(self) -> usize {
        match self {
            Self::Count | Self::String => 1,
            Self::Word => 2,
            Self::Integers | Self::Floats | Self::Spread => 3,
        }
    }
}

/// Strings that groups keep, each with a number.
#[derive(Debug, Default)]
pub(super) struct Kept {
    strings: Vec<Vec<u8>>,
    bytes: usize,
}

impl Kept {
    /// The bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.strings.capacity() * size_of::<Vec<u8>>()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn get(&self, number: u64) -> Option<&[u8]> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        Some(&self.strings[place])
    }

    /// Keeps a string in the place of another, or in a new one; its number.
    pub(super) fn put(&mut self, number: u64, string: &[u8]) -> u64 {
        let number = if number == 0 {
            self.strings.push(Vec::new());
            // What the allocator needs beside each.
            self.bytes += 16;
            self.strings.len() as u64
        } else {
            number
        };
        let place = usize::try_from(number - 1).expect("one that was given out");
        let kept = &mut self.strings[place];
        self.bytes -= kept.capacity();
        kept.clear();
        kept.reserve_exact(string.len());
        kept.extend_from_slice(string);
        self.bytes += kept.capacity();
        number
    }
}

impl Accumulator {
    /// Adds rows in their order: row `i` to the words that begin at `places[i]`, or to none if that
    /// is 0.
    pub(super) fn add(
        &self,
        column: Option<&Values>,
        places: &[u32],
        words: &mut [u64],
        kept: &mut Kept,
    ) {
        let Some(column) = column else {
            for place in there(places, None) {
                words[place.1 + self.at] += 1;
            }
            return;
        };
        let rows = there(places, Some(&column.present));
        let value = |row: usize| column.words[row];
        match self.keep {
            Keep::Count => {
                for (_, place) in rows {
                    words[place + self.at] += 1;
                }
            }
            Keep::Integers => {
                for (row, place) in rows {
                    add_integer(three(words, place + self.at), value(row).cast_signed());
                }
            }
            Keep::Floats => {
                for (row, place) in rows {
                    add_float(three(words, place + self.at), f64::from_bits(value(row)));
                }
            }
            Keep::Spread => {
                let float = column.kind == Kind::Float;
                for (row, place) in rows {
                    let word = value(row);
                    let value =
                        if float { f64::from_bits(word) } else { word.cast_signed() as f64 };
                    add_spread(three(words, place + self.at), value);
                }
            }
            Keep::Word => {
                for (row, place) in rows {
                    let [old, there] = two(words, place + self.at);
                    if *there == 0 || self.replaces(value(row), *old) {
                        (*old, *there) = (value(row), 1);
                    }
                }
            }
            Keep::String => {
                for (row, place) in rows {
                    let (new, number) = (column.strings.get(row), &mut words[place + self.at]);
                    let replaces = kept.get(*number).is_none_or(|old| match self.function {
                        Function::Min => new < old,
                        Function::Max => new > old,
                        Function::First => false,
                        _ => true,
                    });
                    if replaces {
                        *number = kept.put(*number, new);
                    }
                }
            }
        }
    }

    /// Whether a value is kept instead of the one that is.
    fn replaces(&self, new: u64, old: u64) -> bool {
        match (self.function, self.kind) {
            (Function::First, _) => false,
            (Function::Min, Kind::Float) => below(f64::from_bits(new), f64::from_bits(old)),
            (Function::Max, Kind::Float) => below(f64::from_bits(old), f64::from_bits(new)),
            (Function::Min, _) => new.cast_signed() < old.cast_signed(),
            (Function::Max, _) => new.cast_signed() > old.cast_signed(),
            _ => true,
        }
    }

    /// What comes out, appended to a column; an integer that needs more than 64 bits is given back.
    pub(super) fn finish(&self, words: &[u64], kept: &Kept, to: &mut Values) -> Result<(), i128> {
        let words = &words[self.at..];
        let mut put = |value: Option<u64>| {
            to.present.push(value.is_some());
            to.words.push(value.unwrap_or(0));
            Ok(())
        };
        let count = |at: usize| words[at] as f64;
        match self.keep {
            Keep::Count => put(Some(words[0])),
            Keep::Integers | Keep::Floats if words[2] == 0 => put(None),
            Keep::Integers => {
                let sum = wide(words[0], words[1]);
                if self.function == Function::Mean {
                    return put(Some((sum as f64 / count(2)).to_bits()));
                }
                put(Some(i64::try_from(sum).map_err(|_| sum)?.cast_unsigned()))
            }
            Keep::Floats => {
                let (sum, lost) = (f64::from_bits(words[0]), f64::from_bits(words[1]));
                // Beyond what is finite nothing was lost, but infinity less infinity.
                let sum = if sum.is_finite() { sum + lost } else { sum };
                let mean = self.function == Function::Mean;
                put(Some(if mean { sum / count(2) } else { sum }.to_bits()))
            }
            Keep::Spread if words[0] < 2 => put(None),
            Keep::Spread => {
                let variance = f64::from_bits(words[2]) / (count(0) - 1.0);
                let sd = self.function == Function::Sd;
                put(Some(if sd { variance.sqrt() } else { variance }.to_bits()))
            }
            Keep::Word => put((words[1] != 0).then_some(words[0])),
            Keep::String => {
                let string = kept.get(words[0]);
                to.present.push(string.is_some());
                to.strings.push(string.unwrap_or_default());
                Ok(())
            }
        }
    }
}

/// Rows that have a place and a value, and the places.
fn there<'a>(
    places: &'a [u32],
    present: Option<&'a [bool]>,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let rows = places.iter().enumerate().filter(|(_, place)| **place != 0);
    let rows = rows.map(|(row, &place)| (row, place as usize));
    rows.filter(move |(row, _)| present.is_none_or(|present| present[*row]))
}

fn two(words: &mut [u64], at: usize) -> &mut [u64; 2] {
    words[at..].first_chunk_mut().expect("inside the group")
}

fn three(words: &mut [u64], at: usize) -> &mut [u64; 3] {
    words[at..].first_chunk_mut().expect("inside the group")
}

fn wide(low: u64, high: u64) -> i128 {
    (u128::from(high) << 64 | u128::from(low)).cast_signed()
}

/// 128 bits hold 2^64 integers.
fn add_integer([low, high, count]: &mut [u64; 3], value: i64) {
    let sum = (wide(*low, *high) + i128::from(value)).cast_unsigned();
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let halves = (sum as u64, (sum >> 64) as u64);
    (*low, *high) = halves;
    *count += 1;
}

/// A. Neumaier, ZAMM 54 (1974) 39: what rounding takes from the sum is summed beside it.
fn add_float([sum, lost, count]: &mut [u64; 3], value: f64) {
    let old = f64::from_bits(*sum);
    let new = old + value;
    let rest = if old.abs() >= value.abs() { (old - new) + value } else { (value - new) + old };
    *sum = new.to_bits();
    *lost = (f64::from_bits(*lost) + rest).to_bits();
    *count += 1;
}

/// B. P. Welford, Technometrics 4 (1962) 419: deviations from the mean so far.
fn add_spread([count, mean, squares]: &mut [u64; 3], value: f64) {
    *count += 1;
    let old = f64::from_bits(*mean);
    let new = old + (value - old) / *count as f64;
    *mean = new.to_bits();
    *squares = (f64::from_bits(*squares) + (value - old) * (value - new)).to_bits();
}

/// The order of floats with NaN above all numbers.
fn below(a: f64, b: f64) -> bool {
    a < b || (b.is_nan() && !a.is_nan())
}

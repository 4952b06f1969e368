//! One field of a record.
//!
//! As the `csv` crate has it: a quote opens at the beginning of a field only, a doubled quote within
//! is one, what follows a closing quote belongs to the field as it stands, and CR, LF or both end a
//! record; records without a byte are none.

use memchr::{memchr, memchr3};

/// A field, and where reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// Its value, without quotes.
    pub(crate) value: &'a [u8],
    /// Whether it is quoted: then it is meant as it stands.
    pub(crate) quoted: bool,
    /// Where the bytes of the field end.
    pub(crate) end: usize,
    /// Whether it is the last of its record.
    pub(crate) last: bool,
}

impl Field<'_> {
    /// Where what follows begins.
    pub(crate) fn next(&self, bytes: &[u8]) -> usize {
        (self.end + 1).min(bytes.len())
    }
}

/// The field that begins at `at`; `scratch` is for values that do not stand in `bytes` as they are.
#[inline]
pub(crate) fn field<'a>(
    bytes: &'a [u8],
    at: usize,
    delimiter: u8,
    scratch: &'a mut Vec<u8>,
) -> Field<'a> {
    if bytes.get(at) == Some(&b'"') {
        return quoted(bytes, at, delimiter, scratch);
    }
    let (end, last) = rest(bytes, at, delimiter);
    Field { value: &bytes[at..end], quoted: false, end, last }
}

/// Where an unquoted field ends that goes on at `at`, and whether its record ends there.
#[inline]
fn rest(bytes: &[u8], at: usize, delimiter: u8) -> (usize, bool) {
    // Most fields end within a word or two, for which a call is not worth its while.
    for near in [at, at + 8] {
        let Some(word) = bytes.get(near..).and_then(|bytes| bytes.first_chunk()) else { break };
        if let Some(length) = ends(u64::from_le_bytes(*word), delimiter) {
            let end = near + length;
            return (end, bytes[end] != delimiter);
        }
    }
    match memchr3(delimiter, b'\n', b'\r', &bytes[at..]) {
        Some(length) => (at + length, bytes[at + length] != delimiter),
        None => (bytes.len(), true),
    }
}

/// The first of eight bytes that ends a field, the lowest being the first.
///
/// A byte that is looked for becomes 0; subtracting 1 from each sets the high bit of a 0, and above the
/// first of them perhaps more, which does no harm (Warren, Hacker's Delight, 6-1).
#[inline]
fn ends(word: u64, delimiter: u8) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let zeros = |byte: u8| {
        let zero = word ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero & HIGH
    };
    let found = zeros(delimiter) | zeros(b'\n') | zeros(b'\r');
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
}

fn quoted<'a>(bytes: &'a [u8], open: usize, delimiter: u8, scratch: &'a mut Vec<u8>) -> Field<'a> {
    let close = closing(bytes, open);
    let within = &bytes[open + 1..close.unwrap_or(bytes.len())];
    let after = close.map_or(bytes.len(), |close| close + 1);
    let (end, last) = rest(bytes, after, delimiter);
    if after == end && memchr(b'"', within).is_none() {
        return Field { value: within, quoted: true, end, last };
    }
    scratch.clear();
    let mut from = 0;
    while let Some(length) = memchr(b'"', &within[from..]) {
        // The first of two: a single one would have closed.
        scratch.extend_from_slice(&within[from..=from + length]);
        from += length + 2;
    }
    scratch.extend_from_slice(&within[from.min(within.len())..]);
    scratch.extend_from_slice(&bytes[after..end]);
    Field { value: scratch, quoted: true, end, last }
}

/// Where the quote that opens at `open` closes.
pub(crate) fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut from = open + 1;
    loop {
        let quote = from + memchr(b'"', bytes.get(from..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        from = quote + 2;
    }
}

/// Where the next record begins at or after `at`: ends of records without a byte are passed over.
#[inline]
pub(crate) fn record(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(byte) = bytes.get(at) {
        if !matches!(byte, b'\n' | b'\r') {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// How many ends of lines there are, CR LF being one.
pub(crate) fn lines(bytes: &[u8]) -> u64 {
    let returns = memchr::memchr_iter(b'\r', bytes);
    let alone = returns.filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (memchr::memchr_iter(b'\n', bytes).count() + alone) as u64
}

//! Files as a bad disk, a bad cable or a bad program would have them.

use std::fmt::Write as _;

use twoblade_core::Random;

/// Numbers that programs trip over, as they lie in binary files.
const WORDS: [u64; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];

/// The same in text.
const TEXTS: [&str; 14] =
    ["", " ", "\t", "\n", "\r", "\0", "nan", "-inf", "1e999", "-1", "-9", "#", ",", "\u{feff}"];

/// One of many damaged copies of some bytes, and what was done to them, in words: bits flipped, bytes
/// and numbers overwritten, ranges cut off, taken out, doubled or swapped, words put in, up to three of
/// these on top of each other. The same `number` gives the same copy; a copy may be whole.
///
/// ```
/// let (what, bytes) = twoblade_testkit::damaged(b"0123456789", 7);
/// assert!(!what.is_empty());
/// assert_eq!(bytes, twoblade_testkit::damaged(b"0123456789", 7).1);
/// ```
pub fn damaged(bytes: &[u8], number: u64) -> (String, Vec<u8>) {
    let mut dice = Dice { random: Random::new(41, 0), number, draw: 0 };
    let (mut what, mut bytes) = (String::new(), bytes.to_vec());
    for step in 0..=dice.below(3) {
        if step > 0 {
            what.push_str(", then ");
        }
        once(&mut dice, &mut bytes, &mut what);
    }
    (what, bytes)
}

fn once(dice: &mut Dice, bytes: &mut Vec<u8>, what: &mut String) {
    let length = bytes.len();
    let mut say = |words: std::fmt::Arguments<'_>| {
        let _ = what.write_fmt(words);
    };
    // Nothing can be done to nothing but to put something in.
    match if length == 0 { 9 } else { dice.below(10) } {
        0 | 1 => {
            let (at, bit) = (dice.place(length), dice.below(8));
            bytes[at] ^= 1 << bit;
            say(format_args!("bit {bit} of byte {at} flipped"));
        }
        2 => {
            let (at, to) = (dice.place(length), dice.below(256));
            bytes[at] = u8::try_from(to).unwrap_or(u8::MAX);
            say(format_args!("byte {at} made {to}"));
        }
        3 | 4 => {
            let word = WORDS[dice.below(WORDS.len())].to_le_bytes();
            let size = 1 << dice.below(4);
            // Numbers in files are mostly aligned.
            let at = dice.place(length) / size * size;
            let end = (at + size).min(length);
            bytes[at..end].copy_from_slice(&word[..end - at]);
            say(format_args!("bytes {at} to {end} made {:?}", &word[..end - at]));
        }
        5 => {
            let at = dice.place(length);
            bytes.truncate(at);
            say(format_args!("cut off at {at}"));
        }
        6 => {
            let (start, end) = dice.range(length);
            bytes.drain(start..end);
            say(format_args!("bytes {start} to {end} taken out"));
        }
        7 => {
            let (start, end) = dice.range(length);
            let twice = bytes[start..end].to_vec();
            bytes.splice(end..end, twice);
            say(format_args!("bytes {start} to {end} doubled"));
        }
        8 => {
            let (start, end) = dice.range(length);
            let middle = start + (end - start) / 2;
            let half = middle - start;
            for at in start..middle {
                bytes.swap(at, at + half);
            }
            say(format_args!("bytes {start} to {middle} swapped with the next {half}"));
        }
        _ => {
            let (at, text) = (dice.place(length + 1), TEXTS[dice.below(TEXTS.len())]);
            bytes.splice(at..at, text.bytes());
            say(format_args!("{text:?} put in at {at}"));
        }
    }
}

/// Draws of one copy.
struct Dice {
    random: Random,
    number: u64,
    draw: u32,
}

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.draw += 1;
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        self.random.below(self.number, self.draw, end) as usize
    }

    /// A byte; every other time one of the first 1,024, where heads are.
    fn place(&mut self, length: usize) -> usize {
        let length = if self.below(2) == 0 { length.min(1024) } else { length };
        self.below(length)
    }

    /// A range, short ones as often as long ones; it may be empty.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let start = self.place(length);
        let most = if self.below(2) == 0 { 16 } else { length };
        (start, start + self.below((length - start).min(most) + 1))
    }
}

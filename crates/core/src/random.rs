//! Randomness by index: what is drawn depends on the seed and the place, never on the order.

/// A family of random streams, addressed by index.
///
/// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
/// 2011): four 32-bit words for every counter, by ten rounds of a keyed bijection. So the draw for
/// individual `i` and probe `b` is the same however the work is cut.
///
/// ```
/// use twoblade_core::Random;
///
/// let random = Random::new(7, 1);
/// assert_eq!(random.words(3, 5), random.words(3, 5));
/// assert_ne!(random.words(3, 5), random.words(5, 3));
/// let uniform = random.uniform(3, 5);
/// assert!((0.0..1.0).contains(&uniform));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    key: [u32; 2],
    stream: u32,
}

impl Random {
    /// The streams of a seed; `stream` tells uses apart that must not share numbers.
    pub fn new(seed: u64, stream: u32) -> Self {
        let (low, high) = halves(seed);
        Self { key: [low, high], stream }
    }

    /// Four independent words for a place. `draw` is below 2^32.
    pub fn words(&self, item: u64, draw: u32) -> [u32; 4] {
        let (low, high) = halves(item);
        philox([low, high, draw, self.stream], self.key)
    }

    /// Two independent 64-bit words for a place.
    pub fn bits(&self, item: u64, draw: u32) -> [u64; 2] {
        let [a, b, c, d] = self.words(item, draw).map(u64::from);
        [(b << 32) | a, (d << 32) | c]
    }

    /// A number in 0..1, a multiple of 2^-53.
    pub fn uniform(&self, item: u64, draw: u32) -> f64 {
        unit(self.bits(item, draw)[0])
    }

    /// A whole number below `end`, without bias that could be noticed (below 2^-32).
    ///
    /// # Panics
    /// If `end` is 0.
    pub fn below(&self, item: u64, draw: u32, end: u32) -> u32 {
        assert!(end > 0, "a number below 0");
        let product = u128::from(self.bits(item, draw)[0]) * u128::from(end);
        u32::try_from(product >> 64).expect("below end")
    }
}

/// The top 53 bits as a number in 0..1.
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * f64::from_bits(0x3ca0_0000_0000_0000)
}

fn halves(word: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "the low half")]
    let low = word as u32;
    (low, u32::try_from(word >> 32).expect("32 bits"))
}

fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let (low0, high0) = halves(u64::from(counter[0]) * 0xD251_1F53);
        let (low1, high1) = halves(u64::from(counter[2]) * 0xCD9E_8D57);
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
        key[0] = key[0].wrapping_add(0x9E37_79B9);
        key[1] = key[1].wrapping_add(0xBB67_AE85);
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers published with Random123 (kat_vectors, philox4x32 10).
    #[test]
    fn philox_gives_the_published_answers() {
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, answer) in cases {
            assert_eq!(philox(counter, key), answer);
        }
    }

    #[test]
    fn uniforms_fill_the_unit_interval() {
        let random = Random::new(1, 0);
        let mut counts = [0u32; 10];
        let mut sum = 0.0;
        for item in 0..100_000 {
            let value = random.uniform(item, 0);
            sum += value;
            counts[random.below(item, 1, 10) as usize] += 1;
        }
        // Standard errors: 0.29 / sqrt(1e5) = 9e-4 and sqrt(1e4 * 0.9) = 95; five of each.
        assert!((sum / 1e5 - 0.5).abs() < 5e-3, "{sum}");
        assert!(counts.iter().all(|&count| count.abs_diff(10_000) < 475), "{counts:?}");
        assert!((unit(0), unit(u64::MAX)) == (0.0, 1.0 - f64::EPSILON / 2.0));
    }
}

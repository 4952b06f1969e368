//! How much of the rows goes to each part.

use twoblade_core::Random;

use crate::error::Error;

/// Fractions have at most so many digits.
const DIGITS: usize = 9;

/// 1, in units of the last digit.
const ONE: u64 = 1_000_000_000;

/// How far the sum may be from 1, in the same units: for thirds and sevenths.
const NEAR: u64 = 1000;

/// The fraction of the rows that goes to each part. They are decimal numbers, and kept as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fractions {
    /// Billionths.
    weights: Vec<u64>,
}

impl Fractions {
    /// Reads `0.8,0.2`: at least two positive decimal numbers with at most nine digits after the point.
    /// Their sum is 1; a difference of at most 1e-6 is spread over them.
    ///
    /// # Errors
    /// If they are no such numbers, with what is wrong.
    pub fn parse(list: &str) -> Result<Self, Error> {
        let weights: Option<Vec<u64>> =
            list.split(',').map(|word| billionths(word.trim())).collect();
        let wrong = |what: String| Error::Fractions { list: list.into(), what };
        let weights = weights.ok_or_else(|| wrong("not all are such numbers".into()))?;
        let sum: u64 = weights.iter().sum();
        if weights.len() < 2 {
            return Err(wrong("there is only one".into()));
        }
        if sum.abs_diff(ONE) > NEAR {
            return Err(wrong(format!("their sum is {}", sum as f64 / ONE as f64)));
        }
        Ok(Self { weights })
    }

    /// How many parts.
    pub fn parts(&self) -> usize {
        self.weights.len()
    }

    /// How many of `rows` rows each part gets: each count is the fraction of `rows`, rounded down or
    /// up, and their sum is `rows`.
    ///
    /// A ruler from 0 to `rows` is cut where the parts end, and whole numbers are counted between the
    /// cuts, after it was shifted by a random part of one. So no part is favoured, and over many
    /// strata the roundings level out; the largest remainder would give the row of every stratum of
    /// one to the same part.
    pub(crate) fn counts(&self, rows: u64, random: Random, stratum: u64) -> Vec<u64> {
        let whole = u128::from(self.weights.iter().sum::<u64>());
        let shift = (u128::from(random.bits(stratum, 0)[0]) * whole) >> 64;
        let mut end = 0;
        let mut before = 0;
        let count = |&weight: &u64| {
            end += u128::from(weight);
            let cut = (u128::from(rows) * end + shift) / whole;
            let count = cut - before;
            before = cut;
            u64::try_from(count).expect("at most all rows")
        };
        self.weights.iter().map(count).collect()
    }
}

fn billionths(word: &str) -> Option<u64> {
    let (whole, after) = word.split_once('.').unwrap_or((word, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(after) || after.is_empty() || after.len() > DIGITS {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|&n| n <= 1)? };
    let after: u64 = format!("{after:0<DIGITS$}").parse().ok()?;
    Some(whole * ONE + after).filter(|&weight| weight > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fractions() -> impl Strategy<Value = Fractions> {
        prop::collection::vec(1u64..ONE, 1..6).prop_map(|mut cuts| {
            cuts.sort_unstable();
            cuts.dedup();
            cuts.push(ONE);
            let mut before = 0;
            let weight = |cut| cut - std::mem::replace(&mut before, cut);
            Fractions { weights: cuts.into_iter().map(weight).collect() }
        })
    }

    proptest! {
        /// In whole numbers: |count * 10^9 - rows * weight| < 10^9.
        #[test]
        fn counts_are_within_one_row(
            fractions in fractions(),
            rows in prop_oneof![0u64..20, any::<u64>()],
            seed in any::<u64>(),
        ) {
            let counts = fractions.counts(rows, Random::new(seed, 0), 3);
            prop_assert_eq!(counts.iter().map(|&count| u128::from(count)).sum::<u128>(), rows.into());
            for (&count, &weight) in counts.iter().zip(&fractions.weights) {
                let exact = u128::from(rows) * u128::from(weight);
                prop_assert!((u128::from(count) * u128::from(ONE)).abs_diff(exact) < ONE.into());
            }
        }
    }

    /// 10,000 strata of one row: binomial, so 7000 +- 5 * sqrt(10,000 * 0.7 * 0.3) = 230.
    #[test]
    fn small_strata_level_out() {
        let fractions = Fractions::parse("0.7,0.3").unwrap();
        let random = Random::new(1, 0);
        let first: u64 = (0..10_000).map(|stratum| fractions.counts(1, random, stratum)[0]).sum();
        assert!(first.abs_diff(7000) < 230, "{first}");
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let weights = |list| Fractions::parse(list).unwrap().weights;
        assert_eq!(weights("0.8, 0.2"), [800_000_000, 200_000_000]);
        assert_eq!(weights(".5,0.25,0.25"), [500_000_000, 250_000_000, 250_000_000]);
        assert_eq!(weights("0.333333333,0.333333333,0.333333333"), [333_333_333; 3]);
    }

    #[test]
    fn what_are_no_fractions_is_refused() {
        let message = |list| Fractions::parse(list).unwrap_err().to_string();
        let rest =
            "; write positive decimal numbers with sum 1 and commas between, as in `0.8,0.2`";
        for list in
            ["", "a,b", "0.5,-0.5", "1,0", "0.,1", "0.5,0.5,", "1e0,0.1", "0.1234567890,0.9"]
        {
            let expected = format!("`{list}` are no fractions: not all are such numbers{rest}");
            assert_eq!(message(list), expected);
        }
        assert_eq!(message("1"), format!("`1` are no fractions: there is only one{rest}"));
        assert_eq!(
            message("0.8,0.3"),
            format!("`0.8,0.3` are no fractions: their sum is 1.1{rest}")
        );
    }
}

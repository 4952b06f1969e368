//! One exact sum of any doubles.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::state::{Group, Merge};

/// Limbs of 32 bits. Limb 0 has the unit 2^-2176; the lowest bit of a product of two doubles is
/// 2^-2148, the largest product is below 2^2048, and 64 bits of room are left for counting.
const LIMBS: usize = 134;
const BITS: i32 = 32;
/// Exponent of the unit of limb 0.
const LOWEST: i32 = -2176;
const MASK: i64 = 0xffff_ffff;
/// Each addition changes a limb by less than 2^32, so 2^29 of them stay far from overflow.
const PENDING_LIMIT: u32 = 1 << 29;

/// One sum of doubles and of products of two doubles, kept exactly and rounded once at the end.
///
/// A small superaccumulator (R. M. Neal, "Fast exact summation using small and large
/// superaccumulators", arXiv:1505.05571, 2015): a fixed-point number wide enough for every double
/// and every product, in limbs of 32 bits held in 64, so that carries are rarely propagated. Adding
/// commutes and associates to the bit, and what was added can be removed. Values that are not
/// finite are counted, so they too can be removed. There is room for 2^95 of the largest products.
///
/// ```
/// use twoblade_core::ExactSum;
///
/// let mut sum = ExactSum::default();
/// for value in [1e300, 1.0, -1e300] {
///     sum.add(value);
/// }
/// assert_eq!(sum.value(), 1.0);
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Canonical", try_from = "Canonical")]
pub struct ExactSum {
    limbs: Box<[i64; LIMBS]>,
    /// Additions since carries were last propagated.
    pending: u32,
    not_finite: NotFinite,
}

/// How many of each were added; they wrap, so that removing works in any order.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct NotFinite {
    nan: u64,
    positive: u64,
    negative: u64,
}

impl ExactSum {
    /// Bytes that one takes at most, in memory and saved.
    pub const BYTES: usize = LIMBS * size_of::<i64>() + 48;

    /// Adds `value`.
    pub fn add(&mut self, value: f64) {
        match Parts::of(value) {
            Ok(parts) => {
                self.add_at(parts.exponent, parts.mantissa, parts.negative);
                self.spend(1);
            }
            Err(special) => self.count(special),
        }
    }

    /// Adds `a * b`, exactly.
    pub fn add_product(&mut self, a: f64, b: f64) {
        match (Parts::of(a), Parts::of(b)) {
            (Ok(a), Ok(b)) => {
                let product = u128::from(a.mantissa) * u128::from(b.mantissa);
                let negative = a.negative != b.negative;
                self.add_wide(a.exponent + b.exponent, product, negative);
                self.spend(2);
            }
            _ => self.count(a * b),
        }
    }

    /// Adds `factor` times another sum, exactly.
    ///
    /// A sum of plain doubles may be scaled by any factor, a sum of products by any integer below
    /// 2^53. Bits that would fall outside the range of this type count as a NaN, so no rounded
    /// number can come out.
    pub fn add_scaled(&mut self, other: &Self, factor: f64) {
        let special = other.not_finite.sum();
        let Ok(factor_parts) = Parts::of(factor) else {
            self.count(other.value() * factor);
            return;
        };
        if let Some(special) = special {
            self.count(special * factor);
            return;
        }
        let (limbs, other_negative) = other.magnitude();
        let Some(limbs) = limbs else {
            self.count(f64::NAN);
            return;
        };
        let negative = factor_parts.negative != other_negative;
        for (index, &limb) in limbs.iter().enumerate() {
            let product = u128::from(limb) * u128::from(factor_parts.mantissa);
            if product == 0 {
                continue;
            }
            let exponent = exponent_of(index) + factor_parts.exponent;
            let lowest = exponent + product.trailing_zeros().cast_signed();
            let highest = exponent + 128 - product.leading_zeros().cast_signed();
            if lowest < LOWEST || highest >= exponent_of(LIMBS) {
                self.count(f64::NAN);
                return;
            }
            let low = LOWEST - exponent;
            if low > 0 {
                self.add_wide(LOWEST, product >> low, negative);
            } else {
                self.add_wide(exponent, product, negative);
            }
            self.spend(2);
        }
    }

    /// The sum, rounded once to the nearest double, ties to even.
    ///
    /// Not finite if what was added was not: NaN for a NaN or for infinities of both signs. A
    /// finite sum beyond the largest double rounds to infinity.
    pub fn value(&self) -> f64 {
        if let Some(special) = self.not_finite.sum() {
            return special;
        }
        let (limbs, negative) = self.magnitude();
        let Some(limbs) = limbs else {
            return if negative { f64::NEG_INFINITY } else { f64::INFINITY };
        };
        let Some(top) = limbs.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        // The 128 bits from the top limb down, and whether anything is below.
        let at = |index: usize| limbs.get(index).copied().unwrap_or(0);
        let below = |k: usize| top.checked_sub(k).map_or(0, at);
        let window = (u128::from(below(0)) << 96)
            | (u128::from(below(1)) << 64)
            | (u128::from(below(2)) << 32)
            | u128::from(below(3));
        let sticky = limbs[..top.saturating_sub(3)].iter().any(|&limb| limb != 0);
        let magnitude = round(window, exponent_of(top) - 3 * BITS, sticky);
        if negative { -magnitude } else { magnitude }
    }

    /// Adds `mantissa * 2^exponent`; the caller counts it as pending.
    fn add_at(&mut self, exponent: i32, mantissa: u64, negative: bool) {
        let place = u32::try_from(exponent - LOWEST).expect("inside the range");
        let (limb, shift) = ((place / 32) as usize, place % 32);
        let shifted = u128::from(mantissa) << shift;
        for (k, limb) in self.limbs[limb..].iter_mut().take(3).enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "masked to 32 bits")]
            let part = (shifted >> (32 * k)) as i64 & MASK;
            *limb = limb.wrapping_add(if negative { -part } else { part });
        }
    }

    fn add_wide(&mut self, exponent: i32, magnitude: u128, negative: bool) {
        #[expect(clippy::cast_possible_truncation, reason = "the low half")]
        let (low, high) = (magnitude as u64, (magnitude >> 64) as u64);
        self.add_at(exponent, low, negative);
        if high != 0 {
            self.add_at(exponent + 64, high, negative);
        }
    }

    fn count(&mut self, special: f64) {
        let counter = if special.is_nan() {
            &mut self.not_finite.nan
        } else if special > 0.0 {
            &mut self.not_finite.positive
        } else {
            &mut self.not_finite.negative
        };
        *counter = counter.wrapping_add(1);
    }

    fn spend(&mut self, additions: u32) {
        self.pending += additions;
        if self.pending >= PENDING_LIMIT {
            self.carry();
        }
    }

    /// Propagates carries: every limb but the last is then in 0..2^32, which makes it canonical.
    ///
    /// No other limb can overflow, because carries are propagated in time; the last one wraps, so
    /// that adding and removing undo each other whatever was loaded from a file.
    fn carry(&mut self) {
        let mut carry = 0;
        let (last, rest) = self.limbs.split_last_mut().expect("there are limbs");
        for limb in rest {
            let sum = *limb + carry;
            *limb = sum & MASK;
            carry = sum >> BITS;
        }
        *last = last.wrapping_add(carry);
        self.pending = 0;
    }

    fn canonical(&self) -> Self {
        let mut copy = self.clone();
        copy.carry();
        copy
    }

    /// The size of the sum in canonical limbs (`None` if it needs more than there are, which is far
    /// beyond the largest double), and whether it is negative.
    fn magnitude(&self) -> (Option<[u32; LIMBS]>, bool) {
        let mut sum = self.canonical();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = limb.wrapping_neg());
            sum.carry();
        }
        let mut limbs = [0; LIMBS];
        for (place, &limb) in limbs.iter_mut().zip(sum.limbs.iter()) {
            let Ok(limb) = u32::try_from(limb) else { return (None, negative) };
            *place = limb;
        }
        (Some(limbs), negative)
    }

    fn combine(&mut self, other: &Self, sign: i64) {
        if self.pending + other.pending >= PENDING_LIMIT {
            self.carry();
        }
        for (mine, theirs) in self.limbs.iter_mut().zip(other.limbs.iter()) {
            *mine = mine.wrapping_add(sign.wrapping_mul(*theirs));
        }
        self.spend(other.pending + 1);
    }
}

/// The exponent of the unit of a limb.
fn exponent_of(limb: usize) -> i32 {
    LOWEST + BITS * i32::try_from(limb).expect("few limbs")
}

/// A finite double as `mantissa * 2^exponent`.
struct Parts {
    mantissa: u64,
    exponent: i32,
    negative: bool,
}

impl Parts {
    /// `Err` gives back what is not finite.
    fn of(value: f64) -> Result<Self, f64> {
        let bits = value.to_bits();
        let biased = i32::try_from((bits >> 52) & 0x7ff).expect("eleven bits");
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match biased {
            0x7ff => return Err(value),
            0 => (fraction, -1074),
            _ => (fraction | (1 << 52), biased - 1075),
        };
        Ok(Self { mantissa, exponent, negative: value.is_sign_negative() })
    }
}

impl NotFinite {
    fn sum(self) -> Option<f64> {
        match (self.nan, self.positive, self.negative) {
            (0, 0, 0) => None,
            (0, _, 0) => Some(f64::INFINITY),
            (0, 0, _) => Some(f64::NEG_INFINITY),
            _ => Some(f64::NAN),
        }
    }
}

/// `window * 2^exponent`, plus something below the last bit if `sticky`, to the nearest double.
fn round(window: u128, exponent: i32, sticky: bool) -> f64 {
    let length = 128 - i32::try_from(window.leading_zeros()).expect("below 128");
    // The unit of the result: 53 bits, or fewer for a subnormal.
    let unit = (exponent + length - 53).max(-1074);
    let drop = u32::try_from(unit - exponent).expect("the window is longer than a mantissa");
    let (kept, rest) =
        if drop >= 128 { (0, window) } else { (window >> drop, window & ((1 << drop) - 1)) };
    let mut mantissa = u64::try_from(kept).expect("at most 53 bits");
    let half = if drop == 0 || drop > 128 { None } else { Some(1u128 << (drop - 1)) };
    if let Some(half) = half {
        let above = rest > half || (rest == half && (sticky || mantissa & 1 == 1));
        mantissa += u64::from(above);
    }
    // A carry out of the mantissa moves into the exponent, as it should.
    let biased = u64::try_from(unit + 1074).expect("not below the smallest unit");
    let bits = if mantissa < 1 << 52 { mantissa } else { (biased << 52) + mantissa };
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { limbs: Box::new([0; LIMBS]), pending: 0, not_finite: NotFinite::default() }
    }
}

impl From<f64> for ExactSum {
    fn from(value: f64) -> Self {
        let mut sum = Self::default();
        sum.add(value);
        sum
    }
}

impl Merge for ExactSum {
    fn merge(&mut self, other: &Self) {
        self.combine(other, 1);
        self.not_finite.nan = self.not_finite.nan.wrapping_add(other.not_finite.nan);
        self.not_finite.positive = self.not_finite.positive.wrapping_add(other.not_finite.positive);
        self.not_finite.negative = self.not_finite.negative.wrapping_add(other.not_finite.negative);
    }
}

impl Group for ExactSum {
    fn remove(&mut self, other: &Self) {
        self.combine(other, -1);
        self.not_finite.nan = self.not_finite.nan.wrapping_sub(other.not_finite.nan);
        self.not_finite.positive = self.not_finite.positive.wrapping_sub(other.not_finite.positive);
        self.not_finite.negative = self.not_finite.negative.wrapping_sub(other.not_finite.negative);
    }
}

/// Two sums are equal when the numbers are, however they were reached.
impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.not_finite == other.not_finite && self.canonical().limbs == other.canonical().limbs
    }
}

impl Eq for ExactSum {}

impl fmt::Debug for ExactSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExactSum({:e})", self.value())
    }
}

/// The saved form: carries propagated, zeros at both ends left out.
#[derive(Serialize, Deserialize)]
struct Canonical {
    first: u8,
    /// The limbs from `first` on; those above are zero.
    #[serde(with = "crate::bytes")]
    limbs: Vec<i64>,
    not_finite: NotFinite,
}

impl From<ExactSum> for Canonical {
    fn from(sum: ExactSum) -> Self {
        let limbs = sum.canonical().limbs;
        let first = limbs.iter().position(|&limb| limb != 0).unwrap_or(0);
        let end = limbs.iter().rposition(|&limb| limb != 0).map_or(first, |last| last + 1);
        Self {
            first: u8::try_from(first).expect("few limbs"),
            limbs: limbs[first..end].to_vec(),
            not_finite: sum.not_finite,
        }
    }
}

impl TryFrom<Canonical> for ExactSum {
    type Error = &'static str;

    fn try_from(saved: Canonical) -> Result<Self, Self::Error> {
        let mut sum = Self { not_finite: saved.not_finite, ..Self::default() };
        let first = usize::from(saved.first);
        let end = first + saved.limbs.len();
        let place = sum.limbs.get_mut(first..end).ok_or("limbs outside an exact sum")?;
        place.copy_from_slice(&saved.limbs);
        let canonical = sum.limbs[..LIMBS - 1].iter().all(|limb| (0..=MASK).contains(limb));
        if canonical { Ok(sum) } else { Err("an exact sum whose carries are not propagated") }
    }
}

//! `ExactSum` against integers of any size.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]
#![expect(clippy::float_cmp, reason = "what is exact is compared exactly")]

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest};
use proptest::prelude::*;
use twoblade_core::{ExactSum, Group, Merge};

/// The oracle counts in units of 2^-2148, the lowest bit of a product of two doubles.
const UNIT: i32 = -2148;

/// A finite double as `mantissa * 2^exponent`.
fn parts(value: f64) -> (IBig, i32) {
    let bits = value.abs().to_bits();
    let (biased, fraction) = (i32::try_from(bits >> 52).unwrap(), bits & ((1 << 52) - 1));
    let (mantissa, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased - 1075) };
    let mantissa = IBig::from(mantissa);
    (if value.is_sign_negative() { -mantissa } else { mantissa }, exponent)
}

fn shifted(mantissa: IBig, exponent: i32) -> IBig {
    mantissa << usize::try_from(exponent - UNIT).unwrap()
}

fn exactly(value: f64) -> IBig {
    let (mantissa, exponent) = parts(value);
    shifted(mantissa, exponent)
}

fn exact_product(a: f64, b: f64) -> IBig {
    let ((a, a_exponent), (b, b_exponent)) = (parts(a), parts(b));
    shifted(a * b, a_exponent + b_exponent)
}

fn nearest(exact: &IBig) -> f64 {
    rounded(exact, UNIT)
}

/// The double nearest to `exact * 2^unit`, ties to even, by the definition.
fn rounded(exact: &IBig, unit: i32) -> f64 {
    let magnitude = exact.clone().abs();
    // 53 bits are kept, or fewer where the last would be below 2^-1074.
    let least = usize::try_from(-1074 - unit).unwrap();
    let drop = magnitude.bit_len().saturating_sub(53).max(least);
    let kept = magnitude.clone() >> drop;
    let twice_rest = (magnitude - (kept.clone() << drop)) << 1;
    let last = IBig::from(1) << drop;
    let up = twice_rest > last || (twice_rest == last && kept.bit(0));
    let kept = u64::try_from(kept).unwrap() + u64::from(up);
    // At most 2^53, so a double; the two products are exact or overflow.
    let exponent = (i32::try_from(drop).unwrap() + unit).min(1100);
    let half = exponent / 2;
    let value = kept as f64 * 2f64.powi(half) * 2f64.powi(exponent - half);
    if *exact < IBig::from(0) { -value } else { value }
}

fn same(found: f64, expected: f64) -> bool {
    // A sum that is zero is +0.
    found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan())
}

fn bytes(sum: &ExactSum) -> Vec<u8> {
    postcard::to_stdvec(sum).unwrap()
}

/// Finite doubles of every kind, ties and their neighbours more often than chance has them.
fn finite() -> impl Strategy<Value = f64> {
    let any_bits = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite());
    let power =
        (-1074i32..=1023, any::<bool>(), -1i64..=1).prop_map(|(exponent, negative, step)| {
            let power = if exponent < -1022 {
                f64::from_bits(1 << (exponent + 1074))
            } else {
                f64::from_bits(u64::try_from(exponent + 1023).unwrap() << 52)
            };
            let near = f64::from_bits(power.to_bits().wrapping_add_signed(step));
            if negative { -near } else { near }
        });
    let subnormal = (any::<bool>(), 0u64..1 << 52).prop_map(|(negative, bits)| {
        let value = f64::from_bits(bits);
        if negative { -value } else { value }
    });
    prop_oneof![
        any_bits,
        power,
        subnormal,
        (-1e6..1e6).prop_map(|x: f64| x),
        (-100i32..100).prop_map(f64::from),
        Just(f64::MAX),
        Just(-f64::MAX),
        Just(-0.0),
    ]
}

/// Doubles of one neighbourhood, so that ties and cancellation are common.
fn close() -> impl Strategy<Value = Vec<f64>> {
    (-1074i32..900).prop_flat_map(|base| {
        prop::collection::vec(
            (-64i32..64, 0i32..64).prop_map(move |(mantissa, shift)| {
                let exponent = base + shift;
                let half = exponent / 2;
                f64::from(mantissa) * 2f64.powi(half) * 2f64.powi(exponent - half)
            }),
            0..12,
        )
    })
}

fn any_double() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => finite(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Add(f64),
    Product(f64, f64),
}

impl Step {
    fn apply(self, sum: &mut ExactSum) {
        match self {
            Self::Add(value) => sum.add(value),
            Self::Product(a, b) => sum.add_product(a, b),
        }
    }

    fn exact(self) -> IBig {
        match self {
            Self::Add(value) => exactly(value),
            Self::Product(a, b) => exact_product(a, b),
        }
    }
}

fn sum_of(steps: &[Step]) -> ExactSum {
    let mut sum = ExactSum::default();
    for step in steps {
        step.apply(&mut sum);
    }
    sum
}

fn steps(value: impl Strategy<Value = f64> + Clone + 'static) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        value.clone().prop_map(Step::Add),
        (value.clone(), value).prop_map(|(a, b)| Step::Product(a, b)),
    ];
    prop::collection::vec(step, 0..24)
}

fn finite_steps() -> impl Strategy<Value = Vec<Step>> {
    steps(finite().boxed())
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    steps(any_double().boxed())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_sum_of_doubles_is_rounded_once_to_the_nearest(
        values in prop_oneof![prop::collection::vec(finite(), 0..24), close()]
    ) {
        let mut sum = ExactSum::default();
        let mut exact = IBig::from(0);
        for &value in &values {
            sum.add(value);
            exact += exactly(value);
            prop_assert!(same(sum.value(), nearest(&exact)), "{} for {}", sum.value(), nearest(&exact));
        }
    }

    #[test]
    fn a_sum_of_products_is_rounded_once_to_the_nearest(steps in finite_steps()) {
        let exact: IBig = steps.iter().map(|step| step.exact()).sum();
        let value = sum_of(&steps).value();
        prop_assert!(same(value, nearest(&exact)), "{value:e} for {:e}", nearest(&exact));
    }

    #[test]
    fn what_cancels_leaves_what_remains(steps in finite_steps(), rest in finite()) {
        let mut sum = sum_of(&steps);
        sum.add(rest);
        for &step in steps.iter().rev() {
            match step {
                Step::Add(value) => sum.add(-value),
                Step::Product(a, b) => sum.add_product(-a, b),
            }
        }
        let alone = ExactSum::from(rest);
        prop_assert_eq!(bytes(&sum), bytes(&alone));
        prop_assert!(same(sum.value(), nearest(&exactly(rest))));
    }

    #[test]
    fn a_sum_of_doubles_may_be_scaled_by_any_factor(
        base in finite_steps(),
        values in prop::collection::vec(finite(), 0..8),
        factor in finite(),
    ) {
        let mut scaled = sum_of(&base);
        let plain: Vec<Step> = values.iter().copied().map(Step::Add).collect();
        scaled.add_scaled(&sum_of(&plain), factor);
        let mut exact: IBig = base.iter().map(|step| step.exact()).sum();
        exact += values.iter().map(|&value| exact_product(value, factor)).sum::<IBig>();
        prop_assert!(same(scaled.value(), nearest(&exact)));
    }

    #[test]
    fn a_sum_of_products_may_be_scaled_by_any_integer(
        base in finite_steps(),
        steps in finite_steps(),
        factor in -(1i64 << 53) + 1..1 << 53,
    ) {
        let mut scaled = sum_of(&base);
        scaled.add_scaled(&sum_of(&steps), factor as f64);
        let mut exact: IBig = steps.iter().map(|step| step.exact()).sum();
        exact *= IBig::from(factor);
        exact += base.iter().map(|step| step.exact()).sum::<IBig>();
        prop_assert!(same(scaled.value(), nearest(&exact)));
    }

    #[test]
    fn scaling_is_exact_or_nan(steps in finite_steps(), factor in finite()) {
        let mut scaled = ExactSum::default();
        scaled.add_scaled(&sum_of(&steps), factor);
        let value = scaled.value();
        // In units of 2^-3222, the lowest bit of a product of three doubles.
        let sum: IBig = steps.iter().map(|step| step.exact()).sum();
        let (mantissa, exponent) = parts(factor);
        let exact = (sum * mantissa) << usize::try_from(exponent + 1074).unwrap();
        if value.is_nan() {
            let below = exact.trailing_zeros().is_some_and(|zeros| zeros < 3222 - 2176);
            let above = exact.bit_len() >= 3222 + 2112;
            prop_assert!(below || above, "a product in range became NaN");
        } else {
            prop_assert!(same(value, rounded(&exact, UNIT - 1074)));
        }
    }

    #[test]
    fn any_order_and_any_tree_of_merging_gives_the_same_bits(
        steps in any_steps(),
        owners in prop::collection::vec(0usize..4, 24),
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let whole = sum_of(&steps);
        let mut parts = vec![ExactSum::default(); 4];
        for (&step, &owner) in steps.iter().zip(&owners) {
            step.apply(&mut parts[owner]);
        }
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| &parts[order[k]]);
        let mut chain = a.clone();
        for part in [b, c, d] {
            chain.merge(part);
        }
        let (mut left, mut right) = (c.clone(), d.clone());
        left.merge(a);
        right.merge(b);
        right.merge(&left);
        for merged in [chain, right] {
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(bytes(&merged), bytes(&whole));
            prop_assert!(same(merged.value(), whole.value()));
        }
    }

    #[test]
    fn removing_undoes_merging_whatever_was_added(a in any_steps(), b in any_steps(), c in any_steps()) {
        let (a, b, c) = (sum_of(&a), sum_of(&b), sum_of(&c));
        let mut state = a.clone();
        state.merge(&b);
        state.merge(&c);
        state.remove(&b);
        let mut expected = a.clone();
        expected.merge(&c);
        prop_assert_eq!(bytes(&state), bytes(&expected));
        prop_assert_eq!(&state, &expected);
        state.remove(&a);
        state.remove(&c);
        prop_assert_eq!(bytes(&state), bytes(&ExactSum::default()));
    }

    #[test]
    fn what_is_not_finite_shows_in_the_value(values in prop::collection::vec(any_double(), 0..6)) {
        let mut sum = ExactSum::default();
        for &value in &values {
            sum.add(value);
        }
        let has = |wanted: f64| values.contains(&wanted);
        let (up, down) = (has(f64::INFINITY), has(f64::NEG_INFINITY));
        if values.iter().any(|value| value.is_nan()) || (up && down) {
            prop_assert!(sum.value().is_nan());
        } else if up || down {
            prop_assert_eq!(sum.value(), if up { f64::INFINITY } else { f64::NEG_INFINITY });
        } else {
            let exact: IBig = values.iter().map(|&value| exactly(value)).sum();
            prop_assert!(same(sum.value(), nearest(&exact)));
        }
    }

    #[test]
    fn a_sum_survives_saving(steps in any_steps(), more in any_steps()) {
        let sum = sum_of(&steps);
        let saved = bytes(&sum);
        prop_assert!(saved.len() <= ExactSum::BYTES);
        let mut loaded: ExactSum = postcard::from_bytes(&saved).unwrap();
        prop_assert_eq!(&loaded, &sum);
        prop_assert_eq!(bytes(&loaded), saved);
        let mut both = sum;
        let more = sum_of(&more);
        both.merge(&more);
        loaded.merge(&more);
        prop_assert_eq!(bytes(&loaded), bytes(&both));
    }

    #[test]
    fn damaged_bytes_are_an_error_or_another_sum(
        steps in any_steps(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut saved = bytes(&sum_of(&steps));
        for (place, byte) in damage {
            let place = place.index(saved.len());
            saved[place] = byte;
        }
        if cut {
            saved.truncate(length.index(saved.len()));
        }
        if let Ok(sum) = postcard::from_bytes::<ExactSum>(&saved) {
            behaves(&sum)?;
        }
    }

    #[test]
    fn limbs_that_no_sum_can_have_are_an_error(
        first in any::<u8>(),
        limbs in prop::collection::vec(
            prop_oneof![any::<i64>(), 0i64..1 << 32, Just(-1), Just(1 << 32), Just(i64::MIN)],
            0..5,
        ),
    ) {
        let inside = usize::from(first) + limbs.len() <= LIMBS;
        let canonical = limbs.iter().enumerate().all(|(index, &limb)| {
            let last = usize::from(first) + index == LIMBS - 1;
            last || (0..1 << 32).contains(&limb)
        });
        match postcard::from_bytes::<ExactSum>(&saved(first, &limbs)) {
            Ok(sum) => {
                prop_assert!(inside && canonical);
                behaves(&sum)?;
            }
            Err(_) => prop_assert!(!inside || !canonical),
        }
    }
}

/// Limbs of 32 bits in an exact sum; the saved form depends on it.
const LIMBS: usize = 134;

/// The saved form, written by hand.
fn saved(first: u8, limbs: &[i64]) -> Vec<u8> {
    let piece: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    postcard::to_stdvec(&(first, vec![piece], (0u64, 0u64, 0u64))).unwrap()
}

/// Whatever could be loaded is a sum like any other: nothing panics, and it can be saved again.
fn behaves(sum: &ExactSum) -> Result<(), TestCaseError> {
    let again: ExactSum = postcard::from_bytes(&bytes(sum)).unwrap();
    prop_assert_eq!(&again, sum);
    prop_assert_eq!(bytes(&again), bytes(sum));
    let _ = sum.value();
    let mut twice = sum.clone();
    twice.merge(sum);
    let _ = twice.value();
    let mut scaled = ExactSum::default();
    scaled.add_scaled(&twice, 1e300);
    let _ = scaled.value();
    twice.remove(sum);
    prop_assert_eq!(bytes(&twice), bytes(sum));
    Ok(())
}

#[test]
fn ties_go_to_the_even_neighbour_and_a_speck_decides_them() {
    let tie = 2f64.powi(53) + 2.0;
    let tiny = f64::from_bits(1);
    for (values, expected) in [
        (vec![2f64.powi(53), 1.0], 2f64.powi(53)),
        (vec![tie, 1.0], tie + 2.0),
        (vec![2f64.powi(53), 1.0, tiny], tie),
        (vec![tie, 1.0, -tiny], tie),
        (vec![-2f64.powi(53), -1.0, -tiny], -tie),
        // Half of the last bit above the largest double is where infinity begins.
        (vec![f64::MAX, 2f64.powi(970)], f64::INFINITY),
        (vec![f64::MAX, 2f64.powi(970), -tiny], f64::MAX),
        (vec![-f64::MAX, -f64::MAX], f64::NEG_INFINITY),
        (vec![f64::MAX, f64::MAX, -f64::MAX], f64::MAX),
    ] {
        let mut sum = ExactSum::default();
        for &value in &values {
            sum.add(value);
        }
        assert_eq!(sum.value().to_bits(), expected.to_bits(), "{values:?}");
    }
}

#[test]
fn products_below_the_smallest_double_are_rounded_once_too() {
    let tiny = f64::from_bits(1);
    // tiny * 0.5 is half of the smallest double: a tie that goes to zero, until a speck is added.
    let mut sum = ExactSum::default();
    sum.add_product(tiny, 0.5);
    assert_eq!(sum.value().to_bits(), 0.0f64.to_bits());
    sum.add_product(tiny, tiny);
    assert_eq!(sum.value().to_bits(), tiny.to_bits());
    let mut sum = ExactSum::default();
    sum.add_product(-tiny, 1.5);
    assert_eq!(sum.value().to_bits(), (-2.0 * tiny).to_bits());
    // The largest subnormal and a half round up to the smallest normal double.
    let mut sum = ExactSum::from(f64::MIN_POSITIVE - tiny);
    sum.add_product(tiny, 0.5);
    assert_eq!(sum.value().to_bits(), f64::MIN_POSITIVE.to_bits());
}

#[test]
fn infinities_and_zeros_multiply_as_in_the_language() {
    let product = |a: f64, b: f64| {
        let mut sum = ExactSum::default();
        sum.add_product(a, b);
        sum.value()
    };
    assert_eq!(product(-2.0, f64::INFINITY), f64::NEG_INFINITY);
    assert_eq!(product(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::INFINITY);
    assert!(product(0.0, f64::INFINITY).is_nan());
    assert!(product(f64::NAN, 0.0).is_nan());
    let scaled = |value: f64, factor: f64| {
        let mut sum = ExactSum::default();
        sum.add_scaled(&ExactSum::from(value), factor);
        sum.value()
    };
    assert_eq!(scaled(f64::INFINITY, -1.0), f64::NEG_INFINITY);
    assert_eq!(scaled(-3.0, f64::INFINITY), f64::NEG_INFINITY);
    assert!(scaled(0.0, f64::INFINITY).is_nan());
    assert!(scaled(f64::NEG_INFINITY, 0.0).is_nan());
}

/// Four million additions of the longest mantissas, all into the same limbs.
#[test]
fn millions_of_additions_stay_exact() {
    let mut sum = ExactSum::default();
    let mut exact = IBig::from(0);
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let rounds = 40_000;
    let mut values = [0.0; 100];
    for _ in 0..rounds {
        bits = bits.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        let value = f64::from_bits((1023 << 52) | (bits >> 12) | 0xffff_ffff);
        values.fill(if bits >> 63 == 0 { value } else { -value * 2f64.powi(40) });
        for &value in &values {
            sum.add(value);
        }
        exact += exactly(values[0]) * IBig::from(100);
    }
    assert_eq!(sum.value().to_bits(), nearest(&exact).to_bits());
}

/// Doubling a sum 60 times stands for 2^60 additions, twice the number of carries put off.
#[test]
fn carries_are_propagated_before_a_limb_overflows() {
    for value in [f64::from_bits(0x3fff_ffff_ffff_ffff), -f64::MAX, f64::from_bits(3)] {
        let mut sum = ExactSum::default();
        let mut exact = IBig::from(0);
        for step in 0..60 {
            sum.add(value);
            exact += exactly(value);
            sum.merge(&sum.clone());
            exact *= IBig::from(2);
            assert!(same(sum.value(), nearest(&exact)), "{value:e} after {step} doublings");
            let loaded: ExactSum = postcard::from_bytes(&bytes(&sum)).unwrap();
            assert_eq!(loaded, sum);
        }
        // And back: what was doubled is removed again in one piece.
        let copy = sum.clone();
        sum.remove(&copy);
        assert_eq!(bytes(&sum), bytes(&ExactSum::default()));
    }
}

#[test]
fn a_sum_beyond_its_room_is_infinite_and_does_not_panic() {
    for sign in [1.0, -1.0] {
        let mut largest = ExactSum::default();
        largest.add_product(sign * f64::MAX, f64::MAX);
        let mut sum = ExactSum::default();
        for _ in 0..64 {
            sum.add_scaled(&largest, 2f64.powi(62));
        }
        assert_eq!(sum.value(), sign * f64::INFINITY);
        let loaded: ExactSum = postcard::from_bytes(&bytes(&sum)).unwrap();
        assert_eq!(loaded, sum);
        // Scaled once more it leaves the range: a NaN, not a number.
        let mut more = ExactSum::default();
        more.add_scaled(&sum, 1.0);
        assert!(more.value().is_nan());
        for _ in 0..64 {
            sum.add_scaled(&largest, -2f64.powi(62));
        }
        assert_eq!(bytes(&sum), bytes(&ExactSum::default()));
    }
}

//! Describing a table: the laws of merging, and against the values themselves.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use proptest::prelude::*;
use twoblade_core::{
    BlockSource, Blocks, BoxError, Fingerprint, Merge, Random, Serial, StreamingEstimator,
};
use twoblade_runner::Runner;
use twoblade_table::describe::{Described, Description, Detail, Number, Numbers, Summary};
use twoblade_table::{Column, Describe, Kind, Rows, Schema};

fn schema() -> Schema {
    let kinds = [Kind::Integer, Kind::Float, Kind::Boolean, Kind::Category, Kind::Date, Kind::Time];
    let column = |kind: Kind| Column { name: kind.to_string(), kind };
    Schema::new(kinds.into_iter().map(column).collect()).unwrap()
}

/// Rows of every kind with wild numbers, some of which are missing or not finite.
fn rows(range: std::ops::Range<usize>) -> Rows {
    let random = Random::new(7, 0);
    let draw = |row: usize, what: u32| random.uniform(row as u64, what);
    let there = |row: usize, what: u32| draw(row, what + 100) > 0.1;
    let each = || range.clone();
    let float = |row: usize| match row % 41 {
        0 => f64::NAN,
        1 => f64::NEG_INFINITY,
        2 => -0.0,
        _ => (draw(row, 1) - 0.3) * 10f64.powf(draw(row, 2) * 300.0 - 150.0),
    };
    #[expect(clippy::cast_possible_truncation, reason = "draws, cut somehow")]
    let whole = |row: usize, what: u32, size: f64| ((draw(row, what) - 0.5) * size) as i64;
    let day = |row| i32::try_from(whole(row, 4, 1e5)).unwrap();
    let size = |row: usize| 10f64.powi(i32::try_from(row % 19).unwrap());
    let integers: Int64Array =
        each().map(|row| there(row, 0).then(|| whole(row, 0, size(row)))).collect();
    let floats: Float64Array = each().map(|row| there(row, 1).then(|| float(row))).collect();
    let booleans: BooleanArray = each().map(|row| there(row, 2).then_some(row % 3 == 0)).collect();
    let word = |row| format!("word {}", whole(row, 3, 40.0));
    let words: StringArray = each().map(|row| there(row, 3).then(|| word(row))).collect();
    let days: Date32Array = each().map(|row| there(row, 4).then(|| day(row))).collect();
    let times: TimestampMicrosecondArray =
        each().map(|row| there(row, 5).then(|| whole(row, 5, 1e17))).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(integers),
        Arc::new(floats),
        Arc::new(booleans),
        Arc::new(words),
        Arc::new(days),
        Arc::new(times.with_timezone("UTC")),
    ];
    Rows::new(range.start as u64, RecordBatch::try_new(schema().arrow(), columns).unwrap())
}

const ROWS: usize = 500;
const CHUNK: usize = 17;

/// The rows in 8 blocks of at least four chunks.
struct Table(Blocks);

fn table() -> Table {
    Table(Blocks::even(ROWS, 8).unwrap())
}

impl BlockSource for Table {
    type Chunk = Rows;

    fn blocks(&self) -> usize {
        self.0.count()
    }

    fn chunks(&self) -> u64 {
        self.0.iter().map(|block| block.len().div_ceil(CHUNK) as u64).sum()
    }

    fn chunk_bytes(&self) -> usize {
        CHUNK * 64
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([1; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Rows) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let block = self.0.range(block);
        for start in block.clone().step_by(CHUNK) {
            if visit(&rows(start..(start + CHUNK).min(block.end))).is_break() {
                break;
            }
        }
        Ok(0)
    }
}

/// Few levels are allowed, so that some states have too many and some have not; and no more than moments.
fn models() -> [Describe; 3] {
    let all = || Describe::new(schema());
    [all(), all().levels(20), all().detail(Detail::Moments)]
}

macro_rules! laws {
    ($($law:ident),+ $(,)?) => {
        $(#[test]
        fn $law() {
            for model in models() {
                twoblade_testkit::hold(twoblade_testkit::$law(&model, &table()));
            }
        })+
    };
}
laws!(
    merging_has_an_identity,
    merging_commutes,
    merging_associates,
    folding_on_is_merging,
    a_reset_state_is_that_of_nothing,
    any_split_of_the_blocks_agrees,
    threads_inside_a_chunk_do_not_matter,
    a_state_fits_its_declared_bytes,
);

fn bytes<T: serde::Serialize>(thing: &T) -> Vec<u8> {
    postcard::to_stdvec(thing).unwrap()
}

fn described(model: &Describe, rows: &Rows) -> Description {
    let mut state = model.init();
    model.pass_one(rows, &mut state, &Serial).unwrap();
    model.finish(&model.aggregate(state).unwrap()).unwrap()
}

#[test]
fn a_state_survives_saving_and_merges_as_before() {
    for model in models() {
        let state = |range| {
            let mut state = model.init();
            model.pass_one(&rows(range), &mut state, &Serial).unwrap();
            state
        };
        let (mut state, other) = (state(0..200), state(200..450));
        let mut loaded: twoblade_table::describe::State =
            postcard::from_bytes(&bytes(&state)).unwrap();
        assert_eq!(bytes(&loaded), bytes(&state));
        loaded.merge(&postcard::from_bytes(&bytes(&other)).unwrap());
        state.merge(&other);
        assert_eq!(bytes(&loaded), bytes(&state));
    }
}

#[test]
fn any_number_of_threads_and_any_chunks_give_the_same_bytes() {
    for model in models() {
        let whole = bytes(&described(&model, &rows(0..ROWS)));
        for threads in [1, 2, 3, 8] {
            let run = Runner::new().threads(threads).run(&model, &table()).unwrap();
            assert_eq!(bytes(&run.estimate), whole, "{threads} threads");
        }
    }
}

#[test]
fn levels_are_counted_exactly_or_said_to_be_too_many() {
    let words: Vec<Vec<_>> = models()
        .iter()
        .map(|model| match &described(model, &rows(0..ROWS)).columns[3].summary {
            Summary::Words { commonest } => commonest.clone().unwrap_or_default(),
            other => panic!("{other:?}"),
        })
        .collect();
    let column = rows(0..ROWS);
    let column = column.batch().column(3).as_any().downcast_ref::<StringArray>().unwrap();
    let mut counts = std::collections::BTreeMap::new();
    for word in column.iter().flatten() {
        *counts.entry(word.to_owned()).or_insert(0u64) += 1;
    }
    let mut dense: Vec<_> = counts.into_iter().collect();
    dense.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    assert!(dense.len() > 20);
    let found: Vec<_> = words[0].iter().map(|it| (it.word.clone(), it.count)).collect();
    assert_eq!(found, dense);
    assert_eq!(words[1], []);
    assert_eq!(words[2], words[0]);
}

/// The same numbers, in a fraction of the memory.
#[test]
fn moments_alone_are_those_of_all_detail() {
    let [all, _, moments] = models();
    let mut expected = described(&all, &rows(0..ROWS));
    for column in &mut expected.columns {
        match &mut column.summary {
            Summary::Numbers(numbers) => {
                assert!(!numbers.quantiles.is_empty() && !numbers.histogram.is_empty());
                (numbers.quantiles, numbers.histogram) = (Vec::new(), Vec::new());
                // Here are few enough integers for an exact number.
                assert!(column.kind == Kind::Float || column.distinct.unwrap().count > 100);
                column.distinct = column.distinct.filter(|_| column.kind == Kind::Integer);
            }
            Summary::Instants { .. } => column.distinct = None,
            // Both are counted one by one.
            Summary::Booleans { .. } | Summary::Words { .. } => {}
        }
    }
    assert_eq!(bytes(&described(&moments, &rows(0..ROWS))), bytes(&expected));
    let held = |model: &Describe| model.footprint(0).state;
    let levels = held(&all.clone().levels(0)) - held(&moments.clone().levels(0));
    assert!(levels > 2 * 150_000 && held(&moments.levels(0)) < 25_000);
}

/// Where they are close together, far apart, with gaps, and too many for that.
#[test]
fn few_integers_are_counted_without_detail() {
    let classes = |values: &dyn Fn(i64) -> i64| {
        let column = Column { name: "y".into(), kind: Kind::Integer };
        let model = Describe::new(Schema::new(vec![column]).unwrap()).detail(Detail::Moments);
        let array: ArrayRef = Arc::new((0..5_000).map(values).collect::<Int64Array>());
        let batch = RecordBatch::try_from_iter([("y", array)]).unwrap();
        described(&model, &Rows::new(0, batch)).columns[0].distinct.map(|it| (it.count, it.error))
    };
    assert_eq!(classes(&|row| row % 2), Some((2, 0.0)));
    assert_eq!(classes(&|row| 2 * (row % 3) - 5), Some((3, 0.0)));
    assert_eq!(classes(&|row| row % 1024), Some((1024, 0.0)));
    assert_eq!(
        classes(&|row| if row % 2 == 0 { i64::MIN } else { i64::MAX - row % 2 }),
        Some((2, 0.0))
    );
    assert_eq!(classes(&|row| row % 1024 * 1_000_000), Some((1024, 0.0)));
    assert_eq!(classes(&|row| row % 1025), None);
    assert_eq!(classes(&|row| row << 40), None);
}

/// A state that was saved in one detail is none of the other.
#[test]
fn states_of_another_detail_are_refused() {
    let [all, _, moments] = models();
    for (one, other) in [(&all, &moments), (&moments, &all)] {
        let error = one.aggregate(other.init()).unwrap_err();
        let message = "column `integer` was said to be integer and comes as another state";
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn booleans_dates_and_times_are_exact() {
    let columns = described(&Describe::new(schema()), &rows(0..ROWS)).columns;
    let batch = rows(0..ROWS);
    let column = |at: usize| batch.batch().column(at).as_any();
    let booleans = column(2).downcast_ref::<BooleanArray>().unwrap();
    let yes = booleans.iter().flatten().filter(|&yes| yes).count() as u64;
    let no = booleans.iter().flatten().filter(|&yes| !yes).count() as u64;
    assert_eq!(columns[2].summary, Summary::Booleans { yes, no });
    let distinct = columns[2].distinct.map(|distinct| distinct.count);
    assert_eq!((distinct, columns[2].present), (Some(2), yes + no));
    let days = column(4).downcast_ref::<Date32Array>().unwrap();
    let days: Vec<i64> = days.iter().flatten().map(i64::from).collect();
    let extremes = Some((*days.iter().min().unwrap(), *days.iter().max().unwrap()));
    assert_eq!(columns[4].summary, Summary::Instants { extremes });
    let times = column(5).downcast_ref::<TimestampMicrosecondArray>().unwrap();
    let extremes = times.iter().flatten().min().zip(times.iter().flatten().max());
    assert_eq!(columns[5].summary, Summary::Instants { extremes });
    assert_eq!(columns[5].missing, times.iter().filter(Option::is_none).count() as u64);
}

/// A column alone, described.
fn alone(kind: Kind, column: ArrayRef) -> Described {
    let schema = Schema::new(vec![Column { name: "x".into(), kind }]).unwrap();
    let rows = Rows::new(0, RecordBatch::try_new(schema.arrow(), vec![column]).unwrap());
    let shares = vec![0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0];
    let model = Describe::new(schema).quantiles(shares).unwrap();
    described(&model, &rows).columns.remove(0)
}

fn numbers(described: &Described) -> &Numbers {
    match &described.summary {
        Summary::Numbers(numbers) => numbers,
        other => panic!("{other:?}"),
    }
}

/// The first rank, from 1, that a share of all does not go beyond.
fn rank(share: f64, all: usize) -> usize {
    (1..=all).find(|&rank| rank as f64 >= share * all as f64).unwrap()
}

/// Mean and standard deviation as exact fractions of the doubles' integers, at 2^-1100.
mod dense {
    use dashu_int::IBig;

    const UNIT: i32 = 1100;

    fn whole(value: f64) -> IBig {
        let bits = value.to_bits();
        let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) =
            if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        let size = IBig::from(mantissa) << usize::try_from(exponent + UNIT).unwrap();
        if value < 0.0 { -size } else { size }
    }

    /// a / b to a few units of the last place, for any sizes whose quotient is a double.
    fn quotient(a: &IBig, b: &IBig, power: i32) -> f64 {
        let negative = *a < IBig::ZERO;
        let size = if negative { -a.clone() } else { a.clone() };
        if size == IBig::ZERO {
            return 0.0;
        }
        let bits = |x: &IBig| i32::try_from(x.to_string().len() * 10 / 3).unwrap();
        let shift = 120 + bits(b) - bits(&size);
        let scaled = if shift >= 0 {
            (size << usize::try_from(shift).unwrap()) / b
        } else {
            size / (b.clone() << usize::try_from(-shift).unwrap())
        };
        let digits = u128::try_from(scaled).unwrap() as f64;
        let half = (power - shift) / 2;
        let value = digits * 2f64.powi(half) * 2f64.powi(power - shift - half);
        if negative { -value } else { value }
    }

    pub(crate) fn mean(values: &[f64]) -> f64 {
        let sum: IBig = values.iter().map(|&value| whole(value)).sum();
        quotient(&sum, &IBig::from(values.len()), -UNIT)
    }

    /// Variance: (n sum x^2 - (sum x)^2) / (n (n - 1)).
    pub(crate) fn variance(values: &[f64]) -> f64 {
        let count = IBig::from(values.len());
        let sum: IBig = values.iter().map(|&value| whole(value)).sum();
        let squares: IBig = values.iter().map(|&value| whole(value) * whole(value)).sum();
        let top = count.clone() * squares - sum.clone() * sum;
        quotient(&top, &(count.clone() * (count - IBig::from(1))), -2 * UNIT)
    }
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e3..1e3,
        (-140i32..140, -1.0..1.0).prop_map(|(decade, x)| x * 10f64.powi(decade)),
        (-1000i32..1000).prop_map(f64::from),
        (0.0..1.0).prop_map(|x| 1e12 + x),
        Just(0.0),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn floats_against_the_values_themselves(
        values in prop::collection::vec(value(), 2..200),
        noise in prop::collection::vec(prop_oneof![
            Just(None), Just(Some(f64::NAN)), Just(Some(f64::INFINITY))], 0..9),
    ) {
        let all = values.iter().map(|&x| Some(x)).chain(noise.iter().copied());
        let found = alone(Kind::Float, Arc::new(all.collect::<Float64Array>()));
        let missing = noise.iter().filter(|x| x.is_none()).count();
        prop_assert_eq!(found.missing, missing as u64);
        prop_assert_eq!(found.present, (values.len() + noise.len() - missing) as u64);
        let numbers = numbers(&found);
        let nan = noise.iter().flatten().filter(|x| x.is_nan()).count();
        prop_assert_eq!(numbers.nan, nan as u64);
        prop_assert_eq!(numbers.infinite, (noise.len() - missing - nan) as u64);

        // One rounding of the sum, one of the quotient, and two in the reference.
        let mean = dense::mean(&values);
        prop_assert!((numbers.mean - mean).abs() <= 4.5e-16 * mean.abs(), "{} {mean}", numbers.mean);
        // Roundings of the sum of squares, two quotients, a root, and of the reference.
        let sd = dense::variance(&values).sqrt();
        prop_assert!((numbers.sd - sd).abs() <= 1e-15 * sd, "{} {sd}", numbers.sd);

        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        prop_assert_eq!(numbers.min, Number::Float(sorted[0]));
        prop_assert_eq!(numbers.max, Number::Float(sorted[sorted.len() - 1]));
        for quantile in &numbers.quantiles {
            let exact = sorted[rank(quantile.share, sorted.len()) - 1];
            let narrow = (2f64.powi(-64)..2f64.powi(64)).contains(&exact.abs());
            let bound = if narrow { 1.0 / 128.0 } else { 1.0 / 3.0 + 1e-15 };
            prop_assert!((quantile.value - exact).abs() <= bound * exact.abs());
        }

        let bars = &numbers.histogram;
        prop_assert!((1..=32).contains(&bars.len()));
        prop_assert_eq!((bars[0].from, bars[bars.len() - 1].to), (sorted[0], sorted[sorted.len() - 1]));
        for (at, bar) in bars.iter().enumerate() {
            let (first, last) = (at == 0, at + 1 == bars.len());
            // On a border: with the upper bar, unless negative.
            let above = |x: f64, border: f64| x > border || (x >= border && x >= 0.0);
            let inside = |x: f64| (first || above(x, bar.from)) && (last || !above(x, bar.to));
            let count = values.iter().filter(|&&x| inside(x)).count();
            prop_assert_eq!(bar.count, count as u64, "{:?} of {:?}", bar, bars);
        }
    }

    #[test]
    fn integers_against_the_values_themselves(
        values in prop::collection::vec(prop_oneof![-20i64..20, -100_000i64..100_000], 2..200),
    ) {
        let found = alone(Kind::Integer, Arc::new(Int64Array::from(values.clone())));
        let numbers = numbers(&found);
        let floats: Vec<f64> = values.iter().map(|&x| x as f64).collect();
        let (mean, sd) = (dense::mean(&floats), dense::variance(&floats).sqrt());
        prop_assert!((numbers.mean - mean).abs() <= 4.5e-16 * mean.abs());
        prop_assert!((numbers.sd - sd).abs() <= 1e-15 * sd);
        let mut sorted = values.clone();
        sorted.sort_unstable();
        for quantile in &numbers.quantiles {
            let exact = sorted[rank(quantile.share, sorted.len()) - 1] as f64;
            let bound = if exact.abs() < 128.0 { 0.0 } else { exact.abs() / 128.0 };
            prop_assert!((quantile.value - exact).abs() <= bound, "{} {exact}", quantile.value);
        }
        for bar in &numbers.histogram {
            let last = bar.to >= sorted[sorted.len() - 1] as f64;
            let inside = |x: f64| x >= bar.from && (last || x < bar.to);
            let count = floats.iter().filter(|&&x| inside(x)).count();
            prop_assert_eq!(bar.count, count as u64, "{:?} of {:?}", bar, numbers.histogram);
        }
    }

    /// Exact up to 1,024, then within four standard errors.
    #[test]
    fn distinct_counts_are_within_their_error(many in prop_oneof![1usize..3000, 1usize..30_000], seed in any::<u64>()) {
        let random = Random::new(seed, 0);
        let values: Vec<f64> = (0..many).map(|row| random.uniform(row as u64 / 2, 0)).collect();
        let found = alone(Kind::Float, Arc::new(Float64Array::from(values))).distinct.unwrap();
        let exact = many.div_ceil(2);
        let error = if exact <= 1024 { 0.0 } else { 1.04 / 64.0 };
        prop_assert!((found.error - error).abs() < 1e-12);
        let bound = 4.0 * error * exact as f64;
        prop_assert!((found.count as f64 - exact as f64).abs() <= bound, "{} of {exact}", found.count);
    }
}

#[test]
fn nothing_is_described_as_nothing() {
    let found = alone(Kind::Float, Arc::new(Float64Array::from(vec![None, Some(f64::NAN)])));
    let numbers = numbers(&found);
    assert!(numbers.mean.is_nan() && numbers.sd.is_nan() && numbers.min.to_f64().is_nan());
    assert!(numbers.quantiles[4].value.is_nan() && numbers.histogram.is_empty());
    assert_eq!((found.present, found.missing, found.distinct.map(|it| it.count)), (1, 1, Some(1)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let model = Describe::new(schema());
    let error = model.clone().quantiles(vec![0.5, 1.5]).unwrap_err();
    assert_eq!(error.to_string(), "1.5 is no share for a quantile; give one from 0 to 1");
    let refuse = |places: &[usize]| {
        let rows = Rows::new(0, rows(0..10).batch().project(places).unwrap());
        model.pass_one(&rows, &mut model.init(), &Serial).unwrap_err().to_string()
    };
    assert_eq!(refuse(&[0, 1]), "2 columns were read where the table has 6");
    assert_eq!(
        refuse(&[1, 0, 2, 3, 4, 5]),
        "column `integer` was said to be integer and comes as Float64"
    );
    let narrow = Schema::new(schema().columns()[..2].to_vec()).unwrap();
    let error = model.aggregate(Describe::new(narrow).init()).unwrap_err();
    assert_eq!(error.to_string(), "2 columns were read where the table has 6");
}

//! A tree without randomness is the one that trying everything finds.

use proptest::prelude::*;
use twoblade_core::Random;
use twoblade_learn::forest::{Leaves, Options, Split, Tree};

use crate::cart::{self, Stop};
use crate::planted::{Targets, forest, plain, predict};

/// Columns of numbers; of every other one some are equal.
fn columns(rows: usize, width: usize, seed: u64) -> Vec<Vec<f64>> {
    let random = Random::new(seed, 1);
    let number = |row: usize, column: usize| {
        let draw = u32::try_from(column).unwrap();
        if column % 2 == 1 {
            f64::from(random.below(row as u64, draw, 6)) - 2.0
        } else {
            (random.uniform(row as u64, draw) - 0.5)
                * 10f64.powi(3 * i32::try_from(column).unwrap())
        }
    };
    (0..width).map(|column| (0..rows).map(|row| number(row, column)).collect()).collect()
}

fn numbers(columns: &[Vec<f64>], seed: u64) -> Targets {
    let random = Random::new(seed, 2);
    let target = |row: usize| 1e4 + columns[0][row] + 3.0 * random.uniform(row as u64, 0);
    Targets::Numbers((0..columns[0].len()).map(target).collect())
}

fn classes(columns: &[Vec<f64>], seed: u64) -> Targets {
    let random = Random::new(seed, 3);
    let target = |row: usize| {
        let noise = random.below(row as u64, 0, 3) as usize;
        if columns[0][row] > 0.1 { noise } else { usize::from(noise == 0) }
    };
    Targets::Classes((0..columns[0].len()).map(target).collect())
}

fn options(stop: Stop, leaves: usize) -> Options {
    Options {
        leaf_rows: u32::try_from(stop.leaf_rows).unwrap(),
        depth: stop.depth,
        leaves: u32::try_from(leaves).unwrap(),
        ..plain()
    }
}

/// Every split is the best of all, to rounding, and every leaf is one for a reason.
fn check(
    tree: &Tree,
    place: usize,
    (columns, targets): (&[Vec<f64>], &Targets),
    rows: &[usize],
    depth: u32,
    stop: Stop,
) -> Result<usize, TestCaseError> {
    let best = cart::best(columns, targets, rows, depth, stop);
    let Some(split) = tree.splits().get(place) else {
        prop_assert!(best.is_none(), "a leaf of {} rows could be split", rows.len());
        let leaf = place - tree.splits().len();
        if let (Leaves::Counts { counts, .. }, Targets::Classes(classes)) = (tree.leaves(), targets)
        {
            for class in 0..3 {
                let expected = rows.iter().filter(|&&row| classes[row] == class).count();
                prop_assert_eq!(counts[3 * leaf + class] as usize, expected);
            }
        }
        return Ok(1);
    };
    let column = &columns[split.feature as usize];
    let (left, right): (Vec<usize>, Vec<usize>) =
        rows.iter().partition(|&&row| column[row] <= split.threshold);
    let best = best.expect("the tree has split a node that may not be split").gain;
    let whole = cart::impurity(targets, rows);
    let gain = whole - cart::impurity(targets, &left) - cart::impurity(targets, &right);
    prop_assert!(left.len().min(right.len()) >= stop.leaf_rows);
    // The impurities are sums of some hundred terms.
    prop_assert!((gain - best).abs() <= 1e-10 * whole, "{gain} where {best} was to be had");
    let below = |child: u32, rows: &[usize]| {
        check(tree, child as usize, (columns, targets), rows, depth + 1, stop)
    };
    Ok(below(split.children[0], &left)? + below(split.children[1], &right)?)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Of several splits that are equally good any may be taken; a class tree has many such.
    #[test]
    fn every_split_is_the_best_of_all(
        rows in 2usize..90, width in 1usize..5, seed in 0u64..1 << 40,
        leaf_rows in 1usize..6, depth in 1u32..12, class: bool,
    ) {
        let columns = columns(rows, width, seed);
        let targets = if class { classes(&columns, seed) } else { numbers(&columns, seed) };
        let stop = Stop { leaf_rows, depth };
        let forest = forest(&columns, &targets, rows, &options(stop, 1 << 20));
        let tree = &forest.chunks()[0].trees[0];
        let all: Vec<usize> = (0..rows).collect();
        let leaves = check(tree, 0, (&columns, &targets), &all, 0, stop)?;
        prop_assert_eq!(leaves, tree.leaves().len());
    }

    /// With few leaves too: the best of all leaves' splits comes first. Predictions are means of up to
    /// 90 numbers around 1e4, so good to 1e-10.
    #[test]
    fn few_leaves_are_those_that_gain_most(
        rows in 2usize..90, width in 1usize..4, seed in 0u64..1 << 40,
        leaf_rows in 1usize..4, depth in 1u32..8, leaves in 2usize..12,
    ) {
        let columns = columns(rows, width, seed);
        let targets = numbers(&columns, seed);
        let stop = Stop { leaf_rows, depth };
        let forest = forest(&columns, &targets, rows, &options(stop, leaves));
        let found = predict(&forest, &columns);
        let all: Vec<usize> = (0..rows).collect();
        let Targets::Numbers(numbers) = &targets else { unreachable!("numbers were asked for") };
        let expected = cart::leaves(&columns, &targets, &all, stop, leaves);
        prop_assert_eq!(forest.leaves(), expected.len());
        for rows in expected {
            let mean = rows.iter().map(|&row| numbers[row]).sum::<f64>() / rows.len() as f64;
            for row in rows {
                prop_assert!((found[row] - mean).abs() <= 1e-9, "{} for {mean}", found[row]);
            }
        }
    }
}

/// Zeros of both signs are one number; large numbers have a threshold between them; constant targets
/// and constant features have no split.
#[test]
fn numbers_at_the_edges_are_split_rightly() {
    let targets = Targets::Numbers(vec![1.0, 2.0, 3.0, 4.0]);
    let one = |column: Vec<f64>| forest(&[column], &targets, 4, &plain());
    let largest = one(vec![-f64::MAX, f64::MAX, -f64::MAX, f64::MAX]);
    let split = largest.chunks()[0].trees[0].splits();
    assert!(split.len() == 1 && split[0].threshold.abs() < 1.0, "{split:?}");
    let next = one(vec![1.0, 1.0, 1.0 + f64::EPSILON, 1.0 + f64::EPSILON]);
    let split = next.chunks()[0].trees[0].splits();
    assert!((split.len(), split[0].threshold) == (1, 1.0), "{split:?}");
    assert_eq!(one(vec![0.0, -0.0, 0.0, -0.0]).leaves(), 1);
    let constant = Targets::Numbers(vec![0.1; 4]);
    let forest = forest(&[vec![1.0, 2.0, 3.0, 4.0]], &constant, 4, &plain());
    assert_eq!(forest.leaves(), 1);
    assert!(predict(&forest, &[vec![9.0]])[0].to_bits() == 0.1f64.to_bits());
}

/// An exclusive or gains nothing by its first split, and is split all the same.
#[test]
fn splits_that_gain_nothing_yet_are_taken() {
    let columns = [vec![0.0, 0.0, 1.0, 1.0], vec![0.0, 1.0, 0.0, 1.0]];
    let forest = forest(&columns, &Targets::Classes(vec![0, 1, 1, 0]), 4, &plain());
    assert_eq!(forest.leaves(), 4);
    let expected = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    assert_eq!(predict(&forest, &columns), expected);
}

/// What was saved by nobody knows whom leads a row to a leaf, or is refused.
#[test]
fn trees_that_lead_nowhere_are_refused() {
    #[derive(serde::Serialize)]
    struct Plain {
        splits: Vec<Split>,
        leaves: Leaves,
    }
    let counts = |counts: &[u32]| Leaves::Counts { classes: 2, counts: counts.into() };
    let split = |left, right| Split { threshold: 0.5, feature: 0, children: [left, right] };
    let read = |splits: Vec<Split>, leaves: Leaves| {
        let bytes = postcard::to_stdvec(&Plain { splits, leaves }).unwrap();
        postcard::from_bytes::<Tree>(&bytes)
    };
    let good = counts(&[3, 0, 1, 2]);
    assert_eq!(read(vec![split(1, 2)], good.clone()).unwrap().leaves(), &good);
    assert!(read(vec![], Leaves::Means(vec![1.0])).is_ok());
    // A circle, a child beyond all, a leaf too few, one without rows, and counts of half a leaf.
    assert!(read(vec![split(0, 2)], good.clone()).is_err());
    assert!(read(vec![split(1, 3)], good.clone()).is_err());
    assert!(read(vec![], good).is_err());
    assert!(read(vec![split(1, 2)], counts(&[3, 0, 0, 0])).is_err());
    assert!(read(vec![split(1, 2)], counts(&[3, 0, 1])).is_err());
    assert!(read(vec![], Leaves::Means(vec![])).is_err());
}

/// A forest that was saved is the same, and one whose trees ask for a feature that rows have not is
/// refused.
#[test]
fn forests_are_read_as_they_were_saved_or_refused() {
    use twoblade_learn::forest::Estimate;
    let columns = columns(60, 3, 5);
    let targets = classes(&columns, 5);
    let forest = forest(&columns, &targets, 20, &plain());
    let bytes = postcard::to_stdvec(&forest).unwrap();
    assert_eq!(postcard::from_bytes::<Estimate>(&bytes).unwrap(), forest);
    // Rows and those left out are a byte each, then comes the number of features.
    assert_eq!(bytes[..3], [60, 0, 3]);
    for width in [0, 1] {
        let narrow = [&bytes[..2], &[width], &bytes[3..]].concat();
        assert!(postcard::from_bytes::<Estimate>(&narrow).is_err());
    }
    assert!(forest.bytes() > 100 * forest.trees());
}

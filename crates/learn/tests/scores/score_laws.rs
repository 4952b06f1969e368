//! The laws of the testkit, for scores of predictions.

use twoblade_core::{Blocks, Jackknife};
use twoblade_learn::bayes::Classifier;
use twoblade_learn::metrics::{By, Report, Scores};
use twoblade_learn::{Folds, Linear, Missing, Score};

use crate::classes;
use crate::held::{Held, features, table};
use crate::score::{classifiers, flat, imputed, linear, numbers_of, out_of_fold, scores_of};

pub(crate) const ROWS: usize = 704;
pub(crate) const FOLDS: usize = 3;

pub(crate) fn folds() -> Folds {
    Folds::new(FOLDS, 88).unwrap()
}

/// A straight line for each fold, by the words of k, some of which are not known.
fn lines() -> Score<Linear> {
    let words = ["4", "0", "2"].map(str::to_owned).to_vec();
    let predictors = (0..FOLDS).map(linear).collect();
    Score::new(&features(Missing::Mean), predictors, folds())
        .unwrap()
        .by(By::Column { column: "k".into(), words })
        .unwrap()
}

fn rows() -> Held {
    Held { batch: table(ROWS, 5, true), blocks: Blocks::even(ROWS, 8).unwrap(), chunk: 17 }
}

fn expected_of_lines() -> Jackknife<Vec<f64>> {
    let rows = imputed(&rows().batch);
    let score = |without: std::ops::Range<usize>| {
        let kept = rows.iter().filter(|row| !without.contains(&row.index)).collect::<Vec<_>>();
        let group = |of: &dyn Fn(Option<i64>) -> bool| {
            numbers_of(&kept.iter().filter(|row| of(row.k)).copied().collect::<Vec<_>>())
        };
        let word = |word: i64| group(&|k| k == Some(word));
        let other = group(&|k| k.is_some_and(|k| ![0, 2, 4].contains(&k)));
        [numbers_of(&kept), word(4), word(0), word(2), other, group(&|k| k.is_none())].concat()
    };
    Jackknife { full: score(0..0), replicates: rows_blocks(score) }
}

fn rows_blocks(score: impl Fn(std::ops::Range<usize>) -> Vec<f64>) -> Vec<Vec<f64>> {
    rows().blocks.iter().map(score).collect()
}

twoblade_testkit::conformance! {
    mod lines_by_group;
    model: lines(),
    source: rows(),
    numbers: flat,
    reference: expected_of_lines,
    // Predictions near 100 are sums of five numbers, so errors near 1 are good to about 1e-13.
    tolerance: 1e-11,
}

/// Naive Bayes without each fold, by fold.
fn bayes() -> Score<Classifier> {
    Score::new(&classes::features(Missing::Drop), classifiers(&labelled()), folds())
        .unwrap()
        .by(By::Folds(FOLDS))
        .unwrap()
}

fn labelled() -> Held {
    Held { batch: classes::table(ROWS, 5, true), ..rows() }
}

fn expected_of_bayes() -> Jackknife<Vec<f64>> {
    let rows = out_of_fold(&labelled().batch);
    let score = |without: std::ops::Range<usize>| {
        let kept = rows.iter().filter(|row| !without.contains(&row.index)).collect::<Vec<_>>();
        let fold = |fold: usize| {
            scores_of(&kept.iter().filter(|row| row.fold == fold).copied().collect::<Vec<_>>())
        };
        [scores_of(&kept), fold(0), fold(1), fold(2)].concat()
    };
    Jackknife { full: score(0..0), replicates: rows_blocks(score) }
}

fn of_classes(report: &Report) -> Vec<f64> {
    assert!(matches!(report.all, Scores::Classes(_)), "{report:?}");
    flat(report)
}

twoblade_testkit::conformance! {
    mod bayes_by_fold;
    model: bayes(),
    source: labelled(),
    numbers: of_classes,
    reference: expected_of_bayes,
    // What naive Bayes is good to in its own test.
    tolerance: 1e-9,
}

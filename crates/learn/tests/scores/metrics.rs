//! Scores of random predictions against their definitions.

use proptest::prelude::*;
use twoblade_core::{Group, Merge};
use twoblade_learn::metrics::{
    Bin, By, Classes, GroupName, Metrics, Numbers, Predicted, Report, Scores, State,
};
use twoblade_learn::{Scale, Target};

fn number() -> Target {
    Target::Number { column: "y".into(), scale: Scale::of(5.0, 2.0) }
}

fn classes(count: usize) -> Target {
    Target::Class { column: "y".into(), classes: (0..count).map(|it| format!("c{it}")).collect() }
}

fn by() -> By {
    By::Column { column: "g".into(), words: vec!["a".into(), "b".into()] }
}

/// A group, a target and a prediction.
type Row = (usize, f64, Vec<f64>);

fn add(metrics: &Metrics, rows: &[Row]) -> State {
    let mut state = metrics.init();
    for (row, (group, target, prediction)) in rows.iter().enumerate() {
        let row = row as u64;
        let predicted = Predicted { row, group: *group, target: *target, prediction };
        metrics.add(&predicted, &mut state).unwrap();
    }
    state
}

/// The scores of all, and of those groups that have rows.
fn expected<T>(rows: &[Row], score: impl Fn(&[&Row]) -> T) -> (T, Vec<(GroupName, T)>) {
    let names = [
        GroupName::Word("a".into()),
        GroupName::Word("b".into()),
        GroupName::Other,
        GroupName::Missing,
    ];
    let of = |group| rows.iter().filter(|row| row.0 == group).collect::<Vec<_>>();
    let groups = names.into_iter().enumerate().filter(|(group, _)| !of(*group).is_empty());
    let groups = groups.map(|(group, name)| (name, score(&of(group)))).collect();
    (score(&rows.iter().collect::<Vec<_>>()), groups)
}

fn found(report: &Report) -> (Scores, Vec<(GroupName, Scores)>) {
    let groups = report.groups.iter().map(|group| (group.name.clone(), group.scores.clone()));
    (report.all.clone(), groups.collect())
}

fn same(ours: f64, theirs: f64, size: f64) -> Result<(), TestCaseError> {
    let close = ours.is_nan() && theirs.is_nan() || (ours - theirs).abs() <= 1e-12 * size;
    prop_assert!(close, "{ours} against {theirs}");
    Ok(())
}

fn mean(rows: &[&Row], of: impl Fn(&Row) -> f64) -> f64 {
    rows.iter().map(|row| of(row)).sum::<f64>() / rows.len() as f64
}

fn numbers(rows: &[&Row]) -> Numbers {
    let target = mean(rows, |row| row.1);
    let error = mean(rows, |row| (row.1 - row.2[0]).powi(2));
    let spread = mean(rows, |row| (row.1 - target).powi(2));
    let constant = rows.iter().all(|row| row.1.to_bits() == rows[0].1.to_bits());
    Numbers {
        rows: rows.len() as u64,
        mean_squared_error: error,
        root_mean_squared_error: error.sqrt(),
        mean_absolute_error: mean(rows, |row| (row.1 - row.2[0]).abs()),
        r_squared: if constant { f64::NAN } else { 1.0 - error / spread },
        mean_target: target,
        mean_prediction: mean(rows, |row| row.2[0]),
    }
}

fn check_numbers(ours: &Scores, theirs: &Numbers) -> Result<(), TestCaseError> {
    let Scores::Numbers(ours) = ours else { panic!("{ours:?}") };
    prop_assert_eq!(ours.rows, theirs.rows);
    let relative = |of: fn(&Numbers) -> f64| same(of(ours), of(theirs), of(theirs).abs());
    relative(|it| it.mean_squared_error)?;
    relative(|it| it.root_mean_squared_error)?;
    relative(|it| it.mean_absolute_error)?;
    same(ours.r_squared, theirs.r_squared, theirs.r_squared.abs().max(1.0))?;
    relative(|it| it.mean_target)?;
    // A mean near 0 of numbers near 10.
    same(ours.mean_prediction, theirs.mean_prediction, 10.0)
}

fn probabilities(count: usize) -> impl Strategy<Value = Vec<f64>> {
    let weight = prop_oneof![0.0f64..1.0, Just(0.0), Just(0.5), 0.0f64..1e-17];
    prop::collection::vec(weight, count).prop_map(|weights| {
        let sum: f64 = weights.iter().sum();
        if sum == 0.0 {
            return vec![1.0 / weights.len() as f64; weights.len()];
        }
        weights.iter().map(|weight| weight / sum).collect()
    })
}

fn class(row: &Row) -> usize {
    (0..row.2.len()).find(|&class| class as f64 >= row.1).unwrap()
}

/// As scikit-learn defines them.
fn scores(rows: &[&Row]) -> Classes {
    let count = rows[0].2.len();
    let best = |row: &Row| {
        let largest = row.2.iter().copied().fold(0.0, f64::max);
        row.2.iter().position(|it| it.to_bits() == largest.to_bits()).unwrap()
    };
    let confusion: Vec<Vec<u64>> = (0..count)
        .map(|truth| {
            let of = |predicted| move |row: &&&Row| class(row) == truth && best(row) == predicted;
            (0..count).map(|predicted| rows.iter().filter(of(predicted)).count() as u64).collect()
        })
        .collect();
    let is = |row: &Row, other: usize| f64::from(u8::from(class(row) == other));
    let square =
        |row: &Row| (0..count).map(|other| (row.2[other] - is(row, other)).powi(2)).sum::<f64>();
    let names = (0..count).map(|it| format!("c{it}"));
    let bins = |of: usize| {
        let edge = |bin: usize| if bin == 10 { 1.0 } else { bin as f64 * 0.1 };
        let bin = |at: usize| {
            let inside =
                |row: &&&Row| (at == 0 || row.2[of] > edge(at)) && row.2[of] <= edge(at + 1);
            let rows: Vec<&Row> = rows.iter().filter(inside).copied().collect();
            (!rows.is_empty()).then(|| Bin {
                from: edge(at),
                to: edge(at + 1),
                rows: rows.len() as u64,
                predicted: mean(&rows, |row| row.2[of]),
                observed: mean(&rows, |row| is(row, of)),
            })
        };
        (0..10).filter_map(bin).collect()
    };
    let calibration = |(of, class)| twoblade_learn::metrics::Calibration { class, bins: bins(of) };
    Classes {
        rows: rows.len() as u64,
        accuracy: mean(rows, |row| f64::from(u8::from(best(row) == class(row)))),
        log_loss: mean(rows, |row| {
            -row.2[class(row)].clamp(2f64.powi(-52), 1.0 - 2f64.powi(-52)).ln()
        }),
        clipped: rows.iter().filter(|row| row.2[class(row)] < 2f64.powi(-52)).count() as u64,
        brier: mean(rows, |row| square(row)) / if count == 2 { 2.0 } else { 1.0 },
        classes: names
            .clone()
            .enumerate()
            .map(|(of, name)| {
                let all: u64 = confusion[of].iter().sum();
                let predicted: u64 = (0..count).map(|truth| confusion[truth][of]).sum();
                let right = confusion[of][of] as f64;
                let (recall, precision) = (right / all as f64, right / predicted as f64);
                twoblade_learn::metrics::Class { name, rows: all, predicted, recall, precision }
            })
            .collect(),
        confusion,
        calibration: names.enumerate().skip(usize::from(count == 2)).map(calibration).collect(),
    }
}

fn check_classes(ours: &Scores, theirs: &Classes) -> Result<(), TestCaseError> {
    let Scores::Classes(ours) = ours else { panic!("{ours:?}") };
    prop_assert_eq!(ours.rows, theirs.rows);
    prop_assert_eq!(ours.clipped, theirs.clipped);
    prop_assert_eq!(&ours.confusion, &theirs.confusion);
    same(ours.accuracy, theirs.accuracy, 1.0)?;
    same(ours.log_loss, theirs.log_loss, theirs.log_loss)?;
    same(ours.brier, theirs.brier, 1.0)?;
    for (ours, theirs) in ours.classes.iter().zip(&theirs.classes) {
        prop_assert_eq!(
            (&ours.name, ours.rows, ours.predicted),
            (&theirs.name, theirs.rows, theirs.predicted)
        );
        same(ours.recall, theirs.recall, 1.0)?;
        same(ours.precision, theirs.precision, 1.0)?;
    }
    prop_assert_eq!(ours.calibration.len(), theirs.calibration.len());
    for (ours, theirs) in ours.calibration.iter().zip(&theirs.calibration) {
        prop_assert_eq!(&ours.class, &theirs.class);
        prop_assert_eq!(ours.bins.len(), theirs.bins.len());
        for (ours, theirs) in ours.bins.iter().zip(&theirs.bins) {
            prop_assert_eq!((ours.rows, ours.from.to_bits()), (theirs.rows, theirs.from.to_bits()));
            prop_assert_eq!(ours.to.to_bits(), theirs.to.to_bits());
            same(ours.predicted, theirs.predicted, 1.0)?;
            same(ours.observed, theirs.observed, 1.0)?;
        }
    }
    Ok(())
}

proptest! {
    /// To 1e-12: the definitions sum 60 numbers of one sign, or of size 10.
    #[test]
    fn scores_of_numbers_are_those_of_the_definitions(
        rows in prop::collection::vec(
            (0usize..4, prop_oneof![Just(7.0), 1.0f64..10.0], -10.0f64..10.0), 1..60)
    ) {
        let rows: Vec<Row> = rows.into_iter().map(|(group, y, p)| (group, y, vec![p])).collect();
        let metrics = Metrics::of(&number()).by(by());
        let (all, groups) = found(&metrics.report(&add(&metrics, &rows)).unwrap());
        let (expected_all, expected_groups) = expected(&rows, numbers);
        check_numbers(&all, &expected_all)?;
        prop_assert_eq!(groups.len(), expected_groups.len());
        for ((name, ours), (expected, theirs)) in groups.iter().zip(&expected_groups) {
            prop_assert_eq!(name, expected);
            check_numbers(ours, theirs)?;
        }
    }

    #[test]
    fn scores_of_classes_are_those_of_the_definitions(
        (count, rows) in (2usize..5).prop_flat_map(|count| {
            let row = (0usize..4, 0..count, probabilities(count));
            (Just(count), prop::collection::vec(row, 1..60))
        })
    ) {
        let rows: Vec<Row> =
            rows.into_iter().map(|(group, class, p)| (group, class as f64, p)).collect();
        let metrics = Metrics::of(&classes(count)).by(by());
        let (all, groups) = found(&metrics.report(&add(&metrics, &rows)).unwrap());
        let (expected_all, expected_groups) = expected(&rows, scores);
        check_classes(&all, &expected_all)?;
        prop_assert_eq!(groups.len(), expected_groups.len());
        for ((name, ours), (expected, theirs)) in groups.iter().zip(&expected_groups) {
            prop_assert_eq!(name, expected);
            check_classes(ours, theirs)?;
        }
    }

    /// To the bit, wherever rows are cut.
    #[test]
    fn parts_are_the_whole(
        rows in prop::collection::vec((0usize..4, 0usize..3, probabilities(3)), 2..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let rows: Vec<Row> =
            rows.into_iter().map(|(group, class, p)| (group, class as f64, p)).collect();
        let metrics = Metrics::of(&classes(3)).by(by()).bins(7);
        let (left, right) = rows.split_at(cut.index(rows.len()));
        let whole = add(&metrics, &rows);
        let (left, right) = (add(&metrics, left), add(&metrics, right));
        let mut both = right.clone();
        both.merge(&left);
        prop_assert_eq!(&both, &whole);
        both.remove(&left);
        prop_assert_eq!(&both, &right);
    }
}

/// 0.1 is in the first bin of ten, and so on, wherever a multiple of a tenth is a little more or less.
#[test]
fn edges_belong_to_the_bin_below() {
    let metrics = Metrics::of(&classes(2));
    let tenths =
        (0..=10).map(|tenth| if tenth == 10 { 1.0 } else { f64::from(tenth) * (1.0 / 10.0) });
    let rows: Vec<Row> = tenths.map(|p| (0, 1.0, vec![1.0 - p, p])).collect();
    let report = metrics.report(&add(&metrics, &rows)).unwrap();
    assert!(report.groups.is_empty());
    let Scores::Classes(scores) = report.all else { panic!("classes") };
    let counts: Vec<u64> = scores.calibration[0].bins.iter().map(|bin| bin.rows).collect();
    assert_eq!(counts, [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn what_is_no_prediction_is_named() {
    let refused = |target: &Target, prediction: &[f64]| {
        let metrics = Metrics::of(target);
        let predicted = Predicted { row: 41, group: 0, target: 0.0, prediction };
        metrics.add(&predicted, &mut metrics.init()).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&number(), &[f64::NAN]),
        "the prediction for row 41, counted from 0, is NaN; expected a finite number"
    );
    for wrong in [f64::NAN, -0.1, 1.1] {
        assert_eq!(
            refused(&classes(2), &[0.5, wrong]),
            format!(
                "the prediction for row 41, counted from 0, is {wrong}; expected a probability from 0 to 1"
            )
        );
    }
    let metrics = Metrics::of(&number());
    let mut state = metrics.init();
    state.drop_rows(3);
    assert_eq!(
        metrics.report(&state).unwrap_err().to_string(),
        "there is no row to score: 3 were left out for a missing value, and there are no others"
    );
}

//! The area under the ROC curve against all pairs.

use proptest::prelude::*;
use twoblade_learn::Error;
use twoblade_learn::auc::{Area, Scored, Sweep, areas};

/// Of each group, from all pairs: twice the wins, and ties once.
fn pairs(rows: &[Scored], group: u32) -> Area {
    let of =
        |positive| rows.iter().filter(move |row| row.group == group && row.positive == positive);
    let mut half_pairs = 0;
    for positive in of(true) {
        for negative in of(false) {
            half_pairs += match positive.score.partial_cmp(&negative.score).unwrap() {
                std::cmp::Ordering::Greater => 2,
                std::cmp::Ordering::Equal => 1,
                std::cmp::Ordering::Less => 0,
            };
        }
    }
    Area { positives: of(true).count() as u64, negatives: of(false).count() as u64, half_pairs }
}

proptest! {
    /// Sorted by their keys, rows give the counts of all pairs.
    #[test]
    fn areas_are_those_of_all_pairs(
        rows in prop::collection::vec(
            (
                0u32..3,
                prop_oneof![-1.0f64..1.0, (-2i8..3).prop_map(f64::from), Just(-0.0)],
                any::<bool>(),
            ),
            0..80,
        )
    ) {
        let row = |(group, score, positive)| Scored { group, score, positive };
        let rows: Vec<Scored> = rows.into_iter().map(row).collect();
        let mut keys: Vec<_> = rows.iter().map(Scored::key).collect();
        keys.sort_unstable();
        let sorted = keys.iter().map(|key| Ok::<_, Error>(Scored::of_key(key).unwrap()));
        let found = areas(sorted).unwrap();
        let groups: std::collections::BTreeSet<u32> = rows.iter().map(|row| row.group).collect();
        prop_assert_eq!(found.len(), groups.len());
        for ((group, area), expected) in found.into_iter().zip(groups) {
            prop_assert_eq!(group, expected);
            prop_assert_eq!(area, pairs(&rows, group));
        }
    }
}

/// Beyond 2^64 pairs; and where there are none there is no area.
#[test]
fn many_pairs_are_counted() {
    let area = Area { positives: 1 << 40, negatives: 1 << 40, half_pairs: 3 << 79 };
    assert!((area.value() - 0.75).abs() < 1e-15);
    let mut sweep = Sweep::default();
    sweep.push(0.5, true).unwrap();
    assert!(sweep.finish().value().is_nan());
}

#[test]
fn rows_out_of_order_are_refused() {
    let refused = |scores: &[f64]| {
        let mut sweep = Sweep::default();
        let mut each = scores.iter().map(|&score| sweep.push(score, true));
        each.find_map(Result::err).unwrap().to_string()
    };
    assert_eq!(
        refused(&[0.5, 0.7, 0.6]),
        "a score or group of 0.6 comes after 0.7; expected ascending ones"
    );
    assert_eq!(
        refused(&[0.5, f64::NAN]),
        "a score or group of NaN comes after 0.5; expected ascending ones"
    );
    assert!(refused(&[f64::NAN]).starts_with("a score or group of NaN comes after -inf"));
    let row = |group| Ok::<_, Error>(Scored { group, score: 0.5, positive: true });
    let refused = areas([row(0), row(4), row(3)]).unwrap_err().to_string();
    assert_eq!(refused, "a score or group of 3 comes after 4; expected ascending ones");
}

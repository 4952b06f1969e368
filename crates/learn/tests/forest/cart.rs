//! A tree grown by trying everything, again for every node.

use crate::planted::Targets;

/// When it stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) leaf_rows: usize,
    pub(crate) depth: u32,
}

/// A split of some rows.
#[derive(Clone, Debug)]
pub(crate) struct Parted {
    pub(crate) gain: f64,
    pub(crate) feature: usize,
    pub(crate) left: Vec<usize>,
    pub(crate) right: Vec<usize>,
}

/// Rows times their impurity: n (1 - sum p^2), or the sum of squares about the mean.
pub(crate) fn impurity(targets: &Targets, rows: &[usize]) -> f64 {
    let count = rows.len() as f64;
    match targets {
        Targets::Classes(classes) => {
            let share =
                |class| rows.iter().filter(|&&row| classes[row] == class).count() as f64 / count;
            count * (1.0 - (0..3).map(|class| share(class).powi(2)).sum::<f64>())
        }
        Targets::Numbers(numbers) => {
            let mean = rows.iter().map(|&row| numbers[row]).sum::<f64>() / count;
            rows.iter().map(|&row| (numbers[row] - mean).powi(2)).sum()
        }
    }
}

/// All splits that leave enough rows on both sides: by feature, and then from low to high.
pub(crate) fn splits(
    columns: &[Vec<f64>],
    targets: &Targets,
    rows: &[usize],
    leaf_rows: usize,
) -> Vec<Parted> {
    let mut all = Vec::new();
    for (feature, column) in columns.iter().enumerate() {
        let mut values: Vec<f64> = rows.iter().map(|&row| column[row]).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        for &value in &values[..values.len() - 1] {
            let (left, right): (Vec<usize>, Vec<usize>) =
                rows.iter().partition(|&&row| column[row] <= value);
            if left.len().min(right.len()) >= leaf_rows {
                let below = impurity(targets, &left) + impurity(targets, &right);
                all.push(Parted { gain: impurity(targets, rows) - below, feature, left, right });
            }
        }
    }
    all
}

/// Whether rows differ in the target.
pub(crate) fn mixed(targets: &Targets, rows: &[usize]) -> bool {
    match targets {
        Targets::Classes(classes) => rows.iter().any(|&row| classes[row] != classes[rows[0]]),
        Targets::Numbers(numbers) => {
            rows.iter().any(|&row| numbers[row].to_bits() != numbers[rows[0]].to_bits())
        }
    }
}

/// The split that gains most, if any is allowed; the first of several.
pub(crate) fn best(
    columns: &[Vec<f64>],
    targets: &Targets,
    rows: &[usize],
    depth: u32,
    stop: Stop,
) -> Option<Parted> {
    if depth >= stop.depth || !mixed(targets, rows) {
        return None;
    }
    let mut best: Option<Parted> = None;
    for split in splits(columns, targets, rows, stop.leaf_rows) {
        // Beyond rounding, so that of equal ones the first stays.
        let margin = 1e-9 * impurity(targets, rows).max(1e-9);
        if best.as_ref().is_none_or(|best| split.gain > best.gain + margin) {
            best = Some(split);
        }
    }
    best
}

/// The rows of each leaf of a tree that takes the best split of all its leaves, again and again.
pub(crate) fn leaves(
    columns: &[Vec<f64>],
    targets: &Targets,
    rows: &[usize],
    stop: Stop,
    most: usize,
) -> Vec<Vec<usize>> {
    let mut leaves = vec![(rows.to_vec(), 0)];
    while leaves.len() < most {
        let found = leaves.iter().enumerate().filter_map(|(place, (rows, depth))| {
            best(columns, targets, rows, *depth, stop).map(|split| (place, split))
        });
        let Some((place, split)) =
            found.max_by(|(_, one), (_, other)| one.gain.total_cmp(&other.gain))
        else {
            break;
        };
        let depth = leaves.swap_remove(place).1 + 1;
        leaves.extend([(split.left, depth), (split.right, depth)]);
    }
    leaves.into_iter().map(|(rows, _)| rows).collect()
}

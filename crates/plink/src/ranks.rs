//! A trait as normal as its ranks allow.

use twoblade_geno::normal_quantile;

/// The normal quantile of (rank - 1/2) / n for each of `n` values; equal ones share the mean of
/// their ranks.
pub(crate) fn normal_scores(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    // Adding 0 makes 0 of -0, which is equal to it.
    order.sort_unstable_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    let mut scores = vec![0.0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|&a, &b| values[a] >= values[b]) {
        let up_to = below + equal.len();
        // The ranks below + 1 to up_to have the mean (below + up_to + 1) / 2.
        let p = (below + up_to) as f64 / (2 * values.len()) as f64;
        let score = normal_quantile(p);
        for &place in equal {
            scores[place] = score;
        }
        below = up_to;
    }
    scores
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "what is exact is compared exactly")]
mod tests {
    use super::*;

    #[test]
    fn scores_are_quantiles_of_ranks() {
        let of = |p: [f64; 4]| p.map(normal_quantile);
        assert_eq!(normal_scores(&[7.0, -3.0, 1e9, 0.5]), of([0.625, 0.125, 0.875, 0.375]));
        assert_eq!(normal_scores(&[2.0, 5.0, 2.0, 2.0]), of([0.375, 0.875, 0.375, 0.375]));
        assert_eq!(normal_scores(&[0.0, 1.0, -0.0, -1.0]), of([0.5, 0.875, 0.5, 0.125]));
    }
}

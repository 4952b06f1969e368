//! Losses of a few rows, and their slopes.

/// Rows that are learned from at once.
pub(super) const BATCH: usize = 16;

/// A number for each row of a batch; those behind its last row mean nothing.
pub(super) type Lanes = [f64; BATCH];

/// What is lost by a wrong prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Half the squared error.
    Squared,
    /// The log loss of two classes; the margin is the log odds of class 1.
    Binary,
    /// The log loss of several classes, each with a margin (softmax).
    Multinomial,
}

impl Loss {
    /// Takes the margins of `rows` rows, for each output, and leaves in their place the derivatives of
    /// the loss by them. Returns the sum of losses if it is `wanted`, else 0.
    pub(super) fn slopes(
        self,
        margins: &mut [Lanes],
        target: &Lanes,
        rows: usize,
        wanted: bool,
    ) -> f64 {
        match self {
            Self::Squared => squared(&mut margins[0], target, rows),
            Self::Binary => binary(&mut margins[0], target, rows, wanted),
            Self::Multinomial => multinomial(margins, target, rows, wanted),
        }
    }
}

fn squared(margins: &mut Lanes, target: &Lanes, rows: usize) -> f64 {
    for (margin, target) in margins.iter_mut().zip(target) {
        *margin -= target;
    }
    clear(margins, rows);
    margins.iter().map(|error| 0.5 * error * error).sum()
}

/// 1 / (1 + exp(-margin)), and exp(-|margin|).
fn chance(margin: f64) -> (f64, f64) {
    let small = libm::exp(-margin.abs());
    let chance = if margin >= 0.0 { 1.0 } else { small } / (1.0 + small);
    (chance, small)
}

fn binary(margins: &mut Lanes, target: &Lanes, rows: usize, wanted: bool) -> f64 {
    // log(1 + exp(-s)) = max(0, -s) + log(1 + exp(-|s|)); a product of numbers from 1 to 2 has one
    // logarithm.
    let (mut linear, mut product) = (0.0, 1.0);
    for (row, (margin, target)) in margins.iter_mut().zip(target).enumerate() {
        let (chance, small) = chance(*margin);
        if row < rows {
            let wrong = if *target > 0.5 { -*margin } else { *margin };
            linear += wrong.max(0.0);
            product *= 1.0 + small;
        }
        *margin = chance - target;
    }
    clear(margins, rows);
    if wanted { linear + libm::log(product) } else { 0.0 }
}

fn multinomial(margins: &mut [Lanes], target: &Lanes, rows: usize, wanted: bool) -> f64 {
    let mut loss = 0.0;
    for (row, &class) in target.iter().enumerate().take(rows) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a class is a small whole number"
        )]
        let class = class as usize;
        let right = margins[class][row];
        let (largest, sum) = exponentials(margins, row);
        if wanted {
            loss += libm::log(sum) - (right - largest);
        }
        for margin in margins.iter_mut() {
            margin[row] /= sum;
        }
        margins[class][row] -= 1.0;
    }
    for margin in margins {
        clear(margin, rows);
    }
    loss
}

/// Replaces the margins of a row by exp(margin - largest); the largest, and their sum.
fn exponentials(margins: &mut [Lanes], row: usize) -> (f64, f64) {
    let largest = margins.iter().map(|margin| margin[row]).fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for margin in margins.iter_mut() {
        margin[row] = libm::exp(margin[row] - largest);
        sum += margin[row];
    }
    (largest, sum)
}

fn clear(lanes: &mut Lanes, rows: usize) {
    lanes[rows.min(BATCH)..].fill(0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(place: u64) -> f64 {
        8.0 * twoblade_core::Random::new(3, 0).uniform(place, 0) - 4.0
    }

    fn margins(outputs: usize) -> Vec<Lanes> {
        (0..outputs)
            .map(|output| std::array::from_fn(|row| random((output * BATCH + row) as u64)))
            .collect()
    }

    /// Central differences of the loss, to their own error: 1e-10 / step of rounding, step^2 of the
    /// third derivative.
    #[test]
    fn slopes_are_derivatives_of_the_loss() {
        let step = 1e-5;
        for (loss, outputs) in [(Loss::Squared, 1), (Loss::Binary, 1), (Loss::Multinomial, 4)] {
            let classes = outputs.max(2);
            let target: Lanes = match loss {
                Loss::Squared => std::array::from_fn(|row| random(1000 + row as u64)),
                _ => std::array::from_fn(|row| (row * 7 % classes) as f64),
            };
            for rows in [1, 7, BATCH] {
                let mut slopes = margins(outputs);
                loss.slopes(&mut slopes, &target, rows, false);
                let mut tried = 0;
                for output in 0..outputs {
                    for row in 0..BATCH {
                        let at = |moved: f64| {
                            let mut margins = margins(outputs);
                            margins[output][row] += moved;
                            loss.slopes(&mut margins, &target, rows, true)
                        };
                        let expected = (at(step) - at(-step)) / (2.0 * step);
                        let found = slopes[output][row];
                        assert!((found - expected).abs() < 1e-8, "{loss:?}: {found} {expected}");
                        assert!(row < rows || found.abs() < f64::MIN_POSITIVE);
                        tried += 1;
                    }
                }
                assert_eq!(tried, outputs * BATCH);
            }
        }
    }

    #[test]
    fn two_classes_are_the_softmax_of_two_margins() {
        let one = margins(1)[0];
        let target: Lanes = std::array::from_fn(|row| (row % 2) as f64);
        let (mut binary, mut both) = (vec![one], vec![[0.0; BATCH], one]);
        let loss = Loss::Binary.slopes(&mut binary, &target, BATCH, true);
        let other = Loss::Multinomial.slopes(&mut both, &target, BATCH, true);
        assert!((loss - other).abs() < 1e-13, "{loss} {other}");
        for row in 0..BATCH {
            assert!((binary[0][row] - both[1][row]).abs() < 1e-15);
        }
    }

    /// Margins that no exponential can hold.
    #[test]
    fn large_margins_have_finite_losses() {
        for (margin, class, expected) in
            [(800.0, 0.0, 800.0), (-800.0, 0.0, 0.0), (800.0, 1.0, 0.0), (-1e6, 1.0, 1e6)]
        {
            let target = [class; BATCH];
            let mut binary = vec![[margin; BATCH]];
            let mut both = vec![[0.0; BATCH], [margin; BATCH]];
            let losses = [
                Loss::Binary.slopes(&mut binary, &target, 1, true),
                Loss::Multinomial.slopes(&mut both, &target, 1, true),
            ];
            for loss in losses {
                assert!((loss - expected).abs() < 1e-9, "{loss} {expected}");
            }
            assert!(binary[0].iter().all(|slope| slope.abs() <= 1.0));
        }
    }
}

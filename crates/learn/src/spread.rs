//! How far numbers are from their mean, from exact sums.

use twoblade_core::ExactSum;

/// sum (x - mean)^2 over `count` numbers with this sum, of doubles and whole multiples of them, and these squares; not below 0,
/// and NaN where the sum is not finite.
///
/// With m the mean as a double, it is sum x^2 - 2 m sum x + n m^2 - n (mean - m)^2, of which all but the
/// last, tiny term are combined exactly and rounded once: nothing cancels.
pub(crate) fn about_mean(sum: &ExactSum, squares: &ExactSum, count: u64) -> f64 {
    let (n, mean) = (count as f64, sum.value() / count as f64);
    if !mean.is_finite() {
        return f64::NAN;
    }
    let mut spread = squares.clone();
    spread.add_scaled(sum, -2.0 * mean);
    let mut square = ExactSum::default();
    square.add_product(mean, mean);
    spread.add_scaled(&square, n);
    let mut rest = sum.clone();
    rest.add_scaled(&ExactSum::from(mean), -n);
    let rest = rest.value();
    spread.add_product(-rest, rest / n);
    let spread = spread.value();
    if spread < 0.0 { 0.0 } else { spread }
}

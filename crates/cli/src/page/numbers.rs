//! Numbers as the page writes them.

/// So many significant digits a value has.
const DIGITS: i32 = 3;

/// A number with three significant digits, all of those before the point, and a true minus.
pub(crate) fn short(number: f64) -> String {
    let decimals = (DIGITS - 1 - magnitude(number)).clamp(0, 9);
    fixed(number, usize::try_from(decimals).unwrap_or(0))
}

/// A place in the world: to a tenth where it is not whole.
pub(crate) fn millimetres(number: f64) -> String {
    let tenths = (number * 10.0).round() / 10.0;
    fixed(tenths, usize::from(tenths.fract() != 0.0))
}

fn fixed(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    // What rounds to 0 has no sign.
    let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    text.replace('-', if is_zero { "" } else { "\u{2212}" })
}

/// The power of ten of the first digit.
fn magnitude(number: f64) -> i32 {
    let power = number.abs().log10().floor();
    #[expect(clippy::cast_possible_truncation, reason = "a double has few powers of ten")]
    let power = if power.is_finite() { power as i32 } else { 0 };
    power
}

/// The least number of two significant digits that is not below this one.
pub(crate) fn round_up(number: f64) -> f64 {
    let step = magnitude(number) - 1;
    // A power of ten below 1 is not exact; its inverse is.
    if step < 0 {
        let parts = 10f64.powi(-step);
        (number * parts).ceil() / parts
    } else {
        let step = 10f64.powi(step);
        (number / step).ceil() * step
    }
}

/// About so many steps of 1, 2 or 5 times a power of ten.
pub(crate) fn step(width: f64, steps: f64) -> f64 {
    let power = 10f64.powi(magnitude(width / steps));
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power * steps >= width);
    times.unwrap_or(10.0) * power
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the nearest doubles")]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let cases = [
            (0.0, "0.00"),
            (53.4567, "53.5"),
            (-1234.5, "\u{2212}1234"),
            (-0.012_345, "\u{2212}0.0123"),
            (7.0, "7.00"),
        ];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
    }

    #[test]
    fn places_are_whole_or_to_a_tenth() {
        let cases = [(-18.0, "\u{2212}18"), (2.25, "2.3"), (0.04, "0"), (-0.04, "0")];
        for (number, text) in cases {
            assert_eq!(millimetres(number), text);
        }
    }

    #[test]
    fn ranges_are_rounded_up_to_two_digits() {
        let cases = [(53.01, 54.0), (54.0, 54.0), (0.0321, 0.033), (101.0, 110.0), (9.95, 10.0)];
        for (number, up) in cases {
            assert_eq!(round_up(number), up);
        }
    }

    #[test]
    fn steps_are_those_that_people_count_in() {
        let cases = [(10.0, 5.0, 2.0), (90.0, 6.0, 20.0), (0.7, 7.0, 0.1), (3000.0, 5.0, 1000.0)];
        for (width, steps, expected) in cases {
            assert!((step(width, steps) / expected - 1.0).abs() < 1e-12, "{width} {steps}");
        }
    }
}

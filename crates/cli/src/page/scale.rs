//! Colours of values: blue below 0, red above, white at 0, which people tell apart who do not tell red
//! from green.

use serde::Serialize;

use crate::page::numbers::short;

/// The diverging scheme RdBu of seven classes (Harrower and Brewer 2003, ColorBrewer.org), from the
/// lowest to the highest.
const STOPS: [[u8; 3]; 7] = [
    [0x21, 0x66, 0xac],
    [0x67, 0xa9, 0xcf],
    [0xd1, 0xe5, 0xf0],
    [0xf7, 0xf7, 0xf7],
    [0xfd, 0xdb, 0xc7],
    [0xef, 0x8a, 0x62],
    [0xb2, 0x18, 0x2b],
];
/// Steps of colour on each side of 0.
const STEPS: u8 = 100;

/// A colour of the palette: not of a value, or of the one that is so many steps above the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// Not brain.
    Outside,
    /// Brain without a value.
    None,
    /// Where the brain ends.
    Edge,
    /// The outline of the lesion.
    Lesion,
    /// A value.
    Value(u8),
}

impl Colour {
    /// Its place in the palette.
    pub(crate) fn index(self) -> u8 {
        match self {
            Self::Outside => 0,
            Self::None => 1,
            Self::Edge => 2,
            Self::Lesion => 3,
            Self::Value(step) => 4 + step,
        }
    }
}

/// The palette of every picture: red, green and blue of each colour.
pub(crate) fn palette() -> Vec<u8> {
    let others = [[0xff; 3], [0xa6; 3], [0x80; 3], [0; 3]];
    let values = (0..=2 * STEPS).map(colour);
    others.into_iter().chain(values).flatten().collect()
}

/// The colour of a step.
fn colour(step: u8) -> [u8; 3] {
    let place = f64::from(step) / f64::from(2 * STEPS) * (STOPS.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6")]
    let first = (place as usize).min(STOPS.len() - 2);
    let part = place - first as f64;
    let mix = |channel: usize| {
        let [a, b] = [STOPS[first][channel], STOPS[first + 1][channel]].map(f64::from);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        let mixed = (a + (b - a) * part).round() as u8;
        mixed
    };
    [mix(0), mix(1), mix(2)]
}

/// As HTML writes a colour.
fn written([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// From values to colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    range: f64,
}

/// A colour of the bar beside a picture.
#[derive(Debug, Serialize)]
pub(crate) struct Stop {
    /// Where it is, in hundredths of the bar.
    place: f64,
    colour: String,
    /// The value it stands for, where that is written.
    label: Option<String>,
}

impl Scale {
    /// From minus a number to it.
    pub(crate) fn new(range: f64) -> Self {
        Self { range }
    }

    /// The colour of a value; those beyond have the last.
    pub(crate) fn of(self, value: f32) -> Colour {
        if !value.is_finite() {
            return Colour::None;
        }
        let part = (f64::from(value) / self.range).clamp(-1.0, 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 200")]
        let step = (f64::from(STEPS) * (1.0 + part)).round() as u8;
        Colour::Value(step)
    }

    /// The colour of a value, as HTML writes it.
    pub(crate) fn written(self, value: f32) -> String {
        match self.of(value) {
            Colour::Value(step) => written(colour(step)),
            _ => "none".to_owned(),
        }
    }

    /// The colours of the bar, from the lowest to the highest.
    pub(crate) fn stops(self) -> Vec<Stop> {
        let last = STOPS.len() - 1;
        let stop = |(number, &colour): (usize, &[u8; 3])| {
            let part = number as f64 / last as f64;
            let label = number.is_multiple_of(last / 2);
            let value = self.range * (2.0 * part - 1.0);
            Stop {
                place: 100.0 * part,
                colour: written(colour),
                label: label.then(|| if value == 0.0 { "0".to_owned() } else { short(value) }),
            }
        };
        STOPS.iter().enumerate().map(stop).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_white_in_the_middle_and_reach_to_both_ends() {
        let scale = Scale::new(5.0);
        let cases = [(-9.0, "#2166ac"), (-5.0, "#2166ac"), (0.0, "#f7f7f7"), (5.0, "#b2182b")];
        for (value, colour) in cases {
            assert_eq!(scale.written(value), colour);
        }
        assert_eq!(scale.written(f32::NAN), "none");
        assert_eq!(palette().len(), 3 * (4 + 201));
        assert_eq!(palette()[3 * usize::from(scale.of(5.0).index())..], [0xb2, 0x18, 0x2b]);
    }

    #[test]
    fn the_bar_names_its_middle_and_its_ends() {
        let stops = Scale::new(54.0).stops();
        let labels: Vec<_> = stops.iter().filter_map(|stop| stop.label.as_deref()).collect();
        assert_eq!(labels, ["\u{2212}54.0", "0", "54.0"]);
    }
}

//! How many voxels have which value.

use serde::Serialize;

use crate::page::numbers::{millimetres, step};
use crate::page::scale::Scale;
use crate::quantity::thousands;

/// The size of the picture, and what is left around the bars.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;
const BARS: usize = 60;
/// About so many values are written below.
const TICKS: f64 = 7.0;

/// Bars, in the units of a picture of SVG.
#[derive(Debug, Serialize)]
pub(crate) struct Histogram {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
    /// The voxels of the highest bar.
    most: String,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    colour: String,
}

#[derive(Debug, Serialize)]
struct Tick {
    x: String,
    label: String,
}

impl Histogram {
    /// Of values, in the colours of a scale; none if there is no value.
    pub(crate) fn new(values: &[f32], scale: Scale) -> Option<Self> {
        let there = || values.iter().copied().filter(|value| value.is_finite()).map(f64::from);
        let lowest = there().reduce(f64::min)?;
        let highest = there().reduce(f64::max)?;
        // A single value has a bar in the middle.
        let (from, to) =
            if lowest < highest { (lowest, highest) } else { (lowest - 1.0, highest + 1.0) };
        let wide = (to - from) / BARS as f64;
        let mut counts = [0usize; BARS];
        for value in there() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
            let bar = ((value - from) / wide) as usize;
            counts[bar.min(BARS - 1)] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let place = |value: f64| LEFT + (value - from) / (to - from) * (WIDTH - LEFT - RIGHT);
        let coordinate = |value: f64| format!("{value:.1}");
        let bar = |(number, &count): (usize, &usize)| {
            let start = from + number as f64 * wide;
            let high = count as f64 / most as f64 * (HEIGHT - TOP - BOTTOM);
            #[expect(clippy::cast_possible_truncation, reason = "a value between those of a map")]
            let middle = (start + wide / 2.0) as f32;
            Bar {
                x: coordinate(place(start)),
                y: coordinate(HEIGHT - BOTTOM - high),
                width: coordinate(place(start + wide) - place(start)),
                height: coordinate(high),
                colour: scale.written(middle),
            }
        };
        let bars = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect();
        let apart = step(to - from, TICKS);
        let first = (from / apart).ceil();
        let ticks = (0..)
            .map(|number| (first + f64::from(number)) * apart)
            .take_while(|value| *value <= to)
            .map(|value| Tick { x: coordinate(place(value)), label: label(value, apart) });
        Some(Self {
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: WIDTH - RIGHT,
            top: TOP,
            bottom: HEIGHT - BOTTOM,
            bars,
            ticks: ticks.collect(),
            most: thousands(most),
        })
    }
}

/// A tick with as many decimals as its step has.
fn label(value: f64, apart: f64) -> String {
    if apart >= 0.1 {
        return millimetres(value);
    }
    format!("{value:.4}").replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bar() {
        let values: Vec<f32> = (0..600u16).map(|value| f32::from(value) / 10.0).collect();
        let histogram = Histogram::new(&values, Scale::new(60.0)).unwrap();
        assert_eq!((histogram.bars.len(), histogram.most.as_str()), (BARS, "10"));
        let labels: Vec<_> = histogram.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["0", "10", "20", "30", "40", "50"]);
        assert_eq!(histogram.bars[0].x, "64.0");
    }

    #[test]
    fn one_value_is_one_bar_and_none_is_no_histogram() {
        let histogram = Histogram::new(&[2.0, f32::NAN, 2.0], Scale::new(3.0)).unwrap();
        assert_eq!((histogram.bars.len(), histogram.most.as_str()), (1, "2"));
        assert!(Histogram::new(&[f32::NAN], Scale::new(1.0)).is_none());
    }
}

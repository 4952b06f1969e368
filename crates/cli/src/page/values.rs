//! What a map says as a whole.

use crate::page::numbers::round_up;

/// Colours reach to the size that this share of the values is within.
const SHARE: f64 = 0.99;

/// The extremes of a map, and how far its colours reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Values {
    /// The voxel of the highest value, if there is a value.
    pub(crate) highest: Option<usize>,
    /// That of the lowest.
    pub(crate) lowest: Option<usize>,
    /// Colours reach from minus this to this; above 0.
    pub(crate) range: f64,
    /// Voxels whose values are beyond that.
    pub(crate) beyond: usize,
    /// Voxels without a value.
    pub(crate) without: usize,
}

impl Values {
    /// Of values, NaN where there is none.
    pub(crate) fn new(values: &[f32]) -> Self {
        let there = || values.iter().enumerate().filter(|(_, value)| value.is_finite());
        let first_of = |wins: fn(f32, f32) -> bool| {
            let best =
                there().reduce(|best, next| if wins(*next.1, *best.1) { next } else { best });
            best.map(|(voxel, _)| voxel)
        };
        let mut sizes: Vec<f32> = there().map(|(_, value)| value.abs()).collect();
        let count = sizes.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        let rank = (SHARE * count as f64).ceil() as usize;
        let size =
            rank.checked_sub(1).map(|rank| *sizes.select_nth_unstable_by(rank, f32::total_cmp).1);
        let range = round_up(size.filter(|&size| size > 0.0).map_or(1.0, f64::from));
        Self {
            highest: first_of(|a, b| a > b),
            lowest: first_of(|a, b| a < b),
            range,
            beyond: sizes.iter().filter(|&&size| f64::from(size) > range).count(),
            without: values.len() - count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_of_the_values_may_be_beyond() {
        let mut values: Vec<f32> = (1..=198u8).map(|value| -f32::from(value) / 10.0).collect();
        values.extend([f32::NAN, 500.0, 400.0]);
        let found = Values::new(&values);
        let expected =
            Values { highest: Some(199), lowest: Some(197), range: 20.0, beyond: 2, without: 1 };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_map_without_values_has_colours_all_the_same() {
        let none = Values { highest: None, lowest: None, range: 1.0, beyond: 0, without: 2 };
        assert_eq!(Values::new(&[f32::NAN; 2]), none);
        let found = Values::new(&[0.0; 3]);
        assert_eq!((found.highest, found.lowest), (Some(0), Some(0)));
        assert!((found.range - 1.0).abs() < f64::EPSILON);
    }
}

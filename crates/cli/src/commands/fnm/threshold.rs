//! `--threshold`: which voxels of a map count.

use anyhow::Result;
use twoblade::brain::BrainMask;
use twoblade::connectome::read_map;

use crate::commands::fnm::names::Files;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stat {
    T,
    R,
    Q,
}

/// A bound: voxels beyond it count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Threshold {
    stat: Stat,
    value: f64,
}

impl Default for Threshold {
    /// |t| > 5.
    fn default() -> Self {
        Self { stat: Stat::T, value: 5.0 }
    }
}

impl std::fmt::Display for Threshold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.value;
        match self.stat {
            Stat::T => write!(f, "|t| > {value}"),
            Stat::R => write!(f, "|r| > {value}"),
            Stat::Q => write!(f, "q < {value}"),
        }
    }
}

impl Threshold {
    /// `t=7`, `r=0.3` or `q=0.05`.
    ///
    /// # Errors
    /// What is wrong, for a usage message.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (stat, value) = text
            .split_once('=')
            .ok_or_else(|| format!("'{text}' is not as in t=7, r=0.3 or q=0.05"))?;
        let (stat, most, range) = match stat {
            "t" => (Stat::T, f64::INFINITY, "above 0"),
            "r" => (Stat::R, 1.0, "between 0 and 1"),
            "q" => (Stat::Q, 1.0, "between 0 and 1"),
            _ => return Err(format!("'{stat}' is none of t, r and q")),
        };
        let number = value.parse().ok().filter(|&number: &f64| number > 0.0 && number < most);
        let value = number.ok_or_else(|| format!("'{value}' is not a number {range}"))?;
        Ok(Self { stat, value })
    }

    /// The map whose values stay: that of r, or of t.
    pub(crate) fn kept(&self) -> &'static str {
        match self.stat {
            Stat::R => "r",
            Stat::T | Stat::Q => "t",
        }
    }

    /// The maps that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &'static str> {
        let maps: &[_] = match self.stat {
            Stat::T => &["t"],
            Stat::R => &["r"],
            Stat::Q => &["t", "q"],
        };
        maps.iter().copied()
    }

    /// The signed values of the voxels that count, of the maps of a lesion as they were written; 0
    /// elsewhere, also where there is no value.
    pub(crate) fn cut(
        &self,
        (files, mask): (Files<'_>, &BrainMask),
        p_values: bool,
        t: &[f32],
    ) -> Result<Vec<f32>> {
        let beyond = |value: f32| f64::from(value).abs() > self.value;
        let keep = |values: &[f32], counts: &dyn Fn(usize) -> bool| {
            let kept = |(voxel, &value): (usize, &f32)| if counts(voxel) { value } else { 0.0 };
            values.iter().enumerate().map(kept).collect::<Vec<f32>>()
        };
        match self.stat {
            Stat::T => Ok(keep(t, &|voxel| beyond(t[voxel]))),
            Stat::R => {
                let r = read_map(files.map("r"), mask)?;
                Ok(keep(&r, &|voxel| beyond(r[voxel])))
            }
            Stat::Q => {
                let q = read_map(files.map("q"), mask)?.into_iter().map(f64::from);
                let below: Vec<bool> = if p_values {
                    q.map(|q| q < self.value).collect()
                } else {
                    q.map(|q| -q < libm::log10(self.value)).collect()
                };
                Ok(keep(t, &|voxel| below[voxel]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_as_people_write_them() {
        for (text, shown, kept) in
            [("t=7", "|t| > 7", "t"), ("r=.25", "|r| > 0.25", "r"), ("q=1e-3", "q < 0.001", "t")]
        {
            let threshold = Threshold::parse(text).unwrap();
            assert_eq!((threshold.to_string().as_str(), threshold.kept()), (shown, kept));
        }
    }
}

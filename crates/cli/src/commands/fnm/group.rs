//! Maps over all lesions: where they overlap, their mean, and t over them.
//!
//! They are made of the written maps, one lesion at a time, and hold 40 bytes a voxel.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use twoblade::brain::BrainMask;
use twoblade::connectome::Intent;

use crate::commands::fnm::names::{Files, GROUP, shown, sidecar as beside};
use crate::commands::fnm::sidecar::{self, GENERATED_BY, Sidecar};
use crate::commands::fnm::threshold::Threshold;
use crate::output::remove;

const OVERLAP: [&str; 3] = ["overlap", "overlap_desc-positive", "overlap_desc-negative"];

/// What is gathered, for each voxel of the mask.
pub(crate) struct Group {
    /// Lesions that are beyond the threshold: positive, negative.
    beyond: [Vec<u32>; 2],
    t: Vec<Running>,
    z: Vec<Running>,
}

/// Mean and squares of deviations of some numbers (Welford 1962, Technometrics 4:419): what is equal has
/// none, to the bit.
#[derive(Clone, Copy, Default)]
struct Running {
    count: u32,
    mean: f64,
    squares: f64,
}

impl Running {
    fn add(&mut self, value: f32) {
        if value.is_nan() {
            return;
        }
        self.count += 1;
        let value = f64::from(value);
        let before = value - self.mean;
        self.mean += before / f64::from(self.count);
        self.squares += before * (value - self.mean);
    }

    fn mean(self) -> f64 {
        if self.count > 0 { self.mean } else { f64::NAN }
    }

    /// t of the mean against 0; NaN of fewer than two, 0 where all are equal.
    fn t(self) -> f64 {
        if self.count < 2 {
            return f64::NAN;
        }
        let count = f64::from(self.count);
        let se = (self.squares / (count - 1.0) / count).sqrt();
        if se == 0.0 { 0.0 } else { self.mean / se }
    }
}

/// The files of the group.
fn files(folder: &Path) -> Files<'_> {
    Files { folder, name: GROUP }
}

/// Takes away those of an earlier run.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    for stat in OVERLAP.into_iter().chain(["mean", "n", "t"]) {
        let map = files(folder).map(stat);
        remove(&beside(&map))?;
        remove(&map)?;
    }
    Ok(())
}

impl Group {
    /// Of no lesion yet.
    pub(crate) fn new(voxels: usize) -> Self {
        let running = || vec![Running::default(); voxels];
        Self { beyond: [vec![0; voxels], vec![0; voxels]], t: running(), z: running() }
    }

    /// Adds the maps of a lesion: t, z, and what is beyond the threshold.
    pub(crate) fn add(&mut self, t: &[f32], z: &[f32], cut: &[f32]) {
        self.t.iter_mut().zip(t).for_each(|(sum, &value)| sum.add(value));
        self.z.iter_mut().zip(z).for_each(|(sum, &value)| sum.add(value));
        let [positive, negative] = &mut self.beyond;
        for ((positive, negative), &value) in positive.iter_mut().zip(negative).zip(cut) {
            *positive += u32::from(value > 0.0);
            *negative += u32::from(value < 0.0);
        }
    }

    /// Writes the maps. Of one lesion there is no t.
    pub(crate) fn write(
        &self,
        (folder, mask): (&Path, &BrainMask),
        lesions: &[String],
        threshold: &Threshold,
        parameters: &Value,
    ) -> Result<()> {
        let count = u32::try_from(lesions.len())?;
        let write = |stat: &str, description: String, units, values: Vec<f32>| {
            let reads: Vec<&str> = match stat {
                "mean" => vec!["t"],
                "n" | "t" => vec!["z"],
                _ => threshold.reads().collect(),
            };
            let mut sources = Vec::new();
            for name in lesions {
                sources.extend(reads.iter().map(|stat| shown(&Files { folder, name }.map(stat))));
            }
            let freedom = (stat == "t").then(|| count - 1);
            let said = Sidecar {
                description,
                units,
                sources: &sources,
                lesions,
                n: count,
                degrees_of_freedom: freedom,
                threshold: OVERLAP.contains(&stat).then(|| threshold.to_string()),
                parameters,
                generated_by: GENERATED_BY,
            };
            let intent = match freedom {
                Some(freedom) => Intent::TTest { freedom: freedom as f32 },
                None if stat == "mean" => Intent::Estimate,
                None => Intent::None,
            };
            let line = format!("twoblade fnm: {stat} of {count} lesions");
            sidecar::write(&files(folder).map(stat), (mask, &values), (line, intent), &said)
        };
        let [positive, negative] = &self.beyond;
        let counts = |counts: &[u32]| counts.iter().map(|&count| count as f32).collect();
        let both: Vec<u32> = positive.iter().zip(negative).map(|(a, b)| a + b).collect();
        for (stat, sign, of) in [
            (OVERLAP[0], "", &both),
            (OVERLAP[1], ", and which are positive there", positive),
            (OVERLAP[2], ", and which are negative there", negative),
        ] {
            let description = format!("lesions whose map has {threshold} in the voxel{sign}");
            write(stat, description, "lesions", counts(of))?;
        }
        let mean = "mean over lesions of the maps of t, over those that have one in the voxel";
        write("mean", mean.to_owned(), "t", nearest(self.t.iter().map(|t| t.mean())))?;
        let n = "lesions that have a z in the voxel".to_owned();
        write("n", n, "lesions", self.z.iter().map(|z| z.count as f32).collect())?;
        if count > 1 {
            let t = "t against 0 of the mean over lesions of the maps of Fisher's z; in each voxel of \
                     one degree of freedom less than lesions have a z there";
            write("t", t.to_owned(), "t", nearest(self.z.iter().map(|z| z.t())))?;
        }
        Ok(())
    }
}

/// As NIfTI keeps them.
#[expect(clippy::cast_possible_truncation, reason = "maps are 32-bit floats")]
fn nearest(values: impl Iterator<Item = f64>) -> Vec<f32> {
    values.map(|value| value as f32).collect()
}

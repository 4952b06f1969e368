//! The maps of one lesion, and its line of the summary.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use twoblade::brain::BrainMask;
use twoblade::connectome::{Intent, MapHeader, write_map};
use twoblade::fnm::{Fnm, LesionMap, State};

use crate::commands::fnm::args::Args;
use crate::commands::fnm::inputs::Input;
use crate::output::write_whole;

/// What stands beside the maps of a lesion.
#[derive(Serialize)]
struct Sidecar<'a> {
    twoblade: &'static str,
    lesion: &'a str,
    sources: [String; 2],
    maps: Vec<String>,
    p_and_q: &'static str,
    voxels_given: usize,
    voxels_outside: usize,
    voxels_used: usize,
    matched: String,
    subjects: usize,
    subjects_dropped: Vec<&'a str>,
    subjects_without_seed: Vec<&'a str>,
    voxels_of_nobody: usize,
    voxels_without_variance: usize,
    z_capped: u64,
}

/// One line of summary.tsv.
pub(crate) struct Line(String);

impl Line {
    pub(crate) const HEADER: &'static str = "lesion\tvoxels_given\tvoxels_used\tvoxels_outside\t\
        subjects\tpeak_t\tpeak_x\tpeak_y\tpeak_z\tlowest_t\tlowest_x\tlowest_y\tlowest_z";
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes the maps of a lesion, its sidecar last. None if no subject has a seed.
pub(crate) fn write(
    args: &Args,
    (folder, mask): (&Path, &BrainMask),
    (model, total): (&Fnm, &State),
    (number, input): (usize, &Input),
) -> Result<Option<Line>> {
    let map = model.map(total, number);
    let subjects = map.n.iter().copied().max().unwrap_or(0);
    if subjects == 0 {
        return Ok(None);
    }
    let name = &input.lesion.name;
    let mut maps = Vec::new();
    for (stat, intent, values) in values(&map, args) {
        let file = map_name(name, stat);
        let description = format!("twoblade fnm: {stat} of {name}");
        let header = MapHeader { description, intent, ..MapHeader::default() };
        write_map(folder.join(&file), mask, &values, 0.0, &header)?;
        maps.push(file);
    }
    let named = |numbers: Vec<usize>| -> Vec<&str> {
        numbers.into_iter().map(|number| model.study().subjects[number].as_str()).collect()
    };
    let sidecar = Sidecar {
        twoblade: env!("CARGO_PKG_VERSION"),
        lesion: name,
        sources: [args.connectome.display().to_string(), input.file.display().to_string()],
        maps,
        p_and_q: if args.p_values { "as they are" } else { "-log10" },
        voxels_given: input.report.given,
        voxels_outside: input.report.outside,
        voxels_used: input.report.used,
        matched: input.report.to_string(),
        subjects: model.study().subjects.len(),
        subjects_dropped: named(model.dropped(total)),
        subjects_without_seed: named(model.seedless(total, number)),
        voxels_of_nobody: map.n.iter().filter(|&&n| n == 0).count(),
        voxels_without_variance: map.without_variance(),
        z_capped: map.capped,
    };
    let file = folder.join(format!("{name}_statmap.json"));
    write_whole(&file, &(serde_json::to_string_pretty(&sidecar)? + "\n"))?;
    Ok(Some(line(&map, mask, input, subjects)))
}

/// The name of a map's file.
pub(crate) fn map_name(lesion: &str, stat: &str) -> String {
    format!("{lesion}_stat-{stat}_statmap.nii.gz")
}

/// The maps that are written: name, what they are, and a value for each voxel.
fn values(map: &LesionMap, args: &Args) -> Vec<(&'static str, Intent, Vec<f32>)> {
    let subjects = map.n.iter().copied().max().unwrap_or(0);
    let freedom = (subjects as f32) - 1.0;
    let single = |values: Vec<f64>| values.into_iter().map(nearest).collect::<Vec<f32>>();
    let shown = |log10: f64| if args.p_values { 10f64.powf(log10) } else { 0.0 - log10 };
    let probability = if args.p_values { Intent::PValue } else { Intent::Log10PValue };
    let mut all = vec![
        ("n", Intent::None, map.n.iter().map(|&n| n as f32).collect()),
        ("r", Intent::Estimate, single(map.r().collect())),
        ("z", Intent::Estimate, single(map.z.clone())),
        ("t", Intent::TTest { freedom }, single(map.t().collect())),
        ("p", probability, single(map.log10_p().map(shown).collect())),
        ("q", probability, single(map.log10_q().into_iter().map(shown).collect())),
    ];
    if args.se {
        let se = map.sd.iter().zip(&map.n).map(|(sd, &n)| sd / f64::from(n).sqrt());
        all.push(("se", Intent::Estimate, single(se.collect())));
    }
    all
}

/// As NIfTI keeps it.
#[expect(clippy::cast_possible_truncation, reason = "maps are 32-bit floats")]
fn nearest(x: f64) -> f32 {
    x as f32
}

fn line(map: &LesionMap, mask: &BrainMask, input: &Input, subjects: u32) -> Line {
    let t: Vec<f64> = map.t().collect();
    let at = |best: fn(f64, f64) -> bool| {
        let mut place: Option<usize> = None;
        for (voxel, &t_here) in t.iter().enumerate().filter(|(_, t)| !t.is_nan()) {
            if place.is_none_or(|place| best(t_here, t[place])) {
                place = Some(voxel);
            }
        }
        place.map_or_else(
            || "NA\tNA\tNA\tNA".to_owned(),
            |voxel| {
                let [x, y, z] = mask.space().world(mask.voxels()[voxel].map(f64::from));
                format!("{}\t{x}\t{y}\t{z}", t[voxel])
            },
        )
    };
    let report = &input.report;
    Line(format!(
        "{}\t{}\t{}\t{}\t{subjects}\t{}\t{}",
        input.lesion.name,
        report.given,
        report.used,
        report.outside,
        at(|a, b| a > b),
        at(|a, b| a < b)
    ))
}

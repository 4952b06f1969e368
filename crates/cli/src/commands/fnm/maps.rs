//! The maps of one lesion.

use anyhow::Result;
use serde_json::Value;
use twoblade::brain::BrainMask;
use twoblade::connectome::Intent;
use twoblade::fnm::{Fnm, LesionMap, State};

use crate::commands::fnm::args::Args;
use crate::commands::fnm::inputs::Input;
use crate::commands::fnm::marks::{self, Identity, Mark};
use crate::commands::fnm::names::Files;
use crate::commands::fnm::parcels::Parcels;
use crate::commands::fnm::sidecar::{self, GENERATED_BY, Sidecar};
use crate::output::Table;
use crate::quantity::thousands;

/// What one subject alone cannot have.
pub(crate) const ONE_SUBJECT: &str =
    "one subject: t, p, q and standard errors are not defined, and are NaN everywhere";

/// A map: what it is, and a value for each voxel of the mask.
struct Map {
    stat: &'static str,
    intent: Intent,
    what: &'static str,
    units: &'static str,
    values: Vec<f32>,
}

/// Writes the maps of a lesion, each with its sidecar, and its mark last; false if no subject has a
/// seed, and then nothing is touched.
pub(crate) fn write(
    args: &Args,
    (files, mask, parcels): (Files<'_>, &BrainMask, Option<&Parcels>),
    (model, total): (&Fnm, &State),
    (number, input): (usize, &Input),
    (identity, parameters): (Identity, &Value),
) -> Result<bool> {
    let map = model.map(total, number);
    let n = map.n.iter().copied().max().unwrap_or(0);
    if n == 0 {
        return Ok(false);
    }
    let sources = [args.connectome.display().to_string(), input.file.display().to_string()];
    let lesions = [input.lesion.name.clone()];
    marks::clear(files)?;
    let mut stats = Vec::new();
    for Map { stat, intent, what, units, values } in maps(&map, n, args) {
        let undefined = n == 1 && !["n", "r", "z"].contains(&stat);
        let said = Sidecar {
            description: if undefined { format!("{what}; {ONE_SUBJECT}") } else { what.to_owned() },
            units,
            sources: &sources,
            lesions: &lesions,
            n,
            degrees_of_freedom: ["t", "p"].contains(&stat).then(|| n - 1),
            threshold: None,
            parameters,
            generated_by: GENERATED_BY,
        };
        let line = format!("twoblade fnm: {stat} of {}", files.name);
        sidecar::write(&files.map(stat), (mask, &values), (line, intent), &said)?;
        stats.push(stat);
    }
    let mut others = Vec::new();
    if let (Some(parcels), Some(rows)) = (parcels, model.subject_parcels(total, number)) {
        let mut table = Table::begin(files.subjects(), &parcels.header_of_subjects())?;
        for (subject, means) in model.study().subjects.iter().zip(rows) {
            let cell = |mean: &f64| if mean.is_nan() { "\tNA".into() } else { format!("\t{mean}") };
            table.line(format_args!("{subject}{}", means.iter().map(cell).collect::<String>()))?;
        }
        table.finish()?;
        others.push(files.subjects());
    }
    let named = |numbers: Vec<usize>| -> Vec<String> {
        numbers.into_iter().map(|number| model.study().subjects[number].clone()).collect()
    };
    let ambiguous = model.ambiguous(total, number);
    let mut notes = Vec::new();
    if n == 1 {
        notes.push(ONE_SUBJECT.to_owned());
    }
    if !ambiguous.is_empty() {
        let (some, all) = (thousands(ambiguous.len()), thousands(model.study().subjects.len()));
        notes.push(format!("the first component is ambiguous in {some} of {all} subjects"));
    }
    let mark = Mark {
        twoblade: env!("CARGO_PKG_VERSION").to_owned(),
        lesion: files.name.to_owned(),
        sources,
        parameters: parameters.clone(),
        p_and_q: if args.p_values { "as they are" } else { "-log10" }.to_owned(),
        voxels_given: input.report.given,
        voxels_outside: input.report.outside,
        voxels_partial: input.report.partial,
        voxels_used: input.report.used,
        matched: input.report.to_string(),
        subjects: model.study().subjects.len(),
        subjects_dropped: named(model.dropped(total)),
        subjects_without_seed: named(model.seedless(total, number)),
        subjects_ambiguous: named(ambiguous),
        n,
        voxels_of_nobody: map.n.iter().filter(|&&n| n == 0).count(),
        voxels_without_variance: map.without_variance(),
        z_capped: map.capped,
        notes,
        identity,
        files: Vec::new(),
    };
    marks::write(files, (&stats, &others), mark)?;
    Ok(true)
}

/// The maps that are written.
fn maps(map: &LesionMap, n: u32, args: &Args) -> Vec<Map> {
    let single = |values: Vec<f64>| values.into_iter().map(nearest).collect::<Vec<f32>>();
    let shown = |log10: f64| if args.p_values { libm::pow(10.0, log10) } else { 0.0 - log10 };
    let (probability, p, q) = if args.p_values {
        (Intent::PValue, "two-sided p of t", "false discovery rate (Benjamini and Hochberg) of p")
    } else {
        (
            Intent::Log10PValue,
            "-log10 of the two-sided p of t",
            "-log10 of the false discovery rate (Benjamini and Hochberg) of p",
        )
    };
    let freedom = (n as f32) - 1.0;
    let mut all = Vec::new();
    let mut add = |stat, intent, what, units, values| {
        all.push(Map { stat, intent, what, units, values });
    };
    let counts = map.n.iter().map(|&n| n as f32).collect();
    let estimate = Intent::Estimate;
    add("n", Intent::None, "subjects that count in the voxel", "subjects", counts);
    let what = "correlation with the lesion's series: tanh of the mean of Fisher's z over subjects";
    add("r", estimate, what, "correlation", single(map.r().collect()));
    let what = "mean over subjects of Fisher's z of the correlation with the lesion's series";
    add("z", estimate, what, "Fisher's z", single(map.z.clone()));
    let what =
        "t of the mean of z over subjects against 0; in each voxel of n - 1 degrees of freedom";
    add("t", Intent::TTest { freedom }, what, "t", single(map.t().collect()));
    let units = if args.p_values { "probability" } else { "-log10 of a probability" };
    add("p", probability, p, units, single(map.log10_p().map(shown).collect()));
    add("q", probability, q, units, single(map.log10_q().into_iter().map(shown).collect()));
    if args.se {
        add("se", estimate, "standard error of z", "Fisher's z", single(map.se_z().collect()));
        let what = "standard error of r: (1 - r^2) times that of z";
        add("rse", estimate, what, "correlation", single(map.se_r().collect()));
    }
    all
}

/// As NIfTI keeps it.
#[expect(clippy::cast_possible_truncation, reason = "maps are 32-bit floats")]
fn nearest(x: f64) -> f32 {
    x as f32
}

//! What is made of the maps of all lesions that were asked for.
//!
//! Everything here is made of marks and of maps as they were written, read back one lesion at a time: so
//! it has the same bytes whether the maps were computed just now or stood there, and at once or one
//! after the other.

use std::path::Path;

use anyhow::Result;
use twoblade::brain::BrainMask;
use twoblade::connectome::{Intent, read_map};
use twoblade::runner::Cancel;

use crate::commands::fnm::args::Args;
use crate::commands::fnm::group::{self, Group};
use crate::commands::fnm::inputs::{Input, Inputs};
use crate::commands::fnm::marks::{self, Mark};
use crate::commands::fnm::names::{Files, shown};
use crate::commands::fnm::parcels::Parcels;
use crate::commands::fnm::picture::PAGE;
use crate::commands::fnm::record::RUN;
use crate::commands::fnm::sidecar::{self, GENERATED_BY, Sidecar};
use crate::commands::fnm::threshold::Threshold;
use crate::commands::fnm::{clusters, picture, summary};
use crate::exit::{Failure, Stopped};
use crate::output::{Table, remove, write_whole};
use crate::say;

/// Its presence says that everything else is there: removed first, written last.
const SUMMARY: &str = "summary.tsv";
const CLUSTERS: &str = "clusters.tsv";
const PARCELS: &str = "parcels.tsv";
const PARCELS_SIDECAR: &str = "parcels.json";

/// What one lesion alone cannot have.
const ONE_LESION: &str =
    "one lesion: t over lesions is not defined, and group_stat-t is not written";

/// Takes away what an earlier run said of all lesions together: it will not be true any more.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    for file in [SUMMARY, RUN, PAGE, CLUSTERS, PARCELS_SIDECAR, PARCELS] {
        remove(&folder.join(file))?;
    }
    group::clear(folder)
}

/// Writes what is made of the maps of these lesions, by name; lends each mark.
pub(crate) fn write(
    args: &Args,
    (folder, inputs): (&Path, &Inputs),
    (lesions, failed): (&[&Input], &[Failure]),
    cancel: &Cancel,
    mut see: impl FnMut(&Mark),
) -> Result<()> {
    clear(folder)?;
    let (mask, parcels) = (inputs.connectome.mask(), inputs.parcels.as_ref());
    let names: Vec<String> = lesions.iter().map(|of| of.lesion.name.clone()).collect();
    let mut counts = Vec::new();
    let threshold = args.threshold.unwrap_or_default();
    let mut lines = vec![summary::header(&threshold)];
    let mut table = Table::begin(folder.join(CLUSTERS), &clusters::header(threshold.kept()))?;
    let parcel_table = |parcels: &Parcels| Table::begin(folder.join(PARCELS), &parcels.header());
    let mut parcel_table = parcels.map(parcel_table).transpose()?;
    let mut group = Group::new(mask.count());
    for (done, name) in names.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(Stopped { done, of: lesions.len() }.into());
        }
        let files = Files { folder, name };
        let mark = marks::read(files)?;
        see(&mark);
        counts.push(picture::counts(&mark));
        let t = read_map(files.map("t"), mask)?;
        let z = read_map(files.map("z"), mask)?;
        let cut = threshold.cut((files, mask), args.p_values, &t)?;
        files.remove_thresholded()?;
        if args.threshold.is_some() {
            write_cut((files, mask), &mark, &threshold, &cut)?;
        }
        let found = clusters::find(mask, &cut);
        for (number, cluster) in found.iter().enumerate() {
            table.line(format_args!("{name}\t{}\t{}", number + 1, cluster.line(mask)))?;
        }
        if let (Some(parcels), Some(table)) = (parcels, &mut parcel_table) {
            parcels.lines(name, &z).iter().try_for_each(|line| table.line(line))?;
        }
        group.add(&t, &z, &cut);
        lines.push(summary::line((&mark, mask), &t, (&threshold, &found, &cut)));
    }
    table.finish()?;
    if let (Some(parcels), Some(table)) = (parcels, parcel_table) {
        table.finish()?;
        write_whole(&folder.join(PARCELS_SIDECAR), &parcels.sidecar()?)?;
    }
    if lesions.len() == 1 && !args.screen.quiet {
        say::news(ONE_LESION);
    }
    group.write((folder, mask), &names, &threshold, &args.parameters(None))?;
    picture::write(folder, inputs, (lesions, counts), failed)?;
    write_whole(&folder.join(SUMMARY), &(lines.join("\n") + "\n"))
}

/// Writes the map of a lesion that is cut off at the threshold.
fn write_cut(
    (files, mask): (Files<'_>, &BrainMask),
    mark: &Mark,
    threshold: &Threshold,
    cut: &[f32],
) -> Result<()> {
    let kept = threshold.kept();
    let (intent, degrees_of_freedom) = if kept == "t" {
        (Intent::TTest { freedom: (mark.n as f32) - 1.0 }, Some(mark.n - 1))
    } else {
        (Intent::Estimate, None)
    };
    let said = Sidecar {
        description: format!("{kept} where {threshold}, 0 elsewhere and where there is no value"),
        units: if kept == "t" { "t" } else { "correlation" },
        sources: &threshold.reads().map(|stat| shown(&files.map(stat))).collect::<Vec<_>>(),
        lesions: std::slice::from_ref(&mark.lesion),
        n: mark.n,
        degrees_of_freedom,
        threshold: Some(threshold.to_string()),
        parameters: &mark.parameters,
        generated_by: GENERATED_BY,
    };
    let line = format!("twoblade fnm: {kept} of {}, {threshold}", files.name);
    sidecar::write(&files.thresholded(kept), (mask, cut), (line, intent), &said)
}

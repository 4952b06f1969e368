//! What traits share, as a table to read and as one to paste.

use std::fmt::Write;

use comfy_table::{Table, presets};
use twoblade::haseman::{Correlation, GroupReport, Report, Shared};

use crate::table::{head, p_value, parts, right_aligned, with_errors, z_value};

/// The rows of a pair: what kind, and what the two share in it.
fn rows(of: &Correlation) -> impl Iterator<Item = (&'static str, &Shared)> {
    let bins = of.components.iter().map(|shared| ("bin", shared));
    bins.chain([("total", &of.genetic), ("residual", &of.residual)])
}

/// For reading: the genetic correlation of every pair of a group, and that of the residual.
pub(super) fn readable(group: &GroupReport) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    table.set_header(["", "", "covariance", "rg", "z", "p", "residual r"]);
    for of in &group.correlations {
        let (rg, residual) = (of.genetic.correlation, of.residual.correlation);
        let not = |text: String| if text.is_empty() { "NA".to_owned() } else { text };
        table.add_row([
            of.traits[0].clone(),
            of.traits[1].clone(),
            with_errors(Some(of.genetic.covariance)),
            not(with_errors(rg)),
            z_value(rg.and_then(|rg| rg.z)),
            p_value(rg.and_then(|rg| rg.p)),
            not(with_errors(residual)),
        ]);
    }
    right_aligned(&mut table, 2);
    table
}

/// For pasting: a row for each pair and component.
pub(crate) fn correlations(report: &Report) -> String {
    let mut out = String::from("trait1\ttrait2\tindividuals\tkind\tcomponent");
    head(&mut out, &["covariance", "correlation"]);
    for group in &report.groups {
        for of in &group.correlations {
            let [a, b] = &of.traits;
            for (kind, shared) in rows(of) {
                let _ = write!(out, "{a}\t{b}\t{}\t{kind}\t{}", group.individuals, shared.name);
                parts(&mut out, Some(shared.covariance));
                parts(&mut out, shared.correlation);
                out.push('\n');
            }
        }
    }
    out
}

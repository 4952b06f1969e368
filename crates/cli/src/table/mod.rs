//! A report as a table to read and as a table to paste.

mod correlations;

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use twoblade::haseman::{Number, Report, TraitReport};

use crate::quantity::thousands;

pub(crate) use self::correlations::correlations;

/// One row of either table.
#[derive(Clone, Copy)]
struct Row<'a> {
    /// A bin may have any name: this tells it from what else stands in the table.
    kind: &'a str,
    component: &'a str,
    variants: Option<u64>,
    variance: Option<Number>,
    h2: Option<Number>,
    /// Where bins overlap.
    h2_with_overlap: Option<Number>,
    h2_by_trace: Option<Number>,
    enrichment: Option<Number>,
}

fn rows(of: &TraitReport, variants: u64) -> Vec<Row<'_>> {
    let none = Row {
        kind: "",
        component: "",
        variants: None,
        variance: None,
        h2: None,
        h2_with_overlap: None,
        h2_by_trace: None,
        enrichment: None,
    };
    let mut rows: Vec<_> = of
        .components
        .iter()
        .map(|component| Row {
            kind: &component.kind,
            component: &component.name,
            variants: component.variants,
            variance: Some(component.variance),
            h2: Some(component.h2),
            h2_with_overlap: component.h2_with_overlap,
            h2_by_trace: Some(component.h2_by_trace),
            enrichment: component.enrichment,
        })
        .collect();
    rows.push(Row { kind: "residual", component: "residual", variance: Some(of.residual), ..none });
    rows.extend(of.totals.iter().map(|total| Row {
        kind: "part",
        component: &total.name,
        h2: Some(total.h2),
        h2_by_trace: Some(total.h2_by_trace),
        ..none
    }));
    rows.push(Row {
        kind: "total",
        component: "total h2",
        variants: Some(variants),
        h2: Some(of.h2),
        h2_by_trace: Some(of.h2_by_trace),
        ..none
    });
    rows.extend(of.liability.map(|liability| Row {
        kind: "liability",
        component: "liability h2",
        h2: Some(liability.h2),
        ..none
    }));
    rows
}

/// For reading: values with both errors, one table a trait.
pub(crate) fn readable(report: &Report) -> String {
    let mut out = String::new();
    for (of, variants) in traits(report) {
        let _ = write!(out, "{}: {} individuals", of.name, thousands(of.individuals));
        if let Some(liability) = of.liability {
            let _ = write!(
                out,
                ", {:.2} % of them cases, {:.2} % of the population",
                100.0 * liability.sample_prevalence,
                100.0 * liability.population_prevalence
            );
        }
        let _ = writeln!(out, "\n{}", of_trait(of, variants));
    }
    for group in report.groups.iter().filter(|group| !group.correlations.is_empty()) {
        let _ = writeln!(out, "genetic correlations\n{}", correlations::readable(group));
    }
    let blocks = report.blocks;
    let probes = thousands(report.groups.iter().map(|group| group.probes).max().unwrap_or(0));
    let random = report.traits().any(|of| of.residual.mc_se > 0.0);
    let of_probes = if random { "Monte-Carlo error of" } else { "nothing is random with" };
    let _ = write!(out, "value (standard error from {blocks} blocks; {of_probes} {probes} probes)");
    let worst = report.traits().map(|of| of.h2).filter(|h2| h2.mc_se > 0.1 * h2.se);
    if let Some(most) = worst.filter_map(|h2| h2.probes_for_a_tenth).max() {
        let most = thousands(most);
        let _ = write!(out, "\n--probes {most} would make the second a tenth of the first for h2");
    }
    out
}

fn of_trait(of: &TraitReport, variants: u64) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    let overlap = of.components.iter().any(|component| component.h2_with_overlap.is_some());
    let with = if overlap { &["h2 with overlap"][..] } else { &[] };
    let (first, last) = (["", "variants", "variance", "h2", "z", "p"], ["enrichment", "p"]);
    table.set_header(first.iter().chain(with).chain(&last));
    for row in rows(of, variants) {
        // Without h2 (the residual) z and p are those of the variance.
        let tested = row.h2.or(row.variance);
        let mut cells = vec![
            if row.kind == "part" {
                format!("all {}", row.component)
            } else {
                row.component.to_owned()
            },
            row.variants.map(thousands).unwrap_or_default(),
            with_errors(row.variance),
            with_errors(row.h2),
            tested.map(|number| z_value(number.z)).unwrap_or_default(),
            tested.map(|number| p_value(number.p)).unwrap_or_default(),
        ];
        if overlap {
            cells.push(with_errors(row.h2_with_overlap));
        }
        cells.push(with_errors(row.enrichment));
        cells.push(row.enrichment.map(|number| p_value(number.p)).unwrap_or_default());
        table.add_row(cells);
    }
    right_aligned(&mut table, 1);
    table
}

/// All traits, with the variants that are used for them.
fn traits(report: &Report) -> impl Iterator<Item = (&TraitReport, u64)> {
    report.groups.iter().flat_map(|group| group.traits.iter().map(|of| (of, group.variants)))
}

/// For pasting: tab-separated, full precision, a row for each trait and component.
pub(crate) fn tab_separated(report: &Report) -> String {
    let quantities = ["variance", "h2", "h2_with_overlap", "h2_by_trace", "enrichment"];
    let mut out = String::from("trait\tindividuals\tkind\tcomponent\tvariants");
    head(&mut out, &quantities);
    for (of, variants) in traits(report) {
        for row in rows(of, variants) {
            let variants = row.variants.map_or_else(|| "NA".to_owned(), |n| n.to_string());
            let Row { kind, component, .. } = row;
            let _ = write!(out, "{}\t{}\t{kind}\t{component}\t{variants}", of.name, of.individuals);
            // Without overlap the two are one number.
            let of_component = row.variance.is_some() && kind != "residual";
            let with_overlap = row.h2_with_overlap.or(row.h2.filter(|_| of_component));
            for number in [row.variance, row.h2, with_overlap, row.h2_by_trace, row.enrichment] {
                parts(&mut out, number);
            }
            out.push('\n');
        }
    }
    out
}

/// The names of the columns of some quantities, and the end of the header.
fn head(out: &mut String, quantities: &[&str]) {
    for quantity in quantities {
        for part in ["", "_se", "_mc_se", "_z", "_p"] {
            let _ = write!(out, "\t{quantity}{part}");
        }
    }
    out.push('\n');
}

/// The five columns of a number.
fn parts(out: &mut String, number: Option<Number>) {
    let parts = number.map(|n| [Some(n.value), Some(n.se), Some(n.mc_se), n.z, n.p]);
    for part in parts.unwrap_or_default() {
        // Small numbers, such as p, in the short form that everything reads.
        let _ = match part {
            Some(part) if part.abs() < 1e-4 && part != 0.0 => write!(out, "\t{part:e}"),
            Some(part) => write!(out, "\t{part}"),
            None => write!(out, "\tNA"),
        };
    }
}

fn right_aligned(table: &mut Table, from: usize) {
    for column in table.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn with_errors(number: Option<Number>) -> String {
    let Some(Number { value, se, mc_se, .. }) = number else { return String::new() };
    format!("{} ({}; {})", fixed(value, 4), fixed(se, 4), fixed(mc_se, 4))
}

fn fixed(number: f64, places: usize) -> String {
    format!("{number:.places$}")
}

fn z_value(z: Option<f64>) -> String {
    z.map_or_else(|| "NA".to_owned(), |z| fixed(z, 2))
}

fn p_value(p: Option<f64>) -> String {
    match p {
        None => "NA".to_owned(),
        Some(p) if p < 0.001 => format!("{p:.1e}"),
        Some(p) => fixed(p, 3),
    }
}

//! A description as tables to read and to paste.

use comfy_table::{CellAlignment, Table, presets};
use twoblade::external::instant;
use twoblade::table::describe::{Described, Description, Number, Summary};

use crate::quantity::thousands;

/// What stands in the tables, in this order.
pub(crate) const HEADER: [&str; 13] = [
    "column",
    "kind",
    "n",
    "missing",
    "distinct",
    "mean",
    "sd",
    "min",
    "q25",
    "median",
    "q75",
    "max",
    "commonest",
];

/// For reading: numbers to six digits.
pub(crate) fn readable(description: &Description) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    table.set_header(HEADER);
    for column in &description.columns {
        table.add_row(cells(column, &|number| six(number)));
    }
    for place in 2..HEADER.len() - 1 {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// For pasting: numbers as they are, columns separated by tabs.
pub(crate) fn pasted(description: &Description) -> String {
    let mut text = HEADER.join("\t") + "\n";
    for column in &description.columns {
        text += &cells(column, &|number| number.to_string()).join("\t");
        text.push('\n');
    }
    text
}

/// What is said of a column; empty where there is nothing to say.
pub(crate) fn cells(column: &Described, write: &dyn Fn(f64) -> String) -> Vec<String> {
    // There is no mean of nothing, and no sd of one value.
    let write = |value: f64| if value.is_nan() { String::new() } else { write(value) };
    let number = |value: Number| match value {
        Number::Integer(value) => value.to_string(),
        Number::Float(value) => write(value),
    };
    let nothing = || vec![String::new(); 7];
    let mut commonest = String::new();
    let seven = match &column.summary {
        Summary::Numbers(numbers) => {
            let quantile = |share: f64| {
                let found = numbers.quantiles.iter().find(|of| (of.share - share).abs() < 1e-9);
                found.map_or_else(String::new, |of| write(of.value))
            };
            let (q25, median, q75) = (quantile(0.25), quantile(0.5), quantile(0.75));
            let (mean, sd) = (write(numbers.mean), write(numbers.sd));
            vec![mean, sd, number(numbers.min), q25, median, q75, number(numbers.max)]
        }
        Summary::Booleans { yes, no } => {
            commonest = format!("true: {}, false: {}", thousands(*yes), thousands(*no));
            nothing()
        }
        Summary::Words { commonest: levels } => {
            commonest = match levels {
                None => "too many to keep".to_owned(),
                Some(levels) => {
                    let level = |of: &twoblade::table::describe::Level| {
                        format!(
                            "{}: {}",
                            of.word.replace(['\t', '\n', '\r'], " "),
                            thousands(of.count)
                        )
                    };
                    levels.iter().take(3).map(level).collect::<Vec<_>>().join(", ")
                }
            };
            nothing()
        }
        Summary::Instants { extremes } => {
            let mut cells = nothing();
            if let Some((first, last)) = extremes {
                cells[2] = instant(column.kind, *first);
                cells[6] = instant(column.kind, *last);
            }
            cells
        }
    };
    let distinct = column.distinct.map_or_else(String::new, |distinct| {
        format!("{}{}", if distinct.error > 0.0 { "~" } else { "" }, distinct.count)
    });
    let mut cells = vec![
        column.name.replace(['\t', '\n', '\r'], " "),
        column.kind.to_string(),
        column.present.to_string(),
        column.missing.to_string(),
        distinct,
    ];
    cells.extend(seven);
    cells.push(commonest);
    cells
}

/// A number to six digits.
pub(crate) fn six(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{number:.5e}");
    }
    let text = format!("{number:.*}", decimals(size));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Decimals that make six digits in all.
fn decimals(size: f64) -> usize {
    let limits = [1e5, 1e4, 1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2, 1e-3];
    limits.iter().position(|&limit| size >= limit).unwrap_or(limits.len())
}

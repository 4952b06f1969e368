//! The page of a description: one file of HTML that needs nothing beside it.

use std::path::PathBuf;

use anyhow::Result;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use twoblade::table::describe::{Described, Description, Summary};

use crate::commands::table::summary::{HEADER, cells, six};
use crate::quantity::thousands;

/// The size of a histogram.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 120.0;

/// Commonest words on the page.
const WORDS: usize = 20;

#[derive(Serialize)]
struct Page {
    title: String,
    rows: String,
    skipped: Option<String>,
    header: [&'static str; 13],
    columns: Vec<Column>,
    version: &'static str,
}

#[derive(Serialize)]
struct Column {
    name: String,
    kind: String,
    cells: Vec<String>,
    notes: Vec<String>,
    width: f64,
    height: f64,
    bars: Vec<Bar>,
    from: String,
    to: String,
    most: String,
    words: Vec<Word>,
}

#[derive(Serialize)]
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    title: String,
}

#[derive(Serialize)]
struct Word {
    text: String,
    count: String,
    share: String,
}

/// The text of the page; the same description has the same page.
pub(crate) fn page(files: &[PathBuf], description: &Description, skipped: u64) -> Result<String> {
    let mut parts = Environment::new();
    parts.add_template("page.html", include_str!("page.html"))?;
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let page = Page {
        title: files.join(" "),
        rows: thousands(description.rows),
        skipped: (skipped > 0).then(|| thousands(skipped)),
        header: HEADER,
        columns: description.columns.iter().map(column).collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(parts.get_template("page.html")?.render(Serde(page))?)
}

fn column(of: &Described) -> Column {
    let mut column = Column {
        name: of.name.clone(),
        kind: of.kind.to_string(),
        cells: cells(of, &six),
        notes: Vec::new(),
        width: WIDTH,
        height: HEIGHT,
        bars: Vec::new(),
        from: String::new(),
        to: String::new(),
        most: String::new(),
        words: Vec::new(),
    };
    match &of.summary {
        Summary::Numbers(numbers) => {
            for (count, what) in [(numbers.nan, "NaN"), (numbers.infinite, "infinite")] {
                if count > 0 {
                    column.notes.push(format!("{} values are {what}", thousands(count)));
                }
            }
            let (Some(first), Some(last)) = (numbers.histogram.first(), numbers.histogram.last())
            else {
                return column;
            };
            let (low, high) = (first.from, last.to);
            // Heights are counts by width, so that areas are counts.
            let wide =
                |bar: &twoblade::table::describe::Bar| (bar.to - bar.from).max(f64::MIN_POSITIVE);
            let dense = |bar: &twoblade::table::describe::Bar| bar.count as f64 / wide(bar);
            let most = numbers.histogram.iter().map(dense).fold(f64::MIN_POSITIVE, f64::max);
            let place = |value: f64| (value - low) / (high - low).max(f64::MIN_POSITIVE) * WIDTH;
            for bar in &numbers.histogram {
                let tall = dense(bar) / most * HEIGHT;
                column.bars.push(Bar {
                    x: format!("{:.1}", place(bar.from)),
                    y: format!("{:.1}", HEIGHT - tall),
                    width: format!("{:.1}", (place(bar.to) - place(bar.from)).max(0.5)),
                    height: format!("{tall:.1}"),
                    title: format!(
                        "{} to {}: {}",
                        six(bar.from),
                        six(bar.to),
                        thousands(bar.count)
                    ),
                });
            }
            let highest = numbers.histogram.iter().map(|bar| bar.count).max().unwrap_or(0);
            column.most = thousands(highest);
            (column.from, column.to) = (six(low), six(high));
        }
        Summary::Words { commonest: Some(levels) } => {
            for level in levels.iter().take(WORDS) {
                let share = 100.0 * level.count as f64 / of.present.max(1) as f64;
                column.words.push(Word {
                    text: level.word.clone(),
                    count: thousands(level.count),
                    share: format!("{share:.2} %"),
                });
            }
        }
        _ => {}
    }
    column
}

//! MODEL.html: what a fit has found, as one file that needs nothing beside it.

use std::path::Path;

use anyhow::Result;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use twoblade::learn::metrics::{Calibration, Classes, Scores};
use twoblade::learn::{Coefficients, Point, Report, Saved};

use crate::commands::learn::scores::{Areas, header, lines};

use crate::commands::table::summary::six;
use crate::quantity::thousands;

/// The size of a picture.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 200.0;
const SIDE: f64 = 240.0;

#[derive(Serialize)]
struct Page {
    title: String,
    kind: String,
    target: String,
    rows: String,
    dropped: Option<String>,
    folds: usize,
    width: f64,
    height: f64,
    curve: Option<Curve>,
    scores: Option<Scored>,
    coefficients: Vec<List>,
    options: String,
    version: &'static str,
}

/// Errors of the penalties in each fold, and their mean.
#[derive(Serialize)]
struct Curve {
    folds: Vec<String>,
    mean: String,
    chosen: Option<f64>,
    from: String,
    to: String,
    least: String,
    most: String,
    rows: Vec<[String; 3]>,
}

/// How well rows are predicted by fits that did not see them.
#[derive(Serialize)]
struct Scored {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    calibration: Vec<Picture>,
    side: f64,
    classes: Vec<String>,
    confusion: Vec<Confused>,
}

/// Predicted probabilities of a class, from left to right, and how often it was there, upwards.
#[derive(Serialize)]
struct Picture {
    class: String,
    points: Vec<Dot>,
}

#[derive(Serialize)]
struct Dot {
    x: String,
    y: String,
    size: String,
    title: String,
}

/// Rows of a class, by what was predicted.
#[derive(Serialize)]
struct Confused {
    class: String,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    count: String,
    /// The share of the class's rows, for the colour.
    share: String,
}

/// Coefficients, with a picture of each.
#[derive(Serialize)]
struct List {
    class: Option<String>,
    /// Whether there are standard errors.
    measured: bool,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    value: String,
    se: String,
    z: String,
}

/// The text of the page; the same model has the same page.
pub(crate) fn page(file: &Path, saved: &Saved) -> Result<String> {
    let mut parts = Environment::new();
    parts.add_template("page.html", include_str!("page.html"))?;
    let Report { rows, dropped, folds, path, chosen, coefficients, scores, .. } = &saved.report;
    let page = Page {
        title: file.file_name().unwrap_or_default().display().to_string(),
        kind: saved.kind.clone(),
        target: saved.features.target.column().to_owned(),
        rows: thousands(*rows),
        dropped: (*dropped > 0).then(|| thousands(*dropped)),
        folds: *folds,
        width: WIDTH,
        height: HEIGHT,
        curve: (*folds > 0 && path.len() > 1).then(|| curve(path, *chosen)),
        scores: scores.as_ref().map(scored),
        coefficients: coefficients.iter().map(list).collect(),
        options: saved.options.trim_end().to_owned(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(parts.get_template("page.html")?.render(Serde(page))?)
}

/// Penalties by their logarithms, from left to right.
fn curve(path: &[Point], chosen: Option<usize>) -> Curve {
    // A penalty of 0 has no logarithm: it stands one step left of the least other.
    let logs = path.iter().map(|point| point.penalty.log10()).filter(|log| log.is_finite());
    let (low, high) = logs
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| (low.min(log), high.max(log)));
    let zero = path.iter().any(|point| point.penalty <= 0.0);
    let low = if zero { low - 1.0 } else { low };
    let x = |penalty: f64| (penalty.log10().max(low) - low) / (high - low).max(1e-9) * WIDTH;
    let errors = || path.iter().flat_map(|point| point.mean_squared_error.iter().copied());
    let least = errors().fold(f64::INFINITY, f64::min);
    let most = errors().fold(f64::NEG_INFINITY, f64::max);
    let y = |error: f64| (most - error) / (most - least).max(f64::MIN_POSITIVE) * HEIGHT;
    let mut order: Vec<&Point> = path.iter().collect();
    order.sort_by(|a, b| a.penalty.total_cmp(&b.penalty));
    let line = |error: &dyn Fn(&Point) -> f64| -> String {
        let points = order.iter();
        let points = points.map(|of| format!("{:.1},{:.1}", x(of.penalty), y(error(of))));
        points.collect::<Vec<_>>().join(" ")
    };
    let folds = path[0].mean_squared_error.len();
    Curve {
        folds: (0..folds).map(|fold| line(&|of| of.mean_squared_error[fold])).collect(),
        mean: line(&Point::mean),
        chosen: chosen.map(|place| x(path[place].penalty)),
        from: six(order[0].penalty),
        to: six(order[order.len() - 1].penalty),
        least: six(least),
        most: six(most),
        rows: order
            .iter()
            .map(|of| [six(of.penalty), six(of.mean()), six(of.standard_error())])
            .collect(),
    }
}

fn scored(of: &twoblade::learn::metrics::Report) -> Scored {
    let none = Areas::default();
    let (mut calibration, mut classes, mut confusion) = (Vec::new(), Vec::new(), Vec::new());
    if let Scores::Classes(of) = &of.all {
        calibration = of.calibration.iter().map(picture).collect();
        classes = of.classes.iter().map(|class| class.name.clone()).collect();
        confusion = confused(of);
    }
    Scored {
        header: header(&of.all, &none),
        rows: lines(of, &none, &|count| thousands(count), &six),
        calibration,
        side: SIDE,
        classes,
        confusion,
    }
}

fn picture(of: &Calibration) -> Picture {
    let most = of.bins.iter().map(|bin| bin.rows).max().unwrap_or(1) as f64;
    let dot = |bin: &twoblade::learn::metrics::Bin| Dot {
        x: format!("{:.1}", bin.predicted * SIDE),
        y: format!("{:.1}", (1.0 - bin.observed) * SIDE),
        size: format!("{:.1}", 2.0 + 6.0 * (bin.rows as f64 / most).sqrt()),
        title: format!(
            "predicted {}, observed {} of {} rows",
            six(bin.predicted),
            six(bin.observed),
            thousands(bin.rows)
        ),
    };
    Picture { class: of.class.clone(), points: of.bins.iter().map(dot).collect() }
}

fn confused(of: &Classes) -> Vec<Confused> {
    let row = |(class, counts): (&twoblade::learn::metrics::Class, &Vec<u64>)| Confused {
        class: class.name.clone(),
        cells: counts
            .iter()
            .map(|&count| Cell {
                count: thousands(count),
                share: format!("{:.3}", count as f64 / class.rows.max(1) as f64),
            })
            .collect(),
    };
    of.classes.iter().zip(&of.confusion).map(row).collect()
}

fn list(of: &Coefficients) -> List {
    let row = |coefficient: &twoblade::learn::Coefficient| {
        let se = coefficient.se;
        Row {
            name: coefficient.name.clone(),
            value: six(coefficient.value),
            se: se.map_or_else(String::new, six),
            z: se
                .filter(|se| *se > 0.0)
                .map_or_else(String::new, |se| format!("{:.2}", coefficient.value / se)),
        }
    };
    List {
        class: of.class.clone(),
        measured: of.intercept.se.is_some(),
        rows: of.all().map(row).collect(),
    }
}

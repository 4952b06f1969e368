//! Scores, for a screen, for a table and for a page.

use std::fmt::Write as _;

use comfy_table::{Table as Screen, presets};
use serde::Serialize;
use twoblade::learn::auc::Area;
use twoblade::learn::metrics::{Classes, GroupName, Metrics, Numbers, Report, Scores};

use crate::commands::table::summary::six;
use crate::quantity::thousands;

/// Classes whose confusion is printed.
const SHOWN: usize = 12;

/// Areas under ROC curves: of each class against all others; of two classes, of the second.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Areas {
    /// Of all rows, by class.
    all: Vec<f64>,
    /// Of each group that has rows, by class.
    groups: Vec<Vec<f64>>,
}

impl Areas {
    /// From what was counted: group and class make one number, all rows are the first group.
    pub(crate) fn new(metrics: &Metrics, positives: &[usize], found: &[(u32, Area)]) -> Self {
        if positives.is_empty() {
            return Self::default();
        }
        let of = |group: usize| -> Option<Vec<f64>> {
            let area = |place| {
                let wanted = (group * positives.len() + place) as u64;
                found.iter().find(|(at, _)| u64::from(*at) == wanted).map(|(_, area)| area.value())
            };
            (0..positives.len()).map(area).collect()
        };
        let groups = (0..metrics.groups().count()).filter_map(|group| of(1 + group));
        Self { all: of(0).unwrap_or_default(), groups: groups.collect() }
    }

    /// The mean over classes of those that have one; NaN if none has.
    fn mean(areas: &[f64]) -> f64 {
        let known = areas.iter().filter(|area| !area.is_nan());
        known.clone().sum::<f64>() / known.count() as f64
    }
}

/// A group's name.
fn word(name: &GroupName) -> String {
    match name {
        GroupName::Word(word) => word.clone(),
        GroupName::Other => "(other)".to_owned(),
        GroupName::Missing => "(missing)".to_owned(),
        GroupName::Fold(fold) => format!("fold {}", fold + 1),
    }
}

const NUMBERS: [&str; 7] = ["group", "rows", "RMSE", "MAE", "R2", "mean target", "mean prediction"];
const CLASSES: [&str; 6] = ["group", "rows", "accuracy", "log loss", "Brier", "AUC"];

/// The names of the columns.
pub(crate) fn header(scores: &Scores, areas: &Areas) -> Vec<&'static str> {
    match scores {
        Scores::Numbers(_) => NUMBERS.to_vec(),
        Scores::Classes(_) => CLASSES[..CLASSES.len() - usize::from(areas.all.is_empty())].to_vec(),
    }
}

/// All rows, and then each group.
pub(crate) fn lines(
    report: &Report,
    areas: &Areas,
    count: &dyn Fn(u64) -> String,
    number: &dyn Fn(f64) -> String,
) -> Vec<Vec<String>> {
    let line = |name: String, scores: &Scores, areas: Option<&Vec<f64>>| match scores {
        Scores::Numbers(of) => {
            let Numbers { root_mean_squared_error, mean_absolute_error, r_squared, .. } = *of;
            let values = [root_mean_squared_error, mean_absolute_error, r_squared];
            let means = [of.mean_target, of.mean_prediction];
            let values = values.iter().chain(&means).map(|value| number(*value));
            [name, count(of.rows)].into_iter().chain(values).collect()
        }
        Scores::Classes(of) => {
            let mut line = vec![name, count(of.rows)];
            line.extend([of.accuracy, of.log_loss, of.brier].iter().map(|value| number(*value)));
            line.extend(areas.map(|areas| number(Areas::mean(areas))));
            line
        }
    };
    let all = (!areas.all.is_empty()).then_some(&areas.all);
    let mut lines = vec![line("all".to_owned(), &report.all, all)];
    for (place, group) in report.groups.iter().enumerate() {
        lines.push(line(word(&group.name), &group.scores, areas.groups.get(place)));
    }
    lines
}

fn screen<T: Into<String>>(header: impl IntoIterator<Item = T>) -> Screen {
    let mut screen = Screen::new();
    screen.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    screen.set_header(header.into_iter().map(Into::<String>::into));
    screen
}

/// For a screen.
pub(crate) fn readable(report: &Report, areas: &Areas) -> String {
    let mut table = screen(header(&report.all, areas));
    for line in lines(report, areas, &|count| thousands(count), &six) {
        table.add_row(line);
    }
    let mut text = table.to_string();
    if report.dropped > 0 {
        let _ = write!(
            text,
            "\nnot scored: {} rows in which a value is missing",
            thousands(report.dropped)
        );
    }
    if let Scores::Classes(classes) = &report.all {
        let _ = write!(text, "\n{}", confusion(classes));
        if classes.clipped > 0 {
            let _ = write!(
                text,
                "\n{} rows have a class that was given a probability below 2^-52; it counts as that in \
                 the log loss",
                thousands(classes.clipped)
            );
        }
    }
    text
}

/// Rows by class, and by what was predicted.
fn confusion(of: &Classes) -> String {
    if of.classes.len() > SHOWN {
        return format!("the confusion of {} classes stands in OUT.json (--out)", of.classes.len());
    }
    let header = ["class".to_owned(), "recall".to_owned(), "precision".to_owned()];
    let predicted = of.classes.iter().map(|class| format!("as {}", class.name));
    let mut table = screen(header.into_iter().chain(predicted));
    for (class, row) in of.classes.iter().zip(&of.confusion) {
        let cells = [class.name.clone(), six(class.recall), six(class.precision)];
        table.add_row(cells.into_iter().chain(row.iter().map(|&count| thousands(count))));
    }
    table.to_string()
}

/// Tab-separated, numbers as they are.
pub(crate) fn pasted(report: &Report, areas: &Areas) -> String {
    let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let mut text = header(&report.all, areas).join("\t").replace(' ', "_") + "\n";
    for line in lines(report, areas, &|count| count.to_string(), &|value| value.to_string()) {
        let cells: Vec<_> = line.iter().map(|cell| clean(cell)).collect();
        text += &(cells.join("\t") + "\n");
    }
    text
}

//! The file of a model: written, read, and told.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use comfy_table::{Table as Screen, presets};
use twoblade::learn::{Coefficient, Coefficients, Report, Saved};
use twoblade_files::{Complete, Whole, folder_of};

use crate::commands::learn::page::page;
use crate::commands::learn::scores::{self, Areas};
use crate::commands::table::opened::rows;
use crate::commands::table::summary::six;
use crate::output::with_ending;
use crate::quantity::thousands;

/// Coefficients that are printed; all of them stand on the page.
const SHOWN: usize = 40;

/// Where a model goes, tried before the work.
pub(crate) struct Outputs {
    model: PathBuf,
}

impl Outputs {
    /// Fails now, and not after the work, if nothing can be written there.
    pub(crate) fn prepare(model: &Path) -> Result<Self> {
        ensure!(
            model.file_name().is_some() && !model.is_dir(),
            "--out {} names a folder; give a file for the model, such as {}",
            model.display(),
            model.join("model").display()
        );
        let folder = folder_of(model);
        ensure!(
            folder.is_dir(),
            "the output folder {} does not exist; create it first (mkdir -p {0})",
            folder.display()
        );
        Whole::create(model)
            .with_context(|| format!("the output folder {} cannot be written", folder.display()))?;
        Ok(Self { model: model.to_path_buf() })
    }

    /// Writes the page and the model, which is there last; says which files these are.
    pub(crate) fn write(&self, saved: &Saved) -> Result<String> {
        let html = with_ending(&self.model, "html");
        let complete = |path: &Path, bytes: &[u8]| -> Result<Complete> {
            let write = || {
                let mut file = Whole::create(path)?;
                file.write_all(bytes)?;
                file.complete()
            };
            write().with_context(|| format!("{} could not be written", path.display()))
        };
        let files = [
            complete(&html, page(&self.model, saved)?.as_bytes())?,
            complete(&self.model, &saved.to_bytes())?,
        ];
        for file in files {
            let path = file.target().to_path_buf();
            file.persist()
                .with_context(|| format!("{} could not be put in place", path.display()))?;
        }
        Ok(format!("{} {}", self.model.display(), html.display()))
    }
}

/// Reads a model.
pub(crate) fn load(file: &Path) -> Result<Saved> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name} could not be read"))?;
    Saved::from_bytes(&bytes).with_context(|| format!("{name} cannot be used as a model"))
}

/// What a fit has found, for a screen.
pub(crate) fn readable(saved: &Saved) -> String {
    let Report { rows: count, dropped, folds, .. } = &saved.report;
    let mut text =
        format!("{} of {} from {}", saved.kind, saved.features.target.column(), rows(*count));
    if *dropped > 0 {
        let _ =
            write!(text, "; {} more have missing values and were left out", thousands(*dropped));
    }
    if *folds > 0 {
        let _ = write!(text, "; {folds} folds");
    }
    if let Some(loss) = saved.report.progressive_loss {
        let _ = write!(text, "; mean loss of rows before they were learned from {}", six(loss));
    }
    if let Some((trees, leaves)) = saved.report.trees {
        let _ = write!(text, "; {} trees, {} leaves", thousands(trees), thousands(leaves));
    }
    let scores = saved.report.scores.as_ref().map(|of| scores::readable(of, &Areas::default()));
    let parts = [path(&saved.report), scores, coefficients(&saved.report)];
    for part in parts.into_iter().flatten() {
        let _ = write!(text, "\n{part}");
    }
    text
}

fn screen(header: &[&str]) -> Screen {
    let mut screen = Screen::new();
    screen.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    screen.set_header(header);
    screen
}

/// The path of penalties.
fn path(report: &Report) -> Option<String> {
    if report.path.is_empty() || report.path.len() == 1 && report.folds == 0 {
        return None;
    }
    let mut table = screen(&["penalty", "mean squared error", "SE over folds", ""]);
    for (place, point) in report.path.iter().enumerate() {
        let mark = if report.chosen == Some(place) { "taken" } else { "" };
        table.add_row([
            six(point.penalty),
            six(point.mean()),
            six(point.standard_error()),
            mark.to_owned(),
        ]);
    }
    Some(table.to_string())
}

/// What a linear prediction is made of.
fn coefficients(report: &Report) -> Option<String> {
    let lists = &report.coefficients;
    let all: Vec<(&Coefficients, &Coefficient)> =
        lists.iter().flat_map(|list| list.all().map(move |of| (list, of))).collect();
    let (first, _) = all.first()?;
    let several = lists.len() > 1;
    let measured = first.intercept.se.is_some();
    let mut header = vec!["feature", "coefficient"];
    if several {
        header.insert(0, "class");
    }
    if measured {
        header.push("SE");
    }
    let mut table = screen(&header);
    for (list, of) in all.iter().take(SHOWN) {
        let mut cells = vec![of.name.clone(), six(of.value)];
        if several {
            cells.insert(0, list.class.clone().unwrap_or_default());
        }
        cells.extend(of.se.map(six));
        table.add_row(cells);
    }
    let mut text = table.to_string();
    if let (Some(class), false) = (&first.class, several) {
        text = format!("log odds of {class}:\n{text}");
    }
    if all.len() > SHOWN {
        let _ = write!(text, "\n{} more stand on the page", thousands(all.len() - SHOWN));
    }
    Some(text)
}

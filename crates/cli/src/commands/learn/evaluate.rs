//! How well a model predicts a table.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use twoblade::external::{Error as ExternalError, Scratch, Sorter, Wanted, Watch};
use twoblade::learn::auc::{Scored, areas};
use twoblade::learn::metrics::{By, Report};
use twoblade::learn::{Error as LearnError, Saved, Score, Target};

use crate::commands::learn::columns;
use crate::commands::learn::model::load;
use crate::commands::learn::scores::{Areas, pasted, readable};
use crate::commands::learn::values::values;
use crate::commands::table::opened::Opened;
use crate::commands::table::reading::DataArgs;
use crate::commands::table::working::WorkArgs;
use crate::quantity::parse_at_least_one;
use crate::say;
use crate::watched::Watched;

/// The version of OUT.json.
const SCHEMA_VERSION: u32 = 1;

/// How well a model predicts a table, of all rows and by group. Of a number: RMSE, MAE, R². Of a class:
/// accuracy, log loss, Brier score, area under the ROC curve (exact, by an external sort), confusion and
/// calibration.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The model
    #[arg(long, value_name = "MODEL")]
    model: PathBuf,
    /// Also for each value of this column
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// The most values that this column may have
    #[arg(long, default_value_t = 1000, value_name = "GROUPS")]
    groups: usize,
    /// Bins of the calibration
    #[arg(long, default_value_t = 10, value_parser = parse_at_least_one, value_name = "BINS")]
    bins: usize,
    /// Write OUT.json and OUT.tsv too
    #[arg(long, value_name = "OUT")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    work: WorkArgs,
}

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    twoblade: &'static str,
    model: String,
    target: &'a str,
    by: Option<&'a str>,
    skipped_rows: u64,
    #[serde(flatten)]
    report: &'a Report,
    areas: &'a Areas,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let saved = load(&args.model)?;
    let mut opened = columns::open(&args.data, &args.work, &saved, true)?;
    let by_place = args.by.as_ref().map(|by| opened.table.schema().place(by)).transpose()?;
    if args.work.plan {
        return opened.plan(if args.by.is_some() { 2 } else { 1 }, None, &[]);
    }
    let outputs = args.out.as_deref().map(Opened::outputs).transpose()?;
    // Reading, sorting, and the sums of the groups.
    opened.limits.memory /= 2;
    let by = match (&args.by, by_place) {
        (Some(column), Some(_)) => {
            By::Column { column: column.clone(), words: values(&opened, column, args.groups)? }
        }
        _ => By::Nothing,
    };
    let score = Score::of(&saved.features, saved.fitted.clone())?.by(by)?.bins(args.bins);
    let (report, areas, skipped) = evaluate(&opened, &saved, &score, by_place)?;
    opened.left_out(skipped);
    if !opened.is_quiet() {
        say::result(readable(&report, &areas))?;
    }
    if let Some(mut outputs) = outputs {
        let json = Json {
            schema_version: SCHEMA_VERSION,
            twoblade: env!("CARGO_PKG_VERSION"),
            model: args.model.display().to_string(),
            target: saved.features.target.column(),
            by: args.by.as_deref(),
            skipped_rows: skipped,
            report: &report,
            areas: &areas,
        };
        outputs.add("tsv", &pasted(&report, &areas))?;
        outputs.add("json", &(serde_json::to_string_pretty(&json)? + "\n"))?;
        let files = outputs.persist()?;
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        opened.written(&files.join(" "), 0)?;
    }
    Ok(())
}

/// Predicts every row and adds it up; what classes need for areas is sorted on the disk.
fn evaluate(
    opened: &Opened,
    saved: &Saved,
    score: &Score<twoblade::learn::Fitted>,
    by: Option<usize>,
) -> Result<(Report, Areas, u64)> {
    let Opened { table, limits, disk, bar, .. } = opened;
    let watched = Watched::by(bar);
    let schema = table.schema();
    let mut columns = Vec::new();
    for column in saved.schema.columns() {
        columns.push(schema.place(&column.name)?);
    }
    columns.extend(by.filter(|place| !columns.contains(place)));
    let metrics = score.metrics();
    let positives = positives(&saved.features.target);
    let scratch = Scratch::new(&limits.temp, disk)?;
    let mut sorter = (!positives.is_empty()).then(|| Sorter::new(&scratch, limits.memory));
    let grouped = by.is_some();
    let mut state = metrics.init();
    let mut scan = table.scan(&Wanted { columns, text: false }, limits, disk)?;
    for scanned in scan.by_ref() {
        if watched.stop() {
            return Err(ExternalError::Stopped.into());
        }
        let scanned = scanned?;
        let dropped = score.each_row(&scanned.rows, |predicted| -> Result<()> {
            metrics.add(&predicted, &mut state)?;
            let Some(sorter) = &mut sorter else { return Ok(()) };
            for (place, &class) in positives.iter().enumerate() {
                // All rows are the first group.
                for group in std::iter::once(0).chain(grouped.then_some(1 + predicted.group)) {
                    let scored = Scored {
                        group: u32::try_from(group * positives.len() + place)?,
                        score: predicted.prediction[class],
                        positive: (predicted.target - class as f64).abs() < 0.5,
                    };
                    sorter.push(&scored.key(), &[])?;
                }
            }
            Ok(())
        })?;
        state.drop_rows(dropped);
        watched.progress("evaluating", scanned.bytes, table.bytes());
    }
    let skipped = scan.skipped();
    drop(scan);
    let report = metrics.report(&state)?;
    let mut found = Vec::new();
    if let Some(sorter) = sorter {
        let mut merge = sorter.finish(&watched)?;
        let scored = std::iter::from_fn(|| match merge.next() {
            Ok(pair) => {
                pair.map(|(key, _)| Ok(Scored::of_key(key).expect("a key as it was pushed")))
            }
            Err(error) => Some(Err(anyhow::Error::from(error))),
        });
        found = areas(scored.map(|row| row.map_err(Failed))).map_err(|Failed(error)| error)?;
    }
    Ok((report, Areas::new(score.metrics(), &positives, &found), skipped))
}

/// The classes whose rows are positive, one after another: of two, the second says all.
fn positives(target: &Target) -> Vec<usize> {
    match target {
        Target::Number { .. } => Vec::new(),
        Target::Class { classes, .. } if classes.len() == 2 => vec![1],
        Target::Class { classes, .. } => (0..classes.len()).collect(),
    }
}

/// Any error, on its way through a library.
struct Failed(anyhow::Error);

impl From<LearnError> for Failed {
    fn from(error: LearnError) -> Self {
        Self(error.into())
    }
}

//! Predictions of a table, row by row.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use twoblade::external::{Dialect, Error as ExternalError, Format, Output, Wanted, Watch};
use twoblade::learn::{Encoder, Predict, Saved, Target};
use twoblade::table::arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use twoblade::table::{Column, Kind, Rows, Schema};

use crate::commands::learn::columns;
use crate::commands::learn::model::load;
use crate::commands::table::opened::rows;
use crate::commands::table::reading::DataArgs;
use crate::commands::table::working::WorkArgs;
use crate::say;
use crate::watched::Watched;

/// The prediction of each row, in the order of the rows: a number; or a class, and the probability of
/// each. Rows in which something is missing that the model needs have none.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The model
    #[arg(long, value_name = "MODEL")]
    model: PathBuf,
    /// File to write: CSV (also .gz, .zst) or Parquet, by its name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Columns of the data that are written before the predictions, separated by commas; `all` for all
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    keep: Vec<String>,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    work: WorkArgs,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let saved = load(&args.model)?;
    let mut opened = columns::open(&args.data, &args.work, &saved, false)?;
    if args.work.plan {
        return opened.plan(1, None, &[]);
    }
    opened.apart_from(&args.data.files, &[args.out.clone(), args.model.clone()])?;
    let table = opened.table.clone();
    let schema = table.schema();
    let kept = match args.keep.as_slice() {
        [all] if all == "all" => (0..schema.columns().len()).collect(),
        names => names.iter().map(|name| schema.place(name)).collect::<Result<Vec<_>, _>>()?,
    };
    let target = saved.features.target.column();
    let needed = saved.schema.columns().iter().filter(|column| column.name != target);
    let mut wanted = kept.clone();
    for column in needed {
        let place = schema.place(&column.name)?;
        if !wanted.contains(&place) {
            wanted.push(place);
        }
    }
    let told = written(&saved, kept.iter().map(|&place| schema.columns()[place].clone()))?;
    // The other half is for the rows that wait to be written.
    opened.limits.memory /= 2;
    let format = Format::of(&args.out);
    let mut dialect = table.dialect().unwrap_or_default();
    dialect.header = true;
    if args.out.to_string_lossy().to_lowercase().contains(".tsv") {
        dialect = Dialect { delimiter: b'\t', ..dialect };
    }
    let mut output = Output::create(&args.out, format, dialect, &told, &opened.disk)?;
    let watched = Watched::by(&opened.bar);
    let encoder = Encoder::new(&saved.features).with_places(saved.fitted.takes_places());
    let wanted = Wanted { columns: wanted, text: false };
    let mut scan = table.scan(&wanted, &opened.limits, &opened.disk)?;
    let (mut count, mut without) = (0, 0);
    for scanned in scan.by_ref() {
        if watched.stop() {
            return Err(ExternalError::Stopped.into());
        }
        let scanned = scanned?;
        let kept = &scanned.rows.batch().columns()[..kept.len()];
        let (predicted, missing) = predictions(&saved, &encoder, &scanned.rows)?;
        let all = kept.iter().cloned().chain(predicted).collect();
        output.write(&RecordBatch::try_new(told.arrow(), all)?)?;
        count += scanned.rows.count() as u64;
        without += missing;
        watched.progress("predicting", scanned.bytes, table.bytes());
    }
    let skipped = scan.skipped();
    drop(scan);
    output.finish()?;
    opened.bar.clear();
    if without > 0 {
        say::news(format_args!("no prediction: {} in which a feature is missing", rows(without)));
    }
    opened.written(&format!("{} ({})", args.out.display(), rows(count)), skipped)
}

/// The columns that are written.
fn written(saved: &Saved, kept: impl Iterator<Item = Column>) -> Result<Schema> {
    let column = |name: String, kind| Column { name, kind };
    let mut columns: Vec<Column> = kept.collect();
    match &saved.features.target {
        Target::Number { .. } => columns.push(column("prediction".to_owned(), Kind::Float)),
        Target::Class { classes, .. } => {
            columns.push(column("prediction".to_owned(), Kind::Category));
            let named = classes.iter().map(|class| format!("probability_{class}"));
            columns.extend(named.map(|name| column(name, Kind::Float)));
        }
    }
    Ok(Schema::new(columns)?)
}

/// The columns of the predictions, and how many rows have none.
fn predictions(saved: &Saved, encoder: &Encoder<'_>, rows: &Rows) -> Result<(Vec<ArrayRef>, u64)> {
    let encoded = encoder.encode_features(rows)?;
    let outputs = saved.fitted.outputs();
    let mut numbers = Vec::with_capacity(outputs * encoded.rows.len());
    saved.fitted.predict(&encoded, &mut numbers);
    let mut places = vec![None; rows.count()];
    for (place, &row) in encoded.rows.iter().enumerate() {
        places[row] = Some(place);
    }
    let column = |output: usize| -> ArrayRef {
        let value = |place: usize| numbers[place * outputs + output];
        Arc::new(places.iter().map(|place| place.map(value)).collect::<Float64Array>())
    };
    let mut columns = Vec::new();
    if let Target::Class { classes, .. } = &saved.features.target {
        let word = |place: usize| {
            let all = &numbers[place * outputs..][..outputs];
            // The first of equal ones.
            let best = (0..outputs).rev().max_by(|&a, &b| all[a].total_cmp(&all[b]));
            classes[best.expect("there are classes")].as_str()
        };
        let words: StringArray = places.iter().map(|place| place.map(word)).collect();
        columns.push(Arc::new(words) as ArrayRef);
    }
    columns.extend((0..outputs).map(column));
    Ok((columns, (rows.count() - encoded.rows.len()) as u64))
}

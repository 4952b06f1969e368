//! A table that a model is to read.

use anyhow::{Context, Result};
use twoblade::learn::{Saved, Target, Term};
use twoblade::table::{Kind, Schema};

use crate::commands::table::opened::Opened;
use crate::commands::table::reading::DataArgs;
use crate::commands::table::working::WorkArgs;

/// Opens a table in the kinds that the model was fitted on: text is read as those, whatever its first
/// rows look like. What a user said of a column stands. With `target` it must have that too.
pub(crate) fn open(
    data: &DataArgs,
    work: &WorkArgs,
    saved: &Saved,
    target: bool,
) -> Result<Opened> {
    let mut options = data.options();
    let opened = Opened::of(&data.files, &options, work)?;
    let checked = |opened: Opened| {
        saved.check(opened.table.schema(), target).with_context(|| {
            format!("the model cannot read {}", crate::commands::learn::names(&data.files))
        })?;
        Ok(opened)
    };
    if opened.table.dialect().is_none() {
        return checked(opened);
    }
    let kinds = kinds(saved, opened.table.schema());
    let said = |name: &str| options.types.iter().any(|(of, _)| of == name);
    let more: Vec<_> = kinds.into_iter().filter(|(name, _)| !said(name)).collect();
    options.types.extend(more);
    drop(opened);
    checked(Opened::of(&data.files, &options, work)?)
}

/// The kinds in which the columns of the model are read, of those that are there.
fn kinds(saved: &Saved, table: &Schema) -> Vec<(String, Kind)> {
    let mut kinds = Vec::new();
    for column in saved.schema.columns() {
        let is_number = saved
            .features
            .terms
            .iter()
            .any(|term| matches!(term, Term::Number { column: name, .. } if *name == column.name))
            || matches!(&saved.features.target, Target::Number { column: name, .. } if *name == column.name);
        // Whole numbers may have fractions elsewhere.
        let kind = match column.kind {
            Kind::Integer if is_number => Kind::Float,
            kind => kind,
        };
        if table.place(&column.name).is_ok() {
            kinds.push((column.name.clone(), kind));
        }
    }
    kinds
}

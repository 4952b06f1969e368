//! `twoblade merge`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use twoblade::core::{Merge, StreamingEstimator};
use twoblade::fnm::Fnm;
use twoblade::runner::{Cover, Part, Pass, StateError, read_header};

use crate::commands::rhe::Model;
use crate::commands::shards::args::MergeArgs;
use crate::quantity::thousands;
use crate::say;

/// Runs the command; two states are in memory at a time.
pub(crate) fn merge(args: &MergeArgs) -> Result<()> {
    let [first, others @ ..] = args.states.as_slice() else { bail!("no state is given") };
    let header = read_header(first)?;
    if header.pass != Pass::One {
        let (file, found) = (first.clone(), header.pass);
        return Err(StateError::OtherPass { file, found, expected: Pass::One }.into());
    }
    let model = header.identity.model.as_str();
    let cover = if model.starts_with("rhe") {
        sum::<<&[Model] as StreamingEstimator>::State>(first, others, &args.out)?
    } else if model.starts_with("fnm") {
        sum::<<Fnm as StreamingEstimator>::State>(first, others, &args.out)?
    } else {
        bail!("{} is a state of {model}, which this twoblade cannot add", first.display());
    };
    let blocks = usize::try_from(header.identity.blocks)?;
    let missing = cover.missing(blocks);
    let rest = if missing.is_empty() { String::new() } else { format!("; missing: {missing}") };
    say::result(format_args!(
        "{} written: {} of {} blocks{rest}",
        args.out.display(),
        thousands(cover.count()),
        thousands(blocks)
    ))?;
    Ok(())
}

fn sum<S: Merge + Serialize + DeserializeOwned>(
    first: &Path,
    others: &[PathBuf],
    out: &Path,
) -> Result<Cover> {
    let mut total: Part<S> = Part::load(first)?;
    for file in others {
        ensure!(file != first, "{} is given twice", file.display());
        let part = Part::load_of(file, &total.header().identity, Pass::One)?;
        total.merge(&part, file)?;
    }
    total.save(out)?;
    Ok(total.header().cover.clone())
}

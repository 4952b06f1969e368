//! `twoblade merge`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use twoblade::core::{Merge, StreamingEstimator};
use twoblade::fnm::Fnm;
use twoblade::runner::{Header, Part, Pass, StateError, read_header};

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
    for file in others {
        ensure!(file != first, "{} is given twice", file.display());
    }
    if let Some(header) = is_there(&args.out, &header, others)? {
        return said(&args.out, &header, "is there already");
    }
    let model = header.identity.model.as_str();
    let header = if model.starts_with("rhe") || model == "genie" {
        sum::<<&[Model] as StreamingEstimator>::State>(first, others, &args.out)?
    } else if model.starts_with("fnm") {
        sum::<<Fnm as StreamingEstimator>::State>(first, others, &args.out)?
    } else if let Some(header) = sum_of_learner(model, first, others, &args.out)? {
        header
    } else {
        bail!("{} is a state of {model}, which this twoblade cannot add", first.display());
    };
    said(&args.out, &header, "written")
}

/// The sum, if it has been made before: sums of the same data by the same model are the same.
fn is_there(out: &Path, first: &Header, others: &[PathBuf]) -> Result<Option<Header>> {
    let before = match read_header(out) {
        Ok(before) if before.expect(out, &first.identity, Pass::One).is_ok() => before,
        _ => return Ok(None),
    };
    let mut together = first.clone();
    for file in others {
        together = together.with(&read_header(file)?, file)?;
    }
    Ok((before == together).then_some(together))
}

fn said(out: &Path, Header { identity, cover, .. }: &Header, what: &str) -> Result<()> {
    let blocks = usize::try_from(identity.blocks)?;
    let missing = cover.missing(blocks);
    let rest = if missing.is_empty() { String::new() } else { format!("; missing: {missing}") };
    let (out, count, blocks) = (out.display(), thousands(cover.count()), thousands(blocks));
    say::result(format_args!("{out} {what}: {count} of {blocks} blocks{rest}"))?;
    Ok(())
}

/// The same of a learner's states, if it is one.
#[cfg(feature = "table")]
fn sum_of_learner(
    model: &str,
    first: &Path,
    others: &[PathBuf],
    out: &Path,
) -> Result<Option<Header>> {
    use twoblade::learn::{Folded, bayes::Bayes, forest::Forest, ridge::Ridge};
    let sum = match model {
        "ridge" => sum::<<Folded<Ridge> as StreamingEstimator>::State>,
        "bayes" => sum::<<Folded<Bayes> as StreamingEstimator>::State>,
        "forest" => sum::<<Forest as StreamingEstimator>::State>,
        _ => return Ok(None),
    };
    sum(first, others, out).map(Some)
}

/// This program has no learners.
#[cfg(not(feature = "table"))]
fn sum_of_learner(_: &str, _: &Path, _: &[PathBuf], _: &Path) -> Result<Option<Header>> {
    Ok(None)
}

fn sum<S: Merge + Serialize + DeserializeOwned>(
    first: &Path,
    others: &[PathBuf],
    out: &Path,
) -> Result<Header> {
    let mut total: Part<S> = Part::load(first)?;
    for file in others {
        let part = Part::load_of(file, &total.header().identity, Pass::One)?;
        total.merge(&part, file)?;
    }
    total.save(out)?;
    Ok(total.header().clone())
}

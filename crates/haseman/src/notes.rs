//! What is odd about a result, in words.

use crate::estimate::Estimate;
use crate::report::{Correlation, Covariates, TraitReport};

/// tr(V K_k) / tr V may be off 1 by this much before the two kinds of h2 are told apart in a note.
const TRACE_TOLERANCE: f64 = 0.02;

/// Covariates that add nothing.
pub(crate) fn of_covariates(covariates: &Covariates) -> Vec<String> {
    if covariates.dropped.is_empty() {
        return Vec::new();
    }
    let dropped = covariates.dropped.join(", ");
    let others = if covariates.intercept { "the intercept and the others" } else { "the others" };
    vec![format!("covariates left out because {others} already explain them: {dropped}")]
}

/// Columns that are far longer than others.
pub(crate) fn of_long(variants: u64) -> Option<String> {
    (variants > 0).then(|| {
        format!(
            "{variants} variants have a column whose squares add up to more than 100 times the \
             individuals, because a genotype is very rare: a few individuals decide what they explain"
        )
    })
}

/// Components whose K_k is not of unit scale among these individuals; that of an interaction has the
/// scale of its environment.
pub(crate) fn of_traces(names: &[String], full: &Estimate) -> Vec<String> {
    let unit = full.trace(full.components());
    let note = |(k, name): (usize, &String)| {
        let ratio = full.trace(k) / unit;
        let off = (ratio - 1.0).abs() > TRACE_TOLERANCE;
        off.then(|| {
            format!(
                "the mean diagonal of the relationship matrix of {name} is {ratio:.3} and not 1 \
                 (inbreeding, missing genotypes or rare variants): h2 and h2_by_trace differ"
            )
        })
    };
    names.iter().take(full.layout.sets).enumerate().filter_map(note).collect()
}

/// Estimates outside the range of a share stand as they are, and are named; and so are traits of two
/// values on the observed scale.
pub(crate) fn of_trait(of: &TraitReport) -> Vec<String> {
    let (name, h2) = (&of.name, of.h2.value);
    let mut notes = Vec::new();
    if !(0.0..=1.0).contains(&h2) {
        notes.push(format!("h2 of {name} is {h2:.3}, outside 0 to 1: it is reported as it is"));
    }
    if let (Some(cases), None) = (of.cases, of.liability) {
        notes.push(format!(
            "{name} has two values, {:.1} % of the individuals the larger one: its h2 is on the \
             observed scale; a prevalence in the population gives it on the scale of liability",
            100.0 * cases
        ));
    }
    notes
}

/// Genetic correlations that are not defined, or that no correlation can be.
pub(crate) fn of_correlation(of: &Correlation) -> Option<String> {
    let [a, b] = &of.traits;
    match of.genetic.correlation {
        None => Some(format!(
            "the genetic correlation of {a} and {b} is not defined: the genetic variance of one of \
             them is negative, at least without some block or probe"
        )),
        Some(r) if r.value.abs() > 1.0 => Some(format!(
            "the genetic correlation of {a} and {b} is {:.3}, outside -1 to 1: it is reported as it is",
            r.value
        )),
        Some(_) => None,
    }
}

//! How a run was done: OUT.run.json and OUT.log. Nothing here is in OUT.json.

use anyhow::Result;
use serde::Serialize;
use twoblade::core::Fingerprint;
use twoblade::haseman::Report;
use twoblade::plink::{Covariates, JoinedCovariates};
use twoblade::runner::{Plan, Stage};

use crate::commands::rhe::args::Args;
use crate::commands::rhe::inputs::Inputs;
use crate::commands::rhe::plan::schedule;
use crate::machine;
use crate::quantity::{mebibytes, thousands};

/// What a run took.
pub(crate) struct How<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) data: Fingerprint,
    pub(crate) stages: &'a [Stage],
    pub(crate) seconds: f64,
    pub(crate) files_bytes: usize,
}

#[derive(Serialize)]
struct RunJson<'a> {
    twoblade: &'static str,
    command: Vec<String>,
    host: Option<String>,
    data: String,
    plan: &'a Plan,
    planned_bytes: usize,
    peak_bytes: Option<usize>,
    seconds: f64,
    stages: Vec<StageJson>,
}

#[derive(Serialize)]
struct StageJson {
    pass: twoblade::runner::Pass,
    seconds: f64,
}

/// OUT.run.json.
pub(crate) fn run_json(how: &How<'_>) -> Result<String> {
    let run = RunJson {
        twoblade: env!("CARGO_PKG_VERSION"),
        command: std::env::args().collect(),
        host: machine::host(),
        data: how.data.to_string(),
        plan: how.plan,
        planned_bytes: how.plan.memory.total() + how.files_bytes,
        peak_bytes: machine::peak_memory(),
        seconds: how.seconds,
        stages: how
            .stages
            .iter()
            .map(|stage| StageJson { pass: stage.pass, seconds: stage.time.as_secs_f64() })
            .collect(),
    };
    Ok(serde_json::to_string_pretty(&run)? + "\n")
}

/// OUT.log: what was read, matched, dropped and imputed, and how long it took.
pub(crate) fn log(args: &Args, inputs: &Inputs, report: &Report, how: &How<'_>) -> String {
    let (joined, counts) = (&inputs.joined, &report.counts);
    let phenotypes = &inputs.phenotypes;
    let mut lines = vec![
        format!("twoblade {} rhe", env!("CARGO_PKG_VERSION")),
        format!("command: {}", std::env::args().collect::<Vec<_>>().join(" ")),
        format!(
            "{}: {} individuals",
            inputs.plink.fam().file().display(),
            thousands(joined.listed)
        ),
    ];
    if joined.fam_columns > 6 {
        lines.push(format!("  {} columns beyond 6 are not read", joined.fam_columns - 6));
    }
    lines.push(format!(
        "{}: {} variants, {} with the identifier of an earlier one",
        inputs.plink.bim().file().display(),
        thousands(joined.variants),
        thousands(joined.duplicate_identifiers)
    ));
    lines.push(format!(
        "{}: {} rows, {} matched by identifier, {} not among the genotyped",
        phenotypes.file().display(),
        thousands(phenotypes.rows()),
        thousands(phenotypes.matched()),
        thousands(phenotypes.unmatched())
    ));
    for (column, (name, missing)) in phenotypes.names().iter().zip(phenotypes.missing()).enumerate()
    {
        let binary = if phenotypes.is_binary(column) { ", cases and controls" } else { "" };
        lines.push(format!(
            "  {name}: {} missing ({} NA, {} nan, {} -9, {} 0){binary}",
            thousands(missing.total()),
            thousands(missing.na),
            thousands(missing.nan),
            thousands(missing.minus_nine),
            thousands(missing.zero)
        ));
    }
    if args.pheno_quantile_normalize {
        lines.push("  normal quantiles of ranks stand for the values of each trait".to_owned());
    }
    lines.extend(inputs.lists.iter().map(|list| {
        format!(
            "{}: {} lines, {} matched by identifier, {} not among the genotyped, {} again",
            list.file().display(),
            thousands(list.lines()),
            thousands(list.matched()),
            thousands(list.unmatched()),
            thousands(list.repeated())
        )
    }));
    if let (Some(file), Some(counts)) = (&inputs.covariates, &joined.covariates) {
        lines.extend(covariate_lines(file, counts, report));
    }
    lines.push(format!(
        "individuals kept: {} ({} not on the list to keep, {} removed, {} without a phenotype row, \
         {} with a missing trait)",
        thousands(joined.kept),
        thousands(joined.not_kept),
        thousands(joined.removed),
        thousands(joined.without_phenotype()),
        thousands(joined.missing())
    ));
    let annot = args.annot.as_ref().map_or("no annotation".to_owned(), |f| f.display().to_string());
    lines.push(format!(
        "{annot}: {} bins, {} variants in none",
        inputs.study.bins.count(),
        thousands(counts.variants_without_bin)
    ));
    lines.push(format!(
        "variants used: {} ({} with too many missing genotypes, {} monomorphic among those kept, {} \
         too rare, dropped)",
        thousands(report.variants),
        thousands(counts.variants_missing),
        thousands(counts.variants_monomorphic),
        thousands(counts.variants_rare)
    ));
    lines.push(format!(
        "missing genotypes set to the mean: {}",
        thousands(counts.genotypes_missing)
    ));
    lines.push(format!("condition of the moment equations: {:.1}", report.condition));
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines.push(format!("threads: {}", schedule(how.plan)));
    lines.push(format!("states: {}", how.plan.reason));
    for stage in how.stages {
        lines.push(format!("{}: {:.2} s", stage.pass, stage.time.as_secs_f64()));
    }
    let planned = mebibytes(how.plan.memory.total() + how.files_bytes);
    let peak = machine::peak_memory().map_or("unknown".to_owned(), mebibytes);
    lines.push(format!(
        "memory: {planned} planned, {peak} at the peak (the program itself included)"
    ));
    lines.push(format!("all: {:.2} s", how.seconds));
    lines.join("\n") + "\n"
}

/// What became of the covariates.
fn covariate_lines(file: &Covariates, counts: &JoinedCovariates, report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {} rows, {} matched by identifier, {} not among the genotyped",
        file.file().display(),
        thousands(counts.rows),
        thousands(counts.matched),
        thousands(counts.not_genotyped())
    )];
    for how in &counts.uses {
        let mut parts = vec![format!("  {}: {} set to the mean", how.name, thousands(how.imputed))];
        parts.extend(how.reference.iter().map(|level| format!("levels against {level}")));
        if !how.absent.is_empty() {
            parts.push(format!("levels of nobody: {}", how.absent.join(", ")));
        }
        lines.push(parts.join(", "));
    }
    lines.push(format!(
        "  dropped: {} individuals not in the file, {} with a missing covariate",
        thousands(counts.absent),
        thousands(counts.missing)
    ));
    let covariates = &report.covariates;
    lines.push(format!(
        "  projected off: {} (rank {}{})",
        covariates.used.join(", "),
        covariates.rank,
        if covariates.intercept { " with the intercept" } else { ", no intercept" }
    ));
    lines
}

/// Who was analysed, in a line.
pub(crate) fn kept(report: &Report) -> String {
    let (kept, listed) = (report.individuals, report.counts.individuals_listed);
    let (used, all) = (report.variants, report.counts.variants_listed);
    let why = |dropped, why| if dropped { why } else { "" };
    format!(
        "{} of {} individuals{}, {} of {} variants{}",
        thousands(kept),
        thousands(listed),
        why(kept < listed, " (the log says why not the others)"),
        thousands(used),
        thousands(all),
        why(used < all as u64, " (the log says why not the others)")
    )
}

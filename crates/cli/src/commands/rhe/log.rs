//! OUT.log: what was read, matched, dropped and imputed, file by file and step by step, and how long
//! it took. Nothing here is in OUT.json.

use std::fmt::Write;

use twoblade::haseman::{GroupReport, Report};
use twoblade::plink::{
    ChromosomeCounts, Covariates, Group, IdentifierMatches, Individuals, ListedVariants, MatchedBy,
    MissingTraits,
};
use twoblade::rhe::MissingGenotype;
use twoblade::runner::process::peak_memory;

use crate::commands::rhe::args::{Args, Effects};
use crate::commands::rhe::inputs::{Inputs, Model, name};
use crate::commands::rhe::record::How;
use crate::commands::rhe::words::{projected_off, schedule};
use crate::machine;
use crate::quantity::{mebibytes, thousands};

/// The whole log.
pub(crate) fn log(
    args: &Args,
    (inputs, models): (&Inputs, &[Model]),
    report: &Report,
    long: &[Vec<String>],
    how: &How<'_>,
) -> String {
    let mut lines = vec![
        format!("twoblade {} {}", env!("CARGO_PKG_VERSION"), name(models)),
        format!("command: {}", machine::command_line().join(" ")),
    ];
    lines.extend(genotype_files(inputs));
    lines.extend(phenotype_file(args, inputs));
    lines.extend(
        [&inputs.files.keep, &inputs.files.remove].into_iter().flatten().map(individual_list),
    );
    lines.extend(inputs.files.covariates.iter().map(covariate_file));
    lines.extend(environment_lines(args, inputs));
    let variants = &inputs.files.variants;
    lines.extend([&variants.extract, &variants.exclude].into_iter().flatten().map(variant_list));
    lines.extend(bin_file(args, inputs));
    lines.extend(individual_steps(args, inputs));
    lines.extend(variant_steps(args, inputs));
    let groups = inputs.assembled.groups.iter().zip(&report.groups).zip(long);
    for (number, ((group, found), long)) in (1..).zip(groups) {
        lines.push(format!("group {number}:"));
        let mut of_group = group_lines(args, group, found);
        of_group.extend(long_line(found.counts.variants_long, long));
        lines.extend(of_group.into_iter().map(|line| format!("  {line}")));
    }
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(how_lines(how));
    lines.join("\n") + "\n"
}

/// What is odd about the data.
pub(crate) fn notes(args: &Args, inputs: &Inputs, models: &[Model]) -> Vec<String> {
    let mut notes = Vec::new();
    let ChromosomeCounts { x, y, xy, mt, .. } = inputs.files.variants.chromosomes;
    let there: Vec<String> = [(x, "X"), (y, "Y"), (xy, "XY"), (mt, "MT")]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, name)| format!("{} on {name}", thousands(count)))
        .collect();
    if !there.is_empty() {
        notes.push(format!(
            "{}: their genotypes count as those of any other variant; --autosome leaves them out",
            there.join(", ")
        ));
    }
    let overlap = inputs.assembled.groups.iter().any(|group| group.study.bins.overlap());
    let additive = matches!(args.effects, Effects::Additive);
    if args.trace && !additive {
        notes.push("the files .tr and .MN are for additive effects alone: not written".to_owned());
    } else if args.trace && (models.len() > 1 || overlap) {
        notes.push(
            "the files .tr and .MN are for one group of traits and bins that do not overlap: not \
             written"
                .to_owned(),
        );
    }
    if args.phenotypes.rg && inputs.files.phenotypes.names().len() < 2 {
        notes.push("one trait has no genetic correlation: --rg is for several".to_owned());
    }
    if args.phenotypes.rg && models.len() > 1 {
        notes.push(
            "traits of different individuals have no genetic correlation here; --pheno-missing \
             common analyses all traits in the individuals that have every one"
                .to_owned(),
        );
    }
    notes
}

fn genotype_files(inputs: &Inputs) -> Vec<String> {
    let plink = &inputs.files.plink;
    let (fam, bim, joined) = (plink.fam(), plink.bim(), &inputs.assembled.joined);
    let mut lines =
        vec![format!("{}: {} individuals", fam.file().display(), thousands(joined.listed))];
    if joined.fam_columns > 6 {
        lines.push(format!("  {} columns beyond 6 are not read", joined.fam_columns - 6));
    }
    lines.extend(
        bim.counts().map(|(file, variants)| {
            format!("{}: {} variants", file.display(), thousands(variants))
        }),
    );
    lines.push(format!(
        "  {} with the identifier of an earlier one",
        thousands(joined.duplicate_identifiers)
    ));
    lines
}

fn phenotype_file(args: &Args, inputs: &Inputs) -> Vec<String> {
    let phenotypes = &inputs.files.phenotypes;
    let mut lines = vec![format!(
        "{}: {} rows, {} matched by identifier, {} not among the genotyped",
        phenotypes.file().display(),
        thousands(phenotypes.rows()),
        thousands(phenotypes.matched()),
        thousands(phenotypes.unmatched())
    )];
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
    if args.phenotypes.pheno_quantile_normalize {
        lines.push("  normal quantiles of ranks stand for the values of each trait".to_owned());
    }
    lines
}

fn individual_list(list: &Individuals) -> String {
    format!(
        "{}: {} lines, {} matched by identifier, {} not among the genotyped, {} again",
        list.file().display(),
        thousands(list.lines()),
        thousands(list.matched()),
        thousands(list.unmatched()),
        thousands(list.repeated())
    )
}

fn covariate_file(file: &Covariates) -> String {
    format!(
        "{}: {} rows, {} matched by identifier, {} not among the genotyped",
        file.file().display(),
        thousands(file.rows()),
        thousands(file.matched()),
        thousands(file.rows() - file.matched())
    )
}

fn environment_lines(args: &Args, inputs: &Inputs) -> Vec<String> {
    let (Some(asked), Some(file)) = (args.environments(), &inputs.files.environments) else {
        return Vec::new();
    };
    let too = if asked.no_env_covariates { "not projected off" } else { "covariates too" };
    vec![covariate_file(file), format!("  environments, {too}: {}", file.names().join(", "))]
}

/// Variants with long columns: some by name, the others by number.
fn long_line(count: u64, named: &[String]) -> Option<String> {
    let more = count.saturating_sub(named.len() as u64);
    let more = if more > 0 { format!(" and {} more", thousands(more)) } else { String::new() };
    (count > 0).then(|| format!("long columns: {}{more}", named.join(", ")))
}

fn variant_list(list: &ListedVariants) -> String {
    format!(
        "{}: {} identifiers ({} again), {} variants matched, {} identifiers of no variant",
        list.file.display(),
        thousands(list.identifiers),
        thousands(list.repeated),
        thousands(list.matched),
        thousands(list.unmatched)
    )
}

fn bin_file(args: &Args, inputs: &Inputs) -> Vec<String> {
    let files = &inputs.files;
    let bins = inputs.assembled.groups.first().map_or(0, |group| group.study.bins.count());
    if let (Some(scores), Some(report)) = (&files.scores, &inputs.ld_maf) {
        let mut lines = vec![format!(
            "{}: LD scores in {}, {}, {} without a number",
            scores.file().display(),
            scores.column(),
            matches(scores.matches()),
            thousands(scores.missing())
        )];
        lines.extend(report.bins.iter().map(|bin| {
            format!(
                "  {}: {} variants, frequencies {:.4} to {:.4}, LD scores {:.3} to {:.3}",
                bin.name,
                thousands(bin.variants),
                bin.maf[0],
                bin.maf[1],
                bin.ld_score[0],
                bin.ld_score[1]
            )
        }));
        lines.push(format!(
            "  in no bin: {} without a frequency, {} without a score",
            thousands(report.without_frequency),
            thousands(report.without_score)
        ));
        if !report.empty.is_empty() {
            lines.push(format!("  empty, left out: {}", report.empty.join(", ")));
        }
        return lines;
    }
    let Some(file) = &args.bins.annot else {
        return vec!["no annotation: one bin".to_owned()];
    };
    let by = match files.annotation.matched_by() {
        Some(MatchedBy::Identifier(found)) => matches(found),
        _ => "matched row by row".to_owned(),
    };
    let mut lines = vec![format!("{}: {bins} bins, {by}", file.display())];
    if !files.annotation.skipped_columns().is_empty() {
        let skipped = files.annotation.skipped_columns().join(", ");
        lines.push(format!("  columns that are no annotation: {skipped}"));
    }
    lines
}

fn matches(found: IdentifierMatches) -> String {
    format!(
        "matched by identifier: {} rows, {} of them of no variant; {} variants matched, {} without a \
         row",
        thousands(found.rows),
        thousands(found.not_listed),
        thousands(found.matched),
        thousands(found.without_row)
    )
}

/// PLINK 1.9's order.
fn individual_steps(args: &Args, inputs: &Inputs) -> Vec<String> {
    let joined = &inputs.assembled.joined;
    let mut steps = Steps::new("individuals", joined.listed);
    if inputs.files.keep.is_some() {
        steps.out("--keep", joined.not_kept);
    }
    if inputs.files.remove.is_some() {
        steps.out("--remove", joined.removed);
    }
    if args.individuals.mind.is_some() {
        steps.out("--mind", joined.too_many_missing);
    }
    steps.out("without a phenotype row", joined.without_phenotype());
    let traits = match args.phenotypes.missing() {
        MissingTraits::Common => "without every trait",
        MissingTraits::PerTrait => "without any trait",
    };
    let covariates = match (&inputs.files.covariates, &inputs.files.environments) {
        (None, None) => "",
        (Some(_), None) => ", or without covariates",
        (None, Some(_)) => ", or without environments",
        (Some(_), Some(_)) => ", or without covariates or environments",
    };
    steps.out(&format!("{traits}{covariates}"), joined.matched - joined.kept);
    steps.lines
}

/// What is left after each step.
struct Steps {
    left: usize,
    lines: Vec<String>,
}

impl Steps {
    fn new(what: &str, listed: usize) -> Self {
        Self { left: listed, lines: vec![format!("{what}: {} listed", thousands(listed))] }
    }

    fn out(&mut self, step: &str, out: usize) {
        self.left -= out;
        let (out, left) = (thousands(out), thousands(self.left));
        self.lines.push(format!("  {step}: {out} left out, {left} left"));
    }
}

fn variant_steps(args: &Args, inputs: &Inputs) -> Vec<String> {
    let chosen = &inputs.files.variants;
    let mut steps = Steps::new("variants", chosen.listed);
    if chosen.extract.is_some() {
        steps.out("--extract", chosen.not_extracted);
    }
    if chosen.exclude.is_some() {
        steps.out("--exclude", chosen.excluded);
    }
    if args.variants.chromosomes().is_some() {
        let flag = if args.variants.autosome { "--autosome" } else { "--chr" };
        steps.out(flag, chosen.on_other_chromosomes);
    }
    steps.lines
}

fn group_lines(args: &Args, group: &Group, found: &GroupReport) -> Vec<String> {
    let mut lines = Vec::new();
    // Where only individuals with every trait stay, the counts of all traits are the same.
    let common = args.phenotypes.missing() == MissingTraits::Common;
    for of in group.joined.traits.iter().take(if common { 1 } else { usize::MAX }) {
        let (with, without) = (thousands(of.with_trait), thousands(of.missing));
        let mut line = if common {
            format!("every trait: {with} individuals with all values, {without} without one")
        } else {
            format!("{}: {with} individuals with a value, {without} without one", of.name)
        };
        let environments = args.environments().is_some_and(|asked| asked.env.is_some());
        if let Some((file, one)) = match (args.covariates.covar.is_some(), environments) {
            (false, false) => None,
            (true, false) => Some(("the covariate file", "a missing covariate")),
            (false, true) => Some(("the file of environments", "a missing one")),
            (true, true) => Some(("both files of covariates and environments", "a missing one")),
        } {
            let (absent, incomplete) = (thousands(of.absent), thousands(of.incomplete));
            let _ = write!(line, "; {absent} not in {file}, {incomplete} with {one}");
        }
        lines.push(line);
    }
    lines.push(format!("individuals: {}", thousands(found.individuals)));
    for how in &group.joined.covariates {
        let mut parts = vec![format!("{}: {} set to the mean", how.name, thousands(how.imputed))];
        parts.extend(how.reference.iter().map(|level| format!("levels against {level}")));
        if !how.absent.is_empty() {
            parts.push(format!("levels of nobody: {}", how.absent.join(", ")));
        }
        lines.push(format!("covariate {}", parts.join(", ")));
    }
    let covariates = &found.covariates;
    lines.push(projected_off(&covariates.used, covariates.rank, covariates.intercept));
    let counts = &found.counts;
    lines.push(format!(
        "variants used: {} ({} in no bin; {} with too many missing genotypes, {} monomorphic among \
         these individuals, {} too rare, dropped)",
        thousands(found.variants),
        thousands(counts.variants_without_bin),
        thousands(counts.variants_missing),
        thousands(counts.variants_monomorphic),
        thousands(counts.variants_rare)
    ));
    let missing = match args.genotypes.missing() {
        MissingGenotype::Binomial => "drawn by frequency",
        MissingGenotype::Mean => "set to the mean",
    };
    lines.push(format!("missing genotypes {missing}: {}", thousands(counts.genotypes_missing)));
    lines.push(format!("condition of the moment equations: {:.1}", found.condition));
    lines.extend(found.notes.iter().map(|note| format!("note: {note}")));
    lines
}

fn how_lines(how: &How<'_>) -> Vec<String> {
    let mut lines = vec![format!("granted: {}", how.machine.words())];
    for ((groups, plan), stages) in how.batches.iter().zip(how.stages) {
        if how.batches.len() > 1 {
            let numbers: Vec<_> = groups.clone().map(|group| (group + 1).to_string()).collect();
            lines.push(format!("run of groups {}:", numbers.join(", ")));
        }
        lines.push(format!("threads: {}", schedule(plan)));
        lines.push(format!("states: {}", plan.reason));
        for stage in stages {
            let read = stage.bytes_read.map_or_else(String::new, |bytes| {
                format!(", {} read", mebibytes(usize::try_from(bytes).unwrap_or(usize::MAX)))
            });
            let peak = stage.peak_memory.map_or_else(String::new, |bytes| {
                format!(", {} at the peak until then", mebibytes(bytes))
            });
            lines.push(format!("{}: {:.2} s{read}{peak}", stage.pass, stage.time.as_secs_f64()));
        }
    }
    let planned = mebibytes(how.planned_bytes());
    let peak = peak_memory().map_or("unknown".to_owned(), mebibytes);
    lines.push(format!(
        "memory: {planned} planned, {peak} at the peak (the program itself included)"
    ));
    lines.push(format!("all: {:.2} s", how.seconds));
    lines
}

/// Who was analysed, a line for each group.
pub(crate) fn kept(report: &Report) -> Vec<String> {
    let why = |dropped, why| if dropped { why } else { "" };
    let line = |group: &GroupReport| {
        let (kept, listed) = (group.individuals, report.listed.individuals);
        let (used, all) = (group.variants, report.listed.variants);
        let names: Vec<_> = group.traits.iter().map(|of| of.name.as_str()).collect();
        let about = if report.groups.len() > 1 { names.join(", ") + ": " } else { String::new() };
        format!(
            "{about}{} of {} individuals{}, {} of {} variants{}",
            thousands(kept),
            thousands(listed),
            why(kept < listed, " (the log says why not the others)"),
            thousands(used),
            thousands(all),
            why(used < all as u64, " (the log says why not the others)")
        )
    };
    report.groups.iter().map(line).collect()
}

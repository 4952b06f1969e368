//! The studies: what the text files say, joined, after the genotypes were counted where that is asked
//! for.

use anyhow::{Context, Result};
use twoblade::core::StreamingEstimator;
use twoblade::genie::{self, AdditiveByEnvironment};
use twoblade::geno::{Among, Census, Cut, Tally};
use twoblade::haseman::{Additive, HasemanElston, HasemanError, Prevalence};
use twoblade::plink::{Annotation, Assembled, BedSource, Group, LdMafReport};
use twoblade::rhe::Options;
use twoblade::rhe_dom::AdditiveAndDominance;
use twoblade::runner::{RunError, Runner};

use crate::args::ProbeKind;
use crate::commands::rhe::args::{Args, Effects};
use crate::commands::rhe::chosen::Chosen;
use crate::commands::rhe::files::Files;
use crate::prevalence::of_traits;
use crate::quantity::{mebibytes, thousands, typed_memory};

/// A group of traits as one of the models that share a read.
pub(crate) type Model = Among<HasemanElston<Chosen>>;

/// What is analysed.
pub(crate) struct Inputs {
    pub(crate) files: Files,
    pub(crate) assembled: Assembled,
    /// What came of binning by LD score and frequency, where that was asked for.
    pub(crate) ld_maf: Option<LdMafReport>,
    /// What is counted before anything else, and all bytes that are held meanwhile.
    pub(crate) counted: Vec<(&'static str, usize)>,
}

impl Inputs {
    /// Reads the text files, counts genotypes where the options need it, and joins.
    ///
    /// For a plan nothing is counted: everybody has enough genotypes, and frequencies are spread over
    /// their classes, which takes as much memory as any.
    pub(crate) fn read(args: &Args, runner: &Runner<'_>) -> Result<Self> {
        let files = Files::read(args)?;
        fits(files.bytes() + files.reading_bytes(), "read", args)?;
        let mut counted = Vec::new();
        let mut dropped = Vec::new();
        if let Some(most) = args.individuals.mind {
            let (rows, bytes) = too_many_missing(&files, args, runner, most)?;
            dropped = rows;
            counted.push(("the missing genotypes of individuals (--mind)", bytes));
        }
        let mut assembled = files.builder(args, &dropped).assemble(args.estimation.blocks)?;
        let mut ld_maf = None;
        if files.scores.is_some() {
            let (annotation, report, bytes) = binned(&files, &assembled, args, runner)?;
            assembled = assembled.rebinned(&annotation)?;
            ld_maf = Some(report);
            counted.push(("the alleles of variants (--ld-maf-bins)", bytes));
        }
        let sketches = sketches(&files, &assembled, args);
        let assembled = assembled.for_sketches(sketches);
        Ok(Self { files, assembled, ld_maf, counted })
    }

    /// A model for each group, adjusted for covariates if there are any.
    pub(crate) fn models(&self, args: &Args, options: Options) -> Result<Vec<Model>> {
        let model = |group: &Group| {
            let rhe = self.model(group, args, options).with_context(|| {
                let names = group.study.traits.iter().map(|of| of.name.as_str());
                let names = names.collect::<Vec<_>>().join(", ");
                format!("{names} cannot be analysed; --pheno-name chooses among the traits")
            })?;
            let names: Vec<&str> = rhe.traits().collect();
            let individuals = thousands(group.study.individuals.len());
            let about = format!("{} ({individuals} individuals)", names.join(", "));
            Ok(Among::new(rhe, about, self.assembled.selection(group)))
        };
        self.assembled.groups.iter().map(model).collect()
    }

    fn model(
        &self,
        group: &Group,
        args: &Args,
        options: Options,
    ) -> Result<HasemanElston<Chosen>, HasemanError> {
        let bins = group.study.bins.clone();
        // The columns of the environments are the last ones.
        let own = self.files.environments.as_ref().map_or(0, |file| file.names().len());
        let (covariates, environments) = group.covariates.split_at(group.covariates.len() - own);
        let (features, covariates) = match &args.effects {
            Effects::Additive => {
                let name = if self.files.covariates.is_some() { "rhe-cov" } else { "rhe" };
                (Chosen::Additive(Additive::new(name, bins)), covariates)
            }
            Effects::Dominance => (Chosen::Dominance(AdditiveAndDominance::new(bins)?), covariates),
            Effects::Environments(asked) => {
                let features = AdditiveByEnvironment::new(bins, environments, asked.effects())?;
                let all = if asked.no_env_covariates { covariates } else { &group.covariates };
                (Chosen::Environments(features), all)
            }
        };
        HasemanElston::new(&group.study, features, covariates, options)
    }

    /// Refuses what takes more than there is before a run begins.
    pub(crate) fn fit_before(&self, models: &[Model], args: &Args) -> Result<()> {
        fits(self.bytes_before(models), "made into studies", args)
    }

    /// The most bytes that were held before the run: while files were read, genotypes counted and
    /// covariates decomposed, which takes three times what stays of them, of one group at a time.
    pub(crate) fn bytes_before(&self, models: &[Model]) -> usize {
        let counting = self.counted.iter().map(|&(_, bytes)| bytes).max().unwrap_or(0);
        let each = models.iter().map(|model| model.model().held_bytes());
        let decomposing = 2 * each.clone().max().unwrap_or(0) + each.sum::<usize>();
        counting
            .max(self.files.bytes() + self.files.reading_bytes())
            .max(self.bytes() + decomposing)
    }

    /// Bytes that stay for what the text files said. (The models count their own traits and bases of
    /// the covariates.)
    pub(crate) fn bytes(&self) -> usize {
        self.files.bytes() + bytes_of(&self.assembled)
    }
}

/// Sketches of an individual: one for each component of columns and probe.
fn sketches(files: &Files, assembled: &Assembled, args: &Args) -> usize {
    let bins = assembled.groups.first().map_or(0, |group| group.study.bins.count());
    let environments = files.environments.as_ref().map_or(0, |file| file.names().len());
    let sets = match &args.effects {
        Effects::Additive => 1,
        Effects::Dominance => 2,
        Effects::Environments(asked) if asked.effects() == genie::Effects::G => 1,
        Effects::Environments(_) => 1 + environments,
    };
    let probes = match args.estimation.probe_kind {
        ProbeKind::Basis => assembled.individuals.len(),
        ProbeKind::Rademacher | ProbeKind::Gaussian => args.estimation.probes,
    };
    bins * sets * probes
}

/// The prevalence of each trait, group by group.
pub(crate) fn prevalences(args: &Args, models: &[Model]) -> Result<Vec<Vec<Option<Prevalence>>>> {
    let of = |model: &Model| {
        let names = model.model().traits().map(str::to_owned);
        names.zip(model.model().cases()).collect::<Vec<_>>()
    };
    let traits: Vec<_> = models.iter().flat_map(of).collect();
    let asked = &args.phenotypes;
    let all = of_traits(&asked.population_prevalence, &asked.sample_prevalence, &traits)?;
    let mut all = all.into_iter();
    let take = |model: &Model| all.by_ref().take(model.model().traits().count()).collect();
    Ok(models.iter().map(take).collect())
}

/// Refuses text files that take more than there is while something is done with them.
fn fits(bytes: usize, done: &str, args: &Args) -> Result<()> {
    let memory = args.running.machine.granted_memory();
    anyhow::ensure!(
        bytes <= memory.amount,
        "the text files take {} while they are {done}, more than {}; at least --memory {} is needed",
        mebibytes(bytes),
        memory.memory_words(),
        typed_memory(bytes)
    );
    Ok(())
}

/// The rows of the individuals with more than a share `most` of missing genotypes, and the bytes that
/// it takes to count these.
fn too_many_missing(
    files: &Files,
    args: &Args,
    runner: &Runner<'_>,
    most: f64,
) -> Result<(Vec<u32>, usize)> {
    let chosen = files.builder(args, &[]).chosen()?;
    let (subset, listed) = (&files.variants.subset, files.plink.fam().count());
    let cut = Cut::new(subset.kept(), listed, args.estimation.blocks.min(subset.kept()))?;
    let source = BedSource::over(&files.plink, &chosen, subset, cut)?;
    let census = Census {
        individuals: chosen.len(),
        variants: subset.kept(),
        by_individual: true,
        by_variant: false,
    };
    let (tally, bytes) = count(files.bytes(), args, runner, &census, &source)?;
    let Some(tally) = tally else { return Ok((Vec::new(), bytes)) };
    let limit = most * tally.variants as f64;
    let missing = chosen.iter().zip(&tally.missing_by_individual);
    let rows = missing.filter(|(_, n)| f64::from(**n) > limit).map(|(&row, _)| row);
    Ok((rows.collect(), bytes))
}

/// Bins by frequency among those that are analysed, and by LD score; and the bytes that it takes to
/// count alleles.
fn binned(
    files: &Files,
    assembled: &Assembled,
    args: &Args,
    runner: &Runner<'_>,
) -> Result<(Annotation, LdMafReport, usize)> {
    let scores = files.scores.as_ref().context("LD scores are needed")?;
    let (bins, subset) = (args.bins.ld_maf(), &assembled.variants);
    let source = BedSource::of(&files.plink, assembled)?;
    let census = Census {
        individuals: assembled.individuals.len(),
        variants: subset.kept(),
        by_individual: false,
        by_variant: true,
    };
    let held = files.bytes() + bytes_of(assembled);
    let (tally, bytes) = count(held, args, runner, &census, &source)?;
    let (annotation, report) = if let Some(tally) = tally {
        bins.annotation(scores, |listed| tally.minor_frequency(subset.number(listed)?))?
    } else {
        let classes = bins.maf_edges.len() + 1;
        let spread = |variant: usize| {
            let class = variant % classes;
            let low = class.checked_sub(1).map_or(0.0, |edge| bins.maf_edges[edge]);
            let high = bins.maf_edges.get(class).copied().unwrap_or(0.5);
            Some(low.midpoint(high))
        };
        bins.annotation(scores, spread)?
    };
    Ok((annotation, report, bytes))
}

/// Counts, unless a plan is all that is asked for; and the bytes that are held meanwhile, `held` of
/// them already.
fn count(
    held: usize,
    args: &Args,
    runner: &Runner<'_>,
    census: &Census,
    source: &BedSource,
) -> Result<(Option<Tally>, usize)> {
    let runner = runner.clone().memory(args.running.machine.memory().saturating_sub(held));
    let plan = runner.plan_one_pass(census, source).map_err(|error| match error {
        RunError::Budget { needed, .. } => anyhow::anyhow!(
            "the read that counts genotypes takes {}, more than {}; what would fit: --memory {}",
            mebibytes(needed + held),
            args.running.machine.granted_memory().memory_words(),
            typed_memory(needed + held)
        ),
        other => other.into(),
    })?;
    let bytes = plan.memory.total() + held;
    if args.running.plan {
        return Ok((None, bytes));
    }
    Ok((Some(runner.run(census, source)?.estimate), bytes))
}

/// Bytes that models hold between their runs, where they take several: what one run's own model holds
/// is in its plan once more.
pub(crate) fn held(models: &[Model]) -> usize {
    let each = models.iter().map(|model| model.model().held_bytes());
    if models.len() > 1 { each.sum() } else { 0 }
}

/// Bytes that the studies hold.
fn bytes_of(assembled: &Assembled) -> usize {
    let of = |group: &Group| {
        let columns = group.study.traits.len() + group.covariates.len();
        group.study.individuals.len() * (4 + 8 * columns)
    };
    let groups: usize = assembled.groups.iter().map(of).sum();
    let bins = assembled.groups.first().map_or(0, |group| group.study.bins.bytes());
    groups + bins + 4 * assembled.individuals.len()
}

/// The name of the models.
pub(crate) fn name(models: &[Model]) -> String {
    models.first().map_or_else(String::new, |model| model.name().into_owned())
}

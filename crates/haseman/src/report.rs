//! What people read: every number with its standard errors.

use serde::{Deserialize, Serialize};
use twoblade_core::Jackknife;

use crate::estimate::Estimate;
use crate::features::{Drops, Features};
use crate::liability::{Prevalence, liability_scale};
use crate::model::HasemanElston;
use crate::notes;
use crate::number::{Measures, Number};
use crate::options::MissingGenotype;
use crate::state::State;

/// The variance of one component of one trait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// The name of its bin.
    pub name: String,
    /// Variants in it that are used.
    pub variants: u64,
    /// sigma_k, in the square of the unit of the trait.
    pub variance: Number,
    /// sigma_k / sum of all sigma.
    pub h2: Number,
    /// What the variants of the bin explain together with what they have from other bins that hold
    /// them ([`Estimate::h2_with_overlap`]); none where no bins overlap, for it is h2 then.
    pub h2_with_overlap: Option<Number>,
    /// sigma_k tr(V K_k) / sum of these.
    pub h2_by_trace: Number,
    /// (h2_k / h2) / (M_k / M), with h2_k as it is with overlap.
    pub enrichment: Number,
}

/// One trait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraitReport {
    /// Its name.
    pub name: String,
    /// Individuals that it was analysed in.
    pub individuals: usize,
    /// The share of cases, if it has two values: of the larger one.
    pub cases: Option<f64>,
    /// Its genetic components.
    pub components: Vec<Component>,
    /// The variance of the residual.
    pub residual: Number,
    /// The sum of the h2 of the components.
    pub h2: Number,
    /// The sum of their h2 by trace.
    pub h2_by_trace: Number,
    /// h2 on the scale of liability, if a prevalence was given.
    pub liability: Option<Liability>,
}

/// h2 on the scale of liability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Liability {
    /// The share of cases in the population.
    pub population_prevalence: f64,
    /// The share of cases among the individuals.
    pub sample_prevalence: f64,
    /// h2 on this scale.
    pub h2: Number,
}

/// What two traits share in one component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// The name of the bin.
    pub name: String,
    /// The covariance, in the product of the units of the traits.
    pub covariance: Number,
    /// Over the roots of the two variances; none if one of these is negative, with everything or
    /// without some block or probe.
    pub correlation: Option<Number>,
}

/// What two traits of a group share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// The names of the traits.
    pub traits: [String; 2],
    /// In each component.
    pub components: Vec<Shared>,
    /// In all components together: the genetic correlation.
    pub genetic: Shared,
    /// In the residual.
    pub residual: Shared,
}

/// What was dropped and imputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Variants in a bin with more missing genotypes than the filter allows: dropped.
    pub variants_missing: u64,
    /// Variants in a bin that do not vary among the individuals: dropped.
    pub variants_monomorphic: u64,
    /// Variants in a bin whose rarer allele is rarer than the filter allows: dropped.
    pub variants_rare: u64,
    /// Variants in no bin: not used.
    pub variants_without_bin: u64,
    /// Missing genotypes of the variants that are used.
    pub genotypes_missing: u64,
}

/// What was projected off phenotypes and probes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covariates {
    /// rank W: the intercept, if there is one, and those that are used.
    pub rank: usize,
    /// Whether there is an intercept.
    pub intercept: bool,
    /// The covariates that are used.
    pub used: Vec<String>,
    /// Those that the others already explain.
    pub dropped: Vec<String>,
}

/// The traits that were analysed in one set of individuals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupReport {
    /// Individuals.
    pub individuals: usize,
    /// Variants in bins that are used.
    pub variants: u64,
    /// Probes.
    pub probes: usize,
    /// What was dropped and imputed.
    pub counts: Counts,
    /// What was projected off.
    pub covariates: Covariates,
    /// Largest eigenvalue of the moment equations over their smallest.
    pub condition: f64,
    /// One for each trait.
    pub traits: Vec<TraitReport>,
    /// One for each pair of these traits, if they were asked for.
    pub correlations: Vec<Correlation>,
    /// What is odd about this result, in words.
    pub notes: Vec<String>,
}

/// What the genotype files list, and what of it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Individuals in the genotype files.
    pub individuals: usize,
    /// Variants in the genotype files.
    pub variants: usize,
    /// Those of them that were chosen by name and place: the blocks are cut over them.
    pub variants_chosen: usize,
}

/// The result of a Haseman-Elston model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this schema.
    pub schema: u32,
    /// The model's name.
    pub model: String,
    /// What the genotype files list.
    pub listed: Listed,
    /// Blocks of the jackknife.
    pub blocks: usize,
    /// The seed of what is random.
    pub seed: u64,
    /// What a missing genotype counts as.
    pub missing_genotype: MissingGenotype,
    /// One for each set of individuals.
    pub groups: Vec<GroupReport>,
    /// What is odd about the data, in words.
    pub notes: Vec<String>,
}

/// One run of a model: what a report is made of.
#[derive(Debug)]
pub struct Found<'a, F> {
    /// The model.
    pub model: &'a HasemanElston<F>,
    /// The state of everything.
    pub total: &'a State,
    /// Leaving out blocks.
    pub blocks: &'a Jackknife<Estimate>,
    /// Leaving out probes ([`HasemanElston::over_probes`]).
    pub probes: &'a Jackknife<Estimate>,
    /// For each trait how common it is, where that is known; an empty list will do where it is not.
    pub prevalences: &'a [Option<Prevalence>],
}

impl Report {
    /// Version of the schema.
    pub const SCHEMA: u32 = 2;

    /// The report of one model, or of several that differ in their individuals and traits alone, of
    /// which `model` is one.
    pub fn new<F: Features>(
        listed: Listed,
        blocks: usize,
        model: &HasemanElston<F>,
        groups: Vec<GroupReport>,
    ) -> Self {
        Self {
            schema: Self::SCHEMA,
            model: model.features().name().to_owned(),
            listed,
            blocks,
            seed: model.options().seed,
            missing_genotype: model.options().missing,
            groups,
            notes: Vec::new(),
        }
    }

    /// All traits, group by group.
    pub fn traits(&self) -> impl Iterator<Item = &TraitReport> {
        self.groups.iter().flat_map(|group| &group.traits)
    }
}

impl<F: Features> Found<'_, F> {
    /// The report of a run over `chosen` variants.
    pub fn report(&self, chosen: usize) -> GroupReport {
        let (model, total) = (self.model, self.total);
        let full = &self.blocks.full;
        let names: Vec<&str> = model.traits().collect();
        let traits: Vec<_> = (0..names.len()).map(|t| self.of_trait(t, names[t])).collect();
        let pairs = (0..names.len()).flat_map(|t| (t + 1..names.len()).map(move |u| (t, u)));
        let correlations: Vec<_> = pairs
            .filter(|_| model.options().correlations)
            .map(|(t, u)| self.correlation((t, u), [names[t], names[u]]))
            .collect();
        let Drops { missing, monomorphic, rare } = total.dropped;
        let looked_at = total.variants + missing + monomorphic + rare;
        let counts = Counts {
            variants_missing: missing,
            variants_monomorphic: monomorphic,
            variants_rare: rare,
            variants_without_bin: (chosen as u64).saturating_sub(looked_at),
            genotypes_missing: total.missing,
        };
        let projection = model.projection();
        let covariates = Covariates {
            rank: projection.rank(),
            intercept: projection.has_intercept(),
            used: projection.used().to_vec(),
            dropped: projection.dropped().to_vec(),
        };
        let mut notes = notes::of_covariates(&covariates);
        notes.extend(notes::of_traces(model.components(), full));
        notes.extend(traits.iter().flat_map(notes::of_trait));
        notes.extend(correlations.iter().filter_map(notes::of_correlation));
        GroupReport {
            individuals: model.individuals(),
            variants: total.variants,
            probes: model.probes(),
            counts,
            covariates,
            condition: full.condition,
            traits,
            correlations,
            notes,
        }
    }

    fn of_trait(&self, t: usize, name: &str) -> TraitReport {
        let measure = self.measures();
        let full = &self.blocks.full;
        let overlap = full.columns.iter().sum::<u64>() > full.variants;
        let component = |k: usize| Component {
            name: self.model.components()[k].clone(),
            variants: full.columns[k],
            variance: measure.number(0.0, |e| e.variance(t, k)),
            h2: measure.number(0.0, |e| e.h2(t, k)),
            h2_with_overlap: overlap.then(|| measure.number(0.0, |e| e.h2_with_overlap(t, k))),
            h2_by_trace: measure.number(0.0, |e| e.h2_by_trace(t, k)),
            enrichment: measure.number(1.0, |e| e.enrichment(t, k)),
        };
        let h2 = measure.number(0.0, |e| e.h2_total(t));
        let cases = self.model.cases().nth(t).flatten();
        let prevalence = self.prevalences.get(t).copied().flatten();
        TraitReport {
            name: name.to_owned(),
            individuals: self.model.individuals(),
            cases,
            components: (0..full.components()).map(component).collect(),
            residual: measure.number(0.0, |e| e.variance(t, e.components())),
            h2,
            h2_by_trace: measure.number(0.0, |e| e.h2_by_trace_total(t)),
            liability: prevalence.zip(cases).map(|(prevalence, counted)| {
                let population_prevalence = prevalence.population();
                let sample_prevalence = prevalence.sample_or(counted);
                let scale = liability_scale(population_prevalence, sample_prevalence);
                Liability { population_prevalence, sample_prevalence, h2: h2.times(scale) }
            }),
        }
    }

    fn correlation(&self, pair: (usize, usize), traits: [&str; 2]) -> Correlation {
        let measure = self.measures();
        let components = self.model.components();
        let of_component = |name: &str, k: usize| Shared {
            name: name.to_owned(),
            covariance: measure.number(0.0, |e| e.covariance(pair, k)),
            correlation: measure.defined(0.0, |e| e.correlation(pair, k)),
        };
        Correlation {
            traits: traits.map(str::to_owned),
            components: (0..components.len()).map(|k| of_component(&components[k], k)).collect(),
            genetic: Shared {
                name: "total".to_owned(),
                covariance: measure.number(0.0, |e| e.genetic_covariance(pair)),
                correlation: measure.defined(0.0, |e| e.genetic_correlation(pair)),
            },
            residual: of_component("residual", components.len()),
        }
    }

    fn measures(&self) -> Measures<'_> {
        Measures { blocks: self.blocks, probes: self.probes }
    }
}

//! What people read: every number with its standard errors.

use serde::{Deserialize, Serialize};

use crate::features::Features;
use crate::model::HasemanElston;
use crate::number::Number;
use crate::options::MissingGenotype;

/// The variance of one component of one trait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Its name: that of its bin, with the environment after it for an interaction.
    pub name: String,
    /// What kind of effects it stands for: `bin`, or where a model has several, such as `additive` and
    /// `dominance`, or `G`, `GxE` and `NxE`.
    pub kind: String,
    /// Its environment, if it has one.
    pub environment: Option<String>,
    /// Variants in it that are used; none for noise.
    pub variants: Option<u64>,
    /// sigma_k, in the square of the unit of the trait.
    pub variance: Number,
    /// sigma_k / sum of all sigma; or as `h2_by_trace`, where the model shares by trace.
    pub h2: Number,
    /// What the variants of the bin explain together with what they have from other bins that hold
    /// them ([`Estimate::h2_with_overlap`](crate::Estimate::h2_with_overlap)); none where no bins overlap, for it is h2 then.
    pub h2_with_overlap: Option<Number>,
    /// sigma_k tr(V K_k) / sum of these.
    pub h2_by_trace: Number,
    /// (h2_k / h2) / (M_k / M), with h2_k as it is with overlap, among the components times the same
    /// environment; none for noise.
    pub enrichment: Option<Number>,
}

/// The components of one kind together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// The kind, with the environment after it where there are several.
    pub name: String,
    /// The sum of their h2.
    pub h2: Number,
    /// The sum of their h2 by trace.
    pub h2_by_trace: Number,
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
    /// Its components, the residual not among them.
    pub components: Vec<Component>,
    /// What the components of each kind have together, where a model has several kinds.
    pub totals: Vec<Total>,
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
    /// In all components together that are times no environment: the genetic correlation.
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
    /// Variants with a column whose squares add up to more than 100 times the individuals, where a
    /// model has such columns.
    pub variants_long: u64,
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

impl Report {
    /// Version of the schema.
    pub const SCHEMA: u32 = 3;

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

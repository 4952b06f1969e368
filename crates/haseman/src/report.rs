//! What people read: every number with its standard errors.

use serde::{Deserialize, Serialize};
use twoblade_core::Jackknife;

use crate::estimate::Estimate;
use crate::features::{Drops, Features};
use crate::model::HasemanElston;
use crate::state::State;

/// tr(V K_k) / tr V may be off 1 by this much before the two kinds of h2 are told apart in a note.
const TRACE_TOLERANCE: f64 = 0.02;

/// A number, its standard error over blocks and its Monte-Carlo error over probes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// From everything.
    pub value: f64,
    /// Standard error, from leaving out blocks of variants.
    pub se: f64,
    /// Monte-Carlo standard error, from leaving out probes; 0 where nothing is random.
    pub mc_se: f64,
    /// (value - null) / se. The null is 0, and 1 for an enrichment; none where se is 0.
    pub z: Option<f64>,
    /// Two-sided p of z under the standard normal distribution.
    pub p: Option<f64>,
    /// Probes that would make the Monte-Carlo error a tenth of the standard error; none where
    /// nothing is random, or the standard error is 0.
    pub probes_for_a_tenth: Option<u64>,
}

/// The variance of one component of one trait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// The name of its bin.
    pub name: String,
    /// Polymorphic variants in it.
    pub variants: u64,
    /// sigma_k, in the square of the unit of the trait.
    pub variance: Number,
    /// sigma_k / sum of all sigma.
    pub h2: Number,
    /// sigma_k tr(V K_k) / sum of these.
    pub h2_by_trace: Number,
    /// (h2_k / h2) / (M_k / M).
    pub enrichment: Number,
}

/// One trait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraitReport {
    /// Its name.
    pub name: String,
    /// Individuals that it was analysed in.
    pub individuals: usize,
    /// Its genetic components.
    pub components: Vec<Component>,
    /// The variance of the residual.
    pub residual: Number,
    /// The sum of the h2 of the components.
    pub h2: Number,
    /// The sum of their h2 by trace.
    pub h2_by_trace: Number,
}

/// What was read, dropped and imputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Individuals in the genotype files.
    pub individuals_listed: usize,
    /// Variants in the genotype files.
    pub variants_listed: usize,
    /// Variants in a bin with more missing genotypes than the filter allows: dropped.
    pub variants_missing: u64,
    /// Variants in a bin that do not vary among the individuals: dropped.
    pub variants_monomorphic: u64,
    /// Variants in a bin whose rarer allele is rarer than the filter allows: dropped.
    pub variants_rare: u64,
    /// Variants in no bin: not used.
    pub variants_without_bin: u64,
    /// Missing genotypes of the variants that are used: they count as the mean.
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

/// The result of a Haseman-Elston model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this schema.
    pub schema: u32,
    /// The model's name.
    pub model: String,
    /// Individuals that stay.
    pub individuals: usize,
    /// Polymorphic variants in bins.
    pub variants: u64,
    /// Blocks of the jackknife.
    pub blocks: usize,
    /// Probes.
    pub probes: usize,
    /// The seed of the probes.
    pub seed: u64,
    /// What was read, dropped and imputed.
    pub counts: Counts,
    /// What was projected off.
    pub covariates: Covariates,
    /// Largest eigenvalue of the moment equations over their smallest.
    pub condition: f64,
    /// One for each trait.
    pub traits: Vec<TraitReport>,
    /// What is odd about this result, in words.
    pub notes: Vec<String>,
}

impl Report {
    /// Version of the schema.
    pub const SCHEMA: u32 = 1;

    /// The report of a run over blocks, with the jackknife over probes beside it
    /// ([`over_probes`](HasemanElston::over_probes)).
    pub fn new<F: Features>(
        model: &HasemanElston<F>,
        listed: (usize, usize),
        total: &State,
        blocks: &Jackknife<Estimate>,
        probes: &Jackknife<Estimate>,
    ) -> Self {
        let measure = Measures { blocks, probes };
        let full = &blocks.full;
        let of_trait = |(t, name): (usize, &str)| TraitReport {
            name: name.to_owned(),
            individuals: model.individuals(),
            components: (0..full.components())
                .map(|k| Component {
                    name: model.components()[k].clone(),
                    variants: full.columns[k],
                    variance: measure.number(0.0, |e| e.variance(t, k)),
                    h2: measure.number(0.0, |e| e.h2(t, k)),
                    h2_by_trace: measure.number(0.0, |e| e.h2_by_trace(t, k)),
                    enrichment: measure.number(1.0, |e| e.enrichment(t, k)),
                })
                .collect(),
            residual: measure.number(0.0, |e| e.variance(t, e.components())),
            h2: measure.number(0.0, |e| e.h2_total(t)),
            h2_by_trace: measure.number(0.0, |e| e.h2_by_trace_total(t)),
        };
        let traits: Vec<_> = model.traits().enumerate().map(of_trait).collect();
        let used = total.columns.iter().sum::<u64>();
        let Drops { missing, monomorphic, rare } = total.dropped;
        let counts = Counts {
            individuals_listed: listed.0,
            variants_listed: listed.1,
            variants_missing: missing,
            variants_monomorphic: monomorphic,
            variants_rare: rare,
            variants_without_bin: (listed.1 as u64)
                .saturating_sub(used + missing + monomorphic + rare),
            genotypes_missing: total.missing,
        };
        let projection = model.projection();
        let covariates = Covariates {
            rank: projection.rank(),
            intercept: projection.has_intercept(),
            used: projection.used().to_vec(),
            dropped: projection.dropped().to_vec(),
        };
        let mut notes = covariate_note(&covariates);
        notes.extend(trace_notes(model.components(), full));
        notes.extend(traits.iter().filter_map(range_notes));
        Self {
            schema: Self::SCHEMA,
            model: model.features().name().to_owned(),
            individuals: model.individuals(),
            variants: used,
            blocks: blocks.replicates.len(),
            probes: model.probes(),
            seed: model.options().seed,
            counts,
            covariates,
            condition: full.condition,
            traits,
            notes,
        }
    }
}

/// The two jackknives of one run.
struct Measures<'a> {
    blocks: &'a Jackknife<Estimate>,
    probes: &'a Jackknife<Estimate>,
}

impl Measures<'_> {
    fn number(&self, null: f64, f: impl Fn(&Estimate) -> f64) -> Number {
        let measure = self.blocks.measure(&f);
        let count = self.probes.replicates.len();
        let mc_se = if count == 0 { 0.0 } else { self.probes.measure(&f).se };
        let z = Some(measure.z(null)).filter(|z| z.is_finite());
        let p = z.map(|z| libm::erfc(z.abs() / std::f64::consts::SQRT_2));
        let wanted = (count as f64 * (10.0 * mc_se / measure.se).powi(2)).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and a number of probes beyond 2^64 may saturate"
        )]
        let probes_for_a_tenth =
            (count > 0 && wanted.is_finite()).then_some((wanted as u64).max(2));
        Number { value: measure.value, se: measure.se, mc_se, z, p, probes_for_a_tenth }
    }
}

/// Covariates that add nothing.
fn covariate_note(covariates: &Covariates) -> Vec<String> {
    if covariates.dropped.is_empty() {
        return Vec::new();
    }
    let dropped = covariates.dropped.join(", ");
    let others = if covariates.intercept { "the intercept and the others" } else { "the others" };
    vec![format!("covariates left out because {others} already explain them: {dropped}")]
}

/// Components whose K_k is not of unit scale among these individuals.
fn trace_notes(names: &[String], full: &Estimate) -> Vec<String> {
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
    names.iter().enumerate().filter_map(note).collect()
}

/// Estimates outside the range of a share stand as they are, and are named.
fn range_notes(of: &TraitReport) -> Option<String> {
    let h2 = of.h2.value;
    (!(0.0..=1.0).contains(&h2))
        .then(|| format!("h2 of {} is {h2:.3}, outside 0 to 1: it is reported as it is", of.name))
}

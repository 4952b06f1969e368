//! From a run to a report.

use twoblade_core::Jackknife;

use crate::environment::Environment;
use crate::estimate::Estimate;
use crate::features::{Drops, Features};
use crate::liability::{Prevalence, liability_scale};
use crate::model::HasemanElston;
use crate::notes;
use crate::number::Measures;
use crate::report::{
    Component, Correlation, Counts, Covariates, GroupReport, Liability, Shared, Total, TraitReport,
};
use crate::state::State;

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
            variants_long: total.long_variants().count() as u64,
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
        notes.extend(notes::of_long(counts.variants_long));
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
        let sets = full.layout.sets;
        let overlap = full.columns[..sets].iter().sum::<u64>() > full.distinct;
        let component = |k: usize| Component {
            name: self.model.components()[k].clone(),
            kind: self.model.kind(k),
            environment: self.model.environment(k).map(str::to_owned),
            variants: Some(full.columns[k]).filter(|_| k < full.layout.of_columns()),
            variance: measure.number(0.0, |e| e.variance(t, k)),
            h2: measure.number(0.0, |e| e.h2(t, k)),
            h2_with_overlap: overlap.then(|| measure.number(0.0, |e| e.h2_with_overlap(t, k))),
            h2_by_trace: measure.number(0.0, |e| e.h2_by_trace(t, k)),
            enrichment: (k < full.layout.of_columns())
                .then(|| measure.number(1.0, |e| e.enrichment(t, k))),
        };
        let h2 = measure.number(0.0, |e| e.h2_total(t));
        // On the scale of liability stands what is of genotypes alone.
        let of_genotypes = measure.number(0.0, |e| e.h2_of(t, 0..sets));
        let cases = self.model.cases().nth(t).flatten();
        let prevalence = self.prevalences.get(t).copied().flatten();
        TraitReport {
            name: name.to_owned(),
            individuals: self.model.individuals(),
            cases,
            components: (0..full.components()).map(component).collect(),
            totals: self.totals(t),
            residual: measure.number(0.0, |e| e.variance(t, e.components())),
            h2,
            h2_by_trace: measure.number(0.0, |e| e.h2_by_trace_total(t)),
            liability: prevalence.zip(cases).map(|(prevalence, counted)| {
                let population_prevalence = prevalence.population();
                let sample_prevalence = prevalence.sample_or(counted);
                let scale = liability_scale(population_prevalence, sample_prevalence);
                let h2 = of_genotypes.times(scale);
                Liability { population_prevalence, sample_prevalence, h2 }
            }),
        }
    }

    /// The sums over components of each kind, where there are several; and of each environment, where
    /// there are several of these.
    fn totals(&self, t: usize) -> Vec<Total> {
        let (measure, model) = (self.measures(), self.model);
        let kinds: Vec<String> = (0..model.components().len()).map(|k| model.kind(k)).collect();
        let total = |name: String, of: &[usize]| Total {
            name,
            h2: measure.number(0.0, |e| e.h2_of(t, of.iter().copied())),
            h2_by_trace: measure.number(0.0, |e| e.h2_by_trace_of(t, of.iter().copied())),
        };
        let mut totals = Vec::new();
        for (place, kind) in kinds.iter().enumerate() {
            if kinds[..place].contains(kind) {
                continue;
            }
            let of: Vec<usize> = (0..kinds.len()).filter(|&k| kinds[k] == *kind).collect();
            totals.push(total(kind.clone(), &of));
            let environments = model.features().interactions().environments();
            let each =
                environments.iter().map(Environment::name).filter(|_| environments.len() > 1);
            for environment in each {
                let with = |k: &usize| model.environment(*k) == Some(environment);
                let of: Vec<usize> = of.iter().copied().filter(with).collect();
                if !of.is_empty() {
                    totals.push(total(format!("{kind}*{environment}"), &of));
                }
            }
        }
        if totals.len() > 1 { totals } else { Vec::new() }
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

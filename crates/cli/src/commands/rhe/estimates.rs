//! The runs themselves, a read for each batch of groups.

use std::ops::Range;

use anyhow::Result;
use twoblade::core::Jackknife;
use twoblade::haseman::{Estimate, Found, GroupReport};
use twoblade::runner::{Jackknifed, Plan, Runner, Stage};

use crate::commands::rhe::inputs::Model;
use crate::commands::rhe::prepared::Prepared;
use crate::commands::rhe::saving::Saving;

/// Variants with long columns that are named.
const NAMED: usize = 20;

/// What was found, group by group.
pub(crate) struct Estimates {
    pub(crate) groups: Vec<GroupReport>,
    /// Over blocks.
    pub(crate) jackknives: Vec<Jackknife<Estimate>>,
    /// The first variants of the study with long columns, group by group.
    pub(crate) long: Vec<Vec<usize>>,
    /// Of each batch.
    pub(crate) stages: Vec<Vec<Stage>>,
}

impl Estimates {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { groups: Vec::new(), jackknives: Vec::new(), long: Vec::new(), stages: Vec::new() }
    }

    /// Runs one batch after the other; the sums and probes of one are gone before the next begins.
    pub(crate) fn make(
        runner: &Runner<'_>,
        prepared: &mut Prepared<'_>,
        batches: &[(Range<usize>, Plan)],
        saving: &Saving,
    ) -> Result<Self> {
        let mut all = Self::new();
        for (number, (batch, _)) in batches.iter().enumerate() {
            let models = &prepared.models[batch.clone()];
            let runner = saving.of_batch(runner, number);
            let done = runner.jackknife(&models, &prepared.source)?;
            all.add(prepared, batch.clone(), &done)?;
            all.stages.push(done.stages);
            for model in &mut prepared.models[batch.clone()] {
                model.model_mut().release();
            }
        }
        Ok(all)
    }

    /// Adds what was found in some groups.
    pub(crate) fn add(
        &mut self,
        prepared: &Prepared<'_>,
        batch: Range<usize>,
        done: &Jackknifed<&[Model]>,
    ) -> Result<()> {
        let variants = prepared.inputs.assembled.variants.kept();
        for (place, group) in batch.enumerate() {
            let (model, total) = (prepared.models[group].model(), &done.total[place]);
            let blocks = done.jackknife.map(|estimates| estimates[place].clone());
            let probes = model.over_probes(total)?;
            let prevalences = &prepared.prevalences[group];
            let found = Found { model, total, blocks: &blocks, probes: &probes, prevalences };
            self.groups.push(found.report(variants));
            self.jackknives.push(blocks);
            self.long.push(model.long_variants(total).take(NAMED).collect());
        }
        Ok(())
    }
}

//! The runs themselves, a read for each batch of groups.

use std::ops::Range;

use anyhow::Result;
use twoblade::core::Jackknife;
use twoblade::haseman::{Estimate, Found, GroupReport, Prevalence};
use twoblade::plink::BedSource;
use twoblade::runner::{Plan, Runner, Stage};

use crate::commands::rhe::inputs::Model;

/// What was found, group by group.
pub(crate) struct Estimates {
    pub(crate) groups: Vec<GroupReport>,
    /// Over blocks.
    pub(crate) jackknives: Vec<Jackknife<Estimate>>,
    /// Of each batch.
    pub(crate) stages: Vec<Vec<Stage>>,
}

impl Estimates {
    /// Runs one batch after the other; the sums and probes of one are gone before the next begins.
    pub(crate) fn make(
        runner: &Runner<'_>,
        source: &BedSource,
        (models, batches): (&mut [Model], &[(Range<usize>, Plan)]),
        prevalences: &[Vec<Option<Prevalence>>],
        variants: usize,
    ) -> Result<Self> {
        let mut all = Self { groups: Vec::new(), jackknives: Vec::new(), stages: Vec::new() };
        for (batch, _) in batches {
            let models = &mut models[batch.clone()];
            let done = runner.jackknife(&&*models, source)?;
            for (place, model) in models.iter().enumerate() {
                let (model, total) = (model.model(), &done.total[place]);
                let blocks = done.jackknife.map(|estimates| estimates[place].clone());
                let probes = model.over_probes(total)?;
                let found = Found {
                    model,
                    total,
                    blocks: &blocks,
                    probes: &probes,
                    prevalences: &prevalences[batch.start + place],
                };
                all.groups.push(found.report(variants));
                all.jackknives.push(blocks);
            }
            all.stages.push(done.stages);
            for model in models {
                model.model_mut().release();
            }
        }
        Ok(all)
    }
}

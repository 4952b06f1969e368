//! Everything that a run needs, before any genotype is read for it.

use std::ops::Range;

use anyhow::Result;
use twoblade::haseman::Prevalence;
use twoblade::plink::BedSource;
use twoblade::runner::{Identity, Plan, RunError, Runner};

use crate::commands::rhe::args::Args;
use crate::commands::rhe::inputs::{Inputs, Model, held, prevalences};
use crate::commands::rhe::plan::what_would_fit;

/// Studies, models and the source of a run.
pub(crate) struct Prepared<'a> {
    pub(crate) args: &'a Args,
    pub(crate) inputs: Inputs,
    pub(crate) models: Vec<Model>,
    pub(crate) prevalences: Vec<Vec<Option<Prevalence>>>,
    pub(crate) source: BedSource,
    /// Bytes that stay for the text files, and for what models of several runs hold between them.
    pub(crate) held: usize,
}

impl<'a> Prepared<'a> {
    /// Reads the text files, and genotypes where they are to be counted first.
    pub(crate) fn new(args: &'a Args, runner: &Runner<'_>) -> Result<Self> {
        let inputs = Inputs::read(args, runner)?;
        let models = inputs.models(args, args.options())?;
        inputs.fit_before(&models, args)?;
        let prevalences = prevalences(args, &models)?;
        let source = BedSource::of(&inputs.files.plink, &inputs.assembled)?;
        let held = inputs.bytes() + held(&models);
        Ok(Self { args, inputs, models, prevalences, source, held })
    }

    /// The runner with the memory that is left for it.
    pub(crate) fn within<'r>(&self, runner: &Runner<'r>) -> Runner<'r> {
        runner.clone().memory(self.args.running.machine.memory().saturating_sub(self.held))
    }

    /// Which groups of traits share a read, and the plan of each.
    pub(crate) fn batches(&self, runner: &Runner<'_>) -> Result<Vec<(Range<usize>, Plan)>> {
        let batches = runner.batches(&self.models, &self.source);
        batches.map_err(|error| self.what_would_fit(error, runner))
    }

    /// Says what would fit, where a budget was too small.
    pub(crate) fn what_would_fit(&self, error: RunError, runner: &Runner<'_>) -> anyhow::Error {
        what_would_fit(error, self.args, (&self.inputs, &self.models), runner, &self.source)
    }

    /// What makes another run the same: that of all groups in one read.
    pub(crate) fn identity(&self) -> Result<Identity> {
        let models: &[Model] = &self.models;
        Identity::of(&models, &self.source).map_err(anyhow::Error::from_boxed)
    }
}

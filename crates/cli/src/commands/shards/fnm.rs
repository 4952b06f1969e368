//! The command `fnm`, from a plan.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use twoblade::connectome::ConnectomeSource;
use twoblade::core::BlockSource;
use twoblade::fnm::Fnm;
use twoblade::runner::{Cover, Identity, Part, Pass, RunError, Runner};

use crate::commands::fnm::{Args, Input, Inputs, Mapping, ensure_mapped, left, model, say_inputs};
use crate::commands::shards::args::FinishArgs;
use crate::commands::shards::options::Planned;
use crate::interrupt;
use crate::quantity::typed_memory;

/// Everything that a part needs, before any series is read.
struct Prepared<'a> {
    planned: Planned<'a>,
    args: Args,
    resolved: String,
    inputs: Inputs,
    source: ConnectomeSource,
}

impl<'a> Prepared<'a> {
    fn new(planned: Planned<'a>) -> Result<Self> {
        let (args, resolved) = planned.fnm()?;
        let inputs = Inputs::read(&args)?;
        let source = ConnectomeSource::new(&inputs.connectome, args.block_subjects)?;
        Ok(Self { planned, args, resolved, inputs, source })
    }

    /// The lesions of the plan.
    fn lesions(&self) -> Result<Vec<&Input>> {
        let file = self.planned.file.display();
        let find = |name: &String| {
            let found = self.inputs.lesions.iter().find(|input| input.lesion.name == *name);
            found.with_context(|| format!("the lesion {name} of {file} is not there any more"))
        };
        self.planned.plan.lesions.iter().map(find).collect()
    }

    /// The model of the plan, if it is still the plan's.
    fn model(&self) -> Result<Fnm> {
        let model = model(&self.args, &self.inputs, &self.lesions()?)?;
        let identity = Identity::of(&model, &self.source).map_err(anyhow::Error::from_boxed)?;
        self.planned.plan.expect(self.planned.file, &identity)?;
        Ok(model)
    }

    fn within<'r>(&self, runner: &Runner<'r>) -> Runner<'r> {
        runner.clone().memory(self.args.machine.memory().saturating_sub(self.inputs.bytes()))
    }

    fn what_would_fit(&self, error: RunError) -> anyhow::Error {
        let RunError::Budget { needed, .. } = error else { return error.into() };
        let fits = typed_memory(needed + self.inputs.bytes());
        anyhow::Error::from(error).context(format!("what would fit: --memory {fits}"))
    }
}

/// Pass one over some blocks.
pub(super) fn pass_one(
    planned: Planned<'_>,
    runner: &Runner<'_>,
    blocks: &Cover,
) -> Result<Part<<Fnm as twoblade::core::StreamingEstimator>::State>> {
    let prepared = Prepared::new(planned)?;
    let model = prepared.model()?;
    let part = prepared.within(runner).pass_one(&model, &prepared.source, blocks);
    part.map_err(|error| prepared.what_would_fit(error))
}

/// Whether data and options are the plan's.
pub(super) fn verify(planned: Planned<'_>) -> Result<()> {
    Prepared::new(planned)?.model().map(|_| ())
}

/// Maps of the lesions of a plan, from the state of all blocks.
pub(super) fn finish(planned: Planned<'_>, args: &FinishArgs) -> Result<()> {
    if !args.estimates.is_empty() {
        bail!("fnm has one pass: finish PLAN TOTAL --out FOLDER");
    }
    let started = Instant::now();
    let prepared = Prepared::new(planned)?;
    let (model, lesions) = (prepared.model()?, prepared.lesions()?);
    say_inputs(&prepared.args, &prepared.inputs);
    let cancel = interrupt::token();
    let runner = prepared.within(&Runner::new());
    let plan = runner
        .plan_one_pass(&model, &prepared.source)
        .map_err(|error| prepared.what_would_fit(error))?;
    let data = ConnectomeSource::new(&prepared.inputs.connectome, 1)?.fingerprint();
    let left = left(&prepared.args, (&prepared.inputs, &lesions), &data, "another --out makes");
    let of = (&prepared.inputs, lesions.clone());
    let mut mapping = Mapping::new(&prepared.args, of, (data, started), &args.out, &cancel)?;
    if !left.is_empty() {
        let total = Part::load_of(&args.total, &planned.plan.identity, Pass::One)?;
        let total = (total, args.total.as_path());
        let done = runner.finish_one_pass(&model, &prepared.source, total)?;
        let of_left = (&model, &done.total);
        let is_left = |input: &Input| left.iter().any(|of| of.lesion.name == input.lesion.name);
        mapping.group(&lesions, of_left, (&plan, done.stages), is_left, left.len())?;
    }
    ensure_mapped(mapping.conclude(&prepared.resolved)?)
}

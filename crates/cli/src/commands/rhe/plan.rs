//! What a run will do, in words; and what would fit where it does not.

use twoblade::plink::BedSource;
use twoblade::rhe::Rhe;
use twoblade::runner::{Plan, RunError, Runner, Schedule};

use crate::commands::rhe::args::{Args, ProbeKind};
use crate::commands::rhe::inputs::Inputs;
use crate::quantity::{mebibytes, thousands};

/// What `--plan` prints, and the log repeats.
pub(crate) fn plan_lines(args: &Args, inputs: &Inputs, model: &Rhe, plan: &Plan) -> Vec<String> {
    let (study, joined) = (&inputs.study, &inputs.joined);
    let mut lines = vec![format!("plan for {}", plan.model)];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<12} {text}"));
    line(
        "individuals",
        format!("{} of {} listed", thousands(joined.kept), thousands(joined.listed)),
    );
    if joined.covariates.is_some() {
        let projection = model.projection();
        let used = projection.used().join(", ");
        line(
            "covariates",
            format!("{used} (rank {} with the intercept, if any)", projection.rank()),
        );
    }
    line("traits", model.traits().collect::<Vec<_>>().join(", "));
    line(
        "variants",
        format!(
            "{} listed, in {} bins, {} blocks and {} chunks of at most {}",
            thousands(study.cut.variants()),
            study.bins.count(),
            plan.blocks,
            thousands(plan.chunks),
            thousands(study.cut.largest_chunk())
        ),
    );
    line("probes", thousands(model.probes()));
    let stride = twoblade::geno::stride(study.listed);
    let bytes = mebibytes(stride * study.cut.variants());
    let bed = inputs.plink.file().display();
    line("reads", format!("{bed} ({bytes}), {} x", plan.reads));
    line("states", plan.reason.to_owned());
    line("threads", schedule(plan));
    let files = inputs.bytes();
    let memory = &plan.memory;
    line("memory", format!("{} of {}", mebibytes(memory.total() + files), mebibytes(args.memory)));
    for (bytes, what) in [
        (memory.states, "states"),
        (memory.shared, "probes, traits and bins"),
        (memory.chunks, "packed genotypes"),
        (memory.scratch, "scratch of threads"),
        (files, "what the text files said"),
    ] {
        line("", format!("{:>10}  {what}", mebibytes(bytes)));
    }
    lines
}

/// Says how many probes, or how much memory, would fit.
pub(crate) fn what_would_fit(
    error: RunError,
    args: &Args,
    inputs: &Inputs,
    runner: &Runner<'_>,
    source: &BedSource,
) -> anyhow::Error {
    let RunError::Budget { needed, .. } = error else { return error.into() };
    let fits = |probes: usize| {
        let args = Args { probes, ..args.clone() };
        let model = inputs.model(args.options());
        model.is_ok_and(|model| runner.plan(&model, source).is_ok())
    };
    // The largest number of probes below those asked for, by halving.
    let (mut fit, mut too_many) = (1, args.probes);
    while too_many - fit > 1 {
        let middle = fit.midpoint(too_many);
        if fits(middle) { fit = middle } else { too_many = middle }
    }
    // Written so that it can be copied.
    let memory = format!("{}M", (needed + inputs.bytes()).div_ceil(1 << 20));
    let probes = if fit >= 2 && args.probe_kind != ProbeKind::Basis {
        format!(", or --probes {fit}")
    } else {
        String::new()
    };
    let (given, files) = (mebibytes(args.memory), mebibytes(inputs.bytes()));
    anyhow::Error::from(error).context(format!(
        "--memory {given} is too small, {files} of it for what the text files said; what would fit: \
         --memory {memory}{probes}"
    ))
}

/// How threads are used, in words.
pub(crate) fn schedule(plan: &Plan) -> String {
    match plan.schedule {
        Schedule::OneBlock(threads) => {
            format!("one block at a time, {threads} threads in it, {} readers", plan.readers)
        }
        Schedule::SeveralBlocks(blocks) => {
            format!("{blocks} blocks at once, a thread each, {} readers", plan.readers)
        }
    }
}

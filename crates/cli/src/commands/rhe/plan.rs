//! What a run will do, in words; and what would fit where it does not.

use std::ops::Range;

use twoblade::core::{BlockSource, Footprint, StreamingEstimator};
use twoblade::plink::BedSource;
use twoblade::runner::{Plan, RunError, Runner};

use crate::args::{EstimationArgs, ProbeKind};
use crate::commands::rhe::args::Args;
use crate::commands::rhe::inputs::{Inputs, Model, held, name};
use crate::commands::rhe::words::{projected_off, schedule};
use crate::quantity::{mebibytes, thousands, typed_memory};

/// Fewer probes tell no error.
const FEWEST_PROBES: usize = 2;

/// What `--plan` prints.
pub(crate) fn plan_lines(
    args: &Args,
    inputs: &Inputs,
    models: &[Model],
    batches: &[(Range<usize>, Plan)],
) -> Vec<String> {
    let (assembled, joined) = (&inputs.assembled, &inputs.assembled.joined);
    let mut lines = vec![format!("plan for {}", name(models))];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<12} {text}"));
    line(
        "individuals",
        format!("{} of {} listed", thousands(joined.kept), thousands(joined.listed)),
    );
    let bins = assembled.groups.first().map_or(0, |group| group.study.bins.count());
    line(
        "variants",
        format!(
            "{} of {} listed; bins: {bins}, blocks: {}, chunks: {} of at most {}",
            thousands(assembled.variants.kept()),
            thousands(assembled.variants.listed()),
            assembled.cut.blocks().count(),
            thousands(assembled.cut.chunks()),
            thousands(assembled.cut.largest_chunk())
        ),
    );
    for (number, model) in (1..).zip(models) {
        let what = if models.len() == 1 { "traits".to_owned() } else { format!("group {number}") };
        line(&what, model.about().to_owned());
        let projection = model.model().projection();
        if inputs.files.covariates.is_some() || inputs.files.environments.is_some() {
            let (used, rank) = (projection.used(), projection.rank());
            line("", projected_off(used, rank, projection.has_intercept()));
        }
    }
    if let Some(file) = &inputs.files.environments {
        line("environments", file.names().join(", "));
    }
    line("probes", thousands(models.iter().map(|model| model.model().probes()).max().unwrap_or(0)));
    line("granted", args.running.machine.words());
    for (what, bytes) in &inputs.counted {
        line("first", format!("a read counts {what}, within {}", mebibytes(*bytes)));
    }
    let plink = &inputs.files.plink;
    let stride = twoblade::geno::stride(plink.fam().count());
    let bytes = mebibytes(stride * assembled.variants.kept());
    let bed = plink.file().display();
    let (files, held) = (inputs.bytes(), held(models));
    for (groups, plan) in batches {
        if batches.len() > 1 {
            let numbers: Vec<_> = groups.clone().map(|group| (group + 1).to_string()).collect();
            line("then", format!("groups {}", numbers.join(", ")));
        }
        line("reads", format!("{bed} ({bytes}), {} x", plan.reads));
        line("states", plan.reason.to_owned());
        line("threads", schedule(plan));
        let memory = &plan.memory;
        let before = inputs.bytes_before(models);
        let all = mebibytes((memory.total() + files + held).max(before));
        line("memory", format!("{all} of {}", mebibytes(args.running.machine.memory())));
        let remembered = match plan.reads {
            1 => "kept of all blocks",
            _ => "remembered from the first read to the second",
        };
        let remembered = Some((memory.remembered, remembered)).filter(|(bytes, _)| *bytes > 0);
        let planned = [
            (memory.states, "states"),
            (memory.shared, "probes, traits and bins"),
            (memory.chunks, "packed genotypes"),
            (memory.scratch, "scratch of threads"),
        ];
        let beside = [
            (files, "what the text files said"),
            (held, "traits and covariates of all groups"),
            (before, "before all that, while files are read and genotypes counted"),
        ];
        for (bytes, what) in planned.into_iter().chain(remembered).chain(beside) {
            line("", format!("{:>10}  {what}", mebibytes(bytes)));
        }
    }
    lines
}

/// Says how many probes, or how much memory, would fit.
pub(crate) fn what_would_fit(
    error: RunError,
    args: &Args,
    (inputs, models): (&Inputs, &[Model]),
    runner: &Runner<'_>,
    source: &BedSource,
) -> anyhow::Error {
    let RunError::Budget { needed, .. } = error else { return error.into() };
    let held = inputs.bytes() + held(models);
    let memory = typed_memory(needed + held);
    let probes = most_probes(args, inputs, models, runner, source)
        .map_or_else(String::new, |probes| format!(", or --probes {probes}"));
    let given = args.running.machine.granted_memory().memory_words();
    let held = mebibytes(held);
    anyhow::Error::from(error).context(format!(
        "{given} is too small, {held} of it for what the text files said; what would fit: \
         --memory {memory}{probes}"
    ))
}

/// The largest number of probes that fits, below those asked for. What models need is a straight line
/// in their probes, so two points of it are enough.
fn most_probes(
    args: &Args,
    inputs: &Inputs,
    models: &[Model],
    runner: &Runner<'_>,
    source: &BedSource,
) -> Option<usize> {
    let asked = args.estimation.probes;
    if args.estimation.probe_kind == ProbeKind::Basis || asked <= FEWEST_PROBES {
        return None;
    }
    let estimation = EstimationArgs { probes: FEWEST_PROBES, ..args.estimation.clone() };
    let fewest = Args { estimation, ..args.clone() };
    let bytes = source.chunk_bytes();
    let of = |models: &[Model]| models.iter().map(|m| m.footprint(bytes)).collect::<Vec<_>>();
    let (most, fewest) = (of(models), of(&inputs.models(&fewest, fewest.options()).ok()?));
    let fits = |probes: usize| {
        let at = |few: usize, many: usize| {
            few + (many.saturating_sub(few) * (probes - FEWEST_PROBES))
                .div_ceil(asked - FEWEST_PROBES)
        };
        let between = |(few, many): (&Footprint, &Footprint)| Footprint {
            state: at(few.state, many.state),
            shared: at(few.shared, many.shared),
            per_thread: at(few.per_thread, many.per_thread),
            remembered: at(few.remembered, many.remembered),
            further: at(few.further, many.further),
            kept: at(few.kept, many.kept),
        };
        let footprints: Vec<_> = fewest.iter().zip(&most).map(between).collect();
        runner.batches_of::<Model, _>(&name(models), &footprints, source).is_ok()
    };
    let (mut fit, mut too_many) = (FEWEST_PROBES - 1, asked);
    while too_many - fit > 1 {
        let middle = fit.midpoint(too_many);
        if fits(middle) { fit = middle } else { too_many = middle }
    }
    (fit >= FEWEST_PROBES).then_some(fit)
}

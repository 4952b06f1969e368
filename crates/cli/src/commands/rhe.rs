//! `twoblade rhe`: heritability of bins of variants from PLINK files.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::ValueEnum;
use twoblade::geno::Study;
use twoblade::haseman::Report;
use twoblade::plink::{Annotation, BedSource, Joined, Phenotypes, Plink};
use twoblade::rhe::{Options, Precision, Probes, Rhe};
use twoblade::runner::{Plan, Reuse, RunError, Runner};

use crate::commands::rhe_log::{self, How};
use crate::output::Outputs;
use crate::progress::{Bar, Screen};
use crate::quantity::{mebibytes, parse_at_least_two, parse_bytes, thousands};
use crate::{interrupt, machine, say, table};

/// Heritability of bins of variants from PLINK genotypes, with standard errors
/// (randomized Haseman-Elston regression).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Genotypes: PREFIX.bed, PREFIX.bim and PREFIX.fam
    #[arg(long, value_name = "PREFIX")]
    pub(crate) bfile: PathBuf,
    /// Phenotypes: a header FID IID NAME…, then a row for each individual, in any order
    #[arg(long, value_name = "FILE")]
    pub(crate) pheno: PathBuf,
    /// Which traits of the phenotype file, separated by commas [default: all of them]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) pheno_name: Vec<String>,
    /// Bins of variants: a column of 0 and 1 for each bin, a row for each variant of the .bim
    /// [default: one bin]
    #[arg(long, value_name = "FILE")]
    pub(crate) annot: Option<PathBuf>,
    /// Blocks of the jackknife
    #[arg(long, default_value_t = 100, value_name = "J", value_parser = parse_at_least_two)]
    pub(crate) blocks: usize,
    /// Random probes; more of them make the Monte-Carlo error smaller
    #[arg(long, default_value_t = 50, value_name = "B", value_parser = parse_at_least_two)]
    pub(crate) probes: usize,
    /// What probes are made of
    #[arg(long, value_enum, default_value_t = ProbeKind::Rademacher)]
    pub(crate) probe_kind: ProbeKind,
    /// Seed of the probes
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Do not project an intercept off phenotypes and probes (the phenotype is centred all the same)
    #[arg(long)]
    pub(crate) no_intercept: bool,
    /// Numbers in which products are made
    #[arg(long, value_enum, default_value_t = PrecisionKind::Single)]
    pub(crate) precision: PrecisionKind,
    /// Threads that compute [default: what the machine grants]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    /// Memory that the run may hold
    #[arg(long, default_value = "4G", value_parser = parse_bytes, value_name = "SIZE")]
    pub(crate) memory: usize,
    /// Where the states of left-out blocks come from in pass two
    #[arg(long, value_enum, default_value_t = ReuseKind::Auto)]
    pub(crate) reuse: ReuseKind,
    /// Print what would be read, how often, and the memory; read no genotypes
    #[arg(long)]
    pub(crate) plan: bool,
    /// Write OUT.json, OUT.tsv, OUT.run.json and OUT.log
    #[arg(long, value_name = "OUT", required_unless_present = "plan")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) screen: Screen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeKind {
    /// +1 and -1
    Rademacher,
    /// Standard normal
    Gaussian,
    /// One for each individual: exact, for small studies (--probes is not used)
    Basis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrecisionKind {
    /// 32-bit floats: moment equations to about 1e-6
    Single,
    /// Doubles
    Double,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReuseKind {
    /// Keep if they fit the memory and are small beside their blocks, so that it is faster; else recompute
    Auto,
    /// Read the genotypes a second time
    Recompute,
    /// Keep them in memory
    Keep,
}

impl Args {
    fn options(&self) -> Options {
        let probes = match self.probe_kind {
            ProbeKind::Rademacher => Probes::Rademacher(self.probes),
            ProbeKind::Gaussian => Probes::Gaussian(self.probes),
            ProbeKind::Basis => Probes::Basis,
        };
        let precision = match self.precision {
            PrecisionKind::Single => Precision::Single,
            PrecisionKind::Double => Precision::Double,
        };
        Options { probes, seed: self.seed, intercept: !self.no_intercept, precision }
    }
}

/// What the text files say.
pub(crate) struct Inputs {
    plink: Plink,
    phenotypes: Phenotypes,
    joined: Joined,
    study: Study,
}

impl Inputs {
    fn read(args: &Args) -> Result<Self> {
        let plink = Plink::open(&args.bfile)?;
        let mut phenotypes = plink.phenotypes(&args.pheno)?;
        if !args.pheno_name.is_empty() {
            phenotypes = phenotypes.select(&args.pheno_name)?;
        }
        let annotation = match &args.annot {
            Some(file) => plink.annotation(file)?,
            None => Annotation::everything("all"),
        };
        let study = plink.study(&phenotypes, &annotation, args.blocks)?;
        let joined = plink.joined(&phenotypes, &annotation);
        Ok(Self { plink, phenotypes, joined, study })
    }

    /// Bytes that stay for what the text files said: identifiers of the .fam, traits, rows, bins.
    fn bytes(&self) -> usize {
        let (listed, kept) = (self.study.listed, self.study.individuals.len());
        let traits = self.study.traits.len();
        listed * (128 + 8 * traits) + kept * (4 + 8 * traits) + self.study.bins.bytes()
    }

    pub(crate) fn phenotypes(&self) -> &Phenotypes {
        &self.phenotypes
    }

    pub(crate) fn plink(&self) -> &Plink {
        &self.plink
    }

    pub(crate) fn joined(&self) -> &Joined {
        &self.joined
    }

    pub(crate) fn study(&self) -> &Study {
        &self.study
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let report = report(args)?;
    if let (Some(report), false) = (&report, args.screen.quiet) {
        say::result(table::readable(report))?;
        say::result(rhe_log::kept(report))?;
        for note in &report.notes {
            say::result(format_args!("note: {note}"))?;
        }
        if let Some(out) = &args.out {
            let out = out.display();
            say::result(format_args!("written: {out}.json {out}.tsv {out}.run.json {out}.log"))?;
        }
    }
    Ok(())
}

/// Reads, plans, runs and writes; `None` if only the plan was asked for.
pub(crate) fn report(args: &Args) -> Result<Option<Report>> {
    let started = Instant::now();
    let outputs = match &args.out {
        Some(out) if !args.plan => Some(Outputs::prepare(out)?),
        _ => None,
    };
    let inputs = Inputs::read(args)?;
    let model = twoblade::rhe::rhe(&inputs.study, args.options())?;
    let source = BedSource::new(&inputs.plink, &inputs.study)?;

    let cancel = interrupt::token();
    let bar = Bar::new(args.screen);
    let reuse = match args.reuse {
        ReuseKind::Auto => Reuse::Auto,
        ReuseKind::Recompute => Reuse::Recompute,
        ReuseKind::Keep => Reuse::Keep,
    };
    let threads = args.threads.unwrap_or_else(machine::threads).max(1);
    let memory = args.memory.saturating_sub(inputs.bytes());
    let runner =
        Runner::new().threads(threads).memory(memory).reuse(reuse).observer(&bar).cancel(&cancel);
    let plan = runner
        .plan(&model, &source)
        .map_err(|error| what_would_fit(error, args, &inputs, &runner, &source))?;
    if args.plan {
        for line in plan_lines(args, &inputs, &model, &plan) {
            say::result(line)?;
        }
        return Ok(None);
    }
    let mut outputs = outputs.context("--out is needed")?;

    let done = runner.jackknife(&model, &source);
    bar.clear();
    let done = done?;
    let over_probes = model.over_probes(&done.total)?;
    let listed = (inputs.study.listed, inputs.study.cut.variants());
    let report = Report::new(&model, listed, &done.total, &done.jackknife, &over_probes);

    let how = How {
        plan: &plan,
        stages: &done.stages,
        seconds: started.elapsed().as_secs_f64(),
        files_bytes: inputs.bytes(),
    };
    outputs.add("tsv", &table::tab_separated(&report))?;
    outputs.add("run.json", &rhe_log::run_json(&how)?)?;
    outputs.add("log", &rhe_log::log(args, &inputs, &report, &how))?;
    outputs.add("json", &(serde_json::to_string_pretty(&report)? + "\n"))?;
    outputs.persist()?;
    Ok(Some(report))
}

/// What `--plan` prints, and the log repeats.
pub(crate) fn plan_lines(args: &Args, inputs: &Inputs, model: &Rhe, plan: &Plan) -> Vec<String> {
    let (study, joined) = (&inputs.study, &inputs.joined);
    let mut lines = vec![format!("plan for {}", plan.model)];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<12} {text}"));
    line(
        "individuals",
        format!("{} of {} listed", thousands(joined.kept), thousands(joined.listed)),
    );
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
    line("threads", rhe_log::schedule(plan));
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
fn what_would_fit(
    error: RunError,
    args: &Args,
    inputs: &Inputs,
    runner: &Runner<'_>,
    source: &BedSource,
) -> anyhow::Error {
    let RunError::Budget { needed, .. } = error else { return error.into() };
    let fits = |probes: usize| {
        let args = Args { probes, ..args.clone() };
        let model = twoblade::rhe::rhe(&inputs.study, args.options());
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

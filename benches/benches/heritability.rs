//! Whole runs of the command `twoblade rhe` beside a yardstick, and beside RHE-mc where it is to be had.
//!
//! ```sh
//! cargo build --release -p twoblade-cli
//! cargo bench -p twoblade-benches --bench heritability          # the table of the documentation
//! cargo bench -p twoblade-benches --bench heritability -- vary  # cost against each size
//! ```
//!
//! - `TWOBLADE_BIN`: the command to run, else the one beside this program's folder.
//! - `RHE_MC`: a binary of RHE-mc, run in the same rounds.
//! - `TWOBLADE_BENCH_DATA`: a folder for the simulated files, which are made once and stay.
//! - `TWOBLADE_BENCH_ROUNDS`: rounds, of which the median counts (5).
//!
//! Relative paths are those from the folder of the workspace.
//!
//! CPU is that of the whole process, memory the most that it had resident. The yardstick is the
//! library's f32 product of two matrices of 2,048 x 2,048 on one thread, in the same minute.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::env;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use twoblade::core::Instructions;
use twoblade_benches::cpu_seconds;
use twoblade_benches::process::{Taken, median, taken};

const YARDSTICK: usize = 2048;

/// One run.
#[derive(Clone, Copy)]
struct Run {
    individuals: usize,
    variants: usize,
    bins: usize,
    probes: usize,
    traits: usize,
    covariates: usize,
    /// Percent of genotypes.
    missing: usize,
    reuse: &'static str,
    threads: usize,
}

const BASE: Run = Run {
    individuals: 20_000,
    variants: 50_000,
    bins: 1,
    probes: 10,
    traits: 1,
    covariates: 0,
    missing: 0,
    reuse: "recompute",
    threads: 1,
};

const TABLE: [Run; 5] = [
    BASE,
    Run { reuse: "keep", ..BASE },
    Run { probes: 100, ..BASE },
    Run { bins: 8, ..BASE },
    Run { bins: 8, probes: 100, ..BASE },
];

const SMALL: Run = Run { individuals: 10_000, variants: 20_000, ..BASE };

const VARIED: [(&str, Run); 17] = [
    ("base", SMALL),
    ("N x 2", Run { individuals: 20_000, ..SMALL }),
    ("N x 4", Run { individuals: 40_000, ..SMALL }),
    ("M x 2", Run { variants: 40_000, ..SMALL }),
    ("M x 4", Run { variants: 80_000, ..SMALL }),
    ("B = 16", Run { probes: 16, ..SMALL }),
    ("B = 50", Run { probes: 50, ..SMALL }),
    ("B = 100", Run { probes: 100, ..SMALL }),
    ("K = 8", Run { bins: 8, ..SMALL }),
    ("K = 24", Run { bins: 24, ..SMALL }),
    ("10 traits", Run { traits: 10, ..SMALL }),
    ("100 traits", Run { traits: 100, ..SMALL }),
    ("5 covariates", Run { covariates: 5, ..SMALL }),
    ("20 covariates", Run { covariates: 20, ..SMALL }),
    ("1 % missing", Run { missing: 1, ..SMALL }),
    ("5 % missing", Run { missing: 5, ..SMALL }),
    ("2 threads", Run { threads: 2, ..SMALL }),
];

fn main() {
    let kept = named("TWOBLADE_BENCH_DATA");
    let made = tempfile::tempdir().expect("a folder");
    let bench = Bench {
        binary: named("TWOBLADE_BIN").unwrap_or_else(beside),
        peer: named("RHE_MC"),
        data: kept.unwrap_or_else(|| made.path().to_path_buf()),
        results: made.path().join("result"),
        rounds: env::var("TWOBLADE_BENCH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5),
    };
    if env::args().any(|argument| argument == "vary") { bench.vary() } else { bench.table() }
}

/// The path in a variable. Cargo runs a bench in the folder of its package; whoever typed a relative path stood in
/// that of the workspace.
fn named(variable: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    Some(workspace.join(env::var_os(variable)?))
}

/// `twoblade` in the folder above that of this program.
fn beside() -> PathBuf {
    let own = env::current_exe().expect("a path of this program");
    own.ancestors().nth(2).expect("a folder above").join("twoblade")
}

struct Bench {
    binary: PathBuf,
    peer: Option<PathBuf>,
    data: PathBuf,
    results: PathBuf,
    rounds: usize,
}

impl Bench {
    /// The table: for each instruction set that the machine has.
    fn table(&self) {
        let sets: Vec<_> = Instructions::ALL.into_iter().filter(|set| set.is_there()).collect();
        println!(
            "| run | instructions | CPU, 1 thread | of RHE-mc | of the yardstick | wall, 2 threads | peak |"
        );
        println!("|---|---|---|---|---|---|---|");
        for run in TABLE {
            self.simulate(&run);
            let mut one = vec![Vec::new(); sets.len()];
            let mut two = one.clone();
            let (mut peer, mut yardstick) = (Vec::new(), Vec::new());
            for _ in 0..self.rounds {
                yardstick.push(Taken { cpu: multiply(), ..Taken::default() });
                for (at, &set) in sets.iter().enumerate() {
                    one[at].push(self.ours(&run, set));
                    two[at].push(self.ours(&Run { threads: 2, ..run }, set));
                }
                peer.extend(self.theirs(&run));
            }
            let (peer, yardstick) = (median(&peer), median(&yardstick));
            let name = format!("K = {}, B = {}, {}", run.bins, run.probes, run.reuse);
            for (set, (one, two)) in sets.iter().zip(one.iter().zip(&two)) {
                let (one, two) = (median(one), median(two));
                println!(
                    "| {name} | {set} | {:.2} s | {} | {:.1} | {:.2} s | {:.0} MB |",
                    one.cpu,
                    ratio(peer.cpu / one.cpu),
                    one.cpu / yardstick.cpu,
                    two.wall,
                    one.peak.max(two.peak)
                );
            }
            if self.peer.is_some() {
                let Taken { cpu, wall, peak } = peer;
                let of_yardstick = cpu / yardstick.cpu;
                println!(
                    "| {name} | RHE-mc | {cpu:.1} s | 1 | {of_yardstick:.0} | {wall:.1} s | {peak:.0} MB |"
                );
            }
        }
    }

    /// One size changed at a time, with the widest instructions.
    fn vary(&self) {
        let set = Instructions::chosen().expect("instructions that are there");
        println!("| changed | CPU | of the base | ns a genotype | wall | peak |");
        println!("|---|---|---|---|---|---|");
        let mut base = None;
        for (name, run) in VARIED {
            self.simulate(&run);
            let runs: Vec<_> = (0..self.rounds).map(|_| self.ours(&run, set)).collect();
            let Taken { cpu, wall, peak } = median(&runs);
            let genotypes = (run.individuals * run.variants) as f64;
            println!(
                "| {name} | {cpu:.2} s | {:.2} | {:.2} | {wall:.2} s | {peak:.0} MB |",
                cpu / *base.get_or_insert(cpu),
                cpu * 1e9 / genotypes
            );
        }
    }

    fn prefix(&self, run: &Run) -> PathBuf {
        let Run { individuals, variants, bins, traits, missing, .. } = run;
        self.data.join(format!("n{individuals}-m{variants}-k{bins}-t{traits}-x{missing}"))
    }

    /// Makes the files of a run, if they are not there, and covariates beside them.
    fn simulate(&self, run: &Run) {
        let prefix = self.prefix(run);
        if prefix.with_extension("covar").exists() {
            return;
        }
        std::fs::create_dir_all(&self.data).expect("a folder");
        let h2 = vec![format!("{}", 0.4 / run.bins as f64); run.bins].join(",");
        let mut command = Command::new(&self.binary);
        command.args(["simulate", "--quiet", "--h2", &h2, "--out"]).arg(&prefix);
        command.args(["--individuals", &run.individuals.to_string()]);
        command.args(["--variants", &run.variants.to_string()]);
        command.args(["--traits", &run.traits.to_string()]);
        command.args(["--missing", &format!("{}", run.missing as f64 / 100.0)]);
        taken(&mut command).unwrap_or_else(|words| panic!("{words}"));
        covariates(&prefix);
    }

    fn ours(&self, run: &Run, set: Instructions) -> Taken {
        let prefix = self.prefix(run);
        let mut command = Command::new(&self.binary);
        command.env(Instructions::VARIABLE, set.name());
        command.args(["rhe", "--quiet", "--reuse", run.reuse, "--bfile"]).arg(&prefix);
        command.arg("--pheno").arg(prefix.with_extension("pheno"));
        command.arg("--out").arg(&self.results);
        command.args(["--probes", &run.probes.to_string(), "--threads", &run.threads.to_string()]);
        if run.bins > 1 {
            command.arg("--annot").arg(prefix.with_extension("annot"));
        }
        if run.covariates > 0 {
            let names: Vec<_> = (1..=run.covariates).map(|c| format!("c{c}")).collect();
            command.arg("--covar").arg(prefix.with_extension("covar"));
            command.args(["--covar-name", &names.join(",")]);
        }
        taken(&mut command).unwrap_or_else(|words| panic!("{words}"))
    }

    fn theirs(&self, run: &Run) -> Option<Taken> {
        let prefix = self.prefix(run);
        let mut command = Command::new(self.peer.as_ref()?);
        command.arg("-g").arg(&prefix).arg("-p").arg(prefix.with_extension("pheno"));
        let annotations = prefix.with_extension("annot");
        if run.bins == 1 {
            // It asks for a file of annotations even of one bin.
            std::fs::write(&annotations, "1\n".repeat(run.variants)).expect("annotations");
        }
        command.arg("-annot").arg(annotations);
        command.args(["-k", &run.probes.to_string(), "-jn", "100", "-o"]).arg(&self.results);
        Some(taken(&mut command).unwrap_or_else(|words| panic!("{words}")))
    }
}

/// Twenty covariates of whole numbers.
fn covariates(prefix: &Path) {
    let fam = std::fs::read_to_string(prefix.with_extension("fam")).expect("a .fam file");
    let names: Vec<_> = (1..=20).map(|c| format!("c{c}")).collect();
    let mut text = format!("FID IID {}\n", names.join(" "));
    for (row, line) in fam.lines().enumerate() {
        let ids: Vec<_> = line.split_whitespace().take(2).collect();
        let number = |c: usize| (row * (2 * c + 1) * 7919 % (1009 + c)).to_string();
        let numbers: Vec<_> = (1..=20).map(number).collect();
        text.extend([ids.join(" ").as_str(), " ", &numbers.join(" "), "\n"]);
    }
    std::fs::write(prefix.with_extension("covar"), text).expect("a file of covariates");
}

fn ratio(times: f64) -> String {
    if times.is_nan() { "not run".to_owned() } else { format!("1/{times:.0}") }
}

/// CPU-seconds of the library's square product.
fn multiply() -> f64 {
    const TIMES: usize = 4;
    let a = Mat::<f32>::from_fn(YARDSTICK, YARDSTICK, |i, j| (i * 7 + j * 3) as f32 % 5.0 - 2.0);
    let mut out = Mat::<f32>::zeros(YARDSTICK, YARDSTICK);
    let all = cpu_seconds(|| {
        for _ in 0..TIMES {
            matmul(&mut out, Accum::Replace, &a, &a, 1.0, Par::Seq);
            black_box(&out);
        }
    });
    all / TIMES as f64
}

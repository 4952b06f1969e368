//! Simulated files against what was asked for. Bounds are five standard errors; draws are fixed.

use std::ops::ControlFlow;

use twoblade_core::BlockSource;
use twoblade_geno::{Cut, Subset, code};
use twoblade_plink::{BedSource, Plink, Simulation, Truth};

use crate::folder::Folder;

fn write(folder: &Folder, simulation: &Simulation) -> Truth {
    simulation.write(folder.path("s")).unwrap()
}

/// Copies of allele 1 by variant and individual, NaN for missing.
fn genotypes(folder: &Folder) -> Vec<Vec<f64>> {
    let plink = Plink::open(folder.path("s")).unwrap();
    let (listed, variants) = (plink.fam().count(), plink.bim().variants());
    let individuals: Vec<u32> = (0..).take(listed).collect();
    let cut = Cut::new(variants, listed, 1).unwrap();
    let mut rows = Vec::new();
    let source = BedSource::over(&plink, &individuals, &Subset::all(variants), cut).unwrap();
    let visited = source.visit(0, &mut |chunk| {
        for variant in 0..chunk.variants() {
            let bytes = chunk.variant(variant);
            let copies = |individual: usize| match usize::from(
                bytes[individual / 4] >> (2 * (individual % 4)),
            ) & 3
            {
                code::HOM_A1 => 2.0,
                code::HET => 1.0,
                code::HOM_A2 => 0.0,
                _ => f64::NAN,
            };
            rows.push((0..listed).map(copies).collect());
        }
        ControlFlow::Continue(())
    });
    assert!(visited.is_ok());
    assert_eq!(rows.len(), variants);
    rows
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) =
        values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    assert!(count > 0.0);
    sum / count
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let product = |a: &[f64], mean_a: f64, b: &[f64], mean_b: f64| {
        a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>()
    };
    let own = product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b);
    product(a, mean_a, b, mean_b) / own.sqrt()
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values.iter().copied());
    let count = values.len() as f64;
    mean(values.iter().map(|value| (value - centre).powi(2))) * count / (count - 1.0)
}

#[track_caller]
fn assert_near(found: f64, expected: f64, standard_error: f64) {
    let off = (found - expected) / standard_error;
    assert!(off.abs() < 5.0, "{found} for {expected}, {off} standard errors");
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let mut simulation = Simulation::new(101, 120, 7);
    simulation.h2 = vec![0.3, 0.2];
    simulation.traits = 2;
    simulation.ld = 0.5;
    simulation.missing = 0.1;
    let [first, second, other] = [(); 3].map(|()| Folder::new());
    let truth = write(&first, &simulation);
    assert_eq!(write(&second, &simulation), truth);
    simulation.seed = 8;
    write(&other, &simulation);
    let names = ["s.annot", "s.bed", "s.bim", "s.fam", "s.pheno"];
    assert_eq!(first.names(), names);
    for name in names {
        let read = |folder: &Folder| std::fs::read(folder.path(name)).unwrap();
        assert_eq!(read(&first), read(&second), "{name}");
        let depends_on_seed = name != "s.bim" && name != "s.fam";
        assert_eq!(read(&first) != read(&other), depends_on_seed, "{name}");
    }
}

#[test]
fn the_bytes_are_those_of_every_machine() {
    let mut simulation = Simulation::new(101, 120, 7);
    simulation.h2 = vec![0.3, 0.2];
    simulation.ld = 0.5;
    simulation.missing = 0.1;
    let folder = Folder::new();
    write(&folder, &simulation);
    let hash = |name: &str| {
        let bytes = std::fs::read(folder.path(name)).unwrap();
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes))
    };
    // Written down when first made: whatever changes the draws changes these.
    assert_eq!([hash("s.bed"), hash("s.pheno"), hash("s.annot")], GOLDEN);
}

const GOLDEN: [&str; 3] = ["53f2371cfbcfb040", "2cbae54770ec4538", "c008a79a69865e04"];

#[test]
fn one_bin_needs_no_annotation_and_files_are_open_to_read() {
    let folder = Folder::new();
    write(&folder, &Simulation::new(10, 10, 1));
    assert_eq!(folder.names(), ["s.bed", "s.bim", "s.fam", "s.pheno"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            |name| std::fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
        let ordinary = folder.write("ordinary", "");
        assert!(ordinary.exists());
        assert_eq!(mode("s.bed"), mode("ordinary"));
    }
}

#[test]
fn progress_ends_at_the_number_of_variants() {
    let folder = Folder::new();
    let mut seen = Vec::new();
    let mut progress = |done, of| {
        seen.push((done, of));
        ControlFlow::Continue(())
    };
    Simulation::new(5, 3, 1).write_watched(folder.path("s"), &mut progress).unwrap();
    assert_eq!(seen, [(1, 3), (2, 3), (3, 3)]);
}

#[test]
fn frequencies_are_exact_and_genotypes_in_hardy_weinberg_proportions() {
    let mut simulation = Simulation::new(1_001, 600, 3);
    simulation.frequencies = (0.3, 0.3);
    let folder = Folder::new();
    write(&folder, &simulation);
    let rows = genotypes(&folder);
    let (n, m, p) = (1_001.0, 600.0, 0.3);
    let frequencies: Vec<f64> = rows.iter().map(|row| mean(row.iter().copied()) / 2.0).collect();
    let spread = p * (1.0 - p) / (2.0 * n);
    assert_near(mean(frequencies.iter().copied()), p, (spread / m).sqrt());
    // A chi-square with m degrees of freedom has mean m and variance 2m.
    let square: f64 = frequencies.iter().map(|found| (found - p).powi(2) / spread).sum();
    assert_near(square, m, (2.0 * m).sqrt());
    let het = 2.0 * p * (1.0 - p);
    let found = mean(rows.iter().flatten().map(|&copies| f64::from(u8::from(copies == 1.0))));
    assert_near(found, het, (het * (1.0 - het) / (n * m)).sqrt());
    // Individuals are independent: neighbours in a byte as much as any.
    let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<_>>();
    let all = mean((0..1_000).map(|i| correlation(&column(i), &column(i + 1))));
    assert_near(all, 0.0, 1.0 / (1_000.0 * m).sqrt());
}

#[test]
fn frequencies_are_uniform_over_their_range() {
    let mut simulation = Simulation::new(2_000, 1_000, 4);
    simulation.frequencies = (0.1, 0.4);
    let folder = Folder::new();
    let truth = write(&folder, &simulation);
    assert_eq!(truth.polymorphic, 1_000);
    let frequencies: Vec<f64> =
        genotypes(&folder).iter().map(|row| mean(row.iter().copied()) / 2.0).collect();
    let spread = 0.3f64.powi(2) / 12.0 + 0.25 * 0.75 / 4_000.0;
    assert_near(mean(frequencies.iter().copied()), 0.25, (spread / 1_000.0).sqrt());
    // The variance of a uniform's sample variance is (9/5 - 1) sigma^4 / n.
    assert_near(variance(&frequencies), spread, spread * (0.8f64 / 1_000.0).sqrt());
}

#[test]
fn neighbours_have_the_correlation_asked_for() {
    let (n, m, ld) = (2_000.0, 500.0f64, 0.8f64);
    let mut simulation = Simulation::new(2_000, 500, 5);
    simulation.ld = ld;
    simulation.frequencies = (0.1, 0.5);
    let folder = Folder::new();
    write(&folder, &simulation);
    let rows = genotypes(&folder);
    for lag in [1, 2, 10] {
        // Runs of 50 share a frequency.
        let pairs = (0..500 - lag).filter(|first| first % 50 + lag < 50);
        let found = mean(pairs.map(|first| correlation(&rows[first], &rows[first + lag])));
        // Not more than 1 / sqrt(n) for a pair; pairs (1 + ld^2) / (1 - ld^2) apart are as good as
        // independent.
        let apart = (1.0 + ld * ld) / (1.0 - ld * ld);
        assert_near(found, ld.powi(i32::try_from(lag).unwrap()), (apart / (n * m)).sqrt());
    }
    let frequency = |row: &Vec<f64>| mean(row.iter().copied()) / 2.0;
    let runs: Vec<f64> = rows.iter().step_by(50).map(frequency).collect();
    assert!(variance(&runs) > 1e-3, "runs have frequencies of their own: {runs:?}");
}

#[test]
fn genotypes_are_missing_at_the_rate_asked_for() {
    let mut simulation = Simulation::new(1_003, 300, 6);
    simulation.missing = 0.05;
    simulation.frequencies = (0.3, 0.3);
    let folder = Folder::new();
    write(&folder, &simulation);
    let rows = genotypes(&folder);
    let count = 1_003.0 * 300.0;
    let missing = rows.iter().flatten().filter(|copies| copies.is_nan()).count() as f64;
    assert_near(missing / count, 0.05, (0.05 * 0.95 / count).sqrt());
    let called = rows.iter().flatten().copied().filter(|copies| !copies.is_nan());
    assert_near(mean(called) / 2.0, 0.3, (0.3 * 0.7 / (2.0 * 0.95 * count)).sqrt());
}

#[test]
fn traits_have_the_variances_asked_for() {
    let (n, m, traits) = (1_500.0f64, 800.0, 24.0f64);
    let mut simulation = Simulation::new(1_500, 800, 8);
    simulation.h2 = vec![0.3, 0.0, 0.4];
    simulation.traits = 24;
    simulation.ld = 0.3;
    simulation.causal = 0.5;
    let folder = Folder::new();
    let truth = write(&folder, &simulation);
    // The variance of a genetic value's variance, given c causal variants of correlations r, is
    // 2 h2^2 sum r^2 / c^2: 2 h2^2 (1 / c + 1 / n) if independent; correlated ones add 20 % at 0.3
    // within a bin. That of a sample of normals is 2 sigma^4 / n.
    let error = |h2: f64, c: f64| (1.2 * 2.0 * h2 * h2 * (1.0 / c + 1.0 / n) / traits).sqrt();
    for (bin, h2) in truth.bins.iter().zip(&simulation.h2) {
        let causal = bin.causal as f64;
        assert_near(causal, m / 6.0, (m / 6.0).sqrt());
        let found = mean(bin.genetic_variance.iter().copied());
        if *h2 == 0.0 {
            assert_eq!(found, 0.0);
        } else {
            assert_near(found, *h2, error(*h2, causal));
        }
    }
    let total = mean(truth.phenotypic_variance.iter().copied());
    let spread = error(0.3, m / 6.0).powi(2) + error(0.4, m / 6.0).powi(2) + 2.0 / (n * traits);
    assert_near(total, 1.0, spread.sqrt());
    // Effects of traits are independent: so are the traits. Correlation by chance: 1/n of the
    // samples, and 1/c of the effects in each bin's share.
    let plink = Plink::open(folder.path("s")).unwrap();
    let phenotypes = plink.phenotypes(folder.path("s.pheno")).unwrap();
    let pairs = (0..23).map(|t| correlation(phenotypes.values(t), phenotypes.values(t + 1)));
    let chance = (0.3f64.powi(2) + 0.4f64.powi(2)) * 1.2 * 6.0 / m + 1.0 / n;
    assert_near(mean(pairs), 0.0, (chance / 23.0).sqrt());
}

#[test]
fn the_truth_is_that_of_the_files() {
    let mut simulation = Simulation::new(300, 200, 9);
    simulation.h2 = vec![0.1, 0.2, 0.3];
    simulation.traits = 2;
    simulation.missing = 0.02;
    let folder = Folder::new();
    let truth = write(&folder, &simulation);
    assert_eq!(truth.simulation, simulation);
    assert!((truth.h2 - 0.6).abs() < 1e-15);
    let plink = Plink::open(folder.path("s")).unwrap();
    let phenotypes = plink.phenotypes(folder.path("s.pheno")).unwrap();
    let annotation = plink.annotation(folder.path("s.annot")).unwrap();
    let study = plink.study(&phenotypes, &annotation, 10).unwrap();
    assert_eq!(
        (phenotypes.names(), phenotypes.matched()),
        (&["trait1", "trait2"].map(String::from)[..], 300)
    );
    for (bin, found) in truth.bins.iter().enumerate() {
        assert_eq!(found.name, study.bins.names()[bin]);
        assert_eq!(
            found.variants,
            (0..200).filter(|&v| study.bins.of(v) == [u16::try_from(bin).unwrap()]).count()
        );
        assert_eq!(found.causal, found.variants, "every variant is causal");
    }
    let first = (0..200).find(|&v| study.bins.of(v) == [0]).unwrap();
    assert!((first..200).any(|v| study.bins.of(v) != [0]), "bins are not contiguous");
    for column in 0..2 {
        let phenotypic = truth.phenotypic_variance[column];
        assert!((phenotypic - variance(phenotypes.values(column))).abs() < 1e-12);
        let share = truth.genetic_variance[column] / phenotypic;
        assert!((truth.share[column] - share).abs() < 1e-15);
        for bin in &truth.bins {
            assert!((bin.share[column] - bin.genetic_variance[column] / phenotypic).abs() < 1e-15);
        }
    }
}

#[test]
fn without_noise_a_trait_is_its_genetic_value() {
    let mut simulation = Simulation::new(200, 1, 2);
    simulation.h2 = vec![1.0];
    let folder = Folder::new();
    let truth = write(&folder, &simulation);
    assert_eq!(truth.share, [1.0]);
    let plink = Plink::open(folder.path("s")).unwrap();
    let phenotypes = plink.phenotypes(folder.path("s.pheno")).unwrap();
    let found = correlation(phenotypes.values(0), &genotypes(&folder)[0]);
    assert!((found.abs() - 1.0).abs() < 1e-12, "{found}");
}

type Change = fn(&mut Simulation);

#[test]
fn options_that_make_no_sense_are_refused() {
    let refused = |change: Change| {
        let mut simulation = Simulation::new(10, 10, 1);
        change(&mut simulation);
        let folder = Folder::new();
        let text = folder.refusal(simulation.write(folder.path("s")));
        assert!(folder.names().is_empty(), "{text} leaves {:?}", folder.names());
        text
    };
    let cases: [(Change, &str); 19] = [
        (|s| s.individuals = 1, "number of individuals is 1, from 2 to 4294967295"),
        (|s| s.individuals = 1 << 32, "number of individuals is 4294967296, from 2 to 4294967295"),
        (|s| s.variants = 0, "number of variants is 0, 1 or more"),
        (
            |s| s.frequencies = (0.0, 0.5),
            "range of frequencies is 0 to 0.5, an ascending range above 0 and up to 0.5",
        ),
        (
            |s| s.frequencies = (0.3, 0.2),
            "range of frequencies is 0.3 to 0.2, an ascending range above 0 and up to 0.5",
        ),
        (
            |s| s.frequencies = (0.3, 0.6),
            "range of frequencies is 0.3 to 0.6, an ascending range above 0 and up to 0.5",
        ),
        (
            |s| s.frequencies = (0.3, f64::NAN),
            "range of frequencies is 0.3 to NaN, an ascending range above 0 and up to 0.5",
        ),
        (|s| s.ld = 1.0, "correlation of neighbours is 1, from 0 to 0.999"),
        (|s| s.ld = -0.1, "correlation of neighbours is -0.1, from 0 to 0.999"),
        (|s| s.missing = 1.0, "missing share is 1, from 0 to below 1"),
        (|s| s.missing = f64::NAN, "missing share is NaN, from 0 to below 1"),
        (|s| s.causal = 0.0, "causal share is 0, above 0 and up to 1"),
        (|s| s.causal = 1.5, "causal share is 1.5, above 0 and up to 1"),
        (|s| s.traits = 0, "number of traits is 0, from 1 to 4294967295"),
        (|s| s.h2 = vec![], "number of bins is 0, from 1 to 65534"),
        (|s| s.h2 = vec![0.0; 65_535], "number of bins is 65535, from 1 to 65534"),
        (
            |s| s.h2 = vec![0.6, 0.5],
            "heritability is [0.6, 0.5], from 0 to 1 in each bin and together",
        ),
        (
            |s| s.h2 = vec![1.1, -0.2],
            "heritability is [1.1, -0.2], from 0 to 1 in each bin and together",
        ),
        (
            |s| s.h2 = vec![0.01; 40],
            "number of bins is 40 for 10 variants, a number so small that every bin gets a variant",
        ),
    ];
    for (change, expected) in cases {
        let expected = format!("the simulation's {expected} is expected; change it");
        assert_eq!(refused(change), expected);
    }
    let tenths = |s: &mut Simulation| s.h2 = vec![0.1; 10];
    let mut simulation = Simulation::new(10, 10, 1);
    tenths(&mut simulation);
    assert!(simulation.check().is_ok(), "ten tenths are 1");
}

#[test]
fn a_bin_that_cannot_carry_its_heritability_is_refused() {
    let expected = |variants| {
        format!(
            "bin 1 of the simulation has {variants} variants and none of them is causal and \
             polymorphic, so it cannot carry a heritability of 0.5; simulate more variants or \
             individuals, a larger causal share, or fewer bins"
        )
    };
    let mut none_causal = Simulation::new(10, 10, 1);
    none_causal.causal = 1e-9;
    let mut none_varies = Simulation::new(2, 3, 1);
    none_varies.frequencies = (1e-9, 1e-9);
    for (simulation, variants) in [(none_causal, 10), (none_varies, 3)] {
        let folder = Folder::new();
        let text = folder.refusal(simulation.write(folder.path("s")));
        assert_eq!(text, expected(variants));
        assert!(folder.names().is_empty(), "{:?}", folder.names());
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
    let folder = Folder::new();
    let prefix = folder.path("nowhere/s");
    let refused = Simulation::new(10, 10, 1).write(&prefix);
    assert!(refused.as_ref().err().and_then(std::error::Error::source).is_some());
    assert_eq!(folder.refusal(refused), "nowhere/s.fam could not be written");
}

#[test]
fn a_simulation_that_is_broken_off_leaves_nothing() {
    let folder = Folder::new();
    let simulation = Simulation::new(10, 100, 1);
    let mut last = 0;
    let result = simulation.write_watched(folder.path("s"), &mut |done, of| {
        assert_eq!((done, of), (last + 1, 100));
        last = done;
        if done == 40 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let text = folder.refusal(result);
    assert_eq!(text, "stopped after 40 of 100 variants; nothing was written");
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 0);
}

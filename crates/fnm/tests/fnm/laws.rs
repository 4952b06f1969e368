//! The laws, and the jackknife.

use twoblade_brain::{Lesion, Parcels};
use twoblade_core::{Blocks, Jackknife, Random};
use twoblade_fnm::{Fnm, MeanZ, Options, Runs, Seed, Study};
use twoblade_runner::Runner;

use crate::dense::{self, Way};
use crate::memory::Subjects;

/// 7 blocks of 3 subjects; more than a tile of voxels, more than a group of lesions.
const SUBJECTS: usize = 21;
const BLOCKS: usize = 7;
const VOXELS: usize = 1100;

fn source() -> Subjects {
    let random = Random::new(11, 0);
    let run = |s: u64, r: u64| -> Vec<Vec<f32>> {
        let row = |t: u64| {
            let shared = random.uniform(s * 1000 + r * 100 + t, 0);
            let sample = |v: u32| {
                let own = random.uniform(s * 1000 + r * 100 + t, 1 + v);
                // Wild scales and offsets, a constant voxel, one that is constant in some.
                let x = match v {
                    3 => 5.0,
                    4 if s < 5 => 1e-3,
                    5 => 1e30 * own,
                    _ => own + shared * f64::from(v % 5) + 1e4 * f64::from(v % 2),
                };
                x as f32
            };
            (0..u32::try_from(VOXELS).unwrap()).map(sample).collect()
        };
        (0..8 + s % 3).map(row).collect()
    };
    let subjects = (0..SUBJECTS as u64).map(|s| (0..=(s % 2)).map(|r| run(s, r)).collect());
    let mut subjects: Vec<Vec<Vec<Vec<f32>>>> = subjects.collect();
    subjects[2][0][4][1099] = f32::NAN;
    subjects[9][0][1].fill(f32::INFINITY); // dropped
    Subjects { voxels: VOXELS, series: subjects, blocks: Blocks::even(SUBJECTS, BLOCKS).unwrap() }
}

fn lesions() -> Vec<Lesion> {
    (0..18u32)
        .map(|l| {
            let voxels: Vec<u32> = match l {
                7 => vec![4],
                // More voxels than there are time points.
                11 => (40..70).collect(),
                _ => vec![l, 20 * l + 30, 1000 + l],
            };
            let weights = vec![1.0; voxels.len()];
            Lesion { name: format!("l{l}"), given: voxels.len(), outside: 0, voxels, weights }
        })
        .collect()
}

fn model(seed: Seed, runs: Runs) -> Fnm {
    let source = source();
    let study = Study {
        subjects: (0..SUBJECTS).map(|s| format!("sub-{s}")).collect(),
        voxels: VOXELS,
        time_points: source.time_points(),
        runs: source.runs(),
        lesions: lesions(),
        parcels: None,
    };
    Fnm::new(study, Options { seed, runs, ..Options::default() }).unwrap()
}

/// The same with means of parcels; each tile of voxels has some of every parcel.
fn with_parcels() -> Fnm {
    let model = model(Seed::Mean, Runs::Average);
    let of_voxel = (0..u32::try_from(VOXELS).unwrap()).map(|v| v % 4).collect();
    let parcels = Some(Parcels::new(vec![1, 2, 3], of_voxel).unwrap());
    let study = Study { parcels, ..model.study().clone() };
    Fnm::new(study, Options { runs: Runs::Average, ..Options::default() }).unwrap()
}

/// Some of all numbers; one that is not defined stands as -99.
fn numbers(of: &MeanZ) -> Vec<f64> {
    of.z.iter().step_by(37).map(|z| if z.is_nan() { -99.0 } else { *z }).collect()
}

fn reference(pc1: bool, average: bool) -> Jackknife<Vec<f64>> {
    let source = source();
    let way = Way { pc1, average, most_bad: 0.01 };
    let without = |block: Option<usize>| {
        let range = block.map_or(0..0, |block| source.blocks.range(block));
        let kept: Vec<_> = (0..SUBJECTS)
            .filter(|s| !range.contains(s))
            .map(|s| source.series[s].clone())
            .collect();
        let z = lesions().iter().flat_map(|of| dense::map(&kept, of, VOXELS, way).z).collect();
        numbers(&MeanZ { z })
    };
    Jackknife { full: without(None), replicates: (0..BLOCKS).map(|b| without(Some(b))).collect() }
}

twoblade_testkit::conformance! {
    mod runs_concatenated;
    model: model(Seed::Mean, Runs::Concatenate),
    source: source(),
    numbers: numbers,
    reference: || reference(false, false),
    // Floats: 2e-7 in r, and z near 3 at most but for the seeds themselves, which are capped.
    tolerance: 1e-6,
}

twoblade_testkit::conformance! {
    mod runs_averaged;
    model: model(Seed::Mean, Runs::Average),
    source: source(),
    numbers: numbers,
    reference: || reference(false, true),
    tolerance: 1e-6,
}

twoblade_testkit::conformance! {
    mod first_components;
    model: model(Seed::Pc1, Runs::Concatenate),
    source: source(),
    numbers: numbers,
    reference: || reference(true, false),
    tolerance: 1e-6,
}

twoblade_testkit::conformance! {
    mod first_components_of_runs;
    model: model(Seed::Pc1, Runs::Average),
    source: source(),
    numbers: numbers,
    reference: || reference(true, true),
    tolerance: 1e-6,
}

twoblade_testkit::conformance! {
    mod means_of_parcels;
    model: with_parcels(),
    source: source(),
    numbers: numbers,
    reference: || reference(false, true),
    tolerance: 1e-6,
}

/// Where every subject counts, the jackknife over subjects gives the standard error of a mean:
/// sd / sqrt(n), to the grid's step.
#[test]
fn leaving_out_subjects_gives_the_standard_error_of_the_mean() {
    let mut source = source();
    source.blocks = Blocks::even(SUBJECTS, SUBJECTS).unwrap();
    let model = model(Seed::Mean, Runs::Concatenate);
    let done = Runner::new().jackknife(&model, &source).unwrap();
    let map = model.map(&done.total, 0);
    let mut compared = 0;
    for voxel in (0..VOXELS).filter(|&v| map.n[v] as usize == SUBJECTS - 1) {
        // The dropped subject is no replicate of its own: leaving it out changes nothing.
        let n = SUBJECTS as f64 - 1.0;
        let values: Vec<f64> = (done.jackknife.replicates.iter().enumerate())
            .filter(|&(subject, _)| subject != 9)
            .map(|(_, of)| of.z[voxel])
            .collect();
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|z| (z - mean).powi(2)).sum();
        let se = ((n - 1.0) / n * squares).sqrt();
        let expected = map.sd[voxel] / n.sqrt();
        // Rounding of doubles alone: z itself is on the grid in both.
        assert!((se - expected).abs() <= 1e-9, "voxel {voxel}: {se} for {expected}");
        compared += 1;
    }
    assert!(compared > 1000, "{compared}");
    assert_eq!(model.dropped(&done.total), [9]);
    assert_eq!(model.seedless(&done.total, 7), [0, 1, 2, 3, 4]);
}

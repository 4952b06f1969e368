//! Maps against the dense computation: random small inputs, correlations near 1, large offsets.

use proptest::prelude::*;
use twoblade_brain::{Lesion, Parcels};
use twoblade_core::{Blocks, Random, StreamingEstimator};
use twoblade_fnm::{Fnm, LesionMap, Options, Runs, Seed, Study};
use twoblade_runner::Runner;

use crate::dense::{self, Way};
use crate::memory::Subjects;

/// What a map may be off: r by 2e-7, z by 5e-7 below 3 and beyond in proportion to 1 / (1 - r^2) of
/// what rounding to floats leaves, t by 5e-6 of 1 or of itself.
fn compare(ours: &LesionMap, dense: &dense::Dense) {
    for (v, ((&n, &z), &sd)) in ours.n.iter().zip(&ours.z).zip(&ours.sd).enumerate() {
        assert_eq!(n as usize, dense.n[v], "n of voxel {v}");
        if n == 0 {
            assert!(z.is_nan());
            continue;
        }
        let off = (z - dense.z[v]).abs();
        assert!(off <= 5e-7 || dense.z[v].abs() >= 3.0 && off <= 5e-6, "z {z} for {}", dense.z[v]);
        assert!((libm::tanh(z) - libm::tanh(dense.z[v])).abs() <= 2e-7);
        // An error of z in sd counts in t by 1 / sd.
        if n > 1 && dense.sd[v] > 0.2 {
            let t = |z: f64, sd: f64| z / (sd / f64::from(n).sqrt());
            let (ours, dense) = (t(z, sd), t(dense.z[v], dense.sd[v]));
            assert!((ours - dense).abs() <= 5e-6 * dense.abs().max(1.0), "t {ours} for {dense}");
        }
    }
}

fn run(subjects: &Subjects, lesions: Vec<Lesion>, options: Options, threads: usize) -> Vec<Found> {
    // Three parcels that share out two voxels of three, and one without a voxel.
    let number = |v: u32| if v % 3 == 2 { 0 } else { 1 + v % 4 % 3 };
    let voxels = u32::try_from(subjects.voxels).unwrap();
    let parcels = Parcels::new(vec![10, 30, 20, 40], (0..voxels).map(number).collect()).unwrap();
    let study = Study {
        subjects: (0..subjects.series.len()).map(|s| format!("sub-{s}")).collect(),
        voxels: subjects.voxels,
        time_points: subjects.time_points(),
        runs: subjects.runs(),
        lesions,
        parcels: Some(parcels),
    };
    let count = study.lesions.len();
    let model = Fnm::new(study, options).unwrap();
    let done = Runner::new().threads(threads).run(&model, subjects).unwrap();
    let found = |lesion| Found {
        map: model.map(&done.total, lesion),
        ambiguous: model.ambiguous(&done.total, lesion),
        rows: model.subject_parcels(&done.total, lesion).unwrap().collect(),
        without_series: (0..subjects.series.len())
            .map(|subject| model.without_series(&done.total, subject))
            .collect(),
        parcels: model.study().parcels.clone().unwrap(),
    };
    (0..count).map(found).collect()
}

/// What a model says of a lesion.
#[derive(Debug)]
struct Found {
    map: LesionMap,
    ambiguous: Vec<usize>,
    /// Means of parcels, subject by subject.
    rows: Vec<Vec<f64>>,
    /// Constant voxels and those that are not finite, subject by subject.
    without_series: Vec<[i64; 2]>,
    parcels: Parcels,
}

/// tanh of the mean of what there is of z, parcel by parcel.
fn means_of(parcels: &Parcels, z: &[Option<f64>]) -> Vec<f64> {
    let of: Vec<Option<usize>> = parcels.of_voxels(0..z.len()).collect();
    let mean = |parcel: usize| {
        let some: Vec<f64> = z
            .iter()
            .zip(&of)
            .filter(|(_, of)| **of == Some(parcel))
            .filter_map(|(z, _)| *z)
            .collect();
        libm::tanh(some.iter().sum::<f64>() / some.len() as f64)
    };
    (0..parcels.count()).map(mean).collect()
}

/// z may be off by what `compare` says, 5e-6 at most, and tanh by no more.
fn compare_parcels(ours: &[f64], dense: &[f64]) {
    assert_eq!(ours.len(), dense.len());
    for (parcel, (ours, dense)) in ours.iter().zip(dense).enumerate() {
        assert_eq!(ours.is_nan(), dense.is_nan(), "parcel {parcel}: {ours} for {dense}");
        assert!(
            ours.is_nan() || (ours - dense).abs() <= 5e-6,
            "parcel {parcel}: {ours} for {dense}"
        );
    }
}

fn lesion(name: &str, voxels: &[u32]) -> Lesion {
    Lesion {
        name: name.into(),
        voxels: voxels.to_vec(),
        weights: vec![1.0; voxels.len()],
        given: voxels.len(),
        outside: 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Ragged runs, constant and bad voxels, a duplicate of a voxel, weights, an offset.
    #[test]
    fn maps_are_those_of_the_dense_computation(
        (count, voxels, lesions, runs) in (1usize..7, 3usize..40, 1usize..20, 1usize..4),
        (average, pc1) in any::<(bool, bool)>(),
        (offset, seed) in (prop_oneof![Just(0.0f32), Just(10_000.0)], any::<u64>()),
    ) {
        let random = Random::new(seed, 0);
        let mut item = 0;
        let mut draw = || { item += 1; random.uniform(item, 0) };
        let mut subjects = Vec::new();
        for _ in 0..count {
            let mut of_subject = Vec::new();
            for _ in 0..=(draw() * runs as f64) as usize {
                let time_points = 5 + (draw() * 40.0) as usize;
                let mut run: Vec<Vec<f32>> = (0..time_points)
                    .map(|_| {
                        let shared = draw();
                        (0..voxels).map(|v| offset + (draw() + shared * (v % 3) as f64) as f32).collect()
                    })
                    .collect();
                for row in &mut run {
                    row[1] = row[0];
                    row[2] = if row[2] > offset + 1.5 { row[2] } else { 3.25 };
                }
                of_subject.push(run);
            }
            if draw() < 0.3 {
                of_subject.iter_mut().flatten().for_each(|row| row[2] = 7.0);
            }
            if draw() < 0.2 {
                let last = voxels - 1;
                of_subject[0][3][last] = if draw() < 0.5 { f32::NAN } else { f32::INFINITY };
            }
            subjects.push(of_subject);
        }
        let lesions: Vec<Lesion> = (0..lesions)
            .map(|l| {
                let mut of: Vec<u32> = (0..u32::try_from(voxels).unwrap()).filter(|_| draw() < 0.3).collect();
                if of.is_empty() {
                    of.push(u32::try_from(l % voxels).unwrap());
                }
                let weights = of.iter().map(|_| 0.1 + draw()).collect();
                Lesion { weights, ..lesion(&format!("l{l}"), &of) }
            })
            .collect();
        let most_bad = 0.2;
        let runs = if average { Runs::Average } else { Runs::Concatenate };
        let options = Options { seed: if pc1 { Seed::Pc1 } else { Seed::Mean }, runs, most_bad };
        let blocks = Blocks::even(count, count).unwrap();
        let source = Subjects { voxels, series: subjects, blocks };
        let maps = run(&source, lesions.clone(), options, 2);
        for (found, lesion) in maps.iter().zip(&lesions) {
            let way = Way { pc1, average, most_bad };
            let dense = dense::map(&source.series, lesion, voxels, way);
            if !dense.chance {
                compare(&found.map, &dense);
                let z: Vec<_> =
                    dense.z.iter().zip(&dense.n).map(|(&z, &n)| (n > 0).then_some(z)).collect();
                let all = found.map.parcel_means(&found.parcels);
                compare_parcels(&all, &means_of(&found.parcels, &z));
                prop_assert!(all[3].is_nan() && all[..3].iter().any(|mean| !mean.is_nan()) || z.iter().all(Option::is_none));
                prop_assert_eq!(found.rows.len(), dense.subjects.len());
                for (row, z) in found.rows.iter().zip(&dense.subjects) {
                    compare_parcels(row, &means_of(&found.parcels, z));
                }
                prop_assert_eq!(&found.ambiguous, &dense.ambiguous);
            }
        }
        // A lesion alone has the bits that it has among others.
        let last = lesions.len() - 1;
        let alone = run(&source, vec![lesions[last].clone()], options, 1);
        prop_assert_eq!(format!("{:?}", alone[0]), format!("{:?}", maps[last]));
    }
}

/// Neighbours that are correlated with the seed by as much as neighbours are: 32-bit sums fail here.
#[test]
fn correlations_near_1_keep_their_digits() {
    let strengths = [0.5f64, 0.9, 0.95, 0.98, 0.995];
    for time_points in [60, 150, 1200] {
        for offset in [0.0, 10_000.0] {
            let random = Random::new(5, time_points as u32);
            let normal =
                |item: u64| (0..12).map(|draw| random.uniform(item, draw)).sum::<f64>() - 6.0;
            let subject = |s: u64| -> Vec<Vec<f32>> {
                let row = |t: usize| {
                    let item = |v: u64| (s * 2000 + t as u64) * 16 + v;
                    let seed = normal(item(0));
                    let mut row = vec![(100.0 * seed + offset) as f32];
                    row.extend(strengths.iter().zip(1..).map(|(r, v)| {
                        let own = normal(item(v));
                        (100.0 * (r * seed + (1.0 - r * r).sqrt() * own) + offset) as f32
                    }));
                    row
                };
                (0..time_points).map(row).collect()
            };
            let subjects: Vec<_> = (0..12).map(|s| vec![subject(s)]).collect();
            let blocks = Blocks::even(12, 12).unwrap();
            let source = Subjects { voxels: 6, series: subjects, blocks };
            let seed = lesion("seed", &[0]);
            let maps = run(&source, vec![seed.clone()], Options::default(), 1);
            let map = &maps[0].map;
            let way = Way { pc1: false, average: false, most_bad: 0.01 };
            compare(map, &dense::map(&source.series, &seed, 6, way));
            // The seed's own voxel is at the cap in everybody, and does not vary.
            assert_eq!((map.capped, map.without_variance()), (12, 1));
            assert!((map.z[0] - 10.0).abs() < 1e-12);
            assert!(map.t().next().unwrap().abs() < 1e-300);
        }
    }
}

/// With one lesion a strip of series of 300 time points is a whole tile of 1,024 voxels, with 60 half of
/// one, with three rows of 60 for several runs a quarter. Tiles, strips and panels end within the mask,
/// and in each there is a voxel without a series.
#[test]
fn strips_of_any_width_give_the_same_maps() {
    const VOXELS: usize = 1100;
    let random = Random::new(17, 0);
    let series = |s: u64, r: u64| -> Vec<Vec<f32>> {
        let row = |t: u64| {
            let draw = |v: usize| random.uniform((s * 2 + r) * 1000 + t, u32::try_from(v).unwrap());
            let mut row: Vec<f32> =
                (0..VOXELS).map(|v| (draw(v) + draw(v / 8) + draw(1)) as f32).collect();
            for constant in [0, 300, 511, 800, 1023, 1099] {
                row[constant] = if s == 1 { 5.0 } else { row[constant] };
            }
            if s == 2 && t == 7 {
                (row[31], row[600], row[1090]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
            }
            row
        };
        (0..150 - 10 * s).map(row).collect()
    };
    let subjects = (0..4).map(|s| (0..2).map(|r| series(s, r)).collect()).collect();
    let source = Subjects { voxels: VOXELS, series: subjects, blocks: Blocks::even(4, 2).unwrap() };
    let lesions: Vec<Lesion> =
        (0..60).map(|l| lesion(&format!("l{l}"), &[l, 500 + l, 1024 + l])).collect();
    for runs in [Runs::Concatenate, Runs::Average] {
        let options = Options { runs, ..Options::default() };
        let maps = run(&source, lesions.clone(), options, 2);
        assert_eq!(maps[0].without_series, [[0, 0], [6, 0], [0, 3], [0, 0]]);
        for l in [0, 37, 59] {
            let way = Way { pc1: false, average: runs == Runs::Average, most_bad: 0.01 };
            compare(&maps[l].map, &dense::map(&source.series, &lesions[l], VOXELS, way));
            let alone = run(&source, vec![lesions[l].clone()], options, 2);
            assert_eq!(format!("{:?}", alone[0]), format!("{:?}", maps[l]));
        }
    }
}

#[test]
fn a_run_without_time_points_says_nothing() {
    let random = Random::new(23, 0);
    let row = |t: u64| (0..40).map(|v| random.uniform(t, v) as f32).collect();
    let whole: Vec<Vec<f32>> = (0..9).map(row).collect();
    let of = |series: Vec<Vec<Vec<Vec<f32>>>>, way| {
        let blocks = Blocks::even(series.len(), 1).unwrap();
        let source = Subjects { voxels: 40, series, blocks };
        let options = Options { runs: way, ..Options::default() };
        let found = run(&source, vec![lesion("l", &[3, 39])], options, 1);
        (format!("{:?}", found[0].map), found[0].without_series.clone())
    };
    for way in [Runs::Concatenate, Runs::Average] {
        let (map, without) = of(vec![vec![whole.clone()]], way);
        assert!(map.contains("n: [1, 1, 1"), "{map}");
        for runs in [vec![vec![], whole.clone()], vec![whole.clone(), vec![], vec![]]] {
            assert_eq!(of(vec![runs], way), (map.clone(), without.clone()));
        }
        // A subject without any sample has no seed, and nothing varies in it.
        let (with_another, without) = of(vec![vec![vec![]], vec![whole.clone()]], way);
        assert_eq!((with_another, without), (map, vec![[40, 0], [0, 0]]));
    }
}

/// Where two components are of one size, or the first is at a right angle to the mean, the subject is
/// named; it counts all the same.
#[test]
fn an_ambiguous_first_component_is_named() {
    let (s, w) = ([1.0f32, -1.0, 1.0, -1.0], [1.0f32, 1.0, -1.0, -1.0]);
    let subject = |column: &dyn Fn(usize) -> [f32; 3]| -> Vec<Vec<Vec<f32>>> {
        vec![(0..4).map(|t| column(t).to_vec()).collect()]
    };
    let series = vec![
        subject(&|t| [s[t], 2.0 * s[t] + 1.0, s[t]]),
        subject(&|t| [s[t], w[t], 5.0]),
        subject(&|t| [s[t], -s[t], 10.0 * w[t]]),
        subject(&|t| [s[t] + 0.01 * w[t], 5.0 + s[t] - 0.01 * w[t], w[t]]),
    ];
    let source = Subjects { voxels: 3, series, blocks: Blocks::even(4, 4).unwrap() };
    let lesions = vec![lesion("all", &[0, 1, 2]), lesion("two", &[0, 1])];
    let pc1 = Options { seed: Seed::Pc1, ..Options::default() };
    let found = run(&source, lesions.clone(), pc1, 1);
    assert_eq!(
        (found[0].ambiguous.as_slice(), found[1].ambiguous.as_slice()),
        ([1, 2].as_slice(), [1, 2].as_slice())
    );
    // Subject 2 has no mean of the second lesion; its voxel that is constant in subject 1 has no z.
    assert_eq!(
        (found[0].map.n.as_slice(), found[1].map.n.as_slice()),
        ([4, 4, 3].as_slice(), [4, 4, 3].as_slice())
    );
    let means = run(&source, lesions, Options::default(), 1);
    assert_eq!(means[1].map.n, [3, 3, 2]);
    assert!(means.iter().all(|of| of.ambiguous.is_empty()));
}

/// Beside the dense ones: sd / sqrt n, and times 1 - r^2. Where |z| is 10, 1 - r^2 has lost half of its
/// digits as a difference, and not as 4 / (e^z + e^-z)^2.
#[test]
fn standard_errors_of_z_and_r_are_those_of_the_formulas() {
    let random = Random::new(21, 0);
    let subject = |s: usize| -> Vec<Vec<Vec<f32>>> {
        let row = |t: usize| {
            let x = |v: u32| random.uniform((s * 100 + t) as u64, v);
            // Voxel 2 is voxel 0 but for some; 3 varies in one subject.
            let third = if t == 3 { x(0) + 0.01 * x(2) } else { x(0) };
            vec![x(0), x(0) + x(1), third, if s == 2 { x(3) } else { 1.0 }]
        };
        vec![(0..20).map(|t| row(t).into_iter().map(|x| x as f32).collect()).collect()]
    };
    let source = Subjects {
        voxels: 4,
        series: (0..6).map(subject).collect(),
        blocks: Blocks::even(6, 6).unwrap(),
    };
    let seed = lesion("l", &[0]);
    let map = &run(&source, vec![seed.clone()], Options::default(), 1)[0].map;
    let way = Way { pc1: false, average: false, most_bad: 0.01 };
    let dense = dense::map(&source.series, &seed, 4, way);
    let of_z: Vec<f64> = map.se_z().collect();
    let of_r: Vec<f64> = map.se_r().collect();
    let mut near_1 = 0;
    for v in 0..3 {
        let expected = dense.sd[v] / (dense.n[v] as f64).sqrt();
        // What z may be off beyond 3, in its spread over subjects.
        assert!((of_z[v] - expected).abs() <= 5e-6, "voxel {v}: {} for {expected}", of_z[v]);
        let slope = 4.0 / (map.z[v].exp() + (-map.z[v]).exp()).powi(2);
        assert!((of_r[v] - of_z[v] * slope).abs() <= 1e-14 * of_r[v], "voxel {v}: {}", of_r[v]);
        near_1 += u32::from(map.z[v] > 5.0 && of_z[v] > 0.0);
    }
    assert_eq!((map.n[3], near_1), (1, 1));
    assert!(of_z[3].is_nan() && of_r[3].is_nan());
}

/// Maps come in the order of the study, and none after the first error.
#[test]
fn a_sink_gets_each_map_once_until_it_says_no() {
    let random = Random::new(4, 0);
    let row = |t: u64| (0..5).map(|v| random.uniform(t, v) as f32).collect();
    let series = vec![vec![(0..9).map(row).collect()], vec![(20..29).map(row).collect()]];
    let source = Subjects { voxels: 5, series, blocks: Blocks::even(2, 2).unwrap() };
    let study = Study {
        subjects: vec!["sub-0".into(), "sub-1".into()],
        voxels: 5,
        time_points: 9,
        runs: 1,
        lesions: (0..4).map(|v| lesion(&format!("l{v}"), &[v])).collect(),
        parcels: None,
    };
    let model = Fnm::new(study, Options::default()).unwrap();
    let total = Runner::new().run(&model, &source).unwrap().total;
    let mut seen = Vec::new();
    let done = model.each_map(&total, |lesion, map| {
        seen.push((lesion, map));
        Ok::<(), String>(())
    });
    assert_eq!(done, Ok(()));
    let expected: Vec<_> = (0..4).map(|lesion| (lesion, model.map(&total, lesion))).collect();
    assert_eq!(seen, expected);
    let mut numbers = Vec::new();
    let stopped = model.each_map(&total, |lesion, _| {
        numbers.push(lesion);
        if lesion == 2 { Err("the disk is full") } else { Ok(()) }
    });
    assert_eq!((stopped, numbers), (Err("the disk is full"), vec![0, 1, 2]));
}

/// A study that asks for no parcels has none of subjects; parcels of another mask are refused.
#[test]
fn parcels_are_of_the_mask_or_of_nobody() {
    let study = |parcels: Option<Parcels>| Study {
        subjects: vec!["sub-0".into()],
        voxels: 3,
        time_points: 4,
        runs: 1,
        lesions: vec![lesion("l", &[0])],
        parcels,
    };
    let without = Fnm::new(study(None), Options::default()).unwrap();
    assert!(without.subject_parcels(&without.init(), 0).is_none());
    let two = Parcels::new(vec![1], vec![1, 0]).unwrap();
    let error = Fnm::new(study(Some(two)), Options::default()).unwrap_err();
    let expected = "the parcels are of a mask of 2 voxels, the mask has 3";
    assert_eq!(error.to_string(), expected);
    // 16 bytes for each subject, lesion and parcel, in every state.
    let three = Parcels::new(vec![5, 6], vec![1, 0, 2]).unwrap();
    let with = Fnm::new(study(Some(three)), Options::default()).unwrap();
    let more = with.footprint(0).state - without.footprint(0).state;
    assert!((32..64).contains(&more), "{more}");
    let rows: Vec<Vec<f64>> = with.subject_parcels(&with.init(), 0).unwrap().collect();
    assert!(rows.len() == 1 && rows[0].len() == 2 && rows[0].iter().all(|mean| mean.is_nan()));
}

/// A subject may have as many bad voxels as the share says, and is dropped with one more.
#[test]
fn a_subject_with_more_bad_voxels_than_the_share_is_dropped() {
    let random = Random::new(3, 0);
    let subject = |s: usize| -> Vec<Vec<Vec<f32>>> {
        let bad = [0, 29, 30, 100][s];
        let sample = |t: usize, v: usize| {
            let x = random.uniform((s * 100 + t) as u64, v as u32) as f32;
            if 100 - v <= bad && t == 4 { f32::NAN } else { x }
        };
        vec![(0..10).map(|t| (0..100).map(|v| sample(t, v)).collect()).collect()]
    };
    let source = Subjects {
        voxels: 100,
        series: (0..4).map(subject).collect(),
        blocks: Blocks::even(4, 4).unwrap(),
    };
    for (most_bad, counted) in
        [(0.0, [1, 1]), (0.28, [1, 1]), (0.29, [2, 1]), (0.3, [3, 1]), (1.0, [3, 1])]
    {
        let options = Options { most_bad, ..Options::default() };
        let map = &run(&source, vec![lesion("l", &[0, 1])], options, 1)[0].map;
        assert_eq!([map.n[0], map.n[99]], counted, "{most_bad}");
    }
    for most_bad in [-0.01, 1.01, f64::NAN] {
        let study = Study {
            subjects: vec!["sub-0".into()],
            voxels: 100,
            time_points: 10,
            runs: 1,
            lesions: vec![lesion("l", &[0])],
            parcels: None,
        };
        let error = Fnm::new(study, Options { most_bad, ..Options::default() }).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("a subject may have a share of {most_bad} of bad voxels; 0 to 1 is expected")
        );
    }
}

/// q of a voxel: the least p m / rank among the voxels whose p is no smaller, over voxels with two
/// subjects or more.
#[test]
fn q_is_that_of_benjamini_and_hochberg() {
    let random = Random::new(8, 0);
    let sample = |s: usize, t: usize, v: usize| {
        let own = random.uniform((s * 100 + t) as u64, u32::try_from(v).unwrap());
        let shared = random.uniform((s * 100 + t) as u64, 1000);
        // Voxel 9 is constant in all but one subject.
        if v == 9 && s > 0 { 1.0 } else { (own + shared * (v % 7) as f64 / 7.0) as f32 }
    };
    let subject =
        |s: usize| vec![(0..30).map(|t| (0..60).map(|v| sample(s, t, v)).collect()).collect()];
    let source = Subjects {
        voxels: 60,
        series: (0..8).map(subject).collect(),
        blocks: Blocks::even(8, 8).unwrap(),
    };
    let map = &run(&source, vec![lesion("l", &[6, 13])], Options::default(), 1)[0].map;
    let p: Vec<f64> = map.log10_p().map(|p| 10f64.powf(p)).collect();
    let known: Vec<f64> = p.iter().copied().filter(|p| !p.is_nan()).collect();
    assert_eq!((map.n[9], known.len()), (1, 59));
    let mut below_1 = 0;
    for (p, q) in p.iter().zip(map.log10_q()) {
        if p.is_nan() {
            assert!(q.is_nan());
            continue;
        }
        let at = |other: f64| {
            let rank = known.iter().filter(|&&p| p <= other).count();
            other * known.len() as f64 / rank as f64
        };
        let no_smaller = known.iter().copied().filter(|other| other >= p);
        let expected = no_smaller.map(at).fold(1.0, f64::min);
        assert!((10f64.powf(q) / expected - 1.0).abs() < 1e-10, "{q} for {expected}");
        below_1 += u32::from(expected < 0.05);
    }
    assert!(below_1 > 10, "{below_1}");
}

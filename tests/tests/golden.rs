//! States that were saved in format 1 and are kept beside this file: every later version reads them,
//! finds in them the numbers that a computation of another kind finds, and saves them as the same
//! bytes.
//!
//! `TWOBLADE_WRITE_GOLDEN=1 cargo test -p twoblade-tests --test golden` makes them anew. That is for a
//! new format or a new version of a state, and then the old files stay, under their old names.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use twoblade::brain::{Lesion, Subject};
use twoblade::core::{BlockSource, Blocks, BoxError, Fingerprint, LeaveOneOut, Merge, Random};
use twoblade::fnm::{Fnm, MeanZ, Options, Study};
use twoblade::geno::{Among, Bins, Cut, Selection, Subset, Trait};
use twoblade::haseman::{Estimate, State};
use twoblade::moments::{Column, Moments};
use twoblade::rhe::{Precision, Probes, Rhe};
use twoblade::runner::{Cover, Identity, Part, Pass, Runner, read_header};
use twoblade_tests::dense::{Dense, Solved};
use twoblade_tests::memory::Genotypes;

const BLOCKS: usize = 5;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// What is checked of a model: `pass one` of all blocks and of blocks 1, 3 and 4, `pass two` of all.
struct Golden<'a, M: LeaveOneOut, S> {
    name: &'a str,
    model: &'a M,
    source: &'a S,
    numbers: fn(&M::Estimate) -> Vec<f64>,
    /// Of everything but some block, or of nothing but some blocks, computed in another way.
    expected: &'a dyn Fn(&Cover) -> Vec<f64>,
    tolerance: f64,
}

impl<M, S> Golden<'_, M, S>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    fn check(&self) {
        let all = Cover::from(0..BLOCKS);
        let some: Cover = [0, 2, 3].into_iter().collect();
        let [whole, part, left_out] = ["pass-one", "part", "pass-two"]
            .map(|which| file(&format!("{}-{which}.format-1.state", self.name)));
        if std::env::var_os("TWOBLADE_WRITE_GOLDEN").is_some() {
            self.write((&whole, &all), (&part, &some), &left_out);
        }
        for (file, pass, cover) in
            [(&whole, Pass::One, &all), (&part, Pass::One, &some), (&left_out, Pass::Two, &all)]
        {
            let header = read_header(file).unwrap();
            assert_eq!((header.pass, &header.cover), (pass, cover), "{}", file.display());
            assert_eq!(header.identity.model, self.model.name());
            assert_eq!(header.identity.state_version, M::STATE_VERSION);
            assert_eq!(header.identity.blocks, BLOCKS as u64);
            assert_eq!(header.identity.chunks, self.source.chunks());
            assert_eq!(header.identity.data, self.source.fingerprint());
            let digests = cover
                .blocks()
                .map(|block| self.source.visit(block, &mut |_| ControlFlow::Continue(())).unwrap());
            assert_eq!(header.digests, digests.collect::<Vec<_>>());
        }
        for (file, cover) in [(&whole, &all), (&part, &some)] {
            let part = Part::<M::State>::load(file).unwrap();
            saves_as_it_was(&part, file);
            let mut state = self.model.init();
            state.merge(part.payload());
            let total = self.model.aggregate(state).unwrap();
            self.compare(file, &self.model.finish(&total).unwrap(), cover);
        }
        let part = Part::<Vec<M::Estimate>>::load(&left_out).unwrap();
        saves_as_it_was(&part, &left_out);
        assert_eq!(part.payload().len(), BLOCKS);
        for (block, estimate) in part.payload().iter().enumerate() {
            let rest: Cover = (0..BLOCKS).filter(|&other| other != block).collect();
            self.compare(&left_out, estimate, &rest);
        }
    }

    fn compare(&self, file: &Path, estimate: &M::Estimate, cover: &Cover) {
        let (found, expected) = ((self.numbers)(estimate), (self.expected)(cover));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            let off = (found - expected).abs();
            let file = file.display();
            assert!(off <= self.tolerance, "{file}, of {cover}: {found}, not {expected}");
        }
    }

    fn write(&self, (whole, all): (&Path, &Cover), (part, some): (&Path, &Cover), left_out: &Path) {
        let runner = Runner::new();
        let total = runner.pass_one(self.model, self.source, all).unwrap();
        total.save(whole).unwrap();
        runner.pass_one(self.model, self.source, some).unwrap().save(part).unwrap();
        let estimates = runner.pass_two(self.model, self.source, (total, whole), all).unwrap();
        estimates.save(left_out).unwrap();
    }
}

fn saves_as_it_was<T: serde::Serialize>(part: &Part<T>, file: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let again = folder.path().join("again");
    part.save(&again).unwrap();
    let bytes = [file, &again].map(|file| std::fs::read(file).unwrap());
    assert!(bytes[0] == bytes[1], "{} is saved as other bytes", file.display());
}

/// A number between 0 and 1 that every version draws alike.
fn uniform(row: usize, column: usize) -> f64 {
    Random::new(29, 0).uniform(row as u64, u32::try_from(column).unwrap())
}

#[test]
fn moments() {
    let values: Vec<f64> = (0..23).map(|row| 1e3 * uniform(row, 0) - 200.0).collect();
    let blocks = Blocks::even(values.len(), BLOCKS).unwrap();
    let expected = |cover: &Cover| {
        let some = cover.blocks().flat_map(|block| values[blocks.range(block)].to_vec());
        let some: Vec<f64> = some.collect();
        let n = some.len() as f64;
        let mean = some.iter().sum::<f64>() / n;
        vec![n, mean, some.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)]
    };
    Golden {
        name: "moments",
        model: &Moments,
        source: &Column::new(values.clone(), blocks).chunk(2),
        numbers: |moments| vec![moments.count as f64, moments.mean, moments.variance],
        expected: &expected,
        // The sums of doubles above: a variance of 1e5 to 15 digits.
        tolerance: 1e-9,
    }
    .check();
}

const INDIVIDUALS: usize = 13;
const VARIANTS: usize = 30;

#[expect(clippy::ptr_arg, reason = "the estimate of several models is such a list")]
fn of_groups(estimates: &Vec<Estimate>) -> Vec<f64> {
    let of_group = |estimate: &Estimate| {
        let all: f64 = estimate.traits[0].sigma.iter().sum();
        let mut numbers: Vec<f64> = estimate.columns.iter().map(|&m| m as f64).collect();
        numbers.extend(estimate.traits[0].sigma.iter().map(|s| s / all));
        numbers
    };
    estimates.iter().flat_map(of_group).collect()
}

/// Two groups of individuals with a trait each, in two bins, as `rhe` runs them.
#[test]
fn rhe() {
    let code = |v: usize, i: usize| match uniform(100 + v, i) {
        u if u < 0.04 => 1,
        u if u < 0.3 => 0,
        u if u < 0.7 => 2,
        _ => 3,
    };
    let codes: Vec<Vec<u8>> =
        (0..VARIANTS).map(|v| (0..INDIVIDUALS).map(|i| code(v, i)).collect()).collect();
    let cut = Cut::new(VARIANTS, INDIVIDUALS, BLOCKS).unwrap().chunk_variants(4);
    let rows = |group: usize| -> Vec<usize> {
        (0..INDIVIDUALS).filter(|i| group == 0 || i % 5 != 2).collect()
    };
    let values = |group: usize| -> Vec<f64> {
        rows(group).iter().map(|&i| 10.0 + uniform(200 + group, i)).collect()
    };
    let group = |group: usize| {
        let individuals: Vec<u32> =
            rows(group).into_iter().map(|i| u32::try_from(i).unwrap()).collect();
        let selection = Selection::new(INDIVIDUALS, &individuals);
        let study = twoblade::geno::Study {
            listed: INDIVIDUALS,
            individuals,
            traits: vec![Trait { name: format!("t{group}"), values: values(group) }],
            variants: Subset::all(VARIANTS),
            bins: Bins::new(
                vec!["a".into(), "b".into()],
                (0..VARIANTS).map(|v| vec![u16::from(v % 3 == 1)]),
            ),
            cut,
        };
        let options = twoblade::rhe::Options {
            probes: Probes::Basis,
            precision: Precision::Double,
            ..Default::default()
        };
        let model: Rhe = twoblade::rhe::rhe(&study, options).unwrap();
        Among::new(model, format!("t{group}"), selection)
    };
    let of_group = |group: usize, cover: &Cover| {
        let rows = rows(group);
        let codes: Vec<Vec<u8>> =
            codes.iter().map(|codes| rows.iter().map(|&i| codes[i]).collect()).collect();
        let each = VARIANTS / BLOCKS;
        let bins: Vec<Vec<usize>> = (0..VARIANTS)
            .map(|v| if cover.contains(v / each) { vec![usize::from(v % 3 == 1)] } else { vec![] })
            .collect();
        let dense = Dense {
            codes: &codes,
            bins: &bins,
            components: 2,
            traits: &[values(group)],
            intercept: true,
            covariates: &[],
            blocks: BLOCKS,
        };
        let Solved { sigma, columns, .. } = dense.solve(None).unwrap();
        let all = sigma[0].sum();
        let mut numbers: Vec<f64> = columns.iter().map(|&m| m as f64).collect();
        numbers.extend(sigma[0].iter().map(|s| s / all));
        numbers
    };
    let models = [group(0), group(1)];
    Golden {
        name: "rhe-states-6",
        model: &models.as_slice(),
        source: &Genotypes { codes: codes.clone(), cut },
        numbers: of_groups,
        expected: &|cover| [of_group(0, cover), of_group(1, cover)].concat(),
        // As in the laws: doubles, a condition below 1e3.
        tolerance: 1e-9,
    }
    .check();
    // States of an earlier shape, or made by other products (1 and 2 depended on the instruction set), say so, and
    // are not taken for these.
    let source = Genotypes { codes: codes.clone(), cut };
    let identity = Identity::of(&models.as_slice(), &source).unwrap();
    for (version, name) in [
        (1, "rhe"),
        (2, "rhe-states-2"),
        (3, "rhe-states-3"),
        (4, "rhe-states-4"),
        (5, "rhe-states-5"),
    ] {
        for (which, pass) in [("pass-one", Pass::One), ("pass-two", Pass::Two)] {
            let old = file(&format!("{name}-{which}.format-1.state"));
            let refused = Part::<Vec<State>>::load_of(&old, &identity, pass);
            let refused = refused.unwrap_err().to_string();
            let words = format!("version of its states {version}, here 6");
            assert!(refused.contains(&words), "{refused}");
        }
    }
}

const VOXELS: usize = 40;
const TIME_POINTS: usize = 12;

/// Subjects in memory, two in each block.
struct Subjects;

impl Subjects {
    #[expect(clippy::cast_possible_truncation, reason = "what the file of a subject has")]
    fn sample(subject: usize, time: usize, voxel: usize) -> f32 {
        let shared = uniform(1000 + 100 * subject + time, 0);
        (uniform(1000 + 100 * subject + time, 1 + voxel) + shared * (voxel % 3) as f64) as f32
    }

    fn series(subject: usize, of: impl Fn(usize) -> f64) -> Vec<f64> {
        assert!(subject < 2 * BLOCKS);
        let mean = (0..TIME_POINTS).map(&of).sum::<f64>() / TIME_POINTS as f64;
        (0..TIME_POINTS).map(|time| of(time) - mean).collect()
    }
}

impl BlockSource for Subjects {
    type Chunk = Subject;

    fn blocks(&self) -> usize {
        BLOCKS
    }

    fn chunks(&self) -> u64 {
        2 * BLOCKS as u64
    }

    fn chunk_bytes(&self) -> usize {
        TIME_POINTS * VOXELS * 4 + 256
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([7; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Subject) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let mut subject = Subject::new(VOXELS);
        for number in [2 * block, 2 * block + 1] {
            subject.restart(number);
            let run = subject.add_run(TIME_POINTS).chunks_exact_mut(VOXELS);
            for (time, row) in run.enumerate() {
                for (voxel, sample) in row.iter_mut().enumerate() {
                    *sample = Self::sample(number, time, voxel);
                }
            }
            if visit(&subject).is_break() {
                break;
            }
        }
        Ok(block as u64 + 1)
    }
}

fn of_map(of: &MeanZ) -> Vec<f64> {
    let z = of.z.iter().enumerate();
    z.filter(|(at, _)| at % VOXELS != 30).map(|(_, z)| *z).collect()
}

#[test]
fn fnm() {
    let lesions = [vec![2, 5, 9], vec![30]];
    let lesion = |voxels: &Vec<u32>| Lesion {
        name: format!("l{}", voxels[0]),
        voxels: voxels.clone(),
        weights: vec![1.0; voxels.len()],
        given: voxels.len(),
        outside: 0,
    };
    let study = Study {
        subjects: (0..2 * BLOCKS).map(|subject| format!("sub-{subject}")).collect(),
        voxels: VOXELS,
        time_points: TIME_POINTS,
        runs: 1,
        lesions: lesions.iter().map(lesion).collect(),
        parcels: None,
    };
    let z = |subject: usize, lesion: &[u32], voxel: usize| {
        let at = |time: usize, voxel: usize| f64::from(Subjects::sample(subject, time, voxel));
        let seed = |time: usize| {
            lesion.iter().map(|&v| at(time, v as usize)).sum::<f64>() / lesion.len() as f64
        };
        let a = Subjects::series(subject, seed);
        let b = Subjects::series(subject, |time| at(time, voxel));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        (dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()).atanh()
    };
    let expected = |cover: &Cover| {
        let subjects: Vec<usize> =
            cover.blocks().flat_map(|block| [2 * block, 2 * block + 1]).collect();
        let mut numbers = Vec::new();
        for lesion in &lesions {
            // A lesion of one voxel correlates with it perfectly, and that z is capped.
            for voxel in (0..VOXELS).filter(|&voxel| voxel != 30) {
                let sum: f64 = subjects.iter().map(|&subject| z(subject, lesion, voxel)).sum();
                numbers.push(sum / subjects.len() as f64);
            }
        }
        numbers
    };
    Golden {
        name: "fnm",
        model: &Fnm::new(study, Options::default()).unwrap(),
        source: &Subjects,
        numbers: of_map,
        expected: &expected,
        // As in the laws: floats, 2e-7 in r, and z near 3 at most.
        tolerance: 1e-6,
    }
    .check();
}

//! The model: subjects in, maps out.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use twoblade_brain::{Parcels, Run, Subject};
use twoblade_core::{
    BoxError, Footprint, Instructions, Integers, LeaveOneOut, StreamingEstimator, Threads, tiles,
};

use crate::artanh::CAP;
use crate::error::FnmError;
use crate::maps::{LesionMap, subject_parcels};
use crate::options::{Options, Runs, Seed};
use crate::seeds::Seeds;
use crate::series::{TILE, bad_voxels};
use crate::state::{Shape, State};
use crate::study::Study;
use crate::tile::{Counts, ParcelSums, Part, Parts, Scratch, add_tile};

/// Sums of squares stay below this.
const ROOM: f64 = 4_611_686_018_427_387_904.0; // 2^62

/// Functional network maps of lesions, all of them from one stream over the subjects.
///
/// Boes et al. (2015), Brain 138:3061: the correlation of the mean series of a lesion with every voxel
/// of a normal subject, made Fisher's z and averaged over subjects.
#[derive(Debug, Serialize)]
pub struct Fnm {
    study: Study,
    options: Options,
    /// Grid units of z: 2^q.
    units: f64,
    #[serde(skip)]
    shape: Shape,
    /// Buffers of the threads, taken once and not for every tile.
    #[serde(skip)]
    scratch: Mutex<Vec<Scratch>>,
}

/// What leaving out blocks varies: z on average.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanZ {
    /// For each lesion and voxel; NaN where no subject counts.
    pub z: Vec<f64>,
}

impl Fnm {
    /// The model of a study.
    ///
    /// # Errors
    /// [`FnmError`] if there is no subject or no lesion, a lesion does not fit the mask, or an option is
    /// out of range.
    pub fn new(study: Study, options: Options) -> Result<Self, FnmError> {
        Instructions::chosen()?;
        if study.subjects.is_empty() {
            return Err(FnmError::NoSubject);
        }
        if study.lesions.is_empty() {
            return Err(FnmError::NoLesion);
        }
        if !(0.0..=1.0).contains(&options.most_bad) {
            return Err(FnmError::MostBad { found: options.most_bad });
        }
        if let Some(parcels) = study.parcels.as_ref().filter(|of| of.voxels() != study.voxels) {
            let (found, voxels) = (parcels.voxels(), study.voxels);
            return Err(FnmError::Parcels { found, voxels });
        }
        for of in &study.lesions {
            if let Some(&voxel) = of.voxels.iter().find(|&&v| v as usize >= study.voxels) {
                let (lesion, voxels) = (of.name.clone(), study.voxels);
                return Err(FnmError::Voxel { lesion, voxel, voxels });
            }
            let positive = of.weights.iter().all(|weight| *weight > 0.0 && weight.is_finite());
            if of.voxels.is_empty() || of.voxels.len() != of.weights.len() || !positive {
                return Err(FnmError::Weights { lesion: of.name.clone() });
            }
        }
        let shape = Shape {
            lesions: study.lesions.len(),
            voxels: study.voxels,
            subjects: study.subjects.len(),
            time_points: study.time_points,
            components: options.seed == Seed::Pc1,
            parcels: study.parcels.as_ref().map_or(0, Parcels::count),
        };
        let mut units = 1.0;
        while shape.subjects as f64 * (CAP * units * 2.0).powi(2) < ROOM {
            units *= 2.0;
        }
        Ok(Self { study, options, units, shape, scratch: Mutex::default() })
    }

    /// What is mapped.
    pub fn study(&self) -> &Study {
        &self.study
    }

    /// The step of the grid that z is rounded to.
    pub fn step(&self) -> f64 {
        1.0 / self.units
    }

    /// The map of one lesion, from the state of everything.
    ///
    /// # Panics
    /// If there is no such lesion.
    pub fn map(&self, total: &State, lesion: usize) -> LesionMap {
        LesionMap::new(total, &self.shape, lesion, self.units)
    }

    /// Hands the map of each lesion to a sink, in the order of the study, with the lesion's number. A map
    /// is made when its turn comes, so no more than one of them is held here; it is the sink's to keep.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// use twoblade_brain::{Lesion, Subject};
    /// use twoblade_core::{Serial, StreamingEstimator};
    /// use twoblade_fnm::{Fnm, Options, Study};
    ///
    /// let lesion = |voxel: u32| Lesion {
    ///     name: format!("lesion-{voxel}"),
    ///     voxels: vec![voxel],
    ///     weights: vec![1.0],
    ///     given: 1,
    ///     outside: 0,
    /// };
    /// let model = Fnm::new(
    ///     Study {
    ///         subjects: vec!["sub-a".into()],
    ///         voxels: 3,
    ///         time_points: 4,
    ///         runs: 1,
    ///         lesions: vec![lesion(0), lesion(2)],
    ///         parcels: None,
    ///     },
    ///     Options::default(),
    /// )?;
    /// // A runner does this for all subjects of a connectome.
    /// let mut subject = Subject::new(3);
    /// subject.restart(0);
    /// let samples = [[1.0, 1.0, 4.0], [2.0, 0.0, 3.0], [3.0, 1.0, 2.0], [4.0, 0.0, 1.0]];
    /// subject.add_run(4).copy_from_slice(samples.as_flattened());
    /// let mut total = model.init();
    /// model.pass_one(&subject, &mut total, &Serial)?;
    ///
    /// let mut lines = Vec::new();
    /// model.each_map(&total, |lesion, map| -> std::io::Result<()> {
    ///     // Here a program writes files, one lesion after the other.
    ///     let name = &model.study().lesions[lesion].name;
    ///     lines.push(format!("{name}: {:.2}", map.r().nth(1).unwrap_or(f64::NAN)));
    ///     Ok(())
    /// })?;
    /// assert_eq!(lines, ["lesion-0: -0.45", "lesion-2: 0.45"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The first of the sink's; it gets no map after that.
    pub fn each_map<E>(
        &self,
        total: &State,
        mut sink: impl FnMut(usize, LesionMap) -> Result<(), E>,
    ) -> Result<(), E> {
        (0..self.shape.lesions).try_for_each(|lesion| sink(lesion, self.map(total, lesion)))
    }

    /// Bytes of one [`LesionMap`], which is what a sink holds if it keeps none.
    pub fn map_bytes(&self) -> usize {
        LesionMap::bytes(self.shape.voxels)
    }

    /// The numbers of the subjects that were dropped because too many of their voxels have a sample
    /// that is not finite.
    pub fn dropped(&self, total: &State) -> Vec<usize> {
        let bad = |&number: &usize| self.is_dropped(total.subjects.values()[2 * number + 1]);
        (0..self.shape.subjects).filter(bad).collect()
    }

    /// The numbers of the subjects that have no seed for a lesion: all its voxels are constant in
    /// them, or not finite.
    ///
    /// # Panics
    /// If there is no such lesion.
    pub fn seedless(&self, total: &State, lesion: usize) -> Vec<usize> {
        self.named(&total.seedless, lesion)
    }

    /// The numbers of the subjects in whom, with [`Seed::Pc1`], the first component of a lesion says
    /// little, in one run at least: the second singular value is above 0.99 of the first, or the
    /// correlation with the mean series is below 0.1 in size. They count in the maps all the same.
    ///
    /// # Panics
    /// If there is no such lesion.
    pub fn ambiguous(&self, total: &State, lesion: usize) -> Vec<usize> {
        assert!(lesion < self.shape.lesions, "lesion {lesion} of {}", self.shape.lesions);
        if self.shape.components { self.named(&total.ambiguous, lesion) } else { Vec::new() }
    }

    /// Subjects that are counted for a lesion.
    fn named(&self, counts: &Integers, lesion: usize) -> Vec<usize> {
        let subjects = self.shape.subjects;
        let of_lesion = &counts.values()[lesion * subjects..][..subjects];
        (0..subjects).filter(|&number| of_lesion[number] != 0).collect()
    }

    /// For each subject in order, a row of parcels in theirs: tanh of the mean of z over the voxels of the
    /// parcel that have one, or NaN where none has. z is on the grid of [`step`](Self::step). None where
    /// the study asks for no parcels.
    ///
    /// # Panics
    /// If there is no such lesion.
    pub fn subject_parcels<'a>(
        &'a self,
        total: &'a State,
        lesion: usize,
    ) -> Option<impl ExactSizeIterator<Item = Vec<f64>> + 'a> {
        let shape = &self.shape;
        assert!(lesion < shape.lesions, "lesion {lesion} of {}", shape.lesions);
        let row = move |subject| subject_parcels(total, shape, (subject, lesion), self.units);
        (shape.parcels > 0).then(|| (0..shape.subjects).map(row))
    }

    /// How many voxels of a subject are constant, and how many have a sample that is not finite.
    ///
    /// # Panics
    /// If there is no such subject.
    pub fn without_series(&self, total: &State, subject: usize) -> [i64; 2] {
        [0, 1].map(|kind| total.subjects.values()[2 * subject + kind])
    }

    /// Buffers that no thread uses now.
    fn waiting(&self) -> MutexGuard<'_, Vec<Scratch>> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_dropped(&self, bad: i64) -> bool {
        // Divided, and so 29 of 100 are not more than 0.29; a product with 0.29 would be below 29.
        bad as f64 / self.shape.voxels as f64 > self.options.most_bad
    }

    fn check(&self, subject: &Subject) -> Result<(), FnmError> {
        let shape = &self.shape;
        let (number, voxels, time_points) =
            (subject.number(), subject.voxels(), subject.time_points());
        let runs = subject.runs().len() <= self.study.runs;
        let fits = voxels == shape.voxels && time_points <= shape.time_points && runs;
        if number < shape.subjects && fits {
            return Ok(());
        }
        Err(FnmError::OtherStudy {
            number,
            voxels,
            time_points,
            subjects: shape.subjects,
            expected: shape.voxels,
            most: shape.time_points,
        })
    }

    /// What is multiplied at once: all runs, or each by itself; nothing that has no sample.
    fn parts<'a>(&self, subject: &'a Subject) -> Vec<&'a [Run]> {
        let runs = subject.runs();
        let together = match self.options.runs {
            Runs::Concatenate => runs.len(),
            Runs::Average => 1,
        };
        let sampled = |runs: &&[Run]| runs.iter().any(|run| run.time_points > 0);
        runs.chunks(together.max(1)).filter(sampled).collect()
    }
}

impl StreamingEstimator for Fnm {
    const STATE_VERSION: u32 = 3;
    type Chunk = Subject;
    type State = State;
    type Total = State;
    type Estimate = MeanZ;

    fn name(&self) -> Cow<'static, str> {
        "fnm".into()
    }

    /// First components come from a library that multiplies with whatever the processor has; all other
    /// loops give the same bits with all instructions.
    fn depends_on_instructions(&self) -> bool {
        self.options.seed == Seed::Pc1
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let Shape { lesions, voxels, time_points, .. } = self.shape;
        let of_lesion = |of: &twoblade_brain::Lesion| of.voxels.len() * 12 + of.name.len() + 96;
        let held: usize = self.study.lesions.iter().map(of_lesion).sum();
        let names: usize = self.study.subjects.iter().map(|name| name.len() + 24).sum();
        let runs = self.study.runs;
        let tiles = voxels.div_ceil(TILE) * 64 + lesions * 48;
        let parcels = self.study.parcels.as_ref().map_or(0, Parcels::bytes);
        let parts = if self.options.runs == Runs::Average { runs } else { 1 };
        let seeds = Seeds::bytes(&self.study.lesions, self.options.seed, (time_points, parts));
        // One thread more visits subjects than computes, each in its turn, and the allocator keeps for
        // a thread what it freed.
        let kept = Seeds::component_bytes(&self.study.lesions, self.options.seed, time_points);
        Footprint {
            state: State::bytes(&self.shape),
            shared: held + names + parcels + lesions * voxels * size_of::<f64>() + kept,
            per_thread: seeds + voxels + Scratch::bytes(&self.shape, (runs, parts)) + tiles,
            ..Footprint::default()
        }
    }

    fn init(&self) -> State {
        State::new(&self.shape)
    }

    fn reset(&self, mut state: State) -> State {
        state.clear();
        state
    }

    fn pass_one(
        &self,
        subject: &Subject,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.check(subject)?;
        let (number, voxels) = (subject.number(), self.shape.voxels);
        let search = || bad_voxels(subject.runs(), voxels);
        let bad = if subject.is_finite() { vec![false; voxels] } else { search() };
        let count = i64::try_from(bad.iter().filter(|&&bad| bad).count())?;
        state.subjects.values_mut()[2 * number + 1] += count;
        if self.is_dropped(count) {
            return Ok(());
        }
        let lesions = &self.study.lesions;
        let wanted = (lesions.as_slice(), self.options.seed);
        let part = |runs| Part { runs, seeds: Seeds::new((runs, voxels), wanted, &bad, threads) };
        let parts: Vec<_> = self.parts(subject).into_iter().map(part).collect();
        for lesion in 0..lesions.len() {
            if parts.iter().all(|part| !part.seeds.valid[lesion]) {
                state.seedless.values_mut()[lesion * self.shape.subjects + number] += 1;
            } else {
                state.counted.values_mut()[lesion] += 1;
            }
            if parts.iter().any(|part| part.seeds.ambiguous[lesion]) {
                state.ambiguous.values_mut()[lesion * self.shape.subjects + number] += 1;
            }
        }
        let of_parcels = self.shape.of_parcels();
        let parcels = self.study.parcels.as_ref().map(|parcels| {
            let of_subject = &mut state.parcels.values_mut()[number * of_parcels..][..of_parcels];
            ParcelSums::new(parcels, of_subject)
        });
        let subject = Parts { all: parts, bad: &bad, units: self.units, parcels };
        let counts = Mutex::new(Counts { capped: vec![0; lesions.len()], constant: 0 });
        let plane = 3 * self.shape.plane();
        tiles(threads, state.maps.values_mut(), plane, &|tile, maps| {
            let range = tile * TILE..((tile + 1) * TILE).min(voxels);
            let mut scratch = self.waiting().pop().unwrap_or_default();
            let of_tile = add_tile(&self.shape, &subject, &range, maps, &mut scratch);
            self.waiting().push(scratch);
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.constant += of_tile.constant;
            counts.capped.iter_mut().zip(of_tile.capped).for_each(|(sum, count)| *sum += count);
        });
        let Counts { capped, constant } =
            counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.subjects.values_mut()[2 * number] += constant;
        for (sum, count) in state.capped.values_mut().iter_mut().zip(capped) {
            *sum = sum.wrapping_add(count);
        }
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<MeanZ, BoxError> {
        Ok(MeanZ { z: crate::maps::mean_z(total, None, &self.shape, self.units) })
    }
}

impl LeaveOneOut for Fnm {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<MeanZ, BoxError> {
        Ok(MeanZ { z: crate::maps::mean_z(total, Some(held_out), &self.shape, self.units) })
    }
}

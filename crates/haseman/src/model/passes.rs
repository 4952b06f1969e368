//! What the model does with chunks.

use std::borrow::Cow;

use twoblade_core::{
    Again, BoxError, Footprint, Last, LeaveOneOut, NothingKept, Remembered, StreamingEstimator,
    Threads,
};
use twoblade_geno::{Counts, Element, PackedChunk, stride};

use crate::equations::Grams;
use crate::estimate::Estimate;
use crate::features::{Columns, Features, Variant};
use crate::fold::{Fold, Out, Sketches, again_nanoseconds, fold_bytes};
use crate::gist::{Gist, Kept, gist_bytes, kept_bytes};
use crate::impute::Imputation;
use crate::loaded::Scratch;
use crate::model::HasemanElston;
use crate::options::{MissingGenotype, Options, Precision};
use crate::pairs::pairs;
use crate::state::State;
use crate::sweep::{Sweep, further_bytes, sweep_bytes};

/// A column whose squares add up to more than this many times the individuals is long.
const LONG: f64 = 100.0;

impl<F: Features> StreamingEstimator for HasemanElston<F> {
    const STATE_VERSION: u32 = 6;
    type Chunk = PackedChunk;
    type State = State;
    type Total = State;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        self.features.name().into()
    }

    /// Both products add number by number in one order, and the equations are small and solved by plain
    /// loops.
    fn depends_on_instructions(&self) -> bool {
        false
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        let room = self.room();
        let along = self.shape.covariates * self.shape.probes * size_of::<f64>();
        let (variants, most) = (self.chunk_variants, self.features.most_per_variant());
        let filled = match self.options.missing {
            MissingGenotype::Mean => 0,
            MissingGenotype::Binomial => chunk_bytes,
        };
        let fold =
            fold_bytes(&self.shape, (variants, most), room.size, self.number_bytes()) + filled;
        let products = pairs(self.shape.traits) * size_of::<f64>();
        Footprint {
            state: State::bytes(&self.shape),
            shared: room.bytes()
                + self.held_bytes()
                + self.variants.bytes()
                + products
                + along
                + self.noise.bytes()
                + self.features.bytes(),
            // A block is swept while its last chunk is folded.
            per_thread: fold + sweep_bytes(&self.shape, self.number_bytes()),
            remembered: if self.remembers() {
                gist_bytes(&self.shape, (variants, most), self.number_bytes())
            } else {
                0
            },
            further: further_bytes(&self.shape, self.number_bytes()),
            kept: kept_bytes(&self.shape, variants, self.number_bytes()),
        }
    }

    fn again_nanoseconds(&self, chunk_bytes: usize) -> u64 {
        let found_out = (!self.remembers()).then(|| self.room().size);
        let most = self.features.most_per_variant();
        again_nanoseconds(&self.shape, most, found_out, chunk_bytes)
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
        chunk: &PackedChunk,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.pass_one_again(Again::first(chunk), state, threads)
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        state.check(None)?;
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Estimate, BoxError> {
        Ok(self.solve(total, None)?)
    }
}

impl<F: Features> LeaveOneOut for HasemanElston<F> {
    const TAKES_LAST: bool = true;

    fn pass_two(&self, total: &State, held_out: &State) -> Result<Estimate, BoxError> {
        Ok(self.solve(total, Some(held_out))?)
    }

    fn without_last(
        &self,
        total: &State,
        blocks: &[Last<'_, State, PackedChunk>],
        threads: &dyn Threads,
    ) -> Vec<Result<Estimate, BoxError>> {
        let sweep = self.sweep();
        let swept = match self.options.precision {
            Precision::Single => self.sweep_without(&self.single, total, blocks, &sweep, threads),
            Precision::Double => self.sweep_without(&self.double, total, blocks, &sweep, threads),
        };
        let estimate = |swept| self.swept(total, &sweep, swept);
        swept.into_iter().map(estimate).collect()
    }

    fn pass_one_remembering(
        &self,
        chunks: &[&PackedChunk],
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        if !self.remembers() {
            chunks.iter().try_for_each(|chunk| self.pass_one(chunk, state, threads))?;
            return Ok(chunks.iter().map(|_| Remembered::default()).collect());
        }
        let remembered = match self.options.precision {
            Precision::Single => self.remember(&self.single, chunks, state, threads),
            Precision::Double => self.remember(&self.double, chunks, state, threads),
        };
        state.check(None)?;
        Ok(remembered)
    }

    fn pass_one_again(
        &self,
        chunk: Again<'_, PackedChunk>,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        match self.options.precision {
            Precision::Single => self.add(&self.single, chunk, state, threads),
            Precision::Double => self.add(&self.double, chunk, state, threads),
        }
        Ok(state.check(None)?)
    }

    fn pass_one_keeping(
        &self,
        chunk: &PackedChunk,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        let kept = match self.options.precision {
            Precision::Single => self.keep(&self.single, chunk, state, threads),
            Precision::Double => self.keep(&self.double, chunk, state, threads),
        };
        state.check(None)?;
        Ok(kept)
    }

    fn without_kept(
        &self,
        total: &State,
        kept: &Remembered,
        threads: &dyn Threads,
    ) -> Result<Estimate, BoxError> {
        let sweep = self.sweep();
        let swept = match self.options.precision {
            Precision::Single => self.sweep_kept(&self.single, total, kept, &sweep, threads),
            Precision::Double => self.sweep_kept(&self.double, total, kept, &sweep, threads),
        };
        self.swept(total, &sweep, swept?)
    }
}

/// The passes with numbers of one kind.
impl<F: Features> HasemanElston<F> {
    fn add<E: Element>(
        &self,
        scratch: &Scratch<E>,
        chunk: Again<'_, PackedChunk>,
        state: &mut State,
        threads: &dyn Threads,
    ) {
        let fold = self.fold(scratch);
        let known = self.known(&fold, chunk, threads);
        fold.add(&[known.lent()], None, state, threads);
    }

    fn sweep_without<E: Element>(
        &self,
        scratch: &Scratch<E>,
        total: &State,
        blocks: &[Last<'_, State, PackedChunk>],
        sweep: &Sweep<'_>,
        threads: &dyn Threads,
    ) -> Vec<(State, Vec<f64>)> {
        let fold = self.fold(scratch);
        let known: Vec<_> =
            blocks.iter().map(|block| self.known(&fold, block.chunk, threads)).collect();
        let out = known.iter().zip(blocks).map(|(known, block)| {
            let (chunk, gist) = known.lent();
            Out { gist, sketches: Sketches::Made(chunk), rest: block.rest }
        });
        let blocks: Vec<_> = out.collect();
        fold.sweep_without(&blocks, total, sweep, threads)
    }

    fn remember<E: Element>(
        &self,
        scratch: &Scratch<E>,
        chunks: &[&PackedChunk],
        state: &mut State,
        threads: &dyn Threads,
    ) -> Vec<Remembered> {
        let fold = self.fold(scratch);
        let gist = |chunk: &&PackedChunk| fold.gist(chunk, &self.columns(chunk).0, threads);
        let gists: Vec<_> = chunks.iter().map(gist).collect();
        let all: Vec<_> = chunks.iter().copied().zip(&gists).collect();
        fold.add(&all, None, state, threads);
        gists.into_iter().map(Remembered::new).collect()
    }

    fn keep<E: Element>(
        &self,
        scratch: &Scratch<E>,
        chunk: &PackedChunk,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Remembered {
        let fold = self.fold(scratch);
        let (chunk, gist) = self.found_out(&fold, chunk, threads);
        let mut sketches = vec![E::default(); self.shape.individuals * self.shape.row()];
        fold.add(&[(&chunk, &gist)], Some(&mut sketches), state, threads);
        Remembered::new(Kept::new(gist, sketches))
    }

    fn sweep_kept<E: Element>(
        &self,
        scratch: &Scratch<E>,
        total: &State,
        kept: &Remembered,
        sweep: &Sweep<'_>,
        threads: &dyn Threads,
    ) -> Result<(State, Vec<f64>), NothingKept> {
        let Kept { gist, sketches } = kept.get::<Kept<E>>().ok_or(NothingKept)?;
        let out = Out { gist, sketches: Sketches::Kept(sketches), rest: None };
        let swept = self.fold(scratch).sweep_without(&[out], total, sweep, threads);
        swept.into_iter().next().ok_or(NothingKept)
    }

    /// The estimate without a block, of the sums of a sweep and of its state but for sketches.
    fn swept(
        &self,
        total: &State,
        sweep: &Sweep<'_>,
        (held_out, swept): (State, Vec<f64>),
    ) -> Result<Estimate, BoxError> {
        held_out.check(None)?;
        let sums = self.sums(total, Some(&held_out))?;
        let grams = Grams::new(swept, &sums.columns, sweep);
        Ok(self.checked(&sums, &grams)?)
    }

    /// Whether chunks are remembered. Genotypes that were drawn are not, and they are drawn by what is
    /// counted.
    fn remembers(&self) -> bool {
        self.options.missing == MissingGenotype::Mean
    }

    /// A chunk with its missing genotypes drawn where they are to be, and its gist.
    fn known<'a, E: Element>(
        &self,
        fold: &Fold<'_, E>,
        Again { chunk, remembered }: Again<'a, PackedChunk>,
        threads: &dyn Threads,
    ) -> Known<'a, E> {
        debug_assert_eq!(chunk.individuals().div_ceil(4), stride(self.shape.individuals));
        if let Some(gist) = remembered.get() {
            return Known::Remembered(chunk, gist);
        }
        let (chunk, gist) = self.found_out(fold, chunk, threads);
        Known::FoundOut(chunk, Box::new(gist))
    }

    fn found_out<'a, E: Element>(
        &self,
        fold: &Fold<'_, E>,
        chunk: &'a PackedChunk,
        threads: &dyn Threads,
    ) -> (Cow<'a, PackedChunk>, Gist<E>) {
        let (made, filled) = self.columns(chunk);
        let chunk = filled.map_or(Cow::Borrowed(chunk), Cow::Owned);
        let gist = fold.gist(&chunk, &made, threads);
        (chunk, gist)
    }

    /// The columns of a chunk; and the chunk with its missing genotypes drawn, where they are to be.
    fn columns(&self, chunk: &PackedChunk) -> (Columns, Option<PackedChunk>) {
        let mut made = Columns::new(self.shape.layout.sets);
        let long = LONG * self.shape.individuals as f64;
        let Options { seed, filter, missing, .. } = self.options;
        let mut filled = (missing == MissingGenotype::Binomial).then(|| chunk.clone());
        let imputation = Imputation::new(seed, &self.variants, &self.individuals);
        for place in 0..chunk.variants() {
            let number = chunk.first() + place;
            if !self.features.uses(number) {
                continue;
            }
            let count = |chunk: &PackedChunk| {
                Counts::with(self.instructions, chunk.variant(place), chunk.individuals())
            };
            let mut counts = count(chunk);
            if let Some(why) = filter.drops(&counts) {
                made.drop(why);
                continue;
            }
            made.missing += counts.missing;
            if let Some(filled) = &mut filled {
                imputation.fill(filled, place, &counts);
                counts = count(filled);
            }
            let before = made.all.len();
            self.features.columns(&Variant { number, place, counts }, &mut made);
            made.variants += u64::from(made.all.len() > before);
            if self.shape.noted > 0 && made.all[before..].iter().any(|of| of.squares > long) {
                made.long.push(number);
            }
        }
        (made, filled)
    }
}

/// A chunk and its gist.
enum Known<'a, E> {
    Remembered(&'a PackedChunk, &'a Gist<E>),
    FoundOut(Cow<'a, PackedChunk>, Box<Gist<E>>),
}

impl<E> Known<'_, E> {
    fn lent(&self) -> (&PackedChunk, &Gist<E>) {
        match self {
            Self::Remembered(chunk, gist) => (chunk, gist),
            Self::FoundOut(chunk, gist) => (chunk, gist),
        }
    }
}

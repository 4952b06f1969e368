//! Several models over the same chunks: one read for all.

use std::borrow::Cow;

use crate::estimator::{Footprint, LeaveOneOut, StreamingEstimator};
use crate::remembered::{Again, Last, Remembered};
use crate::source::BoxError;
use crate::state::Group;
use crate::threads::Threads;

/// Two models over the same chunks: one read for both.
impl<A, B> StreamingEstimator for (A, B)
where
    A: StreamingEstimator,
    B: StreamingEstimator<Chunk = A::Chunk>,
{
    const STATE_VERSION: u32 = A::STATE_VERSION * 1000 + B::STATE_VERSION;
    type Chunk = A::Chunk;
    type State = (A::State, B::State);
    type Total = (A::Total, B::Total);
    type Estimate = (A::Estimate, B::Estimate);

    fn name(&self) -> Cow<'static, str> {
        format!("{}+{}", self.0.name(), self.1.name()).into()
    }

    fn depends_on_instructions(&self) -> bool {
        self.0.depends_on_instructions() || self.1.depends_on_instructions()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        let (a, b) = (self.0.footprint(chunk_bytes), self.1.footprint(chunk_bytes));
        Footprint {
            state: a.state + b.state,
            shared: a.shared + b.shared,
            per_thread: a.per_thread.max(b.per_thread),
            remembered: 0,
            further: 0,
            kept: 0,
        }
    }

    fn again_nanoseconds(&self, chunk_bytes: usize) -> u64 {
        self.0.again_nanoseconds(chunk_bytes) + self.1.again_nanoseconds(chunk_bytes)
    }

    fn init(&self) -> Self::State {
        (self.0.init(), self.1.init())
    }

    fn reset(&self, state: Self::State) -> Self::State {
        (self.0.reset(state.0), self.1.reset(state.1))
    }

    fn pass_one(
        &self,
        chunk: &Self::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.0.pass_one(chunk, &mut state.0, threads)?;
        self.1.pass_one(chunk, &mut state.1, threads)
    }

    fn aggregate(&self, state: Self::State) -> Result<Self::Total, BoxError> {
        Ok((self.0.aggregate(state.0)?, self.1.aggregate(state.1)?))
    }

    fn finish(&self, total: &Self::Total) -> Result<Self::Estimate, BoxError> {
        Ok((self.0.finish(&total.0)?, self.1.finish(&total.1)?))
    }
}

impl<A, B> LeaveOneOut for (A, B)
where
    A: LeaveOneOut,
    B: LeaveOneOut + StreamingEstimator<Chunk = A::Chunk>,
    A::State: Group,
    B::State: Group,
{
    fn pass_two(
        &self,
        total: &Self::Total,
        held_out: &Self::State,
    ) -> Result<Self::Estimate, BoxError> {
        Ok((self.0.pass_two(&total.0, &held_out.0)?, self.1.pass_two(&total.1, &held_out.1)?))
    }
}

/// Several models of one kind over the same chunks: one read for all.
impl<M: StreamingEstimator> StreamingEstimator for &[M] {
    const STATE_VERSION: u32 = M::STATE_VERSION;
    type Chunk = M::Chunk;
    type State = Vec<M::State>;
    type Total = Vec<M::Total>;
    type Estimate = Vec<M::Estimate>;

    fn name(&self) -> Cow<'static, str> {
        match self {
            [one] => one.name(),
            [first, ..] => format!("{} x {}", first.name(), self.len()).into(),
            [] => "nothing".into(),
        }
    }

    fn depends_on_instructions(&self) -> bool {
        self.iter().any(M::depends_on_instructions)
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        let all: Vec<_> = self.iter().map(|model| model.footprint(chunk_bytes)).collect();
        Footprint::together(&all)
    }

    fn again_nanoseconds(&self, chunk_bytes: usize) -> u64 {
        self.iter().map(|model| model.again_nanoseconds(chunk_bytes)).sum()
    }

    fn init(&self) -> Self::State {
        self.iter().map(M::init).collect()
    }

    fn reset(&self, state: Self::State) -> Self::State {
        self.iter().zip(state).map(|(model, state)| model.reset(state)).collect()
    }

    fn pass_one(
        &self,
        chunk: &Self::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let mut all = self.iter().zip(state);
        all.try_for_each(|(model, state)| model.pass_one(chunk, state, threads))
    }

    fn aggregate(&self, state: Self::State) -> Result<Self::Total, BoxError> {
        self.iter().zip(state).map(|(model, state)| model.aggregate(state)).collect()
    }

    fn finish(&self, total: &Self::Total) -> Result<Self::Estimate, BoxError> {
        self.iter().zip(total).map(|(model, total)| model.finish(total)).collect()
    }
}

impl<M: LeaveOneOut> LeaveOneOut for &[M]
where
    M::State: Group,
{
    const TAKES_LAST: bool = M::TAKES_LAST;

    fn pass_two(
        &self,
        total: &Self::Total,
        held_out: &Self::State,
    ) -> Result<Self::Estimate, BoxError> {
        let states = total.iter().zip(held_out);
        self.iter().zip(states).map(|(model, (total, out))| model.pass_two(total, out)).collect()
    }

    fn without_last(
        &self,
        total: &Self::Total,
        blocks: &[Last<'_, Self::State, Self::Chunk>],
        threads: &dyn Threads,
    ) -> Vec<Result<Self::Estimate, BoxError>> {
        let mut estimates: Vec<_> = blocks.iter().map(|_| Ok(Vec::new())).collect();
        for (at, (model, total)) in self.iter().zip(total).enumerate() {
            let each = blocks.iter().map(|&Last { rest, chunk }| Last {
                rest: rest.map(|rest| &rest[at]),
                chunk: again_of_model(chunk, at),
            });
            let blocks: Vec<_> = each.collect();
            let mut all = model.without_last(total, &blocks, threads).into_iter();
            for estimates in &mut estimates {
                // One that is missing must not let another model's take its place.
                let missing = || Err(format!("{} gave no estimate", model.name()).into());
                match (&mut *estimates, all.next().unwrap_or_else(missing)) {
                    (Ok(estimates), Ok(estimate)) => estimates.push(estimate),
                    (Ok(_), Err(error)) => *estimates = Err(error),
                    (Err(_), _) => {}
                }
            }
        }
        estimates
    }

    fn pass_one_remembering(
        &self,
        chunks: &[&Self::Chunk],
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        let mut all: Vec<Vec<Remembered>> = chunks.iter().map(|_| Vec::new()).collect();
        for (model, state) in self.iter().zip(state) {
            let mut remembered = model.pass_one_remembering(chunks, state, threads)?.into_iter();
            // Nor here: it would be taken for what this model found out.
            for all in &mut all {
                all.push(remembered.next().unwrap_or_default());
            }
        }
        Ok(all.into_iter().map(Remembered::new).collect())
    }

    fn pass_one_again(
        &self,
        chunk: Again<'_, Self::Chunk>,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let mut all = self.iter().zip(state).enumerate();
        all.try_for_each(|(at, (model, state))| {
            model.pass_one_again(again_of_model(chunk, at), state, threads)
        })
    }

    fn pass_one_keeping(
        &self,
        chunk: &Self::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        let each = self.iter().zip(state);
        let each = each.map(|(model, state)| model.pass_one_keeping(chunk, state, threads));
        Ok(Remembered::new(each.collect::<Result<Vec<_>, _>>()?))
    }

    fn without_kept(
        &self,
        total: &Self::Total,
        kept: &Remembered,
        threads: &dyn Threads,
    ) -> Result<Self::Estimate, BoxError> {
        let each = self.iter().zip(total).enumerate();
        each.map(|(at, (model, total))| model.without_kept(total, of_model(kept, at), threads))
            .collect()
    }
}

/// The chunk for one of the models, with what that one remembers of it.
fn again_of_model<C>(of: Again<'_, C>, at: usize) -> Again<'_, C> {
    Again { remembered: of_model(of.remembered, at), ..of }
}

/// What one of the models remembers.
fn of_model(remembered: &Remembered, at: usize) -> &Remembered {
    let all = remembered.get::<Vec<Remembered>>();
    all.and_then(|all| all.get(at)).unwrap_or(Remembered::NOTHING)
}

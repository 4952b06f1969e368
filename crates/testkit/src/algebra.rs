//! States are a commutative group, to the bit.

use twoblade_core::{BlockSource, Group, LeaveOneOut, Merge, StreamingEstimator};

use crate::broken::{Broken, Law};
use crate::subject::Subject;

/// States of different sizes: a few blocks, two single chunks, two blocks together.
const PIECES: usize = 6;

/// Makes one of the states; again and again, because a state need not be `Clone`.
fn piece<M, S>(subject: &Subject<'_, M, S>, index: usize) -> Result<M::State, Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let last = subject.source.blocks() - 1;
    match index {
        0 => subject.state_of([0]),
        1 => subject.state_of([1]),
        2 => subject.state_of([last]),
        3 => subject.state_of([2, 3]),
        4 => Ok(subject.chunk_states(4)?.swap_remove(0)),
        _ => Ok(subject.chunk_states(5)?.swap_remove(2)),
    }
}

fn sum<M, S>(subject: &Subject<'_, M, S>, pieces: &[usize]) -> Result<M::State, Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let mut state = piece(subject, pieces[0])?;
    for &index in &pieces[1..] {
        state.merge(&piece(subject, index)?);
    }
    Ok(state)
}

/// Adding what `init` returns changes nothing, on either side.
///
/// # Errors
/// [`Broken`] with [`Law::MergingHasAnIdentity`].
pub fn merging_has_an_identity<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::MergingHasAnIdentity, model, source)?;
    for a in 0..PIECES {
        let mut right = piece(&subject, a)?;
        right.merge(&model.init());
        subject.same(format!("state {a} + init"), right, piece(&subject, a)?)?;
        let mut left = model.init();
        left.merge(&piece(&subject, a)?);
        subject.same(format!("init + state {a}"), left, piece(&subject, a)?)?;
    }
    Ok(())
}

/// a + b = b + a.
///
/// # Errors
/// [`Broken`] with [`Law::MergingCommutes`].
pub fn merging_commutes<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::MergingCommutes, model, source)?;
    for b in 0..PIECES {
        for a in 0..b {
            let case = format!("states {a} and {b}");
            subject.same(case, sum(&subject, &[a, b])?, sum(&subject, &[b, a])?)?;
        }
    }
    Ok(())
}

/// (a + b) + c = a + (b + c).
///
/// # Errors
/// [`Broken`] with [`Law::MergingAssociates`].
pub fn merging_associates<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::MergingAssociates, model, source)?;
    for c in 0..PIECES {
        for b in 0..c {
            for a in 0..b {
                let mut right = piece(&subject, a)?;
                right.merge(&sum(&subject, &[b, c])?);
                let left = sum(&subject, &[a, b, c])?;
                subject.same(format!("states {a}, {b} and {c}"), left, right)?;
            }
        }
    }
    Ok(())
}

/// a + b - b = a, a - b + b = a, a - a = nothing, and a + b + c - b = a + c.
///
/// # Errors
/// [`Broken`] with [`Law::RemovingUndoesMerging`].
pub fn removing_undoes_merging<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::RemovingUndoesMerging, model, source)?;
    for a in 0..PIECES {
        let mut state = piece(&subject, a)?;
        state.remove(&piece(&subject, a)?);
        subject.same(format!("state {a} less itself"), state, model.init())?;
        for b in (0..PIECES).filter(|&b| b != a) {
            let other = piece(&subject, b)?;
            let mut state = sum(&subject, &[a, b])?;
            state.remove(&other);
            subject.same(format!("state {a} + {b} - {b}"), state, piece(&subject, a)?)?;
            let mut state = piece(&subject, a)?;
            state.remove(&other);
            state.merge(&other);
            subject.same(format!("state {a} - {b} + {b}"), state, piece(&subject, a)?)?;
            let c = (0..PIECES).find(|&c| c != a && c != b).unwrap_or(a);
            let mut state = sum(&subject, &[a, b, c])?;
            state.remove(&other);
            subject.same(format!("state {a} + {b} + {c} - {b}"), state, sum(&subject, &[a, c])?)?;
        }
    }
    Ok(())
}

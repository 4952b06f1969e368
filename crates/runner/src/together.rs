//! Blocks of one chunk each, whose chunks are lent all at once.

use std::ops::ControlFlow;

use twoblade_core::{BlockSource, BoxError};

use crate::crew::{Shift, guarded};
use crate::error::RunError;

/// What a visit to each of some blocks gave: `None` if it was broken off. Those that were not begun are missing.
pub(crate) type Visited<T> = Vec<(usize, Result<Option<T>, RunError>)>;

/// What is done with the chunks of some blocks; an error is one block's.
pub(crate) type FoldAll<'a, Chunk> =
    &'a mut dyn FnMut(&[(usize, &Chunk)]) -> Result<(), (usize, BoxError)>;

/// Visits blocks of one chunk each and gives their digests: one inside another, and their chunks are folded while all
/// are lent; where one could not be lent, those before it.
pub(crate) fn read_together<S: BlockSource>(
    shift: &Shift<'_>,
    source: &S,
    blocks: &[usize],
    fold: FoldAll<'_, S::Chunk>,
) -> Visited<u64> {
    let mut visits = Visits { shift, source, fold, refused: None, visited: Vec::new() };
    visits.go_on(blocks, None);
    let Visits { refused, mut visited, .. } = visits;
    // Those inside ended first.
    visited.reverse();
    if let Some((block, error)) = refused
        && let Some((_, ended)) = visited.iter_mut().find(|(of, _)| *of == block)
    {
        *ended = Err(shift.block_error(block, error));
    }
    visited
}

/// A chunk that is lent, and those that were lent before.
struct Lent<'a, Chunk> {
    block: usize,
    chunk: &'a Chunk,
    before: Option<&'a Self>,
}

struct Visits<'a, S: BlockSource> {
    shift: &'a Shift<'a>,
    source: &'a S,
    fold: FoldAll<'a, S::Chunk>,
    refused: Option<(usize, BoxError)>,
    visited: Visited<u64>,
}

impl<S: BlockSource> Visits<'_, S> {
    fn go_on(&mut self, todo: &[usize], lent: Option<&Lent<'_, S::Chunk>>) {
        let Some((&block, todo)) = todo.split_first() else { return self.fold(lent) };
        let (shift, source) = (self.shift, self.source);
        let (mut seen, mut broken) = (0u64, false);
        let visited = guarded(|| {
            source.visit(block, &mut |chunk| {
                seen += 1;
                if seen == 1 {
                    broken = shift.breaking(block);
                    if broken {
                        return ControlFlow::Break(());
                    }
                    self.go_on(todo, Some(&Lent { block, chunk, before: lent }));
                }
                ControlFlow::Continue(())
            })
        });
        if seen == 0 || broken {
            self.fold(lent);
        }
        let visited = match visited {
            Err(source) => Err(shift.read_error(block, source)),
            Ok(_) if broken => Ok(None),
            Ok(digest) if seen == 1 => Ok(Some(digest)),
            Ok(_) => Err(shift.block_error(block, miscounted(1, seen))),
        };
        self.visited.push((block, visited));
    }

    /// Folds what is lent, but for blocks that nobody needs any more.
    fn fold(&mut self, lent: Option<&Lent<'_, S::Chunk>>) {
        let mut all = Vec::new();
        let mut next = lent;
        while let Some(&Lent { block, chunk, before }) = next {
            if !self.shift.breaking(block) {
                all.push((block, chunk));
            }
            next = before;
        }
        all.reverse();
        if all.is_empty() {
            return;
        }
        match (self.fold)(&all) {
            Ok(()) => all.iter().for_each(|_| self.shift.step()),
            Err(refused) => self.refused = Some(refused),
        }
    }
}

/// A source that has other chunks than it says.
pub(crate) fn miscounted(chunks: u64, seen: u64) -> BoxError {
    format!("its source says that it has {chunks} chunks, and gave {seen}").into()
}

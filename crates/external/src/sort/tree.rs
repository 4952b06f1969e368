//! Which of many runs has the smallest key: a tree of losers.
//!
//! Knuth, The Art of Computer Programming, volume 3, section 5.4.1: the run at the root has the
//! smallest key; every inner node remembers who lost there, so that the next smallest is found along
//! one path, in log2 of the number of runs comparisons.

use crate::error::Error;
use crate::sort::head::Head;
use crate::spill::{Run, RunReader};

/// Runs that are merged.
#[derive(Debug)]
pub(crate) struct Tree {
    readers: Vec<RunReader>,
    /// Of the record in front of each; `None` after the last.
    heads: Vec<Option<Head>>,
    /// The winner, then who lost at nodes 1 and up; leaf `i` is node `readers.len() + i`.
    nodes: Vec<usize>,
}

impl Tree {
    /// Opens the runs, and goes to the smallest record.
    pub(crate) fn new(runs: &[Run]) -> Result<Self, Error> {
        let mut readers = runs.iter().map(Run::read).collect::<Result<Vec<_>, _>>()?;
        let heads = readers.iter_mut().map(advance).collect::<Result<Vec<_>, _>>()?;
        let count = readers.len();
        let mut tree = Self { readers, heads, nodes: vec![0; count.max(1)] };
        let mut winners: Vec<usize> = (0..count).map(|_| 0).chain(0..count).collect();
        for node in (1..count).rev() {
            let (one, two) = (winners[2 * node], winners[2 * node + 1]);
            let (winner, loser) = if tree.beats(one, two) { (one, two) } else { (two, one) };
            (winners[node], tree.nodes[node]) = (winner, loser);
        }
        if count > 0 {
            tree.nodes[0] = winners[1];
        }
        Ok(tree)
    }

    /// The run that has the smallest record in front; `None` when all are at their end.
    #[inline]
    pub(crate) fn smallest(&self) -> Option<&RunReader> {
        let winner = self.nodes[0];
        self.heads.get(winner)?.is_some().then(|| &self.readers[winner])
    }

    /// Leaves the smallest record behind.
    pub(crate) fn advance(&mut self) -> Result<(), Error> {
        let mut winner = self.nodes[0];
        self.heads[winner] = advance(&mut self.readers[winner])?;
        let mut node = self.readers.len() + winner;
        while node > 1 {
            node /= 2;
            if self.beats(self.nodes[node], winner) {
                std::mem::swap(&mut self.nodes[node], &mut winner);
            }
        }
        self.nodes[0] = winner;
        Ok(())
    }

    /// Whether a run's record comes first. Of equal keys the earlier run's do: the sort is stable.
    #[inline]
    fn beats(&self, one: usize, two: usize) -> bool {
        match (self.heads[one], self.heads[two]) {
            (Some(head), Some(other)) => {
                let keys = || (self.readers[one].key(), self.readers[two].key());
                head.compare(other, keys).then(one.cmp(&two)).is_lt()
            }
            (head, _) => head.is_some(),
        }
    }
}

#[inline]
fn advance(reader: &mut RunReader) -> Result<Option<Head>, Error> {
    Ok(if reader.advance()? { Some(Head::of(reader.key())) } else { None })
}

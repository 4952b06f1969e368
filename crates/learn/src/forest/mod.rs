//! A forest whose trees grow on chunks: every chunk has its own, and the forest is their union.
//!
//! A tree needs its rows at hand, and a table larger than memory is never at hand; a chunk is.
//! Growing a forest on disjoint parts of the rows is Breiman's pasting (1999, Machine Learning
//! 36:85), here with the random features of his forests (2001, Machine Learning 45:5). So trees are
//! kept by chunk, and leaving a block out leaves its chunks' trees out, without growing one again.
//!
//! The trees are ours. Those of smartcore 0.7 keep the commonest class of a leaf alone, so that a
//! tree's probabilities are 0 or 1; they refuse a chunk of one class, look at all rows for every
//! node, and can choose among random features only inside a forest of their own.

mod criterion;
mod estimate;
mod grow;
mod options;
mod order;
mod ranked;
mod state;
mod tree;

use std::borrow::Cow;

use serde::Serialize;
use twoblade_core::{
    BoxError, Footprint, Group, Jackknife, LeaveOneOut, Random, StreamingEstimator, Threads, tiles,
};
use twoblade_table::Rows;

use self::criterion::{Gini, Squares};
pub use self::estimate::Estimate;
use self::estimate::Goal;
use self::grow::{Limits, grow};
pub use self::options::{Options, Sample};
pub use self::order::Order;
use self::ranked::Ranked;
pub use self::state::{Grown, State, Tally};
pub use self::tree::{Leaves, Split, Tree};
use crate::encode::{Encoded, Encoder};
use crate::error::Error;
use crate::features::{Features, Target};
use crate::folded::Folds;

/// Draws of forests, apart from those of others.
const FOREST: u32 = 0x666f_7265;
const BOOTSTRAP: u32 = 1;
const SPLITS: u32 = 2;

/// The model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forest {
    features: Features,
    chunks: u64,
    chunk_rows: u64,
    options: Options,
}

/// The target of a chunk's rows.
enum Targets {
    Classes(Vec<u32>),
    Numbers(Vec<f64>),
}

impl Forest {
    /// For these features, in a table of at most `chunks` chunks, each of at most `chunk_rows` rows.
    ///
    /// # Errors
    /// [`Error::Options`].
    pub fn new(
        features: Features,
        chunks: u64,
        chunk_rows: u64,
        options: Options,
    ) -> Result<Self, Error> {
        features.check()?;
        options.check()?;
        if features.width() == 0 {
            return Err(Error::Options("the features have no numbers to split by".to_owned()));
        }
        if u32::try_from(chunk_rows).is_err() {
            let text = format!("a chunk of {chunk_rows} rows; at most {} can be ranked", u32::MAX);
            return Err(Error::Options(text));
        }
        Ok(Self { features, chunks, chunk_rows, options })
    }

    /// What it predicts, and from what.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// How it grows.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The forest of everything, and what it is without each fold: without the trees of its chunks.
    ///
    /// One state serves all folds, and all estimates share their trees; so
    /// [`Folded`](crate::Folded), which keeps a state for each fold, is not needed.
    ///
    /// # Errors
    /// Why there is no estimate: fewer than 2 rows, or rows that look sorted by the target.
    pub fn without_each(&self, total: &State, folds: Folds) -> Result<Jackknife<Estimate>, Error> {
        let without = |fold| self.solve(&total.of(|first| folds.of(first) != fold));
        Ok(Jackknife {
            full: self.solve(total)?,
            replicates: (0..folds.count()).map(without).collect::<Result<_, _>>()?,
        })
    }

    fn classes(&self) -> Option<usize> {
        match &self.features.target {
            Target::Class { classes, .. } => Some(classes.len()),
            Target::Number { .. } => None,
        }
    }

    fn limits(&self) -> Limits {
        let width = self.features.width();
        let convention = if self.classes().is_some() { width.isqrt() } else { width / 3 };
        let tried = self.options.tried.map_or(convention, |tried| tried as usize);
        Limits {
            tried: tried.clamp(1, width),
            leaf_rows: self.options.leaf_rows as usize,
            depth: self.options.depth,
            leaves: self.options.leaves as usize,
        }
    }

    /// Leaves of a tree, at most.
    fn most_leaves(&self) -> usize {
        let rows = usize::try_from(self.chunk_rows).unwrap_or(usize::MAX);
        let Limits { leaf_rows, depth, leaves, .. } = self.limits();
        let deepest = 1usize.checked_shl(depth).unwrap_or(usize::MAX);
        leaves.min(rows / leaf_rows).min(deepest).max(1)
    }

    fn grown(&self, first: u64, encoded: &Encoded, threads: &dyn Threads) -> Vec<Tree> {
        let rows = encoded.rows.len();
        let ranked = Ranked::new(rows, &encoded.numbers);
        let targets = self.targets(encoded);
        let seeds = Random::new(self.options.seed, FOREST);
        let mut trees: Vec<Option<Tree>> = vec![None; self.options.trees as usize];
        tiles(threads, &mut trees, 1, &|tree, place| {
            let tree = u32::try_from(tree).expect("as many as a u32 says");
            let seed = seeds.bits(first, tree)[0];
            let weights = self.weights(rows, Random::new(seed, BOOTSTRAP));
            let (limits, draws) = (self.limits(), Random::new(seed, SPLITS));
            place[0] = Some(match &targets {
                Targets::Classes(classes) => {
                    let criterion = Gini::new(classes, self.classes().unwrap_or_default());
                    grow(&ranked, &weights, criterion, limits, draws)
                }
                Targets::Numbers(numbers) => {
                    grow(&ranked, &weights, Squares::new(numbers), limits, draws)
                }
            });
        });
        trees.into_iter().flatten().collect()
    }

    /// How often a tree sees each row.
    fn weights(&self, rows: usize, draws: Random) -> Vec<u32> {
        match self.options.sample {
            Sample::All => vec![1; rows],
            Sample::Bootstrap => {
                let mut weights = vec![0; rows];
                let end = u32::try_from(rows).expect("a chunk's rows are below 2^32");
                for draw in 0..rows as u64 {
                    weights[draws.below(draw, 0, end) as usize] += 1;
                }
                weights
            }
        }
    }

    fn targets(&self, encoded: &Encoded) -> Targets {
        if self.classes().is_none() {
            return Targets::Numbers(encoded.target.clone());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a class")]
        let class = |&class: &f64| class as u32;
        Targets::Classes(encoded.target.iter().map(class).collect())
    }

    fn tally(&self, encoded: &Encoded) -> Tally {
        match self.targets(encoded) {
            Targets::Classes(classes) => {
                let mut counts = vec![0; self.classes().unwrap_or_default()];
                for class in classes {
                    counts[class as usize] += 1;
                }
                Tally::Classes(counts)
            }
            Targets::Numbers(numbers) => {
                let mean = numbers.iter().sum::<f64>() / numbers.len().max(1) as f64;
                let squares = numbers.iter().map(|number| (number - mean) * (number - mean)).sum();
                Tally::Number { mean, squares }
            }
        }
    }

    fn solve(&self, state: &State) -> Result<Estimate, Error> {
        let twice = |first| Error::Chunk { first };
        let estimate = Estimate {
            rows: state.rows(),
            dropped: state.dropped(),
            width: self.features.width(),
            goal: match &self.features.target {
                Target::Class { classes, .. } => Goal::Classes(classes.len()),
                Target::Number { scale, .. } => Goal::Number(*scale),
            },
            chunks: state.grown().map_err(twice)?,
        };
        if estimate.rows < 2 {
            return Err(Error::TooFewRows { rows: estimate.rows });
        }
        let order = estimate.order();
        if order.sorted() {
            let column = self.features.target.column().to_owned();
            return Err(Error::Sorted { column, share: order.share, limit: order.limit });
        }
        Ok(estimate)
    }
}

impl StreamingEstimator for Forest {
    const STATE_VERSION: u32 = 1;
    type Chunk = Rows;
    type State = State;
    type Total = State;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        "forest".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let chunks = usize::try_from(self.chunks).unwrap_or(usize::MAX);
        let rows = usize::try_from(self.chunk_rows).unwrap_or(usize::MAX);
        let (width, classes) = (self.features.width(), self.classes());
        let (numbers, size) = classes.map_or((1, 8), |classes| (classes, 4));
        let leaves = self.most_leaves();
        let trees = (self.options.trees as usize)
            .saturating_mul(Tree::bytes(leaves, numbers, size).saturating_add(8));
        let chunk = State::bytes_of_chunk(classes.unwrap_or_default()).saturating_add(trees);
        // Numbers, twice while they are put together, and their ranks; what a tree is grown in: rows,
        // weights, keys, targets, nodes and those that wait; and a state of pointers that leaves
        // something out.
        let encoded = 2 * (width + 2) * size_of::<f64>();
        let growing = 4 * size_of::<f64>();
        let per_thread = rows
            .saturating_mul(encoded + growing)
            .saturating_add(leaves.saturating_mul(4 * grow::NODE_BYTES))
            .saturating_add(Ranked::bytes(rows, width))
            .saturating_add(trees)
            .saturating_add(chunks.saturating_mul(2 * State::bytes_of_chunk(0)));
        let state = 64 + chunks.saturating_mul(chunk);
        Footprint { state, per_thread, ..Footprint::default() }
    }

    fn init(&self) -> State {
        State::default()
    }

    fn pass_one(
        &self,
        chunk: &Rows,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        if chunk.count() as u64 > self.chunk_rows {
            let (first, rows, most) = (chunk.first(), chunk.count(), self.chunk_rows);
            return Err(Error::ChunkRows { first, rows, most }.into());
        }
        let encoded = Encoder::new(&self.features).encode(chunk)?;
        let rows = encoded.rows.len();
        let trees =
            if rows == 0 { Vec::new() } else { self.grown(chunk.first(), &encoded, threads) };
        let dropped = (chunk.count() - rows) as u64;
        let target = self.tally(&encoded);
        state.add(Grown { first: chunk.first(), rows: rows as u64, dropped, target, trees });
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Estimate, BoxError> {
        Ok(self.solve(total)?)
    }
}

impl LeaveOneOut for Forest {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<Estimate, BoxError> {
        let mut rest = total.clone();
        rest.remove(held_out);
        Ok(self.solve(&rest)?)
    }
}

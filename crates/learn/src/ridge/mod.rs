//! Ridge regression: the whole path of penalties, and any folds left out, from one read.
//!
//! With rows standardized (mean 0, variance 1 over n), the coefficients w minimize
//! |y - mean(y) - X w|^2 + penalty |w|^2 (Hoerl and Kennard 1970, Technometrics 12:55, in the units
//! of scikit-learn's `Pipeline(StandardScaler, Ridge)`). The state is the Gram matrix of a column of
//! ones, the features and the target; means and standard deviations are read off it, those of a fold
//! left out off the Gram matrix without that fold.

mod folds;
mod solve;
mod state;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use twoblade_core::{
    BoxError, FixedSums, Footprint, Grid, Group, LeaveOneOut, StreamingEstimator, Threads,
};
use twoblade_table::Rows;

pub use self::folds::{Fold, cross_validate};
pub use self::state::State;
use crate::encode::{Encoded, Encoder};
use crate::error::Error;
use crate::features::{Features, Target};
use crate::gram::add_gram;
use crate::predict::Linear;

/// Rows that are turned into numbers at a time: eight columns of them stay in the nearest cache.
const SLICE: usize = 512;

/// The model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ridge {
    features: Features,
    penalties: Vec<f64>,
    grid: Grid,
}

/// Coefficients in the units of the columns, one fit for each penalty, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Rows without missing values.
    pub rows: u64,
    /// For each penalty.
    pub fits: Vec<Fit>,
}

/// A fit: the target is `intercept` plus the features times `coefficients`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The penalty on squared coefficients of standardized features.
    pub penalty: f64,
    /// In units of the target.
    pub intercept: f64,
    /// In units of the target by units of the feature; 0 for a feature that is constant.
    pub coefficients: Vec<f64>,
}

impl Fit {
    /// What predicts rows that are turned into numbers by these features, those of the fit.
    pub fn predictor(&self, features: &Features) -> Linear {
        let scales = features.scales();
        let terms = || scales.iter().zip(&self.coefficients);
        let moved: f64 = terms().map(|(scale, by)| scale.mean * by).sum();
        let weights = terms().map(|(scale, by)| scale.sd * by).collect();
        Linear { constant: self.intercept + moved, weights }
    }
}

impl Ridge {
    /// For these features, about so many rows, and these penalties, each finite and 0 or more.
    ///
    /// Sums are kept on a grid of about 2^-54 of `rows`, which is what features and target that are
    /// counted in their own [`Scale`](crate::Scale) need.
    ///
    /// # Errors
    /// [`Error::Options`].
    pub fn new(features: Features, rows: u64, penalties: Vec<f64>) -> Result<Self, Error> {
        features.check()?;
        if !matches!(features.target, Target::Number { .. }) {
            let column = features.target.column();
            return Err(Error::Options(format!(
                "ridge predicts numbers, and `{column}` is a class"
            )));
        }
        if penalties.is_empty() {
            return Err(Error::Options("there is no penalty; give one or more".to_owned()));
        }
        if let Some(wrong) =
            penalties.iter().find(|&&penalty| !(0.0..f64::INFINITY).contains(&penalty))
        {
            return Err(Error::Options(format!("a penalty is {wrong}; expected 0 or more")));
        }
        // A chunk's largest sum is that of some squares, about as many as it has rows.
        Ok(Self { features, penalties, grid: Grid::for_guard(4.0 * rows as f64) })
    }

    /// What it predicts, and from what.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The penalties, in the order in which they were given.
    pub fn penalties(&self) -> &[f64] {
        &self.penalties
    }

    /// Columns of the Gram matrix: ones, features, target.
    fn width(&self) -> usize {
        self.features.width() + 2
    }

    fn solve(&self, state: &State, without: Option<&State>) -> Result<Estimate, BoxError> {
        let gram = state.gram(without, self.grid, self.width())?;
        Ok(solve::solve(&gram, &self.features, &self.penalties)?)
    }

    /// The mean squared error that a fit makes in the rows of a state, in squared units of the target.
    ///
    /// # Errors
    /// If the state's sums left their range.
    pub fn mean_squared_error(&self, fit: &Fit, rows: &State) -> Result<f64, Error> {
        let gram = rows.gram(None, self.grid, self.width())?;
        Ok(solve::mean_squared_error(&gram, &self.features, fit))
    }
}

impl StreamingEstimator for Ridge {
    const STATE_VERSION: u32 = 1;
    type Chunk = Rows;
    type State = State;
    type Total = State;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        "ridge".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let width = self.width();
        let sums = width * (width + 1) / 2;
        let state = 32 + FixedSums::bytes(sums);
        let square = width * width * size_of::<f64>();
        // Rows as numbers, and where each column is; and a fit: the sums as numbers, the matrix, its
        // eigenvectors and what finding them takes.
        let slice = (SLICE * size_of::<f64>() + 128) * (width + 2);
        let per_thread = 2 * state + slice + 8 * square + (64 << 10);
        Footprint { state, per_thread, ..Footprint::default() }
    }

    fn init(&self) -> State {
        State::new(self.width())
    }

    fn pass_one(
        &self,
        chunk: &Rows,
        state: &mut State,
        _threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let (width, encoder) = (self.width(), Encoder::new(&self.features));
        let mut sums = vec![0.0; width * (width + 1) / 2];
        let (ones, mut encoded) = ([1.0; SLICE], Encoded::default());
        let (mut from, mut kept) = (0, 0);
        while from < chunk.count() {
            let slice = chunk.slice(from, SLICE.min(chunk.count() - from));
            from += slice.count();
            encoder.encode_into(&slice, &mut encoded)?;
            let rows = encoded.rows.len();
            kept += rows;
            let mut columns = Vec::with_capacity(width);
            columns.push(&ones[..rows]);
            // Of no rows there are no numbers, and nothing to add.
            columns.extend(encoded.numbers.chunks_exact(rows.max(1)));
            columns.push(&encoded.target);
            if rows > 0 {
                add_gram(&columns, &mut sums);
            }
        }
        state.add(self.grid, chunk.count(), kept, &sums);
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Estimate, BoxError> {
        self.solve(total, None)
    }
}

impl LeaveOneOut for Ridge {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<Estimate, BoxError> {
        self.solve(total, Some(held_out))
    }
}

/// Two states as one.
fn without(total: &State, held_out: &State) -> State {
    let mut rest = total.clone();
    rest.remove(held_out);
    rest
}

//! Predictions of rows, scored: what evaluates a model, and what cross-validates one.

use std::borrow::Cow;

use serde::Serialize;
use twoblade_core::{BoxError, Footprint, Group, LeaveOneOut, StreamingEstimator, Threads};
use twoblade_table::Rows;

use crate::encode::Encoder;
use crate::error::Error;
use crate::features::{Features, Scale, Target};
use crate::folded::Folds;
use crate::metrics::{By, Metrics, Predicted, Report, State};
use crate::predict::Predict;

/// Rows that are turned into numbers and predicted at a time.
const SLICE: usize = 1024;

/// Predicts every row and scores the predictions.
///
/// With a predictor for each fold, that of fold k, which was fitted without it, predicts the rows of
/// fold k: the scores are those of cross-validation. With one predictor and one fold they are of an
/// evaluation. Leaving a block out is leaving its rows out of the scores, so scores have standard
/// errors; the predictors stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score<P> {
    features: Features,
    predictors: Vec<P>,
    folds: Folds,
    metrics: Metrics,
    #[serde(skip)]
    held: usize,
}

impl<P: Predict> Score<P> {
    /// With these features, those of the fit, and a predictor for each fold.
    ///
    /// # Errors
    /// [`Error::Options`] if there are not as many predictors as folds, or one predicts another target.
    pub fn new(features: &Features, predictors: Vec<P>, folds: Folds) -> Result<Self, Error> {
        if predictors.len() != folds.count() {
            let (found, folds) = (predictors.len(), folds.count());
            return Err(Error::Options(format!("{found} predictors for {folds} folds")));
        }
        let metrics = Metrics::of(&features.target);
        if let Some(other) = predictors.iter().find(|it| it.outputs() != metrics.outputs()) {
            let (found, wanted) = (other.outputs(), metrics.outputs());
            return Err(Error::Options(format!(
                "a predictor gives {found} numbers a row, and `{}` needs {wanted}",
                features.target.column()
            )));
        }
        let mut features = features.clone();
        if let Target::Number { scale, .. } = &mut features.target {
            // Scored as it stands in the column, without the rounding of a scale.
            *scale = Scale::ONE;
        }
        Ok(Self { features, predictors, folds, metrics, held: 0 })
    }

    /// With one predictor for all rows.
    ///
    /// # Errors
    /// [`Error::Options`] if it predicts another target.
    pub fn of(features: &Features, predictor: P) -> Result<Self, Error> {
        Self::new(features, vec![predictor], Folds::new(1, u64::MAX)?)
    }

    /// By group.
    ///
    /// # Errors
    /// [`Error::Options`] if the groups are folds and there are more or fewer of these.
    pub fn by(mut self, by: By) -> Result<Self, Error> {
        if let By::Folds(found) = by
            && found != self.folds.count()
        {
            let folds = self.folds.count();
            return Err(Error::Options(format!("groups of {found} folds where there are {folds}")));
        }
        self.metrics = self.metrics.by(by);
        Ok(self)
    }

    /// With so many bins of calibration, 1 at least.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.metrics = self.metrics.bins(bins);
        self
    }

    /// Says how many bytes the predictors take together, so that a plan counts them.
    #[must_use]
    pub fn holding(mut self, bytes: usize) -> Self {
        self.held = bytes;
        self
    }

    /// What is measured.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Calls `each` for every row that can be predicted, in their order; the number of others, in which
    /// something is missing. A chunk lies in one block.
    ///
    /// # Errors
    /// Those of [`Encoder::encode`], a column of groups that is not there, and those of `each`.
    pub fn each_row<E: From<Error>>(
        &self,
        chunk: &Rows,
        mut each: impl FnMut(Predicted<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let fold = self.folds.of(chunk.first());
        let (predictor, by) = (&self.predictors[fold], self.metrics.groups());
        let encoder = Encoder::new(&self.features).with_places(predictor.takes_places());
        let places = by.places();
        let (mut from, mut dropped, mut predictions) = (0, 0, Vec::new());
        while from < chunk.count() {
            let slice = chunk.slice(from, SLICE.min(chunk.count() - from));
            from += slice.count();
            let encoded = encoder.encode(&slice)?;
            dropped += (slice.count() - encoded.rows.len()) as u64;
            predictions.clear();
            predictor.predict(&encoded, &mut predictions);
            let groups = by.groups(&places, &slice, &encoded.rows, fold)?;
            let predicted = predictions.chunks_exact(self.metrics.outputs());
            let rows = encoded.rows.iter().zip(&encoded.target).zip(groups).zip(predicted);
            for (((&row, &target), group), prediction) in rows {
                let row = slice.first() + row as u64;
                each(Predicted { row, group, target, prediction })?;
            }
        }
        Ok(dropped)
    }
}

impl<P: Predict + Serialize + Sync> StreamingEstimator for Score<P> {
    const STATE_VERSION: u32 = 1;
    type Chunk = Rows;
    type State = State;
    type Total = State;
    type Estimate = Report;

    fn name(&self) -> Cow<'static, str> {
        "score".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let (state, outputs) = (self.metrics.state_bytes(), self.metrics.outputs());
        // Rows as numbers, twice while they are put together, and what is predicted, with as much for
        // the predictor; or the state without a block, and its report.
        let places = self.predictors.iter().all(P::takes_places);
        let numbers = 2 * (Encoder::width(&self.features, places) + 1) + 3 * outputs + 2;
        let slice = SLICE * numbers * size_of::<f64>();
        let per_thread = slice.max(3 * state) + (16 << 10);
        Footprint { state, shared: self.held, per_thread, ..Footprint::default() }
    }

    fn init(&self) -> State {
        self.metrics.init()
    }

    fn pass_one(
        &self,
        chunk: &Rows,
        state: &mut State,
        _threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let dropped = self.each_row(chunk, |predicted| self.metrics.add(&predicted, state))?;
        state.drop_rows(dropped);
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Report, BoxError> {
        Ok(self.metrics.report(total)?)
    }
}

impl<P: Predict + Serialize + Sync> LeaveOneOut for Score<P> {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<Report, BoxError> {
        let mut rest = total.clone();
        rest.remove(held_out);
        Ok(self.metrics.report(&rest)?)
    }
}

//! Cross-validation from the states of folds.

use serde::{Deserialize, Serialize};
use twoblade_core::{BoxError, Merge, StreamingEstimator};

use super::{Estimate, Ridge, State, without};

/// What a fold says of each penalty: fitted on all other folds, scored in this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Rows in the fold.
    pub rows: u64,
    /// Fitted without the fold.
    pub without: Estimate,
    /// Mean squared error in the fold, for each penalty, in squared units of the target.
    pub mean_squared_error: Vec<f64>,
}

/// Leaves each fold out in turn; `folds` has the state of each. Nothing is read again.
///
/// # Errors
/// If a fold, or what is left without it, is too little for a fit.
pub fn cross_validate(model: &Ridge, folds: &[State]) -> Result<Vec<Fold>, BoxError> {
    let mut total = model.init();
    for fold in folds {
        total.merge(fold);
    }
    let fold = |state: &State| {
        let estimate = model.finish(&without(&total, state))?;
        let error = |fit| model.mean_squared_error(fit, state).map_err(BoxError::from);
        let mean_squared_error = estimate.fits.iter().map(error).collect::<Result<_, _>>()?;
        Ok(Fold { rows: state.rows(), without: estimate, mean_squared_error })
    };
    folds.iter().map(fold).collect()
}

//! Mean and variance of a column, with leave-one-out: the smallest complete model, to be copied.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use twoblade_core::{
    BoxError, ExactSum, Footprint, Group, LeaveOneOut, StreamingEstimator, Threads, group_fields,
};

mod column;
pub use column::Column;

/// The model. It has no options, so its value is empty.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Moments;

/// What is known after some chunks: three sums, exact, so a group to the bit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
}
group_fields!(State { count, sum, squares });

/// Mean and variance (over n - 1) of some values; NaN where there are too few of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// How many values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their variance, over n - 1.
    pub variance: f64,
}

impl StreamingEstimator for Moments {
    const STATE_VERSION: u32 = 1;
    type Chunk = Vec<f64>;
    type State = State;
    type Total = State;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        "moments".into()
    }

    /// Sums of doubles, one by one, are the same everywhere.
    fn depends_on_instructions(&self) -> bool {
        false
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let state = 16 + 2 * ExactSum::BYTES; // and two more where a block is left out
        Footprint { state, per_thread: 2 * state, ..Footprint::default() }
    }

    fn init(&self) -> State {
        State::default()
    }

    fn pass_one(
        &self,
        chunk: &Vec<f64>,
        state: &mut State,
        _threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        state.count += chunk.len() as u64;
        for &value in chunk {
            state.sum.add(value);
            state.squares.add_product(value, value);
        }
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Estimate, BoxError> {
        Ok(solve(total))
    }
}

impl LeaveOneOut for Moments {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<Estimate, BoxError> {
        let mut rest = total.clone();
        rest.remove(held_out);
        Ok(solve(&rest))
    }
}

/// With m the mean as a double: sum (x - m)^2 = sum x^2 - 2 m sum x + n m^2, combined exactly and
/// rounded once, so nothing cancels. It is too large by n (mean - m)^2, far below its last bit.
fn solve(state: &State) -> Estimate {
    let count = state.count as f64;
    let mean = state.sum.value() / count;
    let mut squares = state.squares.clone();
    squares.add_scaled(&state.sum, -2.0 * mean);
    let mut square = ExactSum::default();
    square.add_product(mean, mean);
    squares.add_scaled(&square, count);
    Estimate { count: state.count, mean, variance: squares.value() / (count - 1.0) }
}

//! How good predictions are: sums over predicted rows by group, exact, so that they can be merged and
//! taken apart again, and the scores that are made of them.

mod classes;
mod groups;
mod numbers;
mod total;

use serde::{Deserialize, Serialize};
use twoblade_core::group_fields;

pub use self::classes::{Bin, Calibration, Class, Classes};
use self::classes::{Shape, Sums as ClassSums};
pub use self::groups::{By, GroupName};
pub use self::numbers::Numbers;
use self::numbers::Sums as NumberSums;
use crate::error::Error;
use crate::features::Target;

/// What is measured, and in which groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Names of the classes; none where the target is a number.
    classes: Vec<String>,
    bins: usize,
    by: By,
}

/// A row and what was predicted for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted<'a> {
    /// Its index in the whole table, from 0.
    pub row: u64,
    /// Its group, below [`By::count`].
    pub group: usize,
    /// What it is: a number in units of the column, or a class.
    pub target: f64,
    /// A number in units of the column; or a probability for each class.
    pub prediction: &'a [f64],
}

/// What is known after some predicted rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    dropped: u64,
    /// By group; one of the two is empty.
    numbers: Vec<NumberSums>,
    classes: Vec<ClassSums>,
}
group_fields!(State { dropped, numbers, classes });

/// The scores of all rows and of each group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows that were left out for a missing value.
    pub dropped: u64,
    /// Of all rows that were predicted.
    pub all: Scores,
    /// Of each group that has rows, in their order; empty where rows are not grouped.
    pub groups: Vec<GroupScores>,
}

/// The scores of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupScores {
    /// Which.
    pub name: GroupName,
    /// Of its rows.
    pub scores: Scores,
}

/// How good predictions are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Of a number.
    Numbers(Numbers),
    /// Of a class.
    Classes(Classes),
}

impl Metrics {
    /// Of predictions of this target: 10 bins of calibration, no groups.
    pub fn of(target: &Target) -> Self {
        let classes = match target {
            Target::Class { classes, .. } => classes.clone(),
            Target::Number { .. } => Vec::new(),
        };
        Self { classes, bins: 10, by: By::Nothing }
    }

    /// With so many bins of calibration, 1 at least.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins.max(1);
        self
    }

    /// By group.
    #[must_use]
    pub fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }

    /// The groups.
    pub fn groups(&self) -> &By {
        &self.by
    }

    /// Numbers of a prediction.
    pub fn outputs(&self) -> usize {
        self.classes.len().max(1)
    }

    fn shape(&self) -> Shape {
        Shape { classes: self.classes.len(), bins: self.bins }
    }

    /// Bytes of a state, in memory and saved.
    pub fn state_bytes(&self) -> usize {
        let group = if self.classes.is_empty() { NumberSums::BYTES } else { self.shape().bytes() };
        64 + self.by.count() * group
    }

    /// The state of nothing.
    pub fn init(&self) -> State {
        let groups = self.by.count();
        let (mut numbers, mut classes) = (Vec::new(), Vec::new());
        if self.classes.is_empty() {
            numbers = vec![NumberSums::default(); groups];
        } else {
            classes = vec![ClassSums::new(self.shape()); groups];
        }
        State { dropped: 0, numbers, classes }
    }

    /// Adds a predicted row.
    ///
    /// # Errors
    /// [`Error::Prediction`] if a number is not finite or a probability not from 0 to 1, which a sum of
    /// probabilities may be above by 1e-9.
    ///
    /// # Panics
    /// If the state is of other metrics, or the prediction or its target has another shape.
    pub fn add(&self, predicted: &Predicted<'_>, state: &mut State) -> Result<(), Error> {
        let Predicted { row, group, target, prediction } = *predicted;
        assert_eq!(prediction.len(), self.outputs(), "a prediction of another target");
        let refuse = |value, wanted| Err(Error::Prediction { row, value, wanted });
        if self.classes.is_empty() {
            if !prediction[0].is_finite() {
                return refuse(prediction[0], "a finite number");
            }
            state.numbers[group].add(target, prediction[0]);
            return Ok(());
        }
        if let Some(&wrong) = prediction.iter().find(|it| !(0.0..=1.0 + 1e-9).contains(*it)) {
            return refuse(wrong, "a probability from 0 to 1");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a class")]
        let class = target as usize;
        state.classes[group].add(self.shape(), class, prediction);
        Ok(())
    }

    /// The scores.
    ///
    /// # Errors
    /// [`Error::NothingScored`] if there is no row.
    pub fn report(&self, state: &State) -> Result<Report, Error> {
        let dropped = state.dropped;
        if state.rows() == 0 {
            return Err(Error::NothingScored { dropped });
        }
        let names = (0..self.by.count()).filter_map(|group| self.by.name(group));
        let (all, groups): (_, Vec<_>) = if self.classes.is_empty() {
            let all = Scores::Numbers(merged(&state.numbers).scores());
            let with_rows = names.zip(&state.numbers).filter(|(_, sums)| sums.rows() > 0);
            let scores = |sums: &NumberSums| Scores::Numbers(sums.scores());
            (
                all,
                with_rows.map(|(name, sums)| GroupScores { name, scores: scores(sums) }).collect(),
            )
        } else {
            let scores =
                |sums: &ClassSums| Scores::Classes(sums.scores(self.shape(), &self.classes));
            let with_rows = names.zip(&state.classes).filter(|(_, sums)| sums.rows() > 0);
            let groups = with_rows.map(|(name, sums)| GroupScores { name, scores: scores(sums) });
            (scores(&merged(&state.classes)), groups.collect())
        };
        Ok(Report { dropped, all, groups })
    }
}

impl State {
    /// Rows that were predicted.
    pub fn rows(&self) -> u64 {
        let numbers = self.numbers.iter().map(NumberSums::rows);
        numbers.chain(self.classes.iter().map(ClassSums::rows)).fold(0, u64::wrapping_add)
    }

    /// Counts rows that were left out for a missing value.
    pub fn drop_rows(&mut self, rows: u64) {
        self.dropped += rows;
    }
}

/// All groups as one; there is one at least.
fn merged<S: twoblade_core::Merge + Clone>(groups: &[S]) -> S {
    let mut all = groups[0].clone();
    groups[1..].iter().for_each(|group| all.merge(group));
    all
}

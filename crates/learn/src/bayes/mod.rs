//! Gaussian naive Bayes: classes from features that are normal and independent within each class.
//!
//! With prior p_c, and mean m_cj and variance v_cj of feature j over the rows of class c (over n), a row
//! x belongs to c with a probability proportional to
//! p_c prod_j exp(-(x_j - m_cj)^2 / (2 v_cj)) / sqrt(2 pi v_cj)
//! (Duda and Hart 1973, Pattern Classification and Scene Analysis, section 2.7). To every variance is
//! added the smoothing times the largest variance that a feature has over all rows, in units of the
//! columns; so numbers are those of scikit-learn's `GaussianNB`.

mod moments;
mod predictor;
mod state;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use twoblade_core::{BoxError, Footprint, Group, LeaveOneOut, StreamingEstimator, Threads};
use twoblade_table::Rows;

use self::moments::Moments;
pub use self::predictor::Classifier;
pub use self::state::State;
use self::state::{Places, Tally};
use crate::encode::Encoder;
use crate::error::Error;
use crate::features::{Features, Scale, Target};

/// Rows that are turned into numbers at a time.
const SLICE: usize = 1024;

/// The model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bayes {
    features: Features,
    smoothing: f64,
    /// By class; from the counts if they are not given.
    priors: Option<Vec<f64>>,
    #[serde(skip)]
    places: Places,
}

/// What is known of each class, in the units of the columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Rows without missing values.
    pub rows: u64,
    /// What is added to every variance, in squared units of the columns.
    pub added: f64,
    /// In the order of the target's classes.
    pub classes: Vec<Class>,
}

/// What is known of a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// As it is written in the column.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Its probability before a feature is known; 0 where it has no rows, because then no row can be
    /// said to look like it.
    pub prior: f64,
    /// Of each feature; empty where the class has no rows.
    pub means: Vec<f64>,
    /// Of each feature over n, with what is added; empty where the class has no rows.
    pub variances: Vec<f64>,
}

impl Bayes {
    /// For these features: a smoothing of 1e-9, priors from the counts of the classes.
    ///
    /// # Errors
    /// [`Error::Options`].
    pub fn new(features: Features) -> Result<Self, Error> {
        features.check()?;
        let Target::Class { classes, .. } = &features.target else {
            return Err(Error::Options(format!(
                "naive Bayes predicts classes, and `{}` is a number",
                features.target.column()
            )));
        };
        let places = Places::new(&features, classes.len());
        Ok(Self { features, smoothing: 1e-9, priors: None, places })
    }

    /// With another share of the largest variance, 0 or more, added to all variances.
    ///
    /// # Errors
    /// [`Error::Options`].
    pub fn smoothing(mut self, share: f64) -> Result<Self, Error> {
        if !(0.0..f64::INFINITY).contains(&share) {
            return Err(Error::Options(format!("the smoothing is {share}; expected 0 or more")));
        }
        self.smoothing = share;
        Ok(self)
    }

    /// With these priors: a probability for each class in their order, together 1 up to 1e-8.
    ///
    /// # Errors
    /// [`Error::Options`].
    pub fn priors(mut self, priors: Vec<f64>) -> Result<Self, Error> {
        let classes = self.classes().len();
        if priors.len() != classes {
            let found = priors.len();
            return Err(Error::Options(format!("{found} priors for {classes} classes")));
        }
        if let Some(wrong) = priors.iter().find(|prior| !(0.0..=1.0).contains(*prior)) {
            return Err(Error::Options(format!("a prior is {wrong}; expected 0 to 1")));
        }
        let sum: f64 = priors.iter().sum();
        if (sum - 1.0).abs() > 1e-8 {
            return Err(Error::Options(format!("the priors add up to {sum}; expected 1")));
        }
        self.priors = Some(priors);
        Ok(self)
    }

    /// What it predicts, and from what.
    pub fn features(&self) -> &Features {
        &self.features
    }

    fn classes(&self) -> &[String] {
        match &self.features.target {
            Target::Class { classes, .. } => classes,
            Target::Number { .. } => &[],
        }
    }

    fn solve(&self, state: &State) -> Result<Estimate, Error> {
        let rows = state.rows().iter().copied().fold(0, u64::wrapping_add);
        if rows < 2 {
            return Err(Error::TooFewRows { rows });
        }
        let scales = self.features.scales();
        let all = state.together(&self.places);
        let variance =
            |moments: &Moments, count, scale: &Scale| moments.variance(count) * scale.sd * scale.sd;
        let largest = all
            .iter()
            .zip(&scales)
            .map(|(moments, scale)| variance(moments, rows, scale))
            .fold(0.0, f64::max);
        let added = self.smoothing * largest;
        let mut classes = Vec::with_capacity(self.classes().len());
        for (class, name) in self.classes().iter().enumerate() {
            let count = state.rows()[class];
            let features = if count == 0 { Vec::new() } else { state.class(&self.places, class) };
            let terms = || features.iter().zip(&scales);
            let means = terms().map(|(it, scale)| scale.mean + scale.sd * it.mean(count)).collect();
            let variances: Vec<f64> =
                terms().map(|(it, scale)| variance(it, count, scale) + added).collect();
            let usable = |variance: &f64| *variance > 0.0 && variance.is_finite();
            if let Some(place) = variances.iter().position(|variance| !usable(variance)) {
                let feature = self.features.names().swap_remove(place);
                let (class, variance) = (name.clone(), variances[place]);
                return Err(Error::Variance { feature, class, rows: count, variance });
            }
            let prior = match &self.priors {
                _ if count == 0 => 0.0,
                Some(priors) => priors[class],
                None => count as f64 / rows as f64,
            };
            classes.push(Class { name: name.clone(), rows: count, prior, means, variances });
        }
        // Where classes with a given prior have no rows, the others share what is left.
        let sum: f64 = classes.iter().map(|class| class.prior).sum();
        if sum <= 0.0 {
            return Err(Error::Options("no class that has rows has a prior above 0".to_owned()));
        }
        if self.priors.is_some() && classes.iter().any(|class| class.rows == 0) {
            for class in &mut classes {
                class.prior /= sum;
            }
        }
        Ok(Estimate { rows, added, classes })
    }
}

impl StreamingEstimator for Bayes {
    const STATE_VERSION: u32 = 1;
    type Chunk = Rows;
    type State = State;
    type Total = State;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        "bayes".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let state = State::bytes(&self.places);
        let width = self.features.width();
        // Rows as numbers, twice while they are put together, and what a chunk adds.
        let chunk = 2 * SLICE * (width + 1) * size_of::<f64>() + Tally::bytes(&self.places);
        // The state without a block, the moments of a class and of all, and the estimate.
        let solve = state
            + 2 * width * Moments::BYTES
            + self.classes().len() * (2 * width * size_of::<f64>() + 128);
        Footprint { state, per_thread: chunk.max(solve) + (16 << 10), ..Footprint::default() }
    }

    fn init(&self) -> State {
        State::new(&self.places)
    }

    fn pass_one(
        &self,
        chunk: &Rows,
        state: &mut State,
        _threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let encoder = Encoder::new(&self.features);
        let mut tally = Tally::new(&self.places);
        let (mut from, mut dropped) = (0, 0);
        while from < chunk.count() {
            let slice = chunk.slice(from, SLICE.min(chunk.count() - from));
            from += slice.count();
            let encoded = encoder.encode(&slice)?;
            dropped += slice.count() - encoded.rows.len();
            tally.add(&self.places, &encoded);
        }
        state.add(&tally, dropped);
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Estimate, BoxError> {
        Ok(self.solve(total)?)
    }
}

impl LeaveOneOut for Bayes {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<Estimate, BoxError> {
        let mut rest = total.clone();
        rest.remove(held_out);
        Ok(self.solve(&rest)?)
    }
}

//! The learner.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use twoblade_core::{BoxError, Footprint, OrderedEstimator};
use twoblade_table::Rows;

use super::batch::{Batch, Learned, Scratch, Shape};
use super::fit::{Estimate, Fit, Output};
use super::loss::{BATCH, Loss};
use super::options::Options;
use crate::encode::{Encoded, Encoder, NOWHERE};
use crate::error::Error;
use crate::features::{Features, Scale, Target, Term};

/// Rows that are turned into numbers at a time.
const SLICE: usize = 256;

/// The learner: which it is, the target says.
///
/// ```
/// use std::sync::Arc;
///
/// use twoblade_core::OrderedEstimator;
/// use twoblade_learn::sgd::{Sgd, Options};
/// use twoblade_learn::{Features, Missing, Scale, Target, Term};
/// use twoblade_table::Rows;
/// use twoblade_table::arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
///
/// // Fish of two kinds, by length: above 20 there are pikes only, below 10 perches only.
/// let length: Vec<f64> = (0..600).map(|fish| f64::from(fish % 31)).collect();
/// let kind = |(fish, &length): (usize, &f64)| {
///     let pike = if (10.0..=20.0).contains(&length) { fish % 2 == 0 } else { length > 20.0 };
///     if pike { "pike" } else { "perch" }
/// };
/// let kinds: Vec<&str> = length.iter().enumerate().map(kind).collect();
/// let columns: [(&str, ArrayRef); 2] = [
///     ("kind", Arc::new(StringArray::from(kinds))),
///     ("length", Arc::new(Float64Array::from(length))),
/// ];
/// let rows = Rows::new(0, RecordBatch::try_from_iter(columns)?);
///
/// let classes = vec!["perch".to_owned(), "pike".to_owned()];
/// let length = Term::Number { column: "length".into(), scale: Scale { mean: 15.0, sd: 9.0 } };
/// let features = Features {
///     target: Target::Class { column: "kind".into(), classes },
///     terms: vec![length],
///     missing: Missing::Drop,
/// };
/// let model = Sgd::new(features, Options::default())?;
/// let mut learned = model.init();
/// for epoch in 0..5 {
///     model.learn(epoch, &rows, &mut learned)?;
/// }
/// let pike = &model.finish(&learned)?.full.outputs[0];
/// // Even odds in the middle.
/// let middle = -pike.intercept / pike.coefficients[0];
/// assert!((14.0..16.0).contains(&middle), "{middle}");
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sgd {
    features: Features,
    options: Options,
}

/// What was learned so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Rows of the first epoch, those that were left out, and the loss of the others.
    rows: u64,
    dropped: u64,
    loss: f64,
    /// From everything, and without each fold.
    models: Vec<Learned>,
}

impl Sgd {
    /// For these features.
    ///
    /// # Errors
    /// [`Error::Options`].
    pub fn new(features: Features, options: Options) -> Result<Self, Error> {
        features.check()?;
        options.check()?;
        let model = Self { features, options };
        if model.shape().indicators >= NOWHERE as usize {
            let (found, most) = (model.shape().indicators, NOWHERE - 1);
            return Err(Error::Options(format!("there are {found} indicators; {most} at most")));
        }
        Ok(model)
    }

    /// What it predicts, and from what.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// How it learns.
    pub fn options(&self) -> &Options {
        &self.options
    }

    fn loss(&self) -> Loss {
        match &self.features.target {
            Target::Number { .. } => Loss::Squared,
            Target::Class { classes, .. } if classes.len() == 2 => Loss::Binary,
            Target::Class { .. } => Loss::Multinomial,
        }
    }

    fn shape(&self) -> Shape {
        let numbers = self.features.terms.iter().filter(|term| is_number(term)).count();
        let outputs = match &self.features.target {
            Target::Class { classes, .. } if classes.len() > 2 => classes.len(),
            _ => 1,
        };
        let width = self.features.width();
        Shape { numbers, indicators: if width > numbers { width } else { 0 }, outputs }
    }

    /// Learns from rows that stand in one fold, `from..to` of these.
    fn learn_run(
        &self,
        (rows, range): (&Encoded, Range<usize>),
        fold: Option<usize>,
        first_epoch: bool,
        (model, scratch): (&mut Model, &mut Scratch),
    ) {
        let loss = self.loss();
        for from in range.clone().step_by(BATCH) {
            let batch = Batch { rows, from, count: BATCH.min(range.end - from) };
            for (which, learned) in model.models.iter_mut().enumerate() {
                if which > 0 && Some(which - 1) == fold {
                    continue;
                }
                let wanted = first_epoch && which == 0;
                let lost = learned.learn(loss, batch, &self.options, wanted, scratch);
                if wanted {
                    model.loss += lost;
                }
            }
        }
    }

    /// Refuses a model with a weight that is not finite.
    fn check(&self, rows: &Rows, model: &Model, scratch: &Scratch) -> Result<(), Error> {
        let outputs = self.shape().outputs;
        let of_indicator = scratch.lost().map(|at| Place::Indicator(at / outputs));
        let of_number =
            || model.models.iter().find_map(Learned::lost).map(|at| Place::Number(at / outputs));
        let Some(lost) = of_indicator.or_else(of_number) else { return Ok(()) };
        let mut order = self.order().into_iter().zip(self.features.names());
        let name = order.find(|(place, _)| *place == lost).map(|(_, name)| name);
        let feature = name.unwrap_or_else(|| "the intercept".to_owned());
        let row = rows.first() + (rows.count() as u64).saturating_sub(1);
        Err(Error::NotFinite { feature, row })
    }

    /// Where the weight of each feature is.
    fn order(&self) -> Vec<Place> {
        let mut numbers = 0..;
        let mut order = Vec::with_capacity(self.features.width());
        for term in &self.features.terms {
            if is_number(term) {
                order.extend(numbers.by_ref().take(1).map(Place::Number));
            } else {
                let first = order.len();
                order.extend((first..first + term.width()).map(Place::Indicator));
            }
        }
        order
    }

    /// Averaged weights, in the units of the columns.
    fn fit(&self, learned: &Learned) -> Fit {
        let shape = self.shape();
        let mut learned = learned.clone();
        learned.catch_up(shape.outputs);
        let of_target = match &self.features.target {
            Target::Number { scale, .. } => *scale,
            Target::Class { .. } => Scale::ONE,
        };
        let places: Vec<(Place, Scale)> =
            self.order().into_iter().zip(self.features.scales()).collect();
        let output = |output: usize| {
            let intercept =
                learned.numbers.told(shape.numbers * shape.outputs + output, &self.options);
            let mut intercept = of_target.mean + of_target.sd * intercept;
            let coefficients = places.iter().map(|(place, scale)| {
                let weight = match place {
                    Place::Number(at) => {
                        learned.numbers.told(at * shape.outputs + output, &self.options)
                    }
                    Place::Indicator(at) => {
                        learned.indicators.told(at * shape.outputs + output, &self.options)
                    }
                };
                let coefficient = of_target.sd * weight / scale.sd;
                intercept -= coefficient * scale.mean;
                coefficient
            });
            let coefficients = coefficients.collect();
            Output { intercept, coefficients }
        };
        Fit { outputs: (0..shape.outputs).map(output).collect() }
    }
}

/// Where a weight is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Number(usize),
    Indicator(usize),
}

fn is_number(term: &Term) -> bool {
    matches!(term, Term::Number { .. })
}

impl OrderedEstimator for Sgd {
    const MODEL_VERSION: u32 = 1;
    type Chunk = Rows;
    type Model = Model;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        match self.loss() {
            Loss::Squared => "linear".into(),
            Loss::Binary => "logistic".into(),
            Loss::Multinomial => "multinomial".into(),
        }
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let (shape, models) = (self.shape(), self.options.models());
        let state = 64 + models * shape.bytes();
        let terms = self.features.terms.len();
        // Rows as numbers, the names of levels by their places, and one model more while it is told.
        let slice = SLICE * (terms + 4) * size_of::<f64>();
        let levels = self.features.terms.iter().map(|term| match term {
            Term::Levels { levels, .. } => 64 * levels.len(),
            _ => 0,
        });
        let told = (models + 1) * self.features.width() * shape.outputs * size_of::<f64>();
        let per_thread = slice + levels.sum::<usize>() + Scratch::bytes(shape) + (16 << 10);
        Footprint { state, shared: shape.bytes() + 2 * told, per_thread, ..Footprint::default() }
    }

    fn init(&self) -> Model {
        let models = (0..self.options.models()).map(|_| Learned::new(self.shape())).collect();
        Model { rows: 0, dropped: 0, loss: 0.0, models }
    }

    fn learn(&self, epoch: u32, chunk: &Rows, model: &mut Model) -> Result<(), BoxError> {
        let encoder = Encoder::new(&self.features).with_places(true);
        let mut rows = Encoded::default();
        let mut scratch = Scratch::new(self.shape());
        let mut from = 0;
        while from < chunk.count() {
            let slice = chunk.slice(from, SLICE.min(chunk.count() - from));
            from += slice.count();
            encoder.encode_into(&slice, &mut rows)?;
            if epoch == 0 {
                model.rows += rows.rows.len() as u64;
                model.dropped += (slice.count() - rows.rows.len()) as u64;
            }
            let fold =
                |row: usize| self.options.folds.map(|folds| folds.of(slice.first() + row as u64));
            let mut begin = 0;
            for run in rows.rows.chunk_by(|&one, &other| fold(one) == fold(other)) {
                let range = begin..begin + run.len();
                begin = range.end;
                let work = (&mut *model, &mut scratch);
                self.learn_run((&rows, range), fold(run[0]), epoch == 0, work);
            }
        }
        Ok(self.check(chunk, model, &scratch)?)
    }

    fn finish(&self, model: &Model) -> Result<Estimate, BoxError> {
        if model.rows < 2 {
            return Err(Error::TooFewRows { rows: model.rows }.into());
        }
        let mean = model.loss / model.rows as f64;
        let progressive_loss = match &self.features.target {
            // Half the squared error is what is minimized.
            Target::Number { scale, .. } => 2.0 * mean * scale.sd * scale.sd,
            Target::Class { .. } => mean,
        };
        let mut fits = model.models.iter().map(|learned| self.fit(learned));
        let full = fits.next().expect("there is one from everything");
        let (rows, dropped) = (model.rows, model.dropped);
        Ok(Estimate { rows, dropped, progressive_loss, full, without: fits.collect() })
    }
}

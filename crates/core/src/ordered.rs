//! What a model is that depends on the order of its data.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::estimator::Footprint;
use crate::source::BoxError;

/// A model that learns from chunk after chunk, each time from where the last one left it: stochastic
/// gradients, and whatever else has no state that could be merged.
///
/// It cannot be cut into shards, and no block can be taken out of it again. What it keeps is that the
/// same data in the same order give the same bits, on any number of threads, stopped or not.
///
/// The value itself is the configuration, as that of a
/// [`StreamingEstimator`](crate::StreamingEstimator): immutable, and serialized the identity of a run.
///
/// # Contract
/// - What `learn` makes of a model depends on the epoch, the chunk, the model and the configuration
///   alone: all progress stands in the model, none in `self`.
/// - A model that was saved and loaded goes on as one that was not.
/// - A model has one shape, from `init` on.
///
/// # Example
/// A complete model: a line through the origin, by stochastic gradients of the squared error (Robbins
/// and Monro 1951, Ann. Math. Statist. 22:400).
/// ```
/// use std::borrow::Cow;
/// use twoblade_core::{BoxError, Footprint, OrderedEstimator};
///
/// #[derive(serde::Serialize)]
/// struct Line {
///     rate: f64,
/// }
///
/// #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
/// struct Progress {
///     seen: u64,
///     slope: f64,
/// }
///
/// impl OrderedEstimator for Line {
///     const MODEL_VERSION: u32 = 1;
///     type Chunk = Vec<(f64, f64)>;
///     type Model = Progress;
///     type Estimate = f64;
///
///     fn name(&self) -> Cow<'static, str> {
///         "line".into()
///     }
///     fn footprint(&self, _chunk_bytes: usize) -> Footprint {
///         Footprint { state: 24, ..Footprint::default() }
///     }
///     fn init(&self) -> Progress {
///         Progress::default()
///     }
///     fn learn(
///         &self,
///         _epoch: u32,
///         chunk: &Vec<(f64, f64)>,
///         model: &mut Progress,
///     ) -> Result<(), BoxError> {
///         for (x, y) in chunk {
///             model.seen += 1;
///             let rate = self.rate / (model.seen as f64).sqrt();
///             model.slope += rate * (y - model.slope * x) * x;
///         }
///         Ok(())
///     }
///     fn finish(&self, model: &Progress) -> Result<f64, BoxError> {
///         if model.slope.is_finite() { Ok(model.slope) } else { Err("the rate is too large".into()) }
///     }
/// }
///
/// let (line, chunk) = (Line { rate: 0.5 }, vec![(1.0, 2.0), (-1.0, -2.0)]);
/// let mut model = line.init();
/// (0..200).try_for_each(|epoch| line.learn(epoch, &chunk, &mut model))?;
/// assert!((line.finish(&model)? - 2.0).abs() < 1e-6);
/// # Ok::<(), twoblade_core::BoxError>(())
/// ```
pub trait OrderedEstimator: Serialize {
    /// Raised whenever the meaning or the shape of the model changes.
    const MODEL_VERSION: u32;
    /// What it reads.
    type Chunk;
    /// What it has learned so far, and whatever it needs to go on.
    type Model: Serialize + DeserializeOwned + Clone;
    /// What it finds.
    type Estimate: Serialize + DeserializeOwned;

    /// A short name for messages and files.
    fn name(&self) -> Cow<'static, str>;

    /// Bytes that a run needs, from the configuration and the size of a chunk, before any data. The
    /// state is one model, at most, in memory and saved; the one thread that learns is one of
    /// `per_thread`.
    fn footprint(&self, chunk_bytes: usize) -> Footprint;

    /// A model that has learned nothing.
    fn init(&self) -> Self::Model;

    /// Learns from one chunk; chunks come in the order of the data, once in every epoch. `epoch`
    /// counts from 0.
    ///
    /// # Errors
    /// What is wrong with this chunk, or with the model after it (a number that is no longer finite).
    fn learn(
        &self,
        epoch: u32,
        chunk: &Self::Chunk,
        model: &mut Self::Model,
    ) -> Result<(), BoxError>;

    /// What a model that has learned for a while says.
    ///
    /// # Errors
    /// Why it has nothing to say (it has seen no row).
    fn finish(&self, model: &Self::Model) -> Result<Self::Estimate, BoxError>;
}

//! Sgd models of numbers and of classes, learned in order by stochastic gradients.
//!
//! A number is predicted by a linear function of the features (half the squared error is minimized); one
//! of two classes by a linear function for its log odds, one of several by a function each (the log loss
//! is). What is minimized is the mean loss of a row, plus l1 times the sum of absolute weights and l2 / 2
//! times that of their squares, with features and a target that is a number in units of their
//! [`Scale`](crate::Scale); intercepts are not penalized.
//!
//! Rows are learned from 16 at a time: they are predicted, and then all weights that have a part in them
//! take a step of FTRL-proximal, with a rate of their own each (McMahan et al. 2013, KDD, p. 1222). What
//! is told in the end are weights averaged over the steps, the later the heavier (Lacoste-Julien, Schmidt
//! and Bach 2012, arXiv:1212.2002), which are far closer to the optimum than the last ones.
//!
//! Every row of a batch is in the same chunk, so the bits of a model depend on the data, the options, and
//! how the source is cut, and on nothing else: sums of a batch are made in a fixed order, with the
//! exponentials of `libm`.

mod batch;
mod fit;
mod learner;
mod loss;
mod options;
mod weights;

pub use self::fit::{Estimate, Fit, Output};
pub use self::learner::{Model, Sgd};
pub use self::options::Options;

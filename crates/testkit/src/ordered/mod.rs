//! The laws of models that depend on the order of their data.

mod budget;
mod learning;
mod resuming;
mod running;
mod saving;

pub use budget::the_budget_is_respected;
pub use learning::learning_depends_on_the_model_alone;
pub use resuming::resuming_equals_not_stopping;
pub use running::{it_agrees_with_the_reference, readers_ahead_do_not_matter};
pub use saving::{a_model_fits_its_declared_bytes, a_model_survives_saving};

/// Makes a module with a `#[test]` for every law of an
/// [`OrderedEstimator`](twoblade_core::OrderedEstimator).
///
/// - `model` and `source` are expressions, evaluated anew in every test.
/// - `epochs` is how often the source is learned from.
/// - `numbers` takes from an estimate the numbers to be compared.
/// - `reference` gives the same numbers, computed another way.
/// - `tolerance` is relative, as that of [`conformance!`](crate::conformance).
///
/// The source has at least 7 blocks of at least 3 chunks, and wild numbers in them.
#[macro_export]
macro_rules! ordered_conformance {
    (
        mod $name:ident;
        model: $model:expr,
        source: $source:expr,
        epochs: $epochs:expr,
        numbers: $numbers:expr,
        reference: $reference:expr,
        tolerance: $tolerance:expr $(,)?
    ) => {
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;

            #[test]
            fn it_agrees_with_the_reference() {
                $crate::hold($crate::ordered::it_agrees_with_the_reference(
                    (&$model, &$source),
                    $epochs,
                    $numbers,
                    $reference,
                    $tolerance,
                ));
            }

            $crate::ordered_conformance! { @laws $model, $source;
                learning_depends_on_the_model_alone,
                readers_ahead_do_not_matter,
                resuming_equals_not_stopping,
                a_model_survives_saving,
                a_model_fits_its_declared_bytes,
                the_budget_is_respected,
            }
        }
    };
    // A law a step, because the model and the law cannot be repeated together.
    (@laws $model:expr, $source:expr; $law:ident, $($rest:tt)*) => {
        #[test]
        fn $law() {
            $crate::hold($crate::ordered::$law(&$model, &$source));
        }
        $crate::ordered_conformance! { @laws $model, $source; $($rest)* }
    };
    (@laws $model:expr, $source:expr;) => {};
}

//! The laws as tests.

use std::error::Error;

use crate::broken::Broken;

/// Makes a module with a `#[test]` for every law.
///
/// - `model` and `source` are expressions, evaluated anew in every test.
/// - `numbers` takes from an estimate the numbers to be compared.
/// - `reference` gives the same numbers, of the whole and without each block, computed another way.
/// - `tolerance` is relative: a number `a` agrees with `b` if they differ by at most `tolerance`
///   times the largest of `|a|`, `|b|` and 1. So numbers far below 1 are to be scaled first.
///
/// The source has at least 7 blocks of at least 3 chunks, and wild numbers in them.
#[macro_export]
macro_rules! conformance {
    (
        mod $name:ident;
        model: $model:expr,
        source: $source:expr,
        numbers: $numbers:expr,
        reference: $reference:expr,
        tolerance: $tolerance:expr $(,)?
    ) => {
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;

            #[test]
            fn it_agrees_with_the_reference() {
                $crate::hold($crate::it_agrees_with_the_reference(
                    &$model,
                    &$source,
                    $numbers,
                    $reference,
                    $tolerance,
                ));
            }

            $crate::conformance! { @laws $model, $source;
                merging_has_an_identity,
                merging_commutes,
                merging_associates,
                removing_undoes_merging,
                folding_on_is_merging,
                a_reset_state_is_that_of_nothing,
                any_split_of_the_blocks_agrees,
                pass_two_is_finish_of_the_rest,
                leaving_out_nothing_is_finish,
                leaving_out_equals_never_reading,
                threads_inside_a_chunk_do_not_matter,
                any_number_of_threads_agrees,
                keeping_equals_recomputing,
                spilling_equals_recomputing,
                resuming_equals_not_stopping,
                parts_agree_with_the_whole,
                a_state_survives_saving,
                a_state_fits_its_declared_bytes,
                the_budget_is_respected,
            }
        }
    };
    // A law a step, because the model and the law cannot be repeated together.
    (@laws $model:expr, $source:expr; $law:ident, $($rest:tt)*) => {
        #[test]
        fn $law() {
            $crate::hold($crate::$law(&$model, &$source));
        }
        $crate::conformance! { @laws $model, $source; $($rest)* }
    };
    (@laws $model:expr, $source:expr;) => {};
}

/// Panics, saying everything, if a law is broken.
///
/// # Panics
/// If a law is broken.
#[track_caller]
pub fn hold(law: Result<(), Broken>) {
    if let Err(broken) = law {
        let mut text = broken.to_string();
        let mut cause = broken.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        panic!("{text}");
    }
}

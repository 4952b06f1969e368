//! The laws that every twoblade model keeps, as tests.
//!
//! A model's whole conformance test is one [`conformance!`]: a model, a source of wild numbers in
//! at least 7 blocks of at least 3 chunks, and a reference that was computed another way. Each law
//! becomes a `#[test]` of its own. Except for the reference, which has a tolerance, laws hold to the
//! bit: saved states and saved estimates are compared byte by byte.
//!
//! ```
//! use twoblade_core::{Blocks, Jackknife};
//! use twoblade_moments::{Column, Estimate, Moments};
//!
//! /// 0 to 69 in 7 blocks, read 3 at a time.
//! fn column() -> Column {
//!     let values = (0..70).map(f64::from).collect();
//!     Column::new(values, Blocks::even(70, 7).expect("10 a block")).chunk(3)
//! }
//!
//! /// Without the block of mean b, the mean is (70 * 34.5 - 10 b) / 60.
//! fn reference() -> Jackknife<Vec<f64>> {
//!     let without = |block| vec![(2415.0 - 10.0 * (4.5 + 10.0 * f64::from(block))) / 60.0];
//!     Jackknife { full: vec![34.5], replicates: (0..7).map(without).collect() }
//! }
//!
//! twoblade_testkit::conformance! {
//!     mod moments;
//!     model: Moments,
//!     source: column(),
//!     numbers: |estimate: &Estimate| vec![estimate.mean],
//!     reference: reference,
//!     tolerance: 1e-15,
//! }
//! # fn main() {
//! # twoblade_testkit::hold(twoblade_testkit::it_agrees_with_the_reference(
//! #     &Moments, &column(), |estimate: &Estimate| vec![estimate.mean], reference, 1e-15,
//! # ));
//! # }
//! ```
//!
//! A model that depends on the order of its data has laws of its own: [`ordered`], and
//! [`ordered_conformance!`].
//!
//! A law is also a function, which returns [`Broken`] instead of panicking: so the kit itself is
//! tested with planted bugs, each of which is caught by a law that names it.

mod algebra;
mod broken;
mod budget;
mod conformance;
mod counting;
mod damage;
mod folding;
mod leaving;
pub mod ordered;
mod players;
mod reference;
mod resuming;
mod running;
mod saving;
mod singled;
mod subject;
mod surviving;

pub use algebra::{
    merging_associates, merging_commutes, merging_has_an_identity, removing_undoes_merging,
};
pub use broken::{Broken, Finding, Law};
pub use budget::the_budget_is_respected;
pub use conformance::hold;
pub use damage::damaged;
pub use folding::{
    a_reset_state_is_that_of_nothing, any_split_of_the_blocks_agrees, folding_on_is_merging,
};
pub use leaving::{
    leaving_out_equals_never_reading, leaving_out_nothing_is_finish, pass_two_is_finish_of_the_rest,
};
pub use players::{Backwards, Interleaved};
pub use reference::it_agrees_with_the_reference;
pub use resuming::{
    parts_agree_with_the_whole, resuming_equals_not_stopping, spilling_equals_recomputing,
};
pub use running::{
    any_number_of_threads_agrees, keeping_equals_recomputing, threads_inside_a_chunk_do_not_matter,
};
pub use saving::{a_state_fits_its_declared_bytes, a_state_survives_saving};
pub use surviving::{Survived, survives_damage};

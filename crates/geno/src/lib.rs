//! Packed genotypes, what columns models make of them, and the kernels.

mod chunk;
mod cut;
mod selection;
mod study;

pub use chunk::{PackedChunk, code, stride};
pub use cut::Cut;
pub use selection::Selection;
pub use study::{Bins, Study, Trait};

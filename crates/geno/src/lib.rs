//! Packed genotypes, what columns models make of them, and the two products.
//!
//! - [`PackedChunk`] holds variants as they lie in a .bed file, two bits a genotype; a [`Selection`]
//!   takes individuals out of them without unpacking, [`Counts`] counts genotypes by bits and a
//!   [`VariantFilter`] judges by them.
//! - A [`Census`] is a whole read that only counts: missing genotypes of each individual, alleles of
//!   each variant.
//! - [`Study`] is what is known before any genotype is read, [`Cut`] how variants are cut.
//! - A model makes [`Column`]s: a value for each genotype of a variant.
//! - [`kernel`] has the loops of these, for each instruction set.
//! - [`transposed_product`] and [`Product`] multiply such columns with a [`Panel`] and with anything.

mod among;
mod bins;
mod census;
mod chunk;
mod column;
mod counts;
mod cut;
mod element;
mod filter;
pub mod kernel;
mod missing;
mod normal;
mod panel;
mod product;
mod quantile;
mod reals;
mod runs;
mod selection;
mod signs;
mod sixteens;
mod study;
mod subset;
mod transposed;

pub use among::{Among, AmongError};
pub use bins::{Bins, BinsBuilder};
pub use census::{Census, CensusState, Tally};
pub use chunk::{PackedChunk, code, stride};
pub use column::Column;
pub use counts::Counts;
pub use cut::Cut;
pub use element::Element;
pub use filter::{Dropped, VariantFilter};
pub use normal::normals;
pub use panel::{Panel, PanelSize};
pub use product::{Product, STRIP, TILE_ROWS, put_row, tile_rows};
pub use quantile::normal_quantile;
pub use selection::Selection;
pub use study::{Covariate, Study, Trait};
pub use subset::Subset;
pub use transposed::transposed_product;

/// Bytes that one thread holds in either product, for chunks of so many variants and individuals, a panel
/// of this size, and so many strips of numbers of `number` bytes.
pub fn scratch_bytes(
    chunk: (usize, usize),
    panel: PanelSize,
    (strips, number): (usize, usize),
) -> usize {
    let product = product::scratch_bytes(chunk, strips, number);
    transposed::scratch_bytes(chunk, panel).max(product)
}

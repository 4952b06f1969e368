//! Packed genotypes, what columns models make of them, and the two products.
//!
//! - [`PackedChunk`] holds variants as they lie in a .bed file, two bits a genotype; a [`Selection`]
//!   takes individuals out of them without unpacking, [`Counts`] counts genotypes by bits and a
//!   [`VariantFilter`] judges by them.
//! - A [`Census`] is a whole read that only counts: missing genotypes of each individual, alleles of
//!   each variant.
//! - [`Study`] is what is known before any genotype is read, [`Cut`] how variants are cut.
//! - A model makes [`Column`]s: a value for each genotype of a variant.
//! - [`transposed_product`] and [`Product`] multiply such columns, tile by tile.

mod among;
mod bins;
mod census;
mod chunk;
mod column;
mod counts;
mod cut;
mod decode;
mod element;
mod filter;
mod normal;
mod product;
mod quantile;
mod selection;
mod study;
mod subset;

pub use among::{Among, AmongError};
pub use bins::{Bins, BinsBuilder};
pub use census::{Census, CensusState, Tally};
pub use chunk::{PackedChunk, code, stride};
pub use column::Column;
pub use counts::Counts;
pub use cut::Cut;
pub use decode::decode;
pub use element::Element;
pub use filter::{Dropped, VariantFilter};
pub use normal::normals;
pub use product::{Panel, Product, TILE_ROWS, row_tiles, scratch_bytes, transposed_product};
pub use quantile::normal_quantile;
pub use selection::Selection;
pub use study::{Covariate, Study, Trait};
pub use subset::Subset;

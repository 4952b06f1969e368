//! The grids of the sums, from shapes alone.

use serde::{Deserialize, Serialize};
use twoblade_core::Grid;
use twoblade_geno::Cut;

/// One grid for each kind of sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grids {
    pub(crate) sketches: Grid,
    pub(crate) traces: Grid,
    pub(crate) products: Grid,
}

impl Grids {
    /// `reach` is the largest entry of a probe.
    ///
    /// With N individuals, chunks of m columns, and |x_j|^2 about N: an entry of X (X'z) of a chunk is
    /// at most about 8 m sqrt(N) where all its variants are alike (eight standard deviations of
    /// x_j'z for each), and m times the probe's own entry besides. A trace adds m N. A product of
    /// x_j'y and x_j'y' is about N, and N^2 if a variant were the trait itself; sqrt(N) N lies
    /// between. The room of 2^8 on top takes rare variants: a private allele has entries of sqrt(N),
    /// so a chunk of nothing but private alleles of one individual reaches m N.
    pub(crate) fn new(cut: &Cut, individuals: usize, reach: f64) -> Self {
        let n = individuals as f64;
        let columns = cut.chunks() as f64 * cut.largest_chunk() as f64;
        Self {
            sketches: Grid::for_guard(columns * (8.0 * n.sqrt() + reach)),
            traces: Grid::for_guard(columns * n),
            products: Grid::for_guard(columns * n * n.sqrt()),
        }
    }
}

//! Correlations of a group of lesions with a tile of voxels.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::seeds::GROUP;
use crate::series::TILE;

/// Time points that one product goes over: few enough for any of the library's blockings, so that the
/// order of the sums does not depend on the size of a cache.
const STEP: usize = 64;

/// For lesions of one group and voxels of one tile the sums over time of products of floats, in
/// doubles: `out[l * TILE + v]`. Tiles have one shape, padded with zeros.
pub(crate) fn correlate(seeds: &[f64], tile: &[f64], out: &mut [f64]) {
    debug_assert_eq!(out.len(), GROUP * TILE);
    let mut accumulate = Accum::Replace;
    if seeds.is_empty() {
        out.fill(0.0);
    }
    for (seeds, tile) in seeds.chunks(STEP * GROUP).zip(tile.chunks(STEP * TILE)) {
        let steps = seeds.len() / GROUP;
        matmul(
            MatMut::from_row_major_slice_mut(out, GROUP, TILE),
            accumulate,
            MatRef::from_column_major_slice(seeds, GROUP, steps),
            MatRef::from_row_major_slice(&tile[..steps * TILE], steps, TILE),
            1.0,
            Par::Seq,
        );
        accumulate = Accum::Add;
    }
}

/// Bytes of what one product gives.
pub(crate) fn bytes() -> usize {
    GROUP * TILE * size_of::<f64>()
}

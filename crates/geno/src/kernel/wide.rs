//! Rows of sixteen floats in the machine's vectors, for loops that a compiler does not make vectors of.

use pulp::{Simd, WithSimd};
use twoblade_core::Instructions;

use super::WIDTH;

/// Sixteen floats side by side: a line of the cache, so that no load reaches into two.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Row(pub(crate) [f32; WIDTH]);

/// The row as vectors.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
pub(super) fn vectors<S: Simd>(row: &Row) -> &[S::f32s] {
    S::as_simd_f32s(&row.0).0
}

/// The row as vectors, to be changed.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
pub(super) fn vectors_mut<S: Simd>(row: &mut Row) -> &mut [S::f32s] {
    S::as_mut_simd_f32s(&mut row.0).0
}

/// Runs a loop over vectors, in the version for these instructions, or for less where the machine has
/// less. Lane by lane its arithmetic is that of single numbers, so every version gives the same bits.
pub fn run_wide<W: WithSimd>(instructions: Instructions, work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if instructions >= Instructions::Avx512
            && let Some(simd) = pulp::x86::V4::try_new()
        {
            return Simd::vectorize(simd, work);
        }
        if instructions >= Instructions::Avx2
            && let Some(simd) = pulp::x86::V3::try_new()
        {
            return Simd::vectorize(simd, work);
        }
        Simd::vectorize(pulp::Scalar::new(), work)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = instructions;
        pulp::Arch::new().dispatch(work)
    }
}

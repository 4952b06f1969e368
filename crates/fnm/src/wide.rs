//! Loops over voxels with the widest instructions that the machine has, or those that were asked for.

use pulp::{Simd, WithSimd};
use twoblade_core::Instructions;

/// Runs a loop compiled for each instruction set, in the version for this machine.
///
/// What the loop calls has to be inlined into it. Its arithmetic is that of single numbers in their
/// order, never fused, so the bits are those of any other machine.
#[inline]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    dispatch(Plain(work))
}

/// Runs a loop over vectors of the machine's length.
///
/// A model is not made where the instructions that were asked for are not to be had.
#[inline]
pub(crate) fn dispatch<W: WithSimd>(work: W) -> W::Output {
    let instructions = Instructions::chosen().unwrap_or_default();
    #[cfg(target_arch = "x86_64")]
    if instructions >= Instructions::Avx512
        && let Some(simd) = pulp::x86::V4::try_new()
    {
        return Simd::vectorize(simd, work);
    }
    #[cfg(target_arch = "x86_64")]
    if instructions >= Instructions::Avx2
        && let Some(simd) = pulp::x86::V3::try_new()
    {
        return Simd::vectorize(simd, work);
    }
    if cfg!(target_arch = "x86_64") {
        return Simd::vectorize(pulp::Scalar::new(), work);
    }
    let _ = instructions;
    pulp::Arch::new().dispatch(work)
}

struct Plain<F>(F);

impl<R, F: FnOnce() -> R> WithSimd for Plain<F> {
    type Output = R;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, _: S) -> R {
        (self.0)()
    }
}

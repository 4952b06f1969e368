//! Loops over voxels with the widest instructions that the machine has.

/// Runs a loop compiled for each instruction set, in the version for this machine.
///
/// What the loop calls has to be inlined into it. Its arithmetic is that of single numbers in their
/// order, never fused, so the bits are those of any other machine.
#[inline]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

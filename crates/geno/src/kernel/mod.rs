//! The loops in which the time goes, compiled for each instruction set.
//!
//! Each is written once, in plain Rust, as a [`Loop`]: that is the scalar version, and the same source
//! compiled for wider vectors is the others. Those that no compiler makes vectors of are written over
//! vectors of any length, of which single numbers are the scalar version; and sums of digits name the
//! instructions of one kind of processor, beside a scalar version. Integers are counted, and
//! doubles or floats are added number by number in an order that the source says; no sum goes across the
//! lanes of a vector, and a product and a sum are never fused. So every version gives the same bits.
//! [`run`] is the one place that chooses for the first kind, and [`run_wide`] for the second; sums of digits
//! ask for what they name.
//!
//! # Safety
//! The only unsafe code of the workspace is in [`run`], and one instruction beside it: what is compiled for an
//! instruction set may be called where the processor has it. The processor is asked, once, and each version is
//! called only behind the answer that it needs; the one instruction belongs to a type of which there is a value
//! only behind that answer. So no caller can be wrong about it. What the loops do themselves is safe: slices,
//! arrays and integers.
#![expect(unsafe_code, reason = "loops compiled for instructions that are asked for first")]

mod by_variant;
mod copying;
mod counting;
mod digits;
#[cfg(target_arch = "x86_64")]
mod digits_x86;
mod looking_up;
mod planes;
#[cfg(target_arch = "x86_64")]
mod products_x86;
mod signed;
mod ways;
mod wide;

use twoblade_core::Instructions;

pub(crate) use by_variant::add_by_variant;
pub(crate) use copying::{What, copy_bits};
pub(crate) use counting::{Bits, LINE, Line, WORDS, count_common};
pub(crate) use digits::sum_digits;
pub(crate) use looking_up::{TABLE_ROWS, Tables, WIDTH, add_looked_up, write_looked_up};
pub(crate) use planes::{DigitLine, Digits};
pub(crate) use signed::{SIXTEEN, Signed, add_signed};
pub(crate) use ways::{FOUR, GROUP, find_rows};
pub(crate) use wide::Row;
pub use wide::run_wide;

/// A loop, compiled for each instruction set.
///
/// # Contract
/// `run` is always inlined, with all that it calls, or it would be compiled for the least of machines.
/// Its arithmetic is that of single numbers in their order, so that every version gives the same bits.
pub trait Loop {
    /// What it gives.
    type Output;
    /// The loop itself.
    fn run(self) -> Self::Output;
}

/// Runs a loop, in the version for these instructions, or for less where the machine has less.
pub fn run<L: Loop>(instructions: Instructions, work: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use x86_64::{Has, avx2, avx512, avx512_counting, counting};
        let has = Has::asked();
        match instructions {
            Instructions::Avx512 if has >= Has::Avx512Counting => {
                // SAFETY: the processor has AVX-512, its counting of bits and its sums of products: it was asked.
                return unsafe { avx512_counting(work) };
            }
            Instructions::Avx512 if has >= Has::Avx512 => {
                // SAFETY: the processor has AVX-512 F, BW, CD, DQ and VL: it was asked.
                return unsafe { avx512(work) };
            }
            Instructions::Avx512 | Instructions::Avx2 if has >= Has::Avx2 => {
                // SAFETY: the processor has AVX2 and what came before it: it was asked.
                return unsafe { avx2(work) };
            }
            _ if has >= Has::Counting => {
                // SAFETY: the processor counts bits: it was asked.
                return unsafe { counting(work) };
            }
            _ => {}
        }
    }
    let _ = instructions;
    work.run()
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::x86_64::_mm512_dpbusd_epi32;
    use std::sync::OnceLock;

    use pulp::x86::V4;
    use pulp::{cast, u32x16};
    use twoblade_core::Instructions;

    use super::Loop;

    /// What the processor has, each with all that stands before it.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) enum Has {
        Little,
        Counting,
        Avx2,
        Avx512,
        Avx512Counting,
    }

    impl Has {
        /// Asks the processor, the first time.
        pub(super) fn asked() -> Self {
            static HAS: OnceLock<Has> = OnceLock::new();
            *HAS.get_or_init(|| {
                if !is_x86_feature_detected!("popcnt") {
                    Self::Little
                } else if !Instructions::Avx2.is_there() {
                    Self::Counting
                } else if !Instructions::Avx512.is_there() {
                    Self::Avx2
                } else if !is_x86_feature_detected!("avx512vpopcntdq")
                    || !is_x86_feature_detected!("avx512vnni")
                {
                    Self::Avx512
                } else {
                    Self::Avx512Counting
                }
            })
        }
    }

    #[target_feature(enable = "popcnt")]
    pub(super) fn counting<L: Loop>(work: L) -> L::Output {
        work.run()
    }

    #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn avx2<L: Loop>(work: L) -> L::Output {
        work.run()
    }

    #[target_feature(
        enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl"
    )]
    pub(super) fn avx512<L: Loop>(work: L) -> L::Output {
        work.run()
    }

    #[target_feature(
        enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vpopcntdq,avx512vnni"
    )]
    pub(super) fn avx512_counting<L: Loop>(work: L) -> L::Output {
        work.run()
    }

    /// The instruction that multiplies bytes and adds four products to each sum of thirty-two bits, by a
    /// processor that has it.
    #[derive(Clone, Copy)]
    pub(super) struct Fours(V4);

    impl Fours {
        /// Asks the processor, the first time.
        pub(super) fn asked() -> Option<Self> {
            let has = Has::asked() >= Has::Avx512Counting;
            has.then(V4::try_new).flatten().map(Self)
        }

        /// The other instructions for vectors of this length.
        #[inline(always)]
        #[expect(
            clippy::inline_always,
            reason = "it is compiled for the instructions of its caller"
        )]
        pub(super) fn v4(self) -> V4 {
            self.0
        }

        /// Adds the products of `digits`, of 0 to 255, and `counts`, of -128 to 127.
        #[inline(always)]
        #[expect(
            clippy::inline_always,
            reason = "it is compiled for the instructions of its caller"
        )]
        #[expect(clippy::unused_self, reason = "whoever has one has asked the processor")]
        pub(super) fn add(self, sums: u32x16, digits: u32x16, counts: u32x16) -> u32x16 {
            // SAFETY: there is none of these unless the processor has the instruction: it was asked.
            cast!(unsafe { _mm512_dpbusd_epi32(cast!(sums), cast!(digits), cast!(counts)) })
        }
    }
}

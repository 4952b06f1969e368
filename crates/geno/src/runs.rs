//! Sums of floats over runs of individuals, which are short enough for floats.

use std::ops::Range;

use twoblade_core::{Threads, tiles};

use crate::kernel::Row;

/// Individuals whose floats are summed before they are added to a double.
pub(crate) const RUN: usize = 4096;

/// How many runs there are.
pub(crate) fn runs(individuals: usize) -> usize {
    individuals.div_ceil(RUN)
}

/// For each run `size` rows of sums, which are to be added up in their order; each on one thread.
pub(crate) fn by_run(
    individuals: usize,
    size: usize,
    threads: &dyn Threads,
    fill: &(dyn Fn(Range<usize>, &mut [Row]) + Sync),
) -> Vec<Row> {
    let mut sums = vec![Row::default(); runs(individuals) * size];
    tiles(threads, &mut sums, size, &|run, sums| {
        let first = run * RUN;
        fill(first..(first + RUN).min(individuals), sums);
    });
    sums
}

//! Words that the plan and the log share.

use twoblade::runner::{Plan, Schedule};

/// What is projected off phenotypes and probes, in words.
pub(crate) fn projected_off(used: &[String], rank: usize, intercept: bool) -> String {
    match (used.join(", "), intercept) {
        (none, true) if none.is_empty() => "projected off: the intercept".to_owned(),
        (none, false) if none.is_empty() => "projected off: nothing".to_owned(),
        (used, true) => format!("projected off: the intercept, {used} (rank {rank})"),
        (used, false) => format!("projected off: {used} (rank {rank}), no intercept"),
    }
}

/// How threads are used, in words.
pub(crate) fn schedule(plan: &Plan) -> String {
    match plan.schedule {
        Schedule::OneBlock(1) | Schedule::SeveralBlocks(1) => {
            format!("one, one block at a time; readers: {}", plan.readers)
        }
        Schedule::OneBlock(threads) => {
            format!("{threads} in one block at a time; readers: {}", plan.readers)
        }
        Schedule::SeveralBlocks(blocks) => {
            format!("{blocks}, a block each; readers: {}", plan.readers)
        }
    }
}

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
    let blocks = match plan.together {
        1 => "one block".to_owned(),
        blocks => format!("{blocks} blocks"),
    };
    let threads = match plan.schedule {
        Schedule::OneBlock(1) | Schedule::SeveralBlocks(1) => format!("one, {blocks} at a time"),
        Schedule::OneBlock(threads) => format!("{threads} in {blocks} at a time"),
        Schedule::SeveralBlocks(threads) if plan.together == 1 => {
            format!("{threads}, a block each")
        }
        Schedule::SeveralBlocks(threads) => format!("{threads}, each {blocks} at a time"),
    };
    format!("{threads}; readers: {}", plan.readers)
}

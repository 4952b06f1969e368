//! What a run will hold, decided before anything is read.

use serde::Serialize;
use twoblade_core::{BlockSource, Footprint, LeaveOneOut, Remembered};

use crate::error::RunError;
use crate::last::{all_in_one_chunk, all_while_the_last_is_there};

/// Where the state of a held-out block comes from in pass two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reuse {
    /// `Keep` if the budget allows it and it is likely to be faster, else `Recompute`.
    #[default]
    Auto,
    /// Read every block a second time.
    Recompute,
    /// Keep the state of every block in memory, or what a model keeps instead: one read.
    Keep,
    /// Write the state of every block to a file, and read it back: one read of the source.
    Spill,
}

/// Blocks of one chunk are taken so many at a time, at most, by a model that is quicker so: the total goes through
/// memory once for all of them. And so many bytes of chunks: a long chunk is worth going through memory for, and
/// is better folded while it is near. And chunks of no more than this part of a state, which stays near otherwise.
const TOGETHER: usize = 8;
const TOGETHER_BYTES: usize = 4 << 20;
const OF_STATE: usize = 2;
/// Each visitor has so many such turns, at least, so that all end at about the same time.
const TURNS: usize = 4;

/// Keeping a state touches fresh memory: so many thousandths of a nanosecond a byte, for the page fault and
/// for clearing (3 microseconds a page of 4 KiB on the virtual machine where this was measured).
const FRESH: u128 = 750;
/// Recomputing it reads its block again: so many thousandths of a nanosecond a byte, from the page cache and
/// with its digest; and what the model says that it takes to fold again.
const READ: u128 = 250;

/// How threads are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// This many blocks at once, each with a state of its own, on one thread each.
    SeveralBlocks(usize),
    /// One block at a time, with this many threads inside it sharing one state.
    OneBlock(usize),
}

impl Schedule {
    /// States that are folded into at the same time.
    pub(crate) fn in_flight(self) -> usize {
        match self {
            Self::SeveralBlocks(blocks) => blocks,
            Self::OneBlock(_) => 1,
        }
    }

    pub(crate) fn threads(self) -> usize {
        let (Self::SeveralBlocks(threads) | Self::OneBlock(threads)) = self;
        threads
    }
}

/// Bytes that a plan holds at its peak, by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// States: the total, those in flight, those kept.
    pub states: usize,
    /// One buffer for every visit under way.
    pub chunks: usize,
    /// What the model holds once.
    pub shared: usize,
    /// What each computing thread holds.
    pub scratch: usize,
    /// What the model remembers of all chunks, from the first reading to the second, or keeps of them instead of
    /// states; 0 if it does neither.
    pub remembered: usize,
}

impl Memory {
    /// All of it.
    pub fn total(&self) -> usize {
        self.states
            .saturating_add(self.chunks)
            .saturating_add(self.shared)
            .saturating_add(self.scratch)
            .saturating_add(self.remembered)
    }
}

/// How a run will go: nothing has been read yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The model's name.
    pub model: String,
    /// Blocks of the source.
    pub blocks: usize,
    /// Chunks of all blocks together.
    pub chunks: u64,
    /// How often the source is read.
    pub reads: u32,
    /// How threads are used.
    pub schedule: Schedule,
    /// Visits to the source under way at once: so many that reading runs ahead, where memory allows.
    pub readers: usize,
    /// Blocks that a visit is to at a time: more than one where each is one chunk and the model is quicker with
    /// several.
    pub together: usize,
    /// Where held-out states come from; `None` for a run of one pass.
    pub reuse: Option<Reuse>,
    /// Bytes at the peak.
    pub memory: Memory,
    /// Bytes that were granted.
    pub budget: usize,
    /// Why this plan and not a faster one.
    pub reason: &'static str,
}

/// What a plan is made from.
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) blocks: usize,
    pub(crate) chunks: u64,
    pub(crate) chunk_bytes: usize,
    pub(crate) footprint: Footprint,
    /// Nanoseconds to fold a chunk again.
    pub(crate) again_nanoseconds: u64,
    /// Whether a block that is read again needs no state to be left out.
    pub(crate) in_one_chunk: bool,
    /// Whether something is to be saved after every block, so that none is taken with others.
    pub(crate) one_by_one: bool,
    pub(crate) threads: usize,
    pub(crate) budget: usize,
    /// `None` for a run of one pass.
    pub(crate) reuse: Option<Reuse>,
}

impl Ask {
    /// The same for a model that leaves out the blocks of a source.
    pub(crate) fn leaving_out<M, S>(mut self, source: &S) -> Self
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        self.in_one_chunk = all_in_one_chunk::<M, S>(source);
        if !all_while_the_last_is_there::<M, S>(source) {
            // What is remembered is asked for chunk by chunk, and a state is made of all of them.
            self.footprint.remembered = 0;
        }
        self
    }

    /// The fastest plan that fits.
    pub(crate) fn plan(&self) -> Result<Plan, RunError> {
        let candidates = self.candidates();
        if let Some(plan) = candidates.iter().find(|plan| plan.memory.total() <= self.budget) {
            return Ok(plan.clone());
        }
        Err(least(candidates.into_iter()))
    }

    /// From the fastest to the smallest.
    fn candidates(&self) -> Vec<Plan> {
        let reuses: &[(Option<Reuse>, &'static str)] = match self.reuse {
            None => &[(None, "one pass")],
            Some(Reuse::Auto) if !self.keeping_is_faster() => &[(
                Some(Reuse::Recompute),
                "a block is small beside its state, and reading it again is faster than keeping: two reads",
            )],
            Some(Reuse::Auto) => &[
                (Some(Reuse::Keep), "the states of all blocks fit the budget: one read is enough"),
                (
                    Some(Reuse::Recompute),
                    "the states of all blocks do not fit the budget: two reads",
                ),
            ],
            Some(Reuse::Keep) => &[(Some(Reuse::Keep), "asked to keep")],
            Some(Reuse::Recompute) => &[(Some(Reuse::Recompute), "asked to recompute")],
            Some(Reuse::Spill) => &[(Some(Reuse::Spill), "asked to spill to files")],
        };
        let at_once = self.threads.min(self.blocks).max(1);
        let mut schedules = Vec::new();
        // With fewer blocks than threads, threads inside a block are the better use.
        if at_once == self.threads {
            schedules.push((Schedule::SeveralBlocks(at_once), at_once + 1));
            schedules.push((Schedule::SeveralBlocks(at_once), at_once));
        }
        schedules.push((Schedule::OneBlock(self.threads), 2));
        schedules.push((Schedule::OneBlock(self.threads), 1));
        schedules.push((Schedule::OneBlock(1), 1));
        let mut plans = Vec::new();
        for &(reuse, reason) in reuses {
            let keeps = reuse == Some(Reuse::Keep) && self.keeps();
            let remembers = reuse == Some(Reuse::Recompute) && self.footprint.remembered > 0;
            for &(schedule, readers) in &schedules {
                if keeps {
                    let mut plan = self.candidate((reuse, reason), (schedule, readers), 1);
                    plan.memory.remembered = self.of_all_chunks(self.footprint.kept);
                    plans.push(plan);
                    continue;
                }
                let mut together = if remembers { self.together(schedule) } else { 0 };
                while together > 0 {
                    let mut plan = self.candidate((reuse, reason), (schedule, readers), together);
                    plan.memory.remembered = self.of_all_chunks(self.footprint.remembered);
                    plans.push(plan);
                    together /= 2;
                }
                plans.push(self.candidate((reuse, reason), (schedule, readers), 1));
            }
        }
        plans
    }

    /// Blocks at a time, at most.
    fn together(&self, schedule: Schedule) -> usize {
        if self.one_by_one || !self.in_one_chunk || self.footprint.further == 0 {
            return 1;
        }
        let bytes = TOGETHER_BYTES.min(self.footprint.state / OF_STATE) / self.chunk_bytes.max(1);
        let turns = self.blocks / (TURNS * schedule.in_flight());
        TOGETHER.min(bytes).min(turns).max(1)
    }

    /// Bytes of what the model has of all chunks, if it has so many of each.
    fn of_all_chunks(&self, bytes: usize) -> usize {
        let chunks = usize::try_from(self.chunks).unwrap_or(usize::MAX);
        chunks.saturating_mul(bytes + size_of::<Remembered>())
    }

    /// Whether something else than the states of blocks is kept.
    fn keeps(&self) -> bool {
        self.in_one_chunk && self.footprint.kept > 0
    }

    /// Whether the memory of all states costs less time than reading and folding all chunks again.
    fn keeping_is_faster(&self) -> bool {
        let of_block = if self.keeps() { self.footprint.kept } else { self.footprint.state };
        let keep = of_block as u128 * self.blocks as u128 * FRESH;
        let chunk = self.chunk_bytes as u128 * READ + u128::from(self.again_nanoseconds) * 1000;
        keep <= chunk * u128::from(self.chunks)
    }

    fn candidate(
        &self,
        (reuse, reason): (Option<Reuse>, &'static str),
        (schedule, readers): (Schedule, usize),
        together: usize,
    ) -> Plan {
        let readers = readers.min(self.blocks.max(1));
        let in_flight = schedule.in_flight();
        let states = match reuse {
            None => in_flight,
            // Those of pass one are there no more, but for the total.
            Some(Reuse::Recompute) if self.in_one_chunk => in_flight,
            Some(Reuse::Keep) if self.keeps() => in_flight,
            // The total beside those that are being held out.
            Some(Reuse::Recompute | Reuse::Spill) => in_flight + 1,
            // The total beside all of them.
            Some(Reuse::Keep | Reuse::Auto) => self.blocks + 1,
        };
        let memory = Memory {
            states: states.saturating_mul(self.footprint.state),
            chunks: readers.saturating_mul(together).saturating_mul(self.chunk_bytes),
            shared: self.footprint.shared,
            scratch: schedule.threads().saturating_mul(
                (together - 1).saturating_mul(self.footprint.further) + self.footprint.per_thread,
            ),
            remembered: 0,
        };
        Plan {
            model: self.model.clone(),
            blocks: self.blocks,
            chunks: self.chunks,
            reads: if reuse == Some(Reuse::Recompute) { 2 } else { 1 },
            schedule,
            readers,
            together,
            reuse,
            memory,
            budget: self.budget,
            reason,
        }
    }
}

/// Says what the smallest plan would need.
pub(crate) fn least(plans: impl Iterator<Item = Plan>) -> RunError {
    let least = plans.min_by_key(|plan| plan.memory.total()).expect("there are always candidates");
    // The smallest remembers nothing.
    let Memory { states, chunks, shared, scratch, remembered: _ } = least.memory;
    RunError::Budget {
        needed: least.memory.total(),
        model: least.model,
        budget: least.budget,
        states,
        chunks,
        shared,
        scratch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(threads: usize, budget: usize) -> Ask {
        Ask {
            model: "toy".into(),
            blocks: 10,
            chunks: 30,
            chunk_bytes: 100,
            footprint: Footprint { state: 1000, shared: 10, per_thread: 1, ..Footprint::default() },
            again_nanoseconds: 225,
            in_one_chunk: false,
            one_by_one: false,
            threads,
            budget,
            reuse: Some(Reuse::Auto),
        }
    }

    #[test]
    fn a_smaller_budget_buys_a_slower_plan() {
        let cases = [
            (usize::MAX, Some(Reuse::Keep), Schedule::SeveralBlocks(4), 5, 11_514),
            (11_513, Some(Reuse::Keep), Schedule::SeveralBlocks(4), 4, 11_414),
            (11_413, Some(Reuse::Keep), Schedule::OneBlock(4), 2, 11_214),
            (11_000, Some(Reuse::Recompute), Schedule::SeveralBlocks(4), 5, 5_514),
            (5_513, Some(Reuse::Recompute), Schedule::SeveralBlocks(4), 4, 5_414),
            (5_413, Some(Reuse::Recompute), Schedule::OneBlock(4), 2, 2_214),
            (2_213, Some(Reuse::Recompute), Schedule::OneBlock(4), 1, 2_114),
            (2_113, Some(Reuse::Recompute), Schedule::OneBlock(1), 1, 2_111),
        ];
        for (budget, reuse, schedule, readers, bytes) in cases {
            let plan = ask(4, budget).plan().unwrap();
            assert_eq!((plan.reuse, plan.schedule, plan.readers), (reuse, schedule, readers));
            assert_eq!(plan.memory.total(), bytes);
            assert_eq!(plan.reads, if reuse == Some(Reuse::Keep) { 1 } else { 2 });
        }
    }

    #[test]
    fn a_budget_that_nothing_fits_says_what_would() {
        let error = ask(4, 2_110).plan().unwrap_err();
        assert!(matches!(error, RunError::Budget { needed: 2_111, budget: 2_110, .. }), "{error}");
        assert_eq!(
            error.to_string(),
            "toy needs at least 3 KiB and the budget is 3 KiB: 2 KiB for states, 1 KiB for chunks, \
             1 KiB for what is shared, 1 KiB for scratch"
        );
    }

    #[test]
    fn a_state_that_costs_more_than_its_block_is_not_kept_unless_asked() {
        let large = |reuse| {
            let footprint = Footprint { state: 1001, ..Footprint::default() };
            Ask { footprint, reuse: Some(reuse), ..ask(1, usize::MAX) }.plan().unwrap().reuse
        };
        // Three chunks of 100 bytes a block: 3 (100 x 0.25 + 225) is 1,000 x 0.75 nanoseconds.
        assert_eq!(large(Reuse::Auto), Some(Reuse::Recompute));
        assert_eq!(large(Reuse::Keep), Some(Reuse::Keep));
        assert_eq!(ask(1, usize::MAX).plan().unwrap().reuse, Some(Reuse::Keep));
    }

    /// As many as are worth it and leave every visitor some turns; half as many where memory is short.
    #[test]
    fn blocks_of_one_chunk_are_taken_together() {
        let ask = |threads, blocks, chunk_bytes, budget| {
            let footprint =
                Footprint { state: 9 << 20, remembered: 50, further: 7, ..ask(1, 0).footprint };
            Ask {
                blocks,
                chunks: blocks as u64,
                chunk_bytes,
                footprint,
                in_one_chunk: true,
                reuse: Some(Reuse::Recompute),
                ..ask(threads, budget)
            }
        };
        let together = |threads, blocks, chunk_bytes| {
            ask(threads, blocks, chunk_bytes, usize::MAX).plan().unwrap().together
        };
        assert_eq!(together(2, 100, 100), 8);
        assert_eq!(together(2, 100, 2 << 20), 2);
        assert_eq!(together(2, 100, 3 << 20), 1);
        assert_eq!(together(2, 41, 100), 5);
        assert_eq!(together(8, 41, 100), 1);
        let plan = ask(2, 100, 100, usize::MAX).plan().unwrap();
        let remembered = 100 * (50 + size_of::<Remembered>());
        assert_eq!(plan.memory.chunks, 3 * 8 * 100);
        assert_eq!(plan.memory.scratch, 2 * (1 + 7 * 7));
        assert_eq!(plan.memory.remembered, remembered);
        let mut budget = plan.memory.total();
        let mut found = Vec::new();
        while let Ok(plan) = ask(2, 100, 100, budget).plan() {
            found.push((plan.together, plan.readers, plan.memory.remembered > 0));
            budget = plan.memory.total() - 1;
        }
        assert_eq!(found[..4], [(8, 3, true), (4, 3, true), (2, 3, true), (1, 3, true)]);
        // What is found out twice is taken one after the other.
        assert!(found.iter().all(|&(together, _, remembered)| remembered || together == 1));
        // Several chunks a block, or a model that takes them one after the other.
        let plain = Ask { in_one_chunk: false, ..ask(2, 100, 100, usize::MAX) };
        assert_eq!(plain.plan().unwrap().together, 1);
        let mut plain = ask(2, 100, 100, usize::MAX);
        plain.footprint.further = 0;
        assert_eq!(plain.plan().unwrap().together, 1);
        // A state that stays near, whichever chunk is folded.
        let mut small = ask(2, 100, 100, usize::MAX);
        small.footprint.state = 700;
        assert_eq!(small.plan().unwrap().together, 3);
        // Where something is saved after each.
        let plain = Ask { one_by_one: true, ..ask(2, 100, 100, usize::MAX) };
        assert_eq!(plain.plan().unwrap().together, 1);
    }

    #[test]
    fn more_threads_than_blocks_work_inside_one_block() {
        let plan = ask(16, usize::MAX).plan().unwrap();
        assert_eq!(plan.schedule, Schedule::OneBlock(16));
    }
}

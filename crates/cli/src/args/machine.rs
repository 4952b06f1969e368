//! What a process may use of the machine.

use crate::machine::{self, Granted};
use crate::quantity::{mebibytes, parse_at_least_one, parse_bytes, thousands};

/// What a process may use of the machine. What is not given here is not written to OUT.run.toml either:
/// it is this machine's, and the run may be done again on another.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct MachineArgs {
    /// Threads that compute [default: what the machine grants]
    #[arg(long, value_name = "T", value_parser = parse_at_least_one)]
    threads: Option<usize>,
    /// Memory that the process may hold [default: what the machine grants]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    memory: Option<usize>,
}

impl MachineArgs {
    /// How many threads.
    pub(crate) fn threads(&self) -> usize {
        self.granted_threads().amount
    }

    /// How many bytes of memory.
    pub(crate) fn memory(&self) -> usize {
        self.granted_memory().amount
    }

    /// How many bytes of memory, and by what.
    pub(crate) fn granted_memory(&self) -> Granted {
        let given = |bytes| Granted::new(bytes, Granted::MEMORY);
        self.memory.map_or_else(machine::memory, given)
    }

    /// How many threads, and by what.
    pub(crate) fn granted_threads(&self) -> Granted {
        let given = |threads| Granted::new(threads, Granted::THREADS);
        self.threads.map_or_else(machine::threads, given)
    }

    /// What is granted, by what, in words.
    pub(crate) fn words(&self) -> String {
        let (threads, memory) = (self.granted_threads(), self.granted_memory());
        let many = if threads.amount == 1 { "thread" } else { "threads" };
        let (count, size) = (thousands(threads.amount), mebibytes(memory.amount));
        format!("{count} {many} by {}, {size} by {}", threads.by, memory.by)
    }

    /// What was given, as it would be typed.
    pub(crate) fn given(&self) -> Vec<String> {
        let word =
            |flag: &str, amount: Option<usize>| amount.map(|amount| format!("{flag}={amount}"));
        let words = [word(Granted::THREADS, self.threads), word(Granted::MEMORY, self.memory)];
        words.into_iter().flatten().collect()
    }
}

//! How many threads a process computes on, where nobody says.

use crate::machine::granted::Granted;
use crate::machine::surroundings::Surroundings;

/// Variables in which schedulers say how many processors a process has: Slurm of the task and, where it
/// was not told how many tasks need, of the node; Grid Engine.
const VARIABLES: [&str; 3] = ["SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "NSLOTS"];

/// What the scheduler says, but no more than are `available`: that is what the standard library makes of
/// the affinity mask, which control groups set too, and of the quota of control groups of both versions,
/// rounded down and at least 1. (With a quota of 1.5 a second thread would wait half of its time, and
/// whoever waits for it too.)
pub(crate) fn granted(around: &Surroundings, available: usize) -> Granted {
    let named = VARIABLES.iter().find_map(|name| Some(Granted::new(around.number(name)?, name)));
    match named {
        Some(named) if named.amount <= available => named,
        _ => Granted::new(available, "affinity and cgroup"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::surroundings::tests::surroundings;

    fn of(variables: &[(&str, &str)]) -> (usize, &'static str) {
        let Granted { amount, by } = granted(&surroundings(&[], variables).1, 16);
        (amount, by)
    }

    #[test]
    fn a_scheduler_says_how_many_but_no_more_than_there_are() {
        assert_eq!(of(&[]), (16, "affinity and cgroup"));
        assert_eq!(of(&[("NSLOTS", "4")]), (4, "NSLOTS"));
        let (task, node) = (("SLURM_CPUS_PER_TASK", "2"), ("SLURM_CPUS_ON_NODE", "8"));
        assert_eq!(of(&[node, task]), (2, "SLURM_CPUS_PER_TASK"));
        assert_eq!(of(&[node]), (8, "SLURM_CPUS_ON_NODE"));
        // Slots of several machines, or nonsense.
        for value in ["128", "0", "two", ""] {
            assert_eq!(of(&[("NSLOTS", value)]), (16, "affinity and cgroup"), "{value}");
        }
    }
}

//! How much memory a process may plan for, where nobody says.

use std::path::Path;

use crate::machine::cgroup;
use crate::machine::granted::Granted;
use crate::machine::surroundings::Surroundings;

/// Where nothing limits the process.
const DEFAULT: usize = 4 << 30;

/// What stays for the program itself, which no plan counts, and for what else is in the group: files
/// that are being read count there too.
const LEFT: usize = 64 << 20;

/// The least of what limits the process, less a share for the program itself; without a limit 4 GiB, or
/// what is free where that is less. What is free is not asked where there is a limit: what a scheduler
/// promised it keeps.
pub(crate) fn granted(around: &Surroundings) -> Granted {
    let has = machine(around, "MemTotal:");
    // What is more than the machine has is no limit.
    let is_limit = |limit: &Granted| has.is_none_or(|has| limit.amount < has);
    let limits = [
        cgroup::memory_limit(around).map(|bytes| Granted::new(bytes, "the cgroup")),
        slurm(around),
    ];
    // Without the size of the machine, 2^60 stands for the most that one could have.
    let limits = limits.into_iter().flatten().filter(|limit| limit.amount < 1 << 60);
    if let Some(least) = limits.filter(is_limit).min_by_key(|limit| limit.amount) {
        return Granted::new(less_share(least.amount), least.by);
    }
    match machine(around, "MemAvailable:").map(less_share) {
        Some(free) if free < DEFAULT => Granted::new(free, "what is free"),
        _ => Granted::new(DEFAULT, "default"),
    }
}

/// An eighth stays, and at least 64 MiB, but never more than half.
fn less_share(bytes: usize) -> usize {
    bytes - (bytes / 8).max(LEFT.min(bytes / 2))
}

/// What Slurm granted on this node, in MiB; 0, for all of the node, is no limit.
fn slurm(around: &Surroundings) -> Option<Granted> {
    let mebibytes = |number: usize| number.checked_mul(1 << 20);
    if let Some(bytes) = around.number("SLURM_MEM_PER_NODE").and_then(mebibytes) {
        return Some(Granted::new(bytes, "SLURM_MEM_PER_NODE"));
    }
    let each = around.number("SLURM_MEM_PER_CPU").and_then(mebibytes)?;
    let bytes = each.checked_mul(around.number("SLURM_CPUS_ON_NODE")?)?;
    Some(Granted::new(bytes, "SLURM_MEM_PER_CPU"))
}

/// A line of /proc/meminfo, in bytes.
fn machine(around: &Surroundings, name: &str) -> Option<usize> {
    let text = around.text(Path::new("/proc/meminfo"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1 << 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::surroundings::tests::surroundings;

    const MACHINE: (&str, &str) =
        ("/proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:   12582912 kB\n");
    const MOUNT: (&str, &str) =
        ("/proc/self/mountinfo", "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    const GROUP: (&str, &str) = ("/proc/self/cgroup", "0::/job\n");

    fn of(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (usize, &'static str) {
        let Granted { amount, by } = granted(&surroundings(files, variables).1);
        (amount, by)
    }

    fn in_group(limit: &str, variables: &[(&str, &str)]) -> (usize, &'static str) {
        of(&[MACHINE, MOUNT, GROUP, ("/sys/fs/cgroup/job/memory.max", limit)], variables)
    }

    #[test]
    fn nothing_limits_it() {
        assert_eq!(of(&[MACHINE], &[]), (4 << 30, "default"));
        assert_eq!(of(&[], &[]), (4 << 30, "default"));
        let little = ("/proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n");
        assert_eq!(of(&[little], &[]), (7 << 28, "what is free"));
    }

    #[test]
    fn the_least_limit_counts_less_a_share() {
        assert_eq!(in_group("8589934592\n", &[]), (7 << 30, "the cgroup"));
        let node = ("SLURM_MEM_PER_NODE", "4096");
        assert_eq!(in_group("8589934592\n", &[node]), (7 << 29, "SLURM_MEM_PER_NODE"));
        assert_eq!(in_group("1073741824\n", &[node]), (7 << 27, "the cgroup"));
        assert_eq!(in_group("max\n", &[node]), (7 << 29, "SLURM_MEM_PER_NODE"));
        // Where there is a limit, what is free is not asked.
        let little = ("/proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 1024 kB\n");
        assert_eq!(of(&[little], &[node]), (7 << 29, "SLURM_MEM_PER_NODE"));
    }

    #[test]
    fn small_limits_leave_room_for_the_program() {
        assert_eq!(in_group("268435456\n", &[]), (192 << 20, "the cgroup"));
        assert_eq!(in_group("67108864\n", &[]), (32 << 20, "the cgroup"));
    }

    #[test]
    fn what_is_more_than_the_machine_has_is_no_limit() {
        assert_eq!(in_group("9223372036854771712\n", &[]), (4 << 30, "default"));
        assert_eq!(in_group("max\n", &[("SLURM_MEM_PER_NODE", "65536")]), (4 << 30, "default"));
        // As long as the machine tells how much it has, or the number is that of version 1.
        let huge = ("/sys/fs/cgroup/job/memory.max", "9223372036854771712\n");
        assert_eq!(of(&[MOUNT, GROUP, huge], &[]), (4 << 30, "default"));
        assert_eq!(of(&[], &[("SLURM_MEM_PER_NODE", "65536")]).1, "SLURM_MEM_PER_NODE");
    }

    #[test]
    fn slurm_counts_by_node_or_by_cpu() {
        let (each, count) = (("SLURM_MEM_PER_CPU", "1024"), ("SLURM_CPUS_ON_NODE", "4"));
        assert_eq!(of(&[MACHINE], &[each, count]), (7 << 29, "SLURM_MEM_PER_CPU"));
        assert_eq!(of(&[MACHINE], &[each]), (4 << 30, "default"));
        // The whole node, or nonsense.
        for value in ["0", "", "many", "-1", "99999999999999999999"] {
            let variable = [("SLURM_MEM_PER_NODE", value)];
            assert_eq!(of(&[MACHINE], &variable), (4 << 30, "default"), "{value}");
        }
        assert_eq!(of(&[], &[("SLURM_MEM_PER_NODE", "18446744073709551615")]).1, "default");
    }
}

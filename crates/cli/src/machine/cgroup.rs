//! The memory that control groups of the kernel leave a process, of version 1 and 2.

use std::path::{Path, PathBuf};

use crate::machine::surroundings::Surroundings;

/// Where a kind of control group has its limits.
struct Kind {
    /// The file system of the mount.
    system: &'static str,
    /// What the mount is of; empty for version 2, which has one tree for everything.
    controller: &'static str,
    /// Files with a limit in bytes, or with a word that says there is none.
    limits: &'static [&'static str],
}

const KINDS: [Kind; 2] = [
    // Past `memory.high` a process is not killed but held up, which helps nobody either.
    Kind { system: "cgroup2", controller: "", limits: &["memory.max", "memory.high"] },
    Kind { system: "cgroup", controller: "memory", limits: &["memory.limit_in_bytes"] },
];

/// The least limit of the group that the process is in and of those above it. No limit is a file that is
/// not there, the word `max`, or in version 1 a number near 2^63, which is left to the caller: it is more
/// than any machine has.
pub(crate) fn memory_limit(around: &Surroundings) -> Option<usize> {
    let groups = around.text(Path::new("/proc/self/cgroup"))?;
    let mounts = around.text(Path::new("/proc/self/mountinfo"))?;
    let limits = KINDS.iter().filter_map(|kind| {
        let group = group(&groups, kind.controller)?;
        mounts
            .lines()
            .filter_map(|line| folder(line, kind, group))
            .filter_map(|place| {
                let (mount, folder) = place;
                let levels = folder.ancestors().take_while(|level| level.starts_with(&mount));
                let files =
                    levels.flat_map(|level| kind.limits.iter().map(|name| level.join(name)));
                files.filter_map(|file| around.text(&file)?.trim().parse().ok()).min()
            })
            .min()
    });
    limits.min()
}

/// The group of a controller: lines are `number:controllers:path`.
fn group<'a>(groups: &'a str, controller: &str) -> Option<&'a str> {
    groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|one| one == controller).then_some(path)
    })
}

/// The folder of a group, and the mount point above it, if a line of mountinfo (proc(5)) is a mount of
/// this kind: `36 35 98:0 root point options [fields] - system source super-options`.
fn folder(line: &str, kind: &Kind, group: &str) -> Option<(PathBuf, PathBuf)> {
    let (mount, about) = line.split_once(" - ")?;
    let mut about = about.split(' ');
    let (system, of) = (about.next()?, about.nth(1)?);
    let controls = kind.controller.is_empty() || of.split(',').any(|one| one == kind.controller);
    if system != kind.system || !controls {
        return None;
    }
    let mut fields = mount.split(' ').skip(3);
    let (root, point) = (fields.next()?, Path::new(fields.next()?));
    // In a container the mount may begin at the container's own group, or elsewhere.
    let below = Path::new(group).strip_prefix(root).unwrap_or(Path::new(""));
    Some((point.to_path_buf(), point.join(below)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::surroundings::tests::surroundings;

    const V2: (&str, &str) = (
        "/proc/self/mountinfo",
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
         30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
    );
    const V1: (&str, &str) = (
        "/proc/self/mountinfo",
        "35 30 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
         36 30 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
    );

    fn limit(files: &[(&str, &str)]) -> Option<usize> {
        memory_limit(&surroundings(files, &[]).1)
    }

    #[test]
    fn version_2_counts_every_level() {
        let group = ("/proc/self/cgroup", "0::/slurm/job_7/step\n");
        let at = |inner: &'static str, outer: &'static str| {
            limit(&[
                V2,
                group,
                ("/sys/fs/cgroup/slurm/job_7/step/memory.max", inner),
                ("/sys/fs/cgroup/slurm/job_7/memory.max", outer),
                ("/sys/fs/cgroup/other/memory.max", "7\n"),
            ])
        };
        assert_eq!(at("max\n", "8589934592\n"), Some(8 << 30));
        assert_eq!(at("1048576\n", "8589934592\n"), Some(1 << 20));
        assert_eq!(at("8589934592\n", "1048576\n"), Some(1 << 20));
        assert_eq!(at("max\n", "max\n"), None);
        // The root of the tree, seen from a container, has limits too.
        let high = ("/sys/fs/cgroup/memory.high", "4096\n");
        assert_eq!(limit(&[V2, ("/proc/self/cgroup", "0::/\n"), high]), Some(4096));
    }

    #[test]
    fn version_1_has_a_mount_of_its_own() {
        let group = ("/proc/self/cgroup", "5:cpu,cpuacct:/b\n4:memory:/a/b\n0::/\n");
        let limited = ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1073741824\n");
        let huge = ("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
        let other = ("/sys/fs/cgroup/cpu/b/memory.limit_in_bytes", "1\n");
        assert_eq!(limit(&[V1, group, limited, huge, other]), Some(1 << 30));
        assert_eq!(limit(&[V1, group, huge]), Some(9_223_372_036_854_771_712));
        assert_eq!(limit(&[V1, group]), None);
    }

    #[test]
    fn a_mount_may_begin_at_the_group_of_a_container() {
        let mounts = (
            "/proc/self/mountinfo",
            "36 30 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        );
        let files = [
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "2097152\n"),
            ("/sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "1048576\n"),
        ];
        let of = |group: &'static str| {
            limit(&[mounts, files[0], files[1], ("/proc/self/cgroup", group)])
        };
        assert_eq!(of("4:memory:/docker/abc\n"), Some(2 << 20));
        assert_eq!(of("4:memory:/docker/abc/inner\n"), Some(1 << 20));
        assert_eq!(of("4:memory:/elsewhere\n"), Some(2 << 20));
    }

    #[test]
    fn where_the_kernel_tells_nothing_there_is_no_limit() {
        assert_eq!(limit(&[]), None);
        assert_eq!(limit(&[V2]), None);
        assert_eq!(limit(&[("/proc/self/cgroup", "0::/a\n")]), None);
        let odd =
            [("/proc/self/cgroup", "0\n:\n\n"), ("/proc/self/mountinfo", "x - \n - cgroup2\n")];
        assert_eq!(limit(&odd), None);
        let group = ("/proc/self/cgroup", "0::/a\n");
        assert_eq!(limit(&[V2, group, ("/sys/fs/cgroup/a/memory.max", "much\n")]), None);
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;
use crate::disk::Disk;
use crate::watch::Unwatched;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// So little memory that there are many runs, and several rounds of merging.
fn tiny(memory: usize, runs: usize) -> Shares {
    Shares { memory: memory + RunWriter::memory(64), block: 64, longest: 4096, runs }
}

fn sorted(shares: Shares, pairs: &Pairs, disk: &Disk) -> Result<Pairs, Error> {
    let temp = tempfile::tempdir().unwrap();
    let result = (|| {
        let scratch = Scratch::new(temp.path(), disk)?;
        let mut sorter = Sorter::with(&scratch, shares);
        for (key, row) in pairs {
            sorter.push(key, row)?;
        }
        let mut merge = sorter.finish(&Unwatched)?;
        assert_eq!(merge.records(), pairs.len() as u64);
        let mut sorted = Vec::new();
        while let Some((key, row)) = merge.next()? {
            sorted.push((key.to_vec(), row.to_vec()));
        }
        assert!(merge.next()?.is_none());
        Ok(sorted)
    })();
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "something is left");
    result
}

/// Keys of few letters, so that many are equal or begin alike; rows tell who came when.
fn pairs(most: usize) -> impl Strategy<Value = Pairs> {
    let key = prop_oneof![
        3 => prop::collection::vec(0u8..2, 0..4),
        2 => prop::collection::vec(0u8..2, 12..20),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec((key, 0usize..120), 0..most).prop_map(|keys| {
        let row = |(place, length): (usize, usize)| format!("{place:0length$}").into_bytes();
        keys.into_iter().enumerate().map(|(i, (key, length))| (key, row((i, length)))).collect()
    })
}

proptest! {
    #[test]
    fn as_a_stable_sort_in_memory_for_any_budget(
        pairs in pairs(400),
        memory in 100usize..40_000,
        runs in 2usize..7,
    ) {
        let mut expected = pairs.clone();
        expected.sort_by(|one, two| one.0.cmp(&two.0));
        let found = sorted(tiny(memory, runs), &pairs, &Disk::new()).unwrap();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(sorted(Shares::of(0), &pairs, &Disk::new()).unwrap(), expected);
    }
}

/// Numbered records of which every second has the key 7.
fn many(count: u32, length: usize) -> Pairs {
    let key = |i: u32| if i.is_multiple_of(2) { 7 } else { i.wrapping_mul(0x9e37_79b9) };
    let row = |i: u32| format!("{i:0length$}").into_bytes();
    (0..count).map(|i| (key(i).to_be_bytes().to_vec(), row(i))).collect()
}

#[test]
fn rows_of_ten_kilobytes_and_a_key_in_half_of_them() {
    let pairs = many(3000, 10_000);
    let mut expected = pairs.clone();
    expected.sort_by(|one, two| one.0.cmp(&two.0));
    for memory in [256 << 10, 1 << 20, 64 << 20] {
        assert!(sorted(Shares::of(memory), &pairs, &Disk::new()).unwrap() == expected);
    }
}

#[test]
fn a_row_beyond_its_share_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
    let mut sorter = Sorter::new(&scratch, 1 << 20);
    sorter.push(b"k", &vec![0; (1 << 17) - 8]).unwrap();
    let message = sorter.push(b"k", &vec![0; 1 << 17]).unwrap_err().to_string();
    assert_eq!(
        message,
        "a row takes 131077 bytes and at most 131072 are possible with this much memory; allow more \
         memory"
    );
}

#[test]
fn told_to_stop() {
    struct Stop;
    impl Watch for Stop {
        fn stop(&self) -> bool {
            true
        }
    }
    let temp = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
    let mut sorter = Sorter::with(&scratch, tiny(1000, 2));
    for (key, row) in many(200, 20) {
        sorter.push(&key, &row).unwrap();
    }
    assert!(sorter.runs.len() > 2);
    assert!(matches!(sorter.finish(&Stop), Err(Error::Stopped)));
}

#[test]
fn memory_of_readers_is_kept() {
    let temp = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
    let mut sorter = Sorter::with(&scratch, tiny(2000, 50));
    for (key, row) in many(2000, 20) {
        sorter.push(&key, &row).unwrap();
    }
    let before = sorter.runs.len();
    while sorter.together(0, 1000, 50) < sorter.runs.len() {
        let place = sorter.runs.len() / 2;
        sorter.shorten(place, &Unwatched).unwrap();
    }
    assert!(before > 10 && sorter.runs.len() > 2);
    assert!(sorter.runs.iter().map(|run| 2 * run.largest()).sum::<usize>() <= 1000);
}

/// Every operation on the disk fails once: a typed error, nothing left, never a short result.
#[test]
fn a_disk_that_fails_at_any_time() {
    let pairs = many(300, 20);
    let shares = tiny(2000, 3);
    let mut expected = pairs.clone();
    expected.sort_by(|one, two| one.0.cmp(&two.0));
    let mut failed = 0;
    for fault in 0.. {
        let count = Arc::new(AtomicU64::new(0));
        let disk = Disk::watched(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            now if now == fault => Err(std::io::Error::other("no more")),
            _ => Ok(()),
        });
        match sorted(shares, &pairs, &disk) {
            Ok(found) => {
                assert!(found == expected);
                break;
            }
            Err(Error::Io { source, .. }) => assert_eq!(source.to_string(), "no more"),
            Err(other) => panic!("{other}"),
        }
        failed += 1;
    }
    assert!(failed > 100, "{failed}");
}

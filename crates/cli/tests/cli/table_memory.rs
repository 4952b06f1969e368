//! Tables within their memory, as the kernel sees it.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::memory_peak::{PROGRAM, bytes, run};
use crate::study::Study;

/// What is done to each table: the command, and what it writes.
const WORK: [&[&str]; 6] = [
    &["describe", "--out", "out"],
    &["sort", "--by", "key", "--out", "out.csv"],
    &["group", "--by", "key", "--agg", "count(),sum(x)", "--out", "out.csv"],
    &["split", "--by", "label", "--fractions", "0.5,0.5", "--out", "out.csv,out2.csv"],
    &["shuffle", "--seed", "1", "--out", "out.csv"],
    &["convert", "--out", "out.parquet"],
];

/// Does all of it to a table with each memory, from CSV, and with the first from Parquet too; whatever the
/// table, a process holds no more than that and the program itself.
fn kept(study: &Study, budgets: &[&str]) {
    for budget in budgets {
        kept_from(study, "t.csv", budget);
    }
    std::fs::rename(study.path("out.parquet"), study.path("t.parquet")).unwrap();
    kept_from(study, "t.parquet", budgets[0]);
}

fn kept_from(study: &Study, file: &str, budget: &str) {
    for work in WORK {
        let limits = ["--memory", budget, "--threads", "2", "--temp", ".", "--quiet"];
        let words = [&["table", work[0], file], &work[1..], &limits[..]].concat();
        let ended = run(&study.path(""), &words);
        assert_eq!(ended.code, Some(0), "{words:?}: {}", ended.stderr);
        let Some(peak) = ended.peak else { continue };
        let most = bytes(budget) + PROGRAM;
        assert!(peak <= most, "{words:?} held {peak} bytes, more than {most}");
        assert!(!ended.stderr.contains("warning"), "{words:?}: {}", ended.stderr);
    }
}

/// Writes `rows` rows: a key, a number, a label, and a word of `wide` bytes.
fn table(study: &Study, rows: u32, wide: usize, key: impl Fn(u32) -> u32) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(study.path("t.csv")).unwrap());
    writeln!(file, "key,x,label,word").unwrap();
    let mut word = String::new();
    for row in 0..rows {
        // Not all the same, or compression would leave nothing of it.
        word.clear();
        let mut number = row.wrapping_mul(2_654_435_761);
        while word.len() < wide {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            write!(word, "{number:x}").unwrap();
        }
        writeln!(file, "{},{}.5,{},{word}", key(row), row % 1000, row % 3).unwrap();
    }
    file.flush().unwrap();
}

fn mixed(row: u32) -> u32 {
    row.wrapping_mul(2_654_435_761) >> 8
}

#[test]
fn narrow_rows_stay_within_the_memory() {
    let study = Study::empty();
    table(&study, 4_000_000, 8, mixed);
    kept(&study, &["32M", "64M"]);
}

#[test]
fn rows_of_ten_thousand_bytes_stay_within_the_memory() {
    let study = Study::empty();
    table(&study, 20_000, 10_000, mixed);
    kept(&study, &["32M", "64M", "256M"]);
}

#[test]
fn a_key_of_half_the_rows_stays_within_the_memory() {
    let study = Study::empty();
    table(&study, 2_000_000, 40, |row| if row % 2 == 0 { 7 } else { mixed(row) });
    kept(&study, &["32M", "512M"]);
}

/// One field of 100 MB: said so, and nothing is left behind.
#[test]
fn a_huge_field_is_refused_in_words() {
    let study = Study::empty();
    let mut file = std::fs::File::create(study.path("t.csv")).unwrap();
    writeln!(file, "key,x,label,word").unwrap();
    for row in 0..100_000 {
        writeln!(file, "{row},1,0,word").unwrap();
    }
    write!(file, "5,1,0,").unwrap();
    let piece = vec![b'w'; 1 << 20];
    for _ in 0..100 {
        file.write_all(&piece).unwrap();
    }
    writeln!(file).unwrap();
    drop(file);
    for work in WORK {
        let limits = ["--memory", "32M", "--threads", "2", "--temp", ".", "--quiet"];
        let words = [&["table", work[0], "t.csv"], &work[1..], &limits[..]].concat();
        let ended = run(&study.path(""), &words);
        assert_eq!(ended.code, Some(1), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("line 100002"), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("memory"), "{words:?}: {}", ended.stderr);
        assert!(ended.peak.is_none_or(|peak| peak <= bytes("32M") + PROGRAM), "{words:?}");
        assert_eq!(study.files(), ["t.csv"], "{words:?}");
    }
}

//! Learners within their memory, as the kernel sees it.

use crate::memory_peak::{PROGRAM, bytes, run};
use crate::study::Study;

/// What is fitted, and from what.
const FITS: [&str; 5] = [
    "--target x1 --without row,key,y --model ridge --cv 5",
    "--target y --without row,key --model bayes --cv 5",
    "--target y --without row,key --model logistic --cv 5",
    "--target x1 --without row,key,y --model linear --cv 0",
    "--target y --without row,key --model forest --cv 3 --max-leaves 30000",
];

/// Every model is fitted, predicts and is evaluated, by groups, in a table many times as large as the memory;
/// a process holds no more than that and the program itself.
#[test]
fn learners_stay_within_the_memory() {
    let study = Study::empty();
    let size = "simulate table --rows 300000 --features 10 --keys 300 --seed 3 --out t.csv";
    study.works(&size.split(' ').collect::<Vec<_>>());
    let table = std::fs::metadata(study.path("t.csv")).unwrap().len();
    assert!(table > 20_000_000, "{table}");
    for budget in ["24M", "48M"] {
        for fit in FITS {
            let lines = [
                format!("learn fit --data t.csv {fit} --out m"),
                "learn predict --model m --data t.csv --keep all --out p.csv".to_owned(),
                "learn evaluate --model m --data t.csv --by key --out e".to_owned(),
            ];
            for line in lines {
                let line = format!("{line} --memory {budget} --threads 2 --temp . --quiet");
                let words: Vec<&str> = line.split(' ').collect();
                let ended = run(&study.path(""), &words);
                assert_eq!(ended.code, Some(0), "{line}: {}", ended.stderr);
                let Some(peak) = ended.peak else { continue };
                let most = bytes(budget) + PROGRAM;
                assert!(peak <= most, "{line} held {peak} bytes, more than {most}");
            }
        }
    }
}

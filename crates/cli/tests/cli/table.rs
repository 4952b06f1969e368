//! `twoblade table` from outside: what files go in and come out, and what is said of it.

use std::process::Output;

use crate::memory_peak::{PROGRAM, bytes, run};
use crate::study::{Study, lines, stderr, stdout};

/// Runs it: the exit code, and what is said on stdout and stderr.
fn table(study: &Study, words: &str) -> (Option<i32>, String, String) {
    let words: Vec<&str> = ["table"].into_iter().chain(words.split(' ')).collect();
    let output: Output = study.run(&words);
    (output.status.code(), stdout(&output), stderr(&output))
}

/// It works, says this, and has nothing to remark.
fn says(study: &Study, words: &str, expected: &str) {
    assert_eq!(table(study, words), (Some(0), format!("{expected}\n"), String::new()), "{words}");
}

/// It fails with this, and leaves nothing.
fn refuses(study: &Study, words: &str, expected: &str) {
    let before = study.files();
    let error = format!("error: {expected}\n");
    assert_eq!(table(study, words), (Some(1), String::new(), error), "{words}");
    assert_eq!(study.files(), before, "{words}");
}

#[test]
fn rows_of_another_length_are_refused_or_counted() {
    let study = Study::empty();
    study.write("t.csv", "a;b\n2;x\n1;\"y;z\"\n3\n");
    refuses(
        &study,
        "sort t.csv --by a --out o.csv",
        "t.csv, line 4: 1 fields, 2 expected; mend the line, or skip such rows (and have them counted) \
         with --bad-rows skip",
    );
    let left = "left out: 1 row has more or fewer fields than there are columns\n";
    for (words, written) in [
        ("sort t.csv --by a --out o.csv", "o.csv (2 rows; no temporary files)"),
        ("shuffle t.csv --out o.csv", "o.csv (2 rows; no temporary files)"),
        ("convert t.csv --out o.csv", "o.csv (2 rows)"),
        ("group t.csv --by a --agg count() --out g.csv", "g.csv (2 groups of 2 rows)"),
        ("split t.csv --fractions 0.5,0.5 --out 1.csv,2.csv", "1.csv (1 row), 2.csv (1 row)"),
    ] {
        let said = table(&study, &format!("{words} --bad-rows skip"));
        assert_eq!(said, (Some(0), format!("written: {written}\n"), left.to_owned()), "{words}");
    }
    assert_eq!(study.read("g.csv"), "a;count()\n1;1\n2;1\n");
    let said = table(&study, "sort t.csv --by a --out o.csv --bad-rows skip --quiet");
    assert_eq!(said, (Some(0), String::new(), left.to_owned()));
    assert_eq!(study.read("o.csv"), "a;b\n1;\"y;z\"\n2;x\n");
}

#[test]
fn a_table_without_a_header() {
    let study = Study::empty();
    study.write("t.csv", "2,x\n1,y\n");
    let sorted = "written: o.csv (2 rows; no temporary files)";
    says(&study, "sort t.csv --header no --by column1 --out o.csv", sorted);
    assert_eq!(study.read("o.csv"), "1,y\n2,x\n");
    // What gets another format gets names too.
    says(&study, "convert t.csv --header no --out o.tsv", "written: o.tsv (2 rows)");
    assert_eq!(study.read("o.tsv"), "column1\tcolumn2\n2\tx\n1\ty\n");
    refuses(
        &study,
        "sort t.csv --header no --by a --out p.csv",
        "there is no column `a`; there are: column1, column2",
    );
}

/// Tabs, gzip and Zstandard, in and out, by the names of the files; and Parquet and back.
#[test]
fn formats_go_by_names() {
    let study = Study::empty();
    let text = "a\tb\n2\tx,y\n1\tz\n";
    study.write("t.tsv", text);
    says(&study, "convert t.tsv --out t.tsv.gz", "written: t.tsv.gz (2 rows)");
    assert_eq!(std::fs::read(study.path("t.tsv.gz")).unwrap()[..2], [0x1f, 0x8b]);
    let sorted = "(2 rows; no temporary files)";
    let words = "sort t.tsv.gz --by a --out s.tsv.zst";
    says(&study, words, &format!("written: s.tsv.zst {sorted}"));
    let zstd = [0x28, 0xb5, 0x2f, 0xfd];
    assert_eq!(std::fs::read(study.path("s.tsv.zst")).unwrap()[..4], zstd);
    let words = "sort s.tsv.zst --by -a --out u.tsv";
    says(&study, words, &format!("written: u.tsv {sorted}"));
    assert_eq!(study.read("u.tsv"), text);
    says(&study, "convert u.tsv --out u.parquet", "written: u.parquet (2 rows)");
    assert_eq!(std::fs::read(study.path("u.parquet")).unwrap()[..4], *b"PAR1");
    let words = "sort u.parquet --by a --out v.csv";
    says(&study, words, &format!("written: v.csv {sorted}"));
    assert_eq!(study.read("v.csv"), "a,b\n1,z\n2,\"x,y\"\n");
}

#[test]
fn patterns_and_folders_are_one_table() {
    let study = Study::empty();
    std::fs::create_dir(study.path("d")).unwrap();
    study.write("d/2.csv", "a,b\n5,y\n");
    study.write("d/1.csv", "a,b\n1,x\n2,y\n");
    study.write("d/about.txt", "no table");
    for files in ["d", "d/*.csv", "d/?.csv", "d/1.csv d/2.csv"] {
        let words = format!("group {files} --by b --agg sum(a) --out g.csv");
        says(&study, &words, "written: g.csv (2 groups of 3 rows)");
        assert_eq!(study.read("g.csv"), "b,sum(a)\nx,1\ny,7\n");
        says(&study, &format!("convert {files} --out one.csv"), "written: one.csv (3 rows)");
        assert_eq!(study.read("one.csv"), "a,b\n1,x\n2,y\n5,y\n");
    }
    refuses(
        &study,
        "group d/x*.csv --by b --agg count() --out g2.csv",
        "d/x*.csv: no such file; a file, a folder, or a pattern with * and ? in its last part is \
         expected, and files that end in .csv, .tsv (these also with .gz or .zst) or .parquet",
    );
    study.write("d/3.csv", "a,c\n1,x\n");
    refuses(
        &study,
        "convert d --out two.csv",
        "d/1.csv has other columns than d/3.csv: column 2, counted from 1, is `b` there and `c` here; \
         all files of a table have the same columns in the same order",
    );
}

#[test]
fn a_list_of_columns_that_cannot_be_meant() {
    let study = Study::empty();
    study.write("t.csv", "a,b\n1,x\n");
    for words in
        ["sort t.csv --by a,-a --out o.csv", "group t.csv --by a,a --agg count() --out o.csv"]
    {
        refuses(&study, words, "column `a` is named twice; leave one out");
    }
    for words in ["sort t.csv --by a, --out o.csv", "group t.csv --by a, --agg count() --out o.csv"]
    {
        refuses(
            &study,
            words,
            "the name of a column is missing; write names with commas between, and a minus before \
             those that go from large to small, as in `a,-b`",
        );
    }
}

/// A number beyond all doubles would be infinite, and so would its mean.
#[test]
fn numbers_that_no_double_holds_are_words_or_refused() {
    let study = Study::empty();
    study.write("t.csv", "a,x\n1,1e400\n2,1.5\n");
    says(
        &study,
        "group t.csv --by x --agg sum(a) --out g.csv",
        "written: g.csv (2 groups of 2 rows)",
    );
    assert_eq!(study.read("g.csv"), "x,sum(a)\n1.5,2\n1e400,1\n");
    refuses(
        &study,
        "describe t.csv --types x=float",
        "t.csv, line 2: column `x` holds `1e400`, and float is expected, as was said; if the value is \
         right, say --types x=category",
    );
}

/// What is said to be enough for a long record is enough, for every command, and the process keeps to it.
#[test]
fn the_memory_that_is_asked_for_is_enough() {
    let study = Study::empty();
    let rows = lines(0..1000, |row| format!("{row},w{}", row % 3));
    let long = "w".repeat(6 << 20);
    study.write("t.csv", format!("a,b\n{rows}7,{long}\n{rows}"));
    for (work, out) in [
        ("sort t.csv --by a --out o.csv", "o.csv"),
        ("shuffle t.csv --out o.csv", "o.csv"),
        ("convert t.csv --out o.csv", "o.csv"),
        ("group t.csv --by a --agg first(b) --out o.csv", "o.csv"),
        ("split t.csv --by a --fractions 0.5,0.5 --out o.csv,p.csv", "o.csv p.csv"),
        ("sort t.csv --by b --out o.csv", "o.csv"),
        ("describe t.csv --out o", "o.html o.json o.tsv"),
    ] {
        let quiet = format!("{work} --threads 2 --quiet --temp .");
        let error = table(&study, &format!("{quiet} --memory 24M")).2;
        let begins = "error: t.csv, line 1002: the record that begins here has 6291458 bytes, and \
                      25165824 bytes of memory leave ";
        assert!(error.starts_with(begins), "{work}: {error}");
        let memory = error.trim_end().rsplit_once("give --memory ").unwrap().1;
        let words: Vec<&str> = ["table"].into_iter().chain(quiet.split(' ')).collect();
        let ended = run(&study.path(""), &[&words[..], &["--memory", memory]].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{work} {memory}");
        let most = bytes(memory) + PROGRAM;
        assert!(ended.peak.is_none_or(|peak| peak <= most), "{work} {memory}: {:?}", ended.peak);
        for file in out.split(' ') {
            std::fs::remove_file(study.path(file)).unwrap();
        }
        assert_eq!(study.files(), ["t.csv"], "{work}");
    }
}

/// Columns take memory too, as counts and as Parquet: what they need is asked for, and is enough.
#[test]
fn many_columns_are_asked_memory_for() {
    let study = Study::empty();
    let columns = || 0..300_u32;
    let name = |column: u32| if column == 0 { "c0".to_owned() } else { format!(",c{column}") };
    let value = |row: u32, column: u32| {
        let mixed = (300 * row + column).wrapping_mul(2_654_435_761);
        if column == 0 { mixed.to_string() } else { format!(",{mixed}.5") }
    };
    let row = |row: u32| columns().map(|column| value(row, column)).collect::<String>();
    let header: String = columns().map(name).collect();
    study.write("t.csv", format!("{header}\n{}", lines(0..3000, row)));
    for work in [
        "describe t.csv",
        "convert t.csv --out t.parquet",
        "convert t.parquet --out u.csv",
        "sort t.parquet --by c1 --out u.parquet",
        "split t.csv --fractions 0.5,0.5 --out 1.parquet,2.parquet",
        "describe t.parquet",
    ] {
        let quiet = format!("{work} --threads 2 --quiet --temp .");
        let (code, _, error) = table(&study, &format!("{quiet} --memory 32M"));
        assert!(code == Some(1) && error.starts_with("error: 300 columns take up to "), "{error}");
        let memory = error.split_once("give --memory ").unwrap().1.split_once(',').unwrap().0;
        let words: Vec<&str> = ["table"].into_iter().chain(quiet.split(' ')).collect();
        let ended = run(&study.path(""), &[&words[..], &["--memory", memory]].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{work} {memory}");
        let most = bytes(memory) + PROGRAM;
        assert!(ended.peak.is_none_or(|peak| peak <= most), "{work} {memory}: {:?}", ended.peak);
    }
    // Text has no such needs, and a few columns of many take little.
    for work in [
        "convert t.csv --out u.csv",
        "group t.parquet --by c1 --agg mean(c2) --out g.parquet",
        "sort t.csv --by c1 --out u.csv",
    ] {
        let words: Vec<&str> = ["table"].into_iter().chain(work.split(' ')).collect();
        let ended = run(&study.path(""), &[&words[..], &["--memory", "32M"]].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{work}");
        assert!(ended.peak.is_none_or(|peak| peak <= bytes("32M") + PROGRAM), "{work}");
    }
}

/// The same files for any threads and any memory.
#[test]
fn a_description_is_the_same_however_it_is_made() {
    let study = Study::empty();
    let row = |row: u32| {
        let mixed = row.wrapping_mul(2_654_435_761);
        let x = if row.is_multiple_of(11) { "NA".to_owned() } else { format!("{}e-3", mixed >> 7) };
        let day = 1 + mixed % 28;
        format!("{mixed},{x},word {},2024-02-{day:02},{}", mixed % 500, row.is_multiple_of(2))
    };
    study.write("t.csv", "key,x,word,day,even\n".to_owned() + &lines(0..200_000, row));
    let mut first = None;
    for threads in ["1", "2", "4"] {
        for memory in ["32M", "256M"] {
            let limits = ["--threads", threads, "--memory", memory, "--quiet"];
            let words = [&["table", "describe", "t.csv", "--out", "o"], &limits[..]].concat();
            let ended = run(&study.path(""), &words);
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{words:?}");
            let most = bytes(memory) + PROGRAM;
            assert!(ended.peak.is_none_or(|peak| peak <= most), "{words:?}: {:?}", ended.peak);
            let files = ["o.json", "o.tsv", "o.html"].map(|file| study.read(file));
            assert!(files.iter().all(|file| file.contains("even")), "{files:?}");
            assert!(files[2].contains("<td>word "), "{}", files[2]);
            assert!(first.get_or_insert_with(|| files.clone()) == &files, "{words:?}");
        }
    }
}

//! Which variants are used.

use crate::study::{Study, counts, groups, lines, minor_frequency, notes, refused};

/// The study with variants on other chromosomes: as many on the second, then five each on X, Y, XY and
/// MT.
fn with_chromosomes() -> Study {
    let study = Study::small();
    let names = [&["1"; 10][..], &["chr2"; 10], &["23"; 5], &["Y"; 5], &["25"; 5], &["MT"; 5]];
    let bim = study.read("study.bim");
    let rows = bim.lines().zip(names.concat());
    let rows: Vec<_> = rows
        .map(|(line, name)| format!("{name}\t{}\n", line.split_once('\t').unwrap().1))
        .collect();
    study.write("study.bim", rows.concat());
    study
}

fn list(variants: impl IntoIterator<Item = usize>) -> String {
    lines(variants, |v| format!("snp{v}"))
}

/// Checks that arguments give what a data set of these variants alone gives.
fn same_as_part(study: &Study, arguments: &[&str], has: impl Fn(usize) -> bool) {
    let chosen = study.text(arguments);
    let result = study.json("result.json");
    let left = (0..40).filter(|&v| has(v)).count();
    assert_eq!(
        (&result["listed"]["variants"], &result["listed"]["variants_chosen"]),
        (&40.into(), &left.into())
    );
    study.write_part("part", has);
    assert_eq!(groups(&chosen), groups(&study.text(&["--bfile", "part"])), "{arguments:?}");
}

#[test]
fn a_list_of_variants_is_as_good_as_a_data_set_of_them() {
    let study = Study::small();
    // In any order, on any number of lines, one of them twice, one of no variant.
    study.write("extract", format!("snp39 snp7\n{}rs1\n", list((0..30).rev())));
    same_as_part(&study, &["--extract", "extract"], |v| v < 30 || v == 39);
    study.text(&["--extract", "extract"]);
    study.log_says(&[
        "extract: 32 identifiers (1 again), 31 variants matched, 1 identifiers of no variant",
        "variants: 40 listed",
        "--extract: 9 left out, 31 left",
    ]);
    study.write("exclude", list([3, 20, 35]));
    same_as_part(&study, &["--exclude", "exclude"], |v| ![3, 20, 35].contains(&v));
}

#[test]
fn lists_and_chromosomes_choose_in_this_order_and_are_counted() {
    let study = with_chromosomes();
    study.write("extract", list(0..30));
    study.write("exclude", list([3, 12, 22, 35]));
    let arguments = ["--extract", "extract", "--exclude", "exclude", "--chr", "2,X"];
    same_as_part(&study, &arguments, |v| (10..25).contains(&v) && v != 12 && v != 22);
    study.text(&arguments);
    study.log_says(&[
        "--extract: 10 left out, 30 left",
        // snp35 was not extracted before.
        "--exclude: 3 left out, 27 left",
        "--chr: 14 left out, 13 left",
    ]);
    // An annotation keeps its rows: that of each variant of the .bim.
    let annotated = study.text(&[&arguments[..], &["--annot", "study.annot"]].concat());
    study.write_part("part", |v| (10..25).contains(&v) && v != 12 && v != 22);
    let annot = study.read("study.annot");
    let rows = annot.lines().enumerate();
    let rows = rows.filter(|&(v, _)| (10..25).contains(&v) && v != 12 && v != 22);
    let rows: Vec<_> = rows.map(|(_, row)| row).collect();
    study.write("part.annot", rows.join("\n"));
    let part = study.text(&["--bfile", "part", "--annot", "part.annot"]);
    assert_eq!(groups(&annotated), groups(&part));
}

#[test]
fn chromosomes_are_chosen_by_number_range_or_name() {
    let study = with_chromosomes();
    for chromosomes in ["1-2", "1,2", "chr1,CHR2", "2,1"] {
        same_as_part(&study, &["--chr", chromosomes], |v| v < 20);
    }
    same_as_part(&study, &["--chr", "2-24"], |v| (10..30).contains(&v));
    same_as_part(&study, &["--chr", "xy,26"], |v| v >= 30);
    same_as_part(&study, &["--autosome"], |v| v < 20);
    study.text(&["--autosome"]);
    study.log_says(&["--autosome: 20 left out, 20 left"]);
}

#[test]
fn variants_that_are_not_on_autosomes_are_noted() {
    let study = with_chromosomes();
    let of = |arguments: &[&str]| {
        let notes = notes(&study.result(arguments));
        notes.into_iter().filter(|note| note.contains("--autosome")).collect::<Vec<_>>()
    };
    let note = "5 on X, 5 on Y, 5 on XY, 5 on MT: their genotypes count as those of any other \
                variant; --autosome leaves them out";
    assert_eq!(of(&[]), [note]);
    study.log_says(&[note]);
    assert_eq!(of(&["--chr", "1,2,X"]).len(), 1);
    assert!(of(&["--chr", "1,2,X"])[0].starts_with("5 on X: "));
    assert_eq!(of(&["--autosome"]), Vec::<String>::new());
}

#[test]
fn variants_are_left_out_by_frequency_and_by_missing_genotypes_and_hold_their_place() {
    let size = ["--individuals", "400", "--variants", "200", "--missing", "0.05", "--seed", "4"];
    let study = Study::simulate(&size);
    assert_eq!(study.result(&[])["groups"][0]["variants"], 200);
    let some = study.result(&["--maf", "0.2", "--geno", "0.05", "--trace"]);
    let some = &some["groups"][0];
    // Counted once more, from the genotypes themselves.
    let (mut missing, mut rare) = (0u64, 0u64);
    let mut used = Vec::new();
    for packed in study.variants() {
        let of = counts(&packed, 400);
        let (lacks, is_rare) = (of[1] > 20, minor_frequency(of) < 0.2);
        missing += u64::from(lacks);
        rare += u64::from(!lacks && is_rare);
        used.push(!lacks && !is_rare);
    }
    let found = &some["counts"];
    assert_eq!(
        (found["variants_missing"].as_u64(), found["variants_rare"].as_u64()),
        (Some(missing), Some(rare))
    );
    assert!(missing > 20 && rare > 20, "{missing} and {rare}");
    assert_eq!(some["variants"].as_u64(), Some(200 - missing - rare));
    study.log_says(&[&format!(
        "(0 in no bin; {missing} with too many missing genotypes, 0 monomorphic among these \
         individuals, {rare} too rare, dropped)"
    )]);
    // Blocks do not move: each is of 40 listed variants, however many of them are used.
    let trace = study.read("result.trace.tsv");
    let rows = trace.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let in_blocks: Vec<usize> = rows
        .filter(|row| row[4] == "all" && row[3] != "none")
        .map(|row| row[6].parse().unwrap())
        .collect();
    let expected: Vec<_> =
        used.chunks(40).map(|block| block.iter().filter(|used| **used).count()).collect();
    assert_eq!(in_blocks, expected);
    // So that it is the same as bins that leave these variants out, but not as a list of the others.
    let rows: Vec<_> = used.iter().map(|used| if *used { "1" } else { "0" }).collect();
    study.write("some.annot", rows.join("\n"));
    let annotated = study.result(&["--annot", "some.annot"]);
    assert_eq!(annotated["groups"][0]["traits"][0]["h2"], some["traits"][0]["h2"]);
    study.write("some", list((0..200).filter(|&v| used[v])));
    let listed = study.result(&["--extract", "some"]);
    let (listed, some) = (&listed["groups"][0]["traits"][0]["h2"], &some["traits"][0]["h2"]);
    let off = |part: &str| (listed[part].as_f64().unwrap() - some[part].as_f64().unwrap()).abs();
    assert!(off("value") < 1e-4 && off("se") > 1e-4, "{listed} {some}");
}

#[test]
fn shares_and_frequencies_that_cannot_be() {
    for (argument, says) in [
        ("--maf=0.6", ["--maf <FREQUENCY>", "'0.6' is not a number from 0 to 0.5"]),
        ("--geno=-0.1", ["--geno <SHARE>", "'-0.1' is not a number from 0 to 1"]),
        ("--chr=27", ["--chr <LIST>", "'27' is no chromosome"]),
        ("--chr=4-1", ["--chr <LIST>", "'4-1' is no chromosome"]),
        ("--chr=Z", ["--chr <LIST>", "'Z' is no chromosome"]),
    ] {
        refused(&Study::small(), &[argument], 2, &says);
    }
    let says = ["'--chr <LIST>' cannot be used with", "'--autosome'"];
    refused(&Study::small(), &["--chr", "1", "--autosome"], 2, &says);
}

#[test]
fn lists_and_chromosomes_that_leave_nothing() {
    let study = Study::small();
    study.write("other", "rs1\nrs2\n");
    let says = ["none of the 40 variants of study.bim", "40 are not in the list to extract"];
    refused(&study, &["--extract", "other"], 1, &says);
    study.write("all", list(0..40));
    let says = ["none of the 40", "0 are not", "40 of the others are in the list to exclude"];
    refused(&study, &["--extract", "all", "--exclude", "all"], 1, &says);
    refused(&study, &["--chr", "2-X"], 1, &["none of the 40", "40 of the rest are on other"]);
    for flag in ["--extract", "--exclude"] {
        refused(&study, &[flag, "nowhere"], 1, &["nowhere could not be read"]);
    }
    // Fewer than blocks.
    study.write("four", list(0..4));
    refused(&study, &["--extract", "four"], 1, &["4 variants", "5 jackknife blocks"]);
    // By what is in them.
    refused(&study, &["--maf", "0.5"], 1, &["\"all\" has no variant left", "passes the filters"]);
}

//! Bad input gets a clear error, the right exit code, and leaves nothing half-written.

use crate::study::{Study, refused, stderr, twoblade};

#[test]
fn a_truncated_bed() {
    let study = Study::small();
    let bed = std::fs::read(study.path("study.bed")).unwrap();
    study.write("study.bed", &bed[..bed.len() - 7]);
    // 60 individuals take 15 bytes: 3 + 40 x 15.
    refused(&study, &[], 1, &["study.bed", "596", "603", "truncated"]);
}

#[test]
fn a_bed_with_the_wrong_magic() {
    let study = Study::small();
    let mut bed = std::fs::read(study.path("study.bed")).unwrap();
    bed[0] = 0x1f;
    study.write("study.bed", &bed);
    refused(&study, &[], 1, &["study.bed", "6c 1b"]);
}

#[test]
fn an_individual_major_bed() {
    let study = Study::small();
    let mut bed = std::fs::read(study.path("study.bed")).unwrap();
    bed[2] = 0;
    study.write("study.bed", &bed);
    refused(&study, &[], 1, &["study.bed", "--make-bed"]);
}

#[test]
fn a_bim_with_five_columns() {
    let study = Study::small();
    let text = study.read("study.bim");
    let mut rows: Vec<&str> = text.lines().collect();
    let short = rows[11].rsplit_once(['\t', ' ']).unwrap().0.to_owned();
    rows[11] = &short;
    study.write("study.bim", rows.join("\n"));
    refused(&study, &[], 1, &["study.bim", "line 12", "5 columns", "6"]);
}

#[test]
fn a_phenotype_file_without_any_shared_individual() {
    let study = Study::small();
    study.write("study.pheno", "FID IID y\na a 1\nb b 2\nc c 3\n");
    refused(&study, &[], 1, &["study.pheno", "3", "study.fam", "60"]);
}

#[test]
fn text_where_a_number_should_be() {
    let study = Study::small();
    let text = study.read("study.pheno");
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    let start = rows[4].split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    rows[4] = format!("{start} tall 1.0");
    study.write("study.pheno", rows.join("\n"));
    refused(&study, &[], 1, &["study.pheno", "line 5", "trait1", "tall"]);
}

#[test]
fn annotation_rows_that_do_not_match() {
    let study = Study::small();
    study.write("short.annot", "1\n".repeat(39));
    refused(&study, &["--annot", "short.annot"], 1, &["short.annot", "39", "40"]);
}

#[test]
fn a_phenotype_that_does_not_vary() {
    let study = Study::small();
    let text = study.read("study.fam");
    let row = |line: &str| {
        let identifiers: Vec<_> = line.split_whitespace().take(2).collect();
        format!("{} 1.5", identifiers.join(" "))
    };
    let rows: Vec<_> = text.lines().map(row).collect();
    study.write("study.pheno", format!("FID IID same\n{}\n", rows.join("\n")));
    refused(&study, &[], 1, &["study.pheno", "same", "1.5"]);
}

#[test]
fn fewer_variants_than_blocks() {
    let study = Study::small();
    refused(&study, &["--blocks", "41"], 1, &["40 variants", "41 jackknife blocks"]);
}

#[test]
fn a_bin_that_one_block_empties() {
    let study = Study::small();
    let rows: Vec<_> = (0..40).map(|v| if v < 4 { "1 0" } else { "0 1" }).collect();
    study.write("one.annot", rows.join("\n"));
    let says = ["block 1 of 5", "\"bin1\"", "fewer blocks"];
    refused(&study, &["--annot", "one.annot"], 1, &says);
}

#[test]
fn bins_that_cannot_be_told_apart() {
    let study = Study::small();
    // Two variants with the same genotypes, each in a bin of its own, twenty times.
    let bed = std::fs::read(study.path("study.bed")).unwrap();
    let mut twins = bed[..3].to_vec();
    for variant in bed[3..].chunks(15).step_by(2) {
        twins.extend_from_slice(variant);
        twins.extend_from_slice(variant);
    }
    study.write("study.bed", twins);
    study.write("twins.annot", "1 0\n0 1\n".repeat(20));
    let says = ["bin1, bin2 cannot be told apart", "condition", "merge them"];
    refused(&study, &["--annot", "twins.annot"], 1, &says);
}

#[test]
fn too_few_blocks_or_probes_to_tell_an_error() {
    for flag in ["--blocks", "--probes"] {
        refused(&Study::small(), &[flag, "1"], 2, &[flag, "at least 2 are needed"]);
    }
}

#[test]
fn a_budget_that_is_too_small_says_what_would_fit() {
    let study = Study::simulate(&["--individuals", "3000", "--variants", "200"]);
    let arguments = ["--memory", "8M", "--probes", "500"];
    refused(
        &study,
        &arguments,
        1,
        &["8,192 KiB is too small, ", "what would fit: --memory", "--probes"],
    );
    // What it says does fit, either way.
    let text = stderr(&study.rhe(&arguments));
    let after = |flag: &str| {
        let rest = &text[text.rfind(flag).unwrap() + flag.len()..];
        rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>()
    };
    let memory = after("would fit: --memory ");
    let output = study.rhe(&["--memory", &memory, "--probes", "500", "--plan"]);
    assert!(output.status.success(), "--memory {memory}: {}", stderr(&output));
    let probes = after("or --probes ");
    assert!(probes.parse::<usize>().unwrap() >= 2);
    let output = study.rhe(&["--memory", "8M", "--probes", &probes, "--plan"]);
    assert!(output.status.success(), "--probes {probes}: {}", stderr(&output));
}

#[test]
fn an_output_folder_that_does_not_exist() {
    let study = Study::small();
    refused(&study, &["--out", "nowhere/result"], 1, &["nowhere", "does not exist", "mkdir"]);
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    // A folder in which nobody, not even root, can make a file.
    if !std::path::Path::new("/proc/self").is_dir() {
        return;
    }
    refused(&Study::small(), &["--out", "/proc/self/result"], 1, &["/proc/self cannot be written"]);
}

#[test]
fn files_of_other_formats() {
    let study = Study::small();
    std::fs::rename(study.path("study.bed"), study.path("study.pgen")).unwrap();
    refused(&study, &[], 1, &["study.pgen", "plink2 --pfile", "--make-bed"]);
    std::fs::rename(study.path("study.pgen"), study.path("study.bgen")).unwrap();
    refused(&study, &[], 1, &["study.bgen", "plink2 --bgen", "--make-bed"]);
}

#[test]
fn usage_errors_exit_with_2() {
    let study = Study::small();
    for arguments in [&["--memory", "4X"][..], &["--no-such-flag"], &["--probes", "many"]] {
        refused(&study, arguments, 2, &["error:"]);
    }
    let output = twoblade().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = twoblade().args(["rhe", "--bfile", "x", "--pheno", "y"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--out"));
}

#[test]
fn simulations_that_make_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x");
    for (arguments, says) in [
        (["--h2", "0.7,0.7"], "heritability"),
        (["--ld", "1.5"], "1.5"),
        (["--frequencies", "0.6,0.7"], "frequenc"),
        (["--causal", "0"], "causal"),
    ] {
        let mut command = twoblade();
        command.args(["simulate", "--individuals", "10", "--variants", "10"]).args(arguments);
        let output = command.arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(stderr(&output).contains(says), "{arguments:?}: {}", stderr(&output));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

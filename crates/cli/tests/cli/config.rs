//! `--config FILE`, and OUT.run.toml, which is such a file.

use std::process::Output;

use crate::study::{Study, stderr, stdout, twoblade};

/// Runs `twoblade rhe --config FILE` with more arguments, in the folder of the study.
fn rhe(study: &Study, file: &str, arguments: &[&str]) -> Output {
    let mut command = twoblade();
    command.current_dir(study.path("")).args(["rhe", "--config", file]).args(arguments);
    command.output().unwrap()
}

/// The same, where it has to work.
fn runs(study: &Study, file: &str, arguments: &[&str]) {
    let output = rhe(study, file, arguments);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Runs with this file, and checks that it is a usage error that says so.
fn refused(contents: &str, arguments: &[&str], says: &[&str]) {
    let study = Study::small();
    study.write("my.toml", contents);
    let before = study.files();
    let output = rhe(&study, "my.toml", arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in says {
        assert!(text.contains(part), "'{part}' is not in:\n{text}");
    }
    assert_eq!(study.files(), before, "nothing is left behind");
}

const FILE: &str = "\
# Relative paths start at the current directory.
bfile = \"study\"
pheno = 'study.pheno'
pheno-name = [\"trait2\", \"trait1\"]
blocks = 5
maf = 0.01
no-intercept = true
pheno-quantile-normalize = false
out = \"result\"
";

/// The same on the command line.
const FLAGS: [&str; 14] = [
    "rhe",
    "--bfile",
    "study",
    "--pheno",
    "study.pheno",
    "--pheno-name",
    "trait2,trait1",
    "--blocks",
    "5",
    "--maf",
    "0.01",
    "--no-intercept",
    "--out",
    "flags",
];

/// All of a run.toml but its comment.
fn options(study: &Study, name: &str) -> String {
    let text = study.read(name);
    let (comment, rest) = text.split_once('\n').unwrap();
    assert!(comment.starts_with("# twoblade "), "{comment}");
    rest.to_owned()
}

#[test]
fn a_file_is_as_good_as_flags() {
    let study = Study::small();
    study.write("my.toml", FILE);
    runs(&study, "my.toml", &[]);
    twoblade().current_dir(study.path("")).args(FLAGS).assert().success();
    assert_eq!(study.read("result.json"), study.read("flags.json"));
    assert!(!study.read("result.log").contains("normal quantiles"));
    let (file, flags) = (options(&study, "result.run.toml"), options(&study, "flags.run.toml"));
    assert_eq!(file.replace("\"result\"", "\"flags\""), flags);
}

#[test]
fn a_flag_wins_over_the_file() {
    let study = Study::small();
    study.write("my.toml", FILE);
    runs(&study, "my.toml", &["--pheno-name=trait1", "--seed", "4", "--maf", "0"]);
    let written = options(&study, "result.run.toml");
    for line in ["pheno-name = [\"trait1\"]\n", "seed = 4\n", "maf = 0\n", "blocks = 5\n"] {
        assert!(written.contains(line), "{line} in {written}");
    }
}

#[test]
fn a_prefix_wins_over_three_files_and_they_over_a_prefix() {
    let study = Study::small();
    let others = "pheno = 'study.pheno'\nblocks = 5\nout = 'result'\n";
    let files = "bed = 'study.bed'\nbim = 'study.bim'\nfam = 'study.fam'\n";
    study.write("files.toml", files.replace("study", "nowhere") + others);
    runs(&study, "files.toml", &["--bfile", "study"]);
    assert!(!options(&study, "result.run.toml").contains("nowhere"));
    let prefix = study.read("result.json");
    study.write("prefix.toml", format!("bfile = 'nowhere'\n{others}"));
    runs(&study, "prefix.toml", &["--bed=study.bed", "--bim=study.bim", "--fam=study.fam"]);
    assert!(!options(&study, "result.run.toml").contains("bfile"));
    assert_eq!(study.read("result.json"), prefix);
}

#[test]
fn run_toml_gives_the_same_result_and_the_same_file_again() {
    let study = Study::small();
    let annot = study.path("study.annot");
    let output = study.rhe(&["--annot", annot.to_str().unwrap(), "--pheno-name", "trait1"]);
    assert!(stdout(&output).contains("result.run.toml "), "{}", stdout(&output));
    let (result, run) = (study.read("result.json"), options(&study, "result.run.toml"));
    study.write("result.json", "");
    runs(&study, "result.run.toml", &[]);
    assert_eq!(study.read("result.json"), result);
    assert_eq!(options(&study, "result.run.toml"), run);
}

#[test]
fn run_toml_of_nearly_all_flags_is_taken_too() {
    let study = Study::small();
    let values = study.values(0);
    study.write_columns("cases", "asthma gout", |i| {
        format!("{} {}", u8::from(values[i] > 0.3), u8::from(values[i] < -0.2))
    });
    study.write_columns("covar", "age", |i| (20 + i * i % 37).to_string());
    study.write("scores", (0..40).map(|v| format!("snp{v} {v}\n")).collect::<Vec<_>>().concat());
    study.write("list", "f3 i3\n");
    study.write("variants", "snp3\n");
    let line = "rhe --bed study.bed --bim study.bim --fam study.fam --missing-genotype binomial --pheno \
                cases --pheno-col 1-2 --pheno-missing common --missing-code none --rg \
                --population-prevalence gout=0.01,0.1 --sample-prevalence 0.4 --covar covar \
                --covar-name age --covar-missing mean --remove list --mind 0.5 --exclude variants \
                --chr 1-4,X --geno 0.2 --maf 0.06 --ld-maf-bins scores --maf-edges 0.2,0.3 \
                --ld-groups 1 --blocks 3 --probes 20 --probe-kind gaussian --seed 7 --precision \
                double --threads 2 --memory 1G --reuse keep --trace --out result";
    let mut command = twoblade();
    command.current_dir(study.path("")).args(line.split_whitespace()).assert().success();
    let (result, run) = (study.read("result.json"), options(&study, "result.run.toml"));
    for line in [
        "pheno-col = \"1-2\"\n",
        "population-prevalence = [\"gout=0.01\", 0.1]\n",
        "chr = \"1-4,X\"\n",
        "maf-edges = [0.2, 0.3]\n",
        "rg = true\n",
    ] {
        assert!(run.contains(line), "{line} in {run}");
    }
    runs(&study, "result.run.toml", &["--out", "again"]);
    assert_eq!(study.read("again.json"), result);
    for ending in ["tsv", "rg.tsv", "trace.tsv", "tr", "MN"] {
        let [one, two] = ["result", "again"].map(|out| study.read(&format!("{out}.{ending}")));
        assert_eq!(one, two, "{ending}");
    }
}

#[test]
fn run_toml_of_the_fewest_flags_is_taken_too() {
    let study = Study::simulate(&["--individuals", "60", "--variants", "200"]);
    let fewest = ["rhe", "--bfile", "study", "--out", "result"];
    // The .fam is given a trait, as there is no phenotype file.
    let rows: Vec<_> = (0..60).map(|i| format!("f{i} i{i} 0 0 1 {}.5", i * i % 17)).collect();
    study.write("study.fam", rows.join("\n"));
    twoblade().current_dir(study.path("")).args(fewest).assert().success();
    let (result, run) = (study.read("result.json"), options(&study, "result.run.toml"));
    assert!(run.starts_with("bfile = \"study\"\n"), "{run}");
    assert!(run.contains("probes = 50\n") && !run.contains("threads"), "{run}");
    runs(&study, "result.run.toml", &["--out", "again"]);
    assert_eq!(study.read("again.json"), result);
}

#[cfg(unix)]
#[test]
fn a_path_that_toml_cannot_hold_is_a_comment_that_says_so() {
    use std::os::unix::ffi::OsStrExt;

    let study = Study::small();
    let annot = study.path("").join(std::ffi::OsStr::from_bytes(b"odd\xff.annot"));
    if std::fs::copy(study.path("study.annot"), &annot).is_err() {
        // Some file systems have no such names.
        return;
    }
    study.write("my.toml", FILE);
    let mut command = twoblade();
    command.current_dir(study.path("")).args(["rhe", "--config", "my.toml", "--annot"]);
    command.arg(annot).assert().success();
    let written = options(&study, "result.run.toml");
    assert!(written.contains("\n# annot is not UTF-8: give it on the command line\n"), "{written}");
    assert!(study.read("result.log").contains("--annot "));
}

#[test]
fn a_simulation_takes_a_file() {
    let study = Study::small();
    let options = "individuals = 20\nvariants = 30\nh2 = [0.1, 0.4]\nfrequencies = '0.1,0.3'\n";
    study.write("my.toml", options);
    let simulate = |arguments: &[&str]| {
        let mut command = twoblade();
        command.current_dir(study.path("")).arg("simulate").args(arguments).assert().success();
    };
    simulate(&["--config=my.toml", "--out", "file"]);
    let size = ["--individuals", "20", "--variants", "30", "--out", "flags"];
    simulate(&[&size[..], &["--h2", "0.1,0.4", "--frequencies", "0.1,0.3"]].concat());
    assert_eq!(study.read("file.truth.json"), study.read("flags.truth.json"));
    assert_eq!(study.read("file.pheno"), study.read("flags.pheno"));
}

#[test]
fn a_key_that_is_no_flag_is_refused_with_the_nearest() {
    refused("# mine\nphenoname = 1\n", &[], &["my.toml, line 2, key phenoname", "'--pheno-name'"]);
    refused("xyzzy = true\n", &[], &["unexpected argument", "my.toml, line 1, key xyzzy"]);
    refused("\"maf=0.1\" = 1\n", &[], &["my.toml, line 1, key maf=0.1", "name of a flag"]);
    refused("\"\" = 1\n", &[], &["my.toml, line 1", "name of a flag"]);
}

#[test]
fn keys_for_the_command_line_only_are_refused() {
    refused("config = 'x'\n", &[], &["my.toml, line 1, key config", "take the key out"]);
    refused("help = true\n", &[], &["my.toml, line 1, key help", "take the key out"]);
}

#[test]
fn a_value_of_the_wrong_kind_says_where_it_stands() {
    for (contents, says) in [
        ("\nmemory = '4X'", ["unit 'X'", "--memory <SIZE> (my.toml, line 2, key memory)"]),
        ("probes = 'many'", ["not a whole number", "my.toml, line 1, key probes"]),
        ("precision = 'half'", ["single, double", "my.toml, line 1, key precision"]),
        ("maf = [0.1, 0.2]", ["multiple times", "my.toml, line 1, key maf"]),
        ("plan = 'x'", ["unexpected value 'x'", "my.toml, line 1, key plan"]),
        ("plan = [true]", ["true found, true or false", "my.toml, line 1, key plan"]),
        ("bfile = true", ["true found, text or a number", "my.toml, line 1, key bfile"]),
        ("out = 1979-05-27", ["datetime found, text or a number", "my.toml, line 1, key out"]),
        ("maf.x = 1", ["table found, text or a number", "my.toml, line 1, key maf"]),
        ("pheno-name = [['x']]", ["array found, text or a number", "line 1, key pheno-name"]),
        ("[rhe]\nmaf = 1", ["a [section] is a heading of the help", "my.toml, line 1, key rhe"]),
    ] {
        refused(contents, &[], &says);
    }
}

#[test]
fn an_error_on_the_command_line_is_not_blamed_on_the_file() {
    let study = Study::small();
    study.write("my.toml", FILE);
    let output = rhe(&study, "my.toml", &["--maf", "7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("'--maf <FREQUENCY>'"), "{}", stderr(&output));
}

#[test]
fn what_is_in_neither_is_asked_for() {
    refused("bfile = 'study'", &["--blocks", "5"], &["not provided", "--out <OUT>"]);
    refused("pheno-name = 'a'\nout = 'x'", &["--bfile", "x"], &["not provided", "--pheno <FILE>"]);
}

#[test]
fn a_file_that_is_not_toml() {
    refused("maf = 0.1\nblocks 5\n", &[], &["my.toml, line 2", "'blocks 5' is not TOML"]);
    refused("maf = 1\nmaf = 2\n", &[], &["my.toml, line 2", "'maf = 2'", "duplicate key"]);
}

#[test]
fn a_file_that_is_not_there() {
    let output = rhe(&Study::small(), "nowhere.toml", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--config nowhere.toml cannot be read"), "{output:?}");
}

//! The same bytes with every instruction set that the machine has.

use std::collections::BTreeMap;

use twoblade::core::Instructions;

use crate::study::{Study, stderr, twoblade};

/// With each, from the narrowest.
fn there() -> impl Iterator<Item = Instructions> {
    Instructions::ALL.into_iter().filter(|set| set.is_there())
}

fn works_with(study: &Study, set: Instructions, arguments: &[&str]) {
    let mut command = twoblade();
    command.current_dir(study.path("")).env(Instructions::VARIABLE, set.name()).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{set} {arguments:?}: {}", stderr(&output));
}

#[test]
fn a_heritability_has_the_same_states_and_results_with_all_instructions() {
    // More than a tile of individuals, of variants, of tables and of numbers looked up at a time.
    let size = ["--individuals", "1303", "--variants", "371", "--h2", "0.2,0.3", "--traits", "2"];
    let study = Study::simulate(&[&size[..], &["--missing", "0.02", "--seed", "3"]].concat());
    let people = study.individuals();
    let covariate = |(row, who): (usize, &String)| format!("{who} {}\n", row * 7919 % 1013);
    let covariates: String = people.iter().enumerate().map(covariate).collect();
    study.write("covar", format!("FID IID age\n{covariates}"));
    let common = ["rhe", "--bfile", "study", "--pheno", "study.pheno", "--annot", "study.annot"];
    let cases: [&[&str]; 4] = [
        &["--covar", "covar", "--rg"],
        &["--probes", "17", "--precision", "double"],
        &["--probe-kind", "gaussian", "--probes", "5"],
        &["--missing-genotype", "binomial"],
    ];
    for case in cases {
        let options = [&common[..], &["--blocks", "7"], case].concat();
        // A plan that was made with one of them serves the others.
        study.works(&[&options[..], &["--plan-out", "plan.json"]].concat());
        let mut expected = None;
        for set in there() {
            let part = format!("state-{set}");
            let two = format!("two-{set}");
            let pass_one = ["pass-one", "plan.json", "--shard", "1/1", "-o", &part];
            works_with(&study, set, &pass_one);
            let pass_two = ["pass-two", "plan.json", &part, "--shard", "1/1", "-o", &two];
            works_with(&study, set, &pass_two);
            works_with(&study, set, &["finish", "plan.json", &part, &two, "--out", "result"]);
            let bytes = [&part, &two, "result.json"].map(|file| study.path(file));
            let bytes = bytes.map(|file| std::fs::read(file).unwrap());
            assert!(*expected.get_or_insert_with(|| bytes.clone()) == bytes, "{set} of {case:?}");
            for file in [part, two] {
                std::fs::remove_file(study.path(&file)).unwrap();
            }
        }
        assert!(expected.is_some());
    }
}

#[test]
fn maps_have_the_same_bytes_with_all_instructions() {
    let study = Study::empty();
    let size = ["--subjects", "6", "--time-points", "50", "--voxels", "1500", "--lesions", "7"];
    study.works(&[&["simulate", "connectome"][..], &size, &["--out", "."]].concat());
    let mut expected = None;
    for set in there() {
        let out = format!("maps-{set}");
        let files = ["--connectome", "connectome", "--lesions", "lesions/*.nii.gz"];
        works_with(&study, set, &[&["fnm"][..], &files, &["--quiet", "--out", &out]].concat());
        let entries = std::fs::read_dir(study.path(&out)).unwrap();
        let maps: BTreeMap<String, Vec<u8>> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
            .filter(|(name, _)| name.ends_with(".nii.gz"))
            .map(|(name, path)| (name, std::fs::read(path).unwrap()))
            .collect();
        assert!(maps.len() >= 7, "{} maps", maps.len());
        assert!(*expected.get_or_insert_with(|| maps.clone()) == maps, "{set}");
    }
}

#[test]
fn instructions_that_are_none_are_refused_in_words() {
    let study = Study::small();
    let mut command = twoblade();
    command.current_dir(study.path("")).env(Instructions::VARIABLE, "fast");
    command.args(["rhe", "--bfile", "study", "--pheno", "study.pheno", "--blocks", "5"]);
    command.args(["--out", "result"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("TWOBLADE_ISA is \"fast\" and has to be scalar, avx2 or avx512"),
        "{}",
        stderr(&output)
    );
    assert!(!study.files().contains(&"result.json".to_owned()));
}

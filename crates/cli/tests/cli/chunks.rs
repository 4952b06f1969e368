//! How many variants a chunk has follows from the options: where a state is large, more.

use std::fmt::Write;
use std::fs::File;

use crate::study::Study;

/// 16 MiB of packed genotypes are 958 variants of so many individuals.
const INDIVIDUALS: usize = 70_000;
const VARIANTS: usize = 2_400;

/// Files of a study whose genotypes nobody reads.
fn unread() -> Study {
    let study = Study::empty();
    let (mut fam, mut pheno) = (String::new(), String::from("FID IID t e\n"));
    for i in 1..=INDIVIDUALS {
        writeln!(fam, "{i} {i} 0 0 1 -9").unwrap();
        writeln!(pheno, "{i} {i} {} {}", i * 7919 % 10_007, i * 31 % 101).unwrap();
    }
    let bim = (1..=VARIANTS).fold(String::new(), |bim, v| bim + &format!("1 v{v} 0 {v} A G\n"));
    let annot = (0..VARIANTS)
        .fold(String::new(), |annot, v| annot + if v % 2 == 0 { "1 0\n" } else { "0 1\n" });
    for (name, text) in [("s.fam", fam), ("s.bim", bim), ("s.pheno", pheno), ("s.annot", annot)] {
        std::fs::write(study.path(name), text).unwrap();
    }
    let bed = File::create(study.path("s.bed")).unwrap();
    std::io::Write::write_all(&mut &bed, &[0x6c, 0x1b, 0x01]).unwrap();
    bed.set_len((3 + INDIVIDUALS.div_ceil(4) * VARIANTS) as u64).unwrap();
    study
}

/// Four variants for each sketch of an individual, where that is more than 16 MiB.
#[test]
fn they_follow_from_components_and_probes() {
    let study = unread();
    let files = ["--bfile", "s", "--pheno", "s.pheno", "--pheno-name", "t", "--blocks", "2"];
    let (g, gxe) = (["--model", "G"], ["--model", "G+GxE"]);
    let env = ["--env", "s.pheno", "--env-name", "e"];
    let genie = |model: &[&'static str]| [&["genie"][..], model, &env].concat();
    let cases = [
        (vec!["rhe"], "239", "958"),
        (vec!["rhe"], "250", "1,000"),
        (vec!["rhe", "--annot", "s.annot"], "125", "1,000"),
        (vec!["rhe", "--dominance"], "125", "1,000"),
        (genie(&gxe), "125", "1,000"),
        (genie(&g), "125", "958"),
        (vec!["rhe"], "300", "1,024"),
    ];
    for (command, probes, variants) in cases {
        let rest = ["--probes", probes, "--threads", "1", "--memory", "4G", "--plan"];
        let plan = study.works(&[&command[..], &files, &rest].concat());
        let expected = format!("of at most {variants}\n");
        assert!(plan.contains(&expected), "{command:?}, {probes} probes: {plan}");
    }
}

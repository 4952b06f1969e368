//! What the plan says is what the process peaks at: measured by the kernel, on the binary.

use crate::memory_peak::PROGRAM;
use crate::study::{Study, stderr};

fn peak_and_plan(study: &Study, arguments: &[&str]) -> Option<(u64, u64)> {
    let output = study.rhe(&[arguments, &["--quiet"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    let run: serde_json::Value = serde_json::from_str(&study.read("result.run.json")).unwrap();
    // Where the kernel does not tell, there is nothing to compare.
    Some((run["peak_bytes"].as_u64()?, run["planned_bytes"].as_u64()?))
}

#[test]
fn the_peak_is_within_the_plan() {
    let mut largest = 0;
    for individuals in ["2000", "24000"] {
        let size = ["--individuals", individuals, "--variants", "1500", "--h2", "0.2,0.2"];
        let study = Study::simulate(&size);
        let annot = ["--annot", "study.annot", "--blocks", "10"];
        for probes in ["10", "100"] {
            for (threads, reuse) in [("1", "recompute"), ("2", "recompute"), ("2", "keep")] {
                let how = ["--probes", probes, "--threads", threads, "--reuse", reuse];
                let Some((peak, plan)) = peak_and_plan(&study, &[&annot[..], &how[..]].concat())
                else {
                    return;
                };
                assert!(peak <= plan + PROGRAM, "{individuals} {how:?}: {peak} for {plan}");
                largest = largest.max(plan);
            }
        }
    }
    // The plans were not all swallowed by the constant.
    assert!(largest > 8 * PROGRAM, "{largest}");
}

#[test]
fn a_budget_is_kept() {
    let study = Study::simulate(&["--individuals", "20000", "--variants", "600"]);
    let mut kept = 0;
    for memory in ["40M", "80M", "160M", "320M"] {
        let arguments = ["--memory", memory, "--threads", "4", "--blocks", "10"];
        if study.rhe(&[&arguments[..], &["--plan"]].concat()).status.code() == Some(1) {
            continue;
        }
        let Some((peak, plan)) = peak_and_plan(&study, &arguments) else { return };
        let budget = memory.trim_end_matches('M').parse::<u64>().unwrap() << 20;
        assert!(plan <= budget && peak <= budget + PROGRAM, "{memory}: {peak} for {plan}");
        kept += 1;
    }
    assert!(kept >= 2, "{kept} budgets were large enough");
}

/// All groups hold their traits and covariates while each of them runs.
#[test]
fn a_budget_is_kept_where_groups_of_traits_take_several_reads() {
    let study = Study::simulate(&["--individuals", "20000", "--variants", "100", "--traits", "6"]);
    let values: Vec<_> = (0..6).map(|t| study.values(t)).collect();
    let names = |what: &str, count: usize| {
        (1..=count).map(|n| format!("{what}{n}")).collect::<Vec<_>>().join(" ")
    };
    study.write_columns("gaps", &names("trait", 6), |i| {
        let value =
            |t: usize| if i % 101 == t { "NA".to_owned() } else { values[t][i].to_string() };
        (0..6).map(value).collect::<Vec<_>>().join(" ")
    });
    study.write_columns("covar", &names("c", 24), |i| {
        (0..24)
            .map(|c| ((i * 31 + c * c * 17 + i * c) % 997).to_string())
            .collect::<Vec<_>>()
            .join(" ")
    });
    let arguments = ["--pheno", "gaps", "--covar", "covar", "--probes", "100"];
    let step = (4..100).find(|step| {
        let memory = format!("{}M", 8 * step);
        let one = [&arguments[..], &["--threads", "1", "--memory", &memory, "--plan"]].concat();
        study.rhe(&one).status.success()
    });
    // The least, which one group fills; and a little more, so that several threads have states of their
    // own: what one read frees is as much as the next one takes.
    for (more, threads) in [(0, "1"), (0, "4"), (3, "1"), (3, "2"), (6, "4")] {
        let memory = format!("{}M", 8 * (step.unwrap() + more));
        let arguments = [&arguments[..], &["--threads", threads, "--memory", &memory]].concat();
        let Some((peak, plan)) = peak_and_plan(&study, &arguments) else { return };
        assert!(study.json("result.run.json")["runs"].as_array().unwrap().len() > 1);
        assert!(peak <= plan + PROGRAM, "{memory}, {threads} threads: {peak} for {plan}");
    }
}

/// What is held before a run counts too: with sixty traits it is more than the run.
#[test]
fn what_comes_before_a_run_is_refused_where_it_does_not_fit() {
    let size = ["--individuals", "3000", "--variants", "200", "--traits", "60"];
    let study = Study::simulate(&size);
    let rhe = ["rhe", "--bfile", "study", "--pheno", "study.pheno", "--probes", "10"];
    let rhe = [&rhe[..], &["--blocks", "10", "--threads", "1"]].concat();
    let told = study.fails(1, &[&rhe[..], &["--memory", "6200K", "--plan"]].concat());
    let words =
        "KiB while they are made into studies, more than --memory 6,200 KiB; at least --memory ";
    let (_, needed) = told.split_once(words).unwrap_or_else(|| panic!("{told}"));
    let needed = needed.split_once(' ').unwrap().0;
    let plan = study.works(&[&rhe[..], &["--memory", needed, "--plan"]].concat());
    let kib = |row: &str| {
        let line = plan.lines().find_map(|line| line.split_once(&format!(" KiB  {row}")));
        let number = line.unwrap_or_else(|| panic!("{row}: {plan}")).0.trim();
        number.replace(',', "").parse::<usize>().unwrap()
    };
    // The run itself would have had room: all but what was before it.
    assert_eq!(format!("{}K", kib("before all that")), needed);
    let run: usize =
        ["states", "probes", "packed", "scratch", "what the text files said"].map(kib).iter().sum();
    assert!(run < 6200, "{plan}");
}

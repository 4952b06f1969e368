//! The moment equations that `--trace` writes: they are solved again here, by other means.

use crate::study::{Study, lines, notes, refused};

/// What two solutions of one system of condition 10 may be apart, of themselves.
const SOLVED: f64 = 1e-9;

/// One system of OUT.trace.tsv.
struct System {
    group: String,
    left_out: String,
    individuals: f64,
    /// M_k of each bin, and how many of these are in the block.
    variants: Vec<[f64; 2]>,
    /// Row after row, the residual last.
    matrix: Vec<Vec<f64>>,
    /// One for each trait of the group: its name and y' V K_k V y.
    right: Vec<(String, Vec<f64>)>,
}

/// All systems of the file, in its order.
fn systems(study: &Study) -> Vec<System> {
    let text = study.read("result.trace.tsv");
    let mut rows = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let about = ["group", "individuals", "rank", "left_out", "component", "variants"];
    assert_eq!(header[..7], [&about[..], &["variants_in_block"]].concat());
    let size = header.iter().filter(|name| name.starts_with("T_")).count();
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len() % size, 0);
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let system = |rows: &[Vec<&str>]| {
        assert!(rows.iter().all(|row| row.len() == header.len()));
        assert!(rows.iter().all(|row| (row[0], row[3]) == (rows[0][0], rows[0][3])));
        assert_eq!(
            (rows[size - 1][4], rows[size - 1][5], rows[size - 1][6]),
            ("residual", "NA", "NA")
        );
        let of = |column: usize| rows.iter().map(|row| number(row[column])).collect::<Vec<_>>();
        let columns = (7 + size..header.len()).filter(|&column| rows[0][column] != "NA");
        let name = |column: usize| header[column].strip_prefix("y_").unwrap().to_owned();
        System {
            group: rows[0][0].to_owned(),
            left_out: rows[0][3].to_owned(),
            individuals: number(rows[0][1]),
            variants: rows[..size - 1].iter().map(|row| [number(row[5]), number(row[6])]).collect(),
            matrix: rows
                .iter()
                .map(|row| row[7..7 + size].iter().map(|t| number(t)).collect())
                .collect(),
            right: columns.map(|column| (name(column), of(column))).collect(),
        }
    };
    rows.chunks(size).map(system).collect()
}

/// Gaussian elimination with pivots.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let mut rows: Vec<Vec<f64>> =
        matrix.iter().zip(right).map(|(row, &b)| [&row[..], &[b]].concat()).collect();
    for k in 0..size {
        let pivot = (k..size).max_by(|&i, &j| rows[i][k].abs().total_cmp(&rows[j][k].abs()));
        rows.swap(k, pivot.unwrap());
        let pivot = rows[k].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|&(i, _)| i != k) {
            let factor = row[k] / pivot[k];
            row.iter_mut().zip(&pivot).for_each(|(a, b)| *a -= factor * b);
        }
    }
    rows.iter().enumerate().map(|(k, row)| row[size] / row[k]).collect()
}

fn h2(sigma: &[f64]) -> f64 {
    let genetic: f64 = sigma[..sigma.len() - 1].iter().sum();
    genetic / sigma.iter().sum::<f64>()
}

fn near(found: &serde_json::Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= SOLVED * expected.abs(), "{found} for {expected}");
}

/// Solves the systems of each trait and compares with OUT.json.
fn check(study: &Study, arguments: &[&str], blocks: usize) {
    let result = study.result(&[arguments, &["--trace"]].concat());
    let systems = systems(study);
    let groups = result["groups"].as_array().unwrap();
    assert_eq!(systems.len(), groups.len() * (blocks + 1));
    let mut checked = 0;
    for ((number, group), systems) in (1..).zip(groups).zip(systems.chunks(blocks + 1)) {
        let (full, replicates) = systems.split_last().unwrap();
        assert!(systems.iter().all(|system| system.group == number.to_string()));
        let left_out: Vec<_> = replicates.iter().map(|system| system.left_out.as_str()).collect();
        let expected: Vec<_> = (1..=blocks).map(|block| block.to_string()).collect();
        assert_eq!(
            (full.left_out.as_str(), left_out),
            ("none", expected.iter().map(String::as_str).collect())
        );
        assert_eq!(group["individuals"].as_f64(), Some(full.individuals));
        let traits = group["traits"].as_array().unwrap();
        assert_eq!(traits.len(), full.right.len());
        for (t, of) in traits.iter().enumerate() {
            let solved = |system: &System| solve(&system.matrix, &system.right[t].1);
            assert_eq!(of["name"], full.right[t].0.as_str());
            let sigma = solved(full);
            let bins = of["components"].as_array().unwrap();
            assert_eq!(bins.len() + 1, sigma.len());
            for ((bin, sigma), [variants, _]) in bins.iter().zip(&sigma).zip(&full.variants) {
                near(&bin["variance"]["value"], *sigma);
                assert_eq!(bin["variants"].as_f64(), Some(*variants));
            }
            near(&of["residual"]["value"], sigma[bins.len()]);
            near(&of["h2"]["value"], h2(&sigma));
            // The jackknife: (J - 1) / J times the squares off the mean of the replicates.
            let without: Vec<f64> = replicates.iter().map(|system| h2(&solved(system))).collect();
            let count = blocks as f64;
            let mean = without.iter().sum::<f64>() / count;
            let squares: f64 = without.iter().map(|h2| (h2 - mean).powi(2)).sum();
            near(&of["h2"]["se"], ((count - 1.0) / count * squares).sqrt());
            checked += 1;
        }
        // Each block lacks its own variants.
        for (k, [all, _]) in full.variants.iter().enumerate() {
            let in_blocks: f64 = replicates.iter().map(|system| system.variants[k][1]).sum();
            assert_eq!(in_blocks.to_bits(), all.to_bits());
            assert!(
                replicates.iter().all(|s| (s.variants[k][0] + s.variants[k][1] - all).abs() < 0.5)
            );
        }
        for system in systems {
            for k in 0..system.matrix.len() {
                assert!(
                    (0..k).all(|l| system.matrix[k][l].to_bits() == system.matrix[l][k].to_bits())
                );
            }
        }
    }
    assert_eq!(
        checked,
        result["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["traits"].as_array().unwrap().len())
            .sum::<usize>()
    );
}

fn has_no_summary(study: &Study) {
    let files = study.files();
    assert!(files.contains(&"result.trace.tsv".to_owned()));
    assert!(!files.contains(&"result.tr".to_owned()) && !files.contains(&"result.MN".to_owned()));
}

#[test]
fn the_equations_give_the_estimates_and_their_standard_errors() {
    let study = Study::small();
    check(&study, &["--annot", "study.annot"], 5);
    check(&study, &[], 5);
    check(&study, &["--annot", "study.annot", "--blocks", "4", "--maf", "0.1"], 4);
    study.write_columns("covar", "age", |i| (20 + i * i % 37).to_string());
    check(&study, &["--annot", "study.annot", "--covar", "covar"], 5);
    check(&study, &["--no-intercept"], 5);
}

#[test]
fn the_residual_has_the_degrees_of_freedom_that_are_left() {
    let study = Study::small();
    study.write_columns("covar", "age twice", |i| format!("{0} {0}", 20 + i * i % 37));
    for (arguments, rank) in [(&["--covar", "covar"][..], 2), (&[], 1), (&["--no-intercept"], 0)] {
        study.text(&[arguments, &["--trace"]].concat());
        let systems = systems(&study);
        let full = systems.last().unwrap();
        assert_eq!(full.matrix[1][1].to_bits(), f64::from(60 - rank).to_bits());
        let text = study.read("result.trace.tsv");
        assert!(text.lines().skip(1).all(|row| row.split('\t').nth(2) == Some(&rank.to_string())));
    }
}

#[test]
fn groups_have_equations_of_their_own_and_no_summary() {
    let study = Study::small();
    let (one, two) = (study.values(0), study.values(1));
    study.write_columns("own", "a b c", |i| {
        let b = if i % 6 == 0 { "NA".to_owned() } else { two[i].to_string() };
        format!("{} {b} {}", one[i], two[i])
    });
    check(&study, &["--pheno", "own"], 5);
    has_no_summary(&study);
    let note = "the files .tr and .MN are for one group of traits and bins that do not overlap: not written";
    assert!(notes(&study.json("result.json")).contains(&note.to_owned()));
    study.log_says(&[note]);
}

#[test]
fn bins_that_overlap_have_equations_and_no_summary() {
    let study = Study::small();
    study.write("overlap", lines(0..40, |v| format!("1 {}", u8::from(v % 3 == 0))));
    check(&study, &["--annot", "overlap"], 5);
    has_no_summary(&study);
    study.log_says(&["note: the files .tr and .MN are for one group of traits"]);
}

#[test]
fn the_summary_has_the_same_equations_in_the_scale_of_other_programs() {
    let study = Study::small();
    study.write("exclude", "snp3\n");
    let result = study.result(&["--annot", "study.annot", "--trace", "--exclude", "exclude"]);
    assert!(!notes(&result).iter().any(|note| note.contains(".tr")));
    let text = study.read("result.tr");
    let mut rows = text.lines();
    assert_eq!(rows.next(), Some("LD_SUM_0,LD_SUM_1,NSNPS_JACKKNIFE"));
    let rows: Vec<Vec<f64>> =
        rows.map(|row| row.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
    let systems = systems(&study);
    assert_eq!(rows.len(), 2 * systems.len());
    for (rows, system) in rows.chunks(2).zip(&systems) {
        let n = system.individuals;
        for (k, row) in rows.iter().enumerate() {
            assert_eq!(row[2].to_bits(), system.variants[k][0].to_bits());
            for (l, sum) in row[..2].iter().enumerate() {
                let scale = n * n / (system.variants[k][0] * system.variants[l][0]);
                // Three places are written.
                let off = (sum * scale + n - system.matrix[k][l]).abs();
                assert!(off <= 0.0006 * scale, "{off}");
            }
        }
    }
    assert_eq!(study.read("result.MN"), "NSAMPLE,NSNPS,NBLKS,NBINS,K\n60,39,5,2,50\n");
}

#[test]
fn nothing_of_it_is_written_without_the_flag() {
    let study = Study::small();
    study.text(&[]);
    let files = study.files();
    for ending in ["trace.tsv", "tr", "MN"] {
        assert!(!files.contains(&format!("result.{ending}")), "{files:?}");
    }
    refused(&study, &["--trace=all"], 2, &["unexpected value 'all'", "--trace"]);
}

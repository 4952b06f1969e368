//! Maps that are cut off at a threshold, and their clusters.

use std::collections::HashMap;

use twoblade::brain::BrainMask;
use twoblade::connectome::read_map;

use crate::fnm::{Network, ends, map_of, same};
use crate::study::stderr;

/// A map of the first lesion.
fn map(network: &Network, stat: &str) -> Vec<f32> {
    read_map(network.path("maps").join(map_of("sphere-001", stat)), &network.mask()).unwrap()
}

/// A table: for each line the text of each column.
pub(crate) fn table(network: &Network, file: &str) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(network.path("maps").join(file)).unwrap();
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    let row = |line: Vec<String>| {
        assert_eq!(line.len(), header.len(), "{line:?}");
        header.iter().cloned().zip(line).collect()
    };
    lines.map(|line| row(line.collect())).collect()
}

#[test]
fn what_is_beyond_a_threshold_keeps_its_sign_and_the_rest_is_0() {
    let network = Network::new(1, 1);
    let mut looked = 0;
    for plain in [false, true] {
        for (threshold, kept, shown) in
            [("t=2.5", "t", "|t| > 2.5"), ("r=0.1", "r", "|r| > 0.1"), ("q=0.3", "t", "q < 0.3")]
        {
            let arguments = [&["--threshold", threshold], &["--p-values"][..usize::from(plain)]];
            ends(&network.fnm(&arguments.concat()), 0, &[]);
            let [t, r, q] = ["t", "r", "q"].map(|stat| map(&network, stat));
            let q: Vec<f32> = q.iter().map(|q| if plain { *q } else { 10f32.powf(-q) }).collect();
            let expected: Vec<f32> = (0..t.len())
                .map(|voxel| match threshold {
                    "t=2.5" if t[voxel].abs() > 2.5 => t[voxel],
                    "r=0.1" if r[voxel].abs() > 0.1 => r[voxel],
                    "q=0.3" if q[voxel] < 0.3 => t[voxel],
                    _ => 0.0,
                })
                .collect();
            let name = format!("{kept}_desc-thresholded");
            let found = map(&network, &name);
            assert!(found.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()));
            let count = |keeps: fn(&f32) -> bool| found.iter().filter(|x| keeps(x)).count();
            assert!(
                count(|x| *x > 0.0) > 20 && count(|x| *x < 0.0) > 0 && count(|x| *x == 0.0) > 20
            );

            let sidecar = network.path("maps").join(format!("sphere-001_stat-{name}_statmap.json"));
            let sidecar = std::fs::read_to_string(sidecar).unwrap();
            let says = format!("\"Threshold\": \"{shown}\"");
            assert!(sidecar.contains(&says), "{sidecar}");
            assert_eq!(sidecar.contains("DegreesOfFreedom"), kept == "t");
            // That of another threshold is gone.
            let other = if kept == "t" { "r" } else { "t" };
            let other = map_of("sphere-001", &format!("{other}_desc-thresholded"));
            assert!(!network.path("maps").join(other).exists());
            let line = &table(&network, "summary.tsv")[0];
            assert_eq!(line["threshold"], shown);
            assert_eq!(line["voxels_beyond"], count(|x| *x != 0.0).to_string());
            looked += 1;
        }
    }
    assert_eq!(looked, 6);
}

#[test]
fn another_threshold_reads_no_series() {
    let network = Network::new(2, 1);
    let without = network.maps(&[], "maps");
    let cut = network.maps(&["--threshold", "t=3"], "fresh");
    let output = network.fnm(&["--threshold", "t=3"]);
    ends(&output, 0, &["2 lesions are finished already"]);
    same(&network.written("maps"), &cut);
    ends(&network.fnm(&[]), 0, &["2 lesions are finished already"]);
    same(&network.written("maps"), &without);
}

#[test]
fn thresholds_that_are_none_are_refused() {
    let network = Network::new(1, 1);
    for (text, says) in [
        ("7", "'7' is not as in t=7, r=0.3 or q=0.05"),
        ("p=0.05", "'p' is none of t, r and q"),
        ("t=", "'' is not a number above 0"),
        ("t=many", "'many' is not a number above 0"),
        ("t=0", "'0' is not a number above 0"),
        ("t=-3", "'-3' is not a number above 0"),
        ("t=nan", "'nan' is not a number above 0"),
        ("t=inf", "'inf' is not a number above 0"),
        ("r=1", "'1' is not a number between 0 and 1"),
        ("q=5", "'5' is not a number between 0 and 1"),
    ] {
        ends(&network.fnm(&["--threshold", text]), 2, &["--threshold <STAT=X>", says]);
        assert!(!network.path("maps").exists());
    }
}

/// The clusters of a map by filling: size, and the number of the voxel that is farthest from 0.
fn filled(mask: &BrainMask, cut: &[f32]) -> Vec<(usize, usize)> {
    let touch = |a: usize, b: usize| {
        mask.voxels()[a].iter().zip(mask.voxels()[b]).all(|(a, b)| a.abs_diff(b) <= 1)
    };
    let mut seen: Vec<bool> = cut.iter().map(|value| *value == 0.0).collect();
    let mut clusters = Vec::new();
    while let Some(start) = seen.iter().position(|seen| !seen) {
        let mut cluster = vec![start];
        seen[start] = true;
        let mut next = 0;
        while next < cluster.len() {
            for other in 0..cut.len() {
                if !seen[other] && cut[other] * cut[start] > 0.0 && touch(cluster[next], other) {
                    seen[other] = true;
                    cluster.push(other);
                }
            }
            next += 1;
        }
        let peak = cluster.iter().copied().max_by(|&a, &b| cut[a].abs().total_cmp(&cut[b].abs()));
        clusters.push((cluster.len(), peak.unwrap()));
    }
    clusters.sort_by(|a, b| b.0.cmp(&a.0).then(cut[b.1].abs().total_cmp(&cut[a.1].abs())));
    clusters
}

#[test]
fn clusters_have_their_size_their_peak_and_its_place() {
    let network = Network::new(2, 1);
    let mask = network.mask();
    for threshold in [&["--threshold", "r=0.25"][..], &[]] {
        network.maps(threshold, "maps");
        let (kept, cut) = if threshold.is_empty() {
            let t = map(&network, "t");
            ("t", t.iter().map(|&t| if t.abs() > 5.0 { t } else { 0.0 }).collect())
        } else {
            ("r", map(&network, "r_desc-thresholded"))
        };
        let expected = filled(&mask, &cut);
        assert!(expected.len() > 5, "{}", expected.len());
        let rows = table(&network, "clusters.tsv");
        let first: Vec<_> = rows.iter().filter(|row| row["lesion"] == "sphere-001").collect();
        assert_eq!(first.len(), expected.len());
        assert!(rows.len() > first.len());
        let summary = &table(&network, "summary.tsv")[0];
        assert_eq!(summary["clusters"], expected.len().to_string());
        for (number, (row, &(voxels, peak))) in first.iter().zip(&expected).enumerate() {
            let place = mask.space().world(mask.voxels()[peak].map(f64::from));
            let expected = [
                ("voxels".to_owned(), voxels.to_string()),
                // Voxels of 2 mm.
                ("mm3".to_owned(), (8 * voxels).to_string()),
                (format!("peak_{kept}"), cut[peak].to_string()),
                ("x".to_owned(), place[0].to_string()),
                ("y".to_owned(), place[1].to_string()),
                ("z".to_owned(), place[2].to_string()),
            ];
            assert_eq!(row["cluster"], (number + 1).to_string());
            for (column, text) in expected {
                assert_eq!(row[&column], text, "{column}");
                if number < 3 {
                    assert_eq!(summary[&format!("cluster{}_{column}", number + 1)], text);
                }
            }
        }
    }
}

#[test]
fn where_nothing_is_beyond_there_is_no_cluster() {
    let network = Network::new(1, 1);
    let output = network.fnm(&["--threshold", "t=1e6"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(table(&network, "clusters.tsv").is_empty());
    let summary = &table(&network, "summary.tsv")[0];
    for (column, text) in
        [("voxels_beyond", "0"), ("clusters", "0"), ("cluster1_voxels", "NA"), ("cluster3_z", "NA")]
    {
        assert_eq!(summary[column], text);
    }
    assert!(map(&network, "t_desc-thresholded").iter().all(|value| value.to_bits() == 0));
}

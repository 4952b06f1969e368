//! Maps over all lesions, against a dense computation from the written maps of each.

use serde_json::{Value, json};
use twoblade::connectome::read_map;

use crate::fnm::{GROUP, Network, SUBJECTS, ends, map_of, same, sidecar_of};

const LESIONS: [&str; 4] = ["sphere-001", "sphere-002", "sphere-003", "sphere-004"];

fn map(network: &Network, name: &str, stat: &str) -> Vec<f32> {
    read_map(network.path("maps").join(map_of(name, stat)), &network.mask()).unwrap()
}

fn sidecar(network: &Network, stat: &str) -> Value {
    let file = network.path("maps").join(sidecar_of("group", stat));
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// What maps of lesions have in a voxel, those without a value left out.
fn column(maps: &[Vec<f32>], voxel: usize) -> Vec<f64> {
    maps.iter().map(|map| f64::from(map[voxel])).filter(|value| !value.is_nan()).collect()
}

#[test]
fn group_maps_are_those_of_a_dense_computation() {
    let network = Network::new(LESIONS.len(), 1);
    for (arguments, stat, most) in [
        (&[][..], "t", 5.0),
        (&["--threshold", "t=3"][..], "t", 3.0),
        (&["--threshold", "r=0.2"][..], "r", 0.2),
    ] {
        network.maps(arguments, "maps");
        let of = |stat| LESIONS.map(|lesion| map(&network, lesion, stat));
        let (t, z, compared) = (of("t"), of("z"), of(stat));
        let group = GROUP.map(|stat| map(&network, "group", stat));
        let [mean, n, overlap, negative, positive, t_over] = &group;
        let mut seen = [0; 3];
        for voxel in 0..network.mask().count() {
            let beyond = |sign: f64| {
                let values = column(&compared, voxel);
                values.into_iter().filter(|value| value * sign > most).count()
            };
            let counts = [beyond(1.0), beyond(-1.0)];
            let found = [positive[voxel], negative[voxel], overlap[voxel]];
            let expected = [counts[0], counts[1], counts[0] + counts[1]];
            assert_eq!(
                found.map(|count| count.to_string()),
                expected.map(|count| count.to_string()),
                "voxel {voxel}"
            );
            seen.iter_mut().zip(expected).for_each(|(seen, count)| *seen += count);

            let (t, z) = (column(&t, voxel), column(&z, voxel));
            assert_eq!(n[voxel].to_string(), z.len().to_string());
            if z.is_empty() {
                assert!(mean[voxel].is_nan() && t_over[voxel].is_nan());
                continue;
            }
            let near = |found: f32, expected: f64| {
                // The one rounding to a 32-bit float is 6e-8; sums of four doubles are nothing beside it.
                let error = (f64::from(found) - expected).abs();
                assert!(error <= 1e-7 * expected.abs().max(1e-3), "{found} for {expected}");
            };
            near(mean[voxel], t.iter().sum::<f64>() / t.len() as f64);
            let count = z.len() as f64;
            let m = z.iter().sum::<f64>() / count;
            let squares: f64 = z.iter().map(|z| (z - m).powi(2)).sum();
            near(t_over[voxel], m / (squares / (count - 1.0) / count).sqrt());
        }
        // Nothing is below -5 here.
        assert!(seen[0] > 0 && (seen[1] > 0 || arguments.is_empty()), "{arguments:?}: {seen:?}");
    }
}

#[test]
fn group_maps_say_what_they_are_and_of_which_lesions() {
    let network = Network::new(LESIONS.len(), 1);
    network.maps(&["--threshold", "q=0.2"], "maps");
    let t = sidecar(&network, "t");
    assert_eq!((&t["DegreesOfFreedom"], &t["N"]), (&json!(3), &json!(4)));
    assert_eq!(t["Lesions"], json!(LESIONS));
    assert_eq!(t["Sources"], json!(LESIONS.map(|lesion| map_of(lesion, "z"))));
    assert_eq!(t["VoxelsWithoutValue"], 2);
    let overlap = sidecar(&network, "overlap_desc-negative");
    assert_eq!(overlap["Threshold"], "q < 0.2");
    assert_eq!(
        overlap["Description"],
        "lesions whose map has q < 0.2 in the voxel, and which are negative there"
    );
    assert_eq!(overlap["Sources"].as_array().unwrap().len(), 8);
    assert!(sidecar(&network, "mean").get("Threshold").is_none());
}

#[test]
fn maps_of_one_lesion_have_no_t_over_lesions_and_that_is_said() {
    let network = Network::new(2, 1);
    let one = "lesions/sphere-001.nii.gz";
    network.maps(&["--lesions", one], "alone");
    network.maps(&[], "maps");
    let output = network.fnm(&["--lesions", one]);
    ends(
        &output,
        0,
        &["one lesion: t over lesions is not defined, and group_stat-t is not written\n"],
    );
    // That of an earlier run is gone; nothing else of the other lesion is touched.
    let mut written = network.written("maps");
    written.retain(|name, _| !name.starts_with("sphere-002"));
    same(&written, &network.written("alone"));
    assert!(!written.contains_key(&map_of("group", "t")));
    let z = |lesion| map(&network, lesion, "mean");
    let t = map(&network, "sphere-001", "t");
    assert!(z("group").iter().zip(&t).all(|(mean, t)| mean.to_bits() == t.to_bits()));
}

#[test]
fn two_lesions_of_the_same_voxels_have_no_variance_over_lesions() {
    let network = Network::new(1, 1);
    let [from, to] =
        ["lesions/sphere-001.nii.gz", "lesions/twin.nii.gz"].map(|name| network.path(name));
    std::fs::copy(from, to).unwrap();
    network.maps(&[], "maps");
    let [n, t] = ["n", "t"].map(|stat| map(&network, "group", stat));
    assert_eq!(SUBJECTS, 5);
    for (n, t) in n.iter().zip(t) {
        assert!(if *n == 0.0 { t.is_nan() } else { t == 0.0 }, "{n} {t}");
    }
}

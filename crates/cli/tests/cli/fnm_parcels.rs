//! Means over the parcels of an atlas.

use serde_json::Value;
use twoblade::brain::{BrainMask, Space};
use twoblade::connectome::{MapHeader, read_map, write_map};

use crate::fnm::{Network, ends, map_of};
use crate::fnm_threshold::table;

/// An atlas of 6 mm voxels around the mask's, less a slab at its left; labels are given by voxel.
fn write_atlas(network: &Network, label: impl Fn([u32; 3]) -> f32) -> Space {
    let mask = network.mask();
    let affine = mask.space().affine();
    let shape = mask.space().shape();
    // The first voxel of the atlas begins where the sixth of the mask does.
    let first = [5.0, 0.0, 0.0];
    let mut coarse = affine;
    for (row, of) in coarse.iter_mut().zip(affine) {
        for axis in 0..3 {
            row[axis] = 3.0 * of[axis];
        }
        row[3] = of[3] + (0..3).map(|axis| of[axis] * (first[axis] + 1.0)).sum::<f64>();
    }
    let shape = [0, 1, 2].map(|axis| (shape[axis] + 2).div_ceil(3));
    let space = Space::new(shape, coarse).unwrap();
    let mut voxels = Vec::new();
    for number in 0..space.voxels() {
        let at = [number % shape[0], number / shape[0] % shape[1], number / shape[0] / shape[1]];
        voxels.push(at.map(|at| u32::try_from(at).unwrap()));
    }
    let labels: Vec<f32> = voxels.iter().map(|&at| label(at)).collect();
    let all = BrainMask::new(space, voxels).unwrap();
    write_map(network.path("atlas.nii.gz"), &all, &labels, 0.0, &MapHeader::default()).unwrap();
    space
}

/// Four parcels by place, and one that is the last voxel of the grid, far from the brain.
fn label(at: [u32; 3]) -> f32 {
    match at {
        [0, 0, 0] => 0.0,
        [i, j, _] if i < 2 => {
            if j < 2 {
                3.0
            } else {
                5.0
            }
        }
        [_, j, _] => {
            if j < 2 {
                0.0
            } else {
                8.0
            }
        }
    }
}

/// The voxel of the grid whose centre is nearest, if it is not farther than half a side along any axis.
fn nearest(space: &Space, place: [f64; 3]) -> Option<[usize; 3]> {
    let shape = space.shape();
    let mut best = (f64::INFINITY, [0; 3]);
    for number in 0..space.voxels() {
        let at = [number % shape[0], number / shape[0] % shape[1], number / shape[0] / shape[1]];
        let centre = space.world(at.map(|at| at as f64));
        let apart = centre.iter().zip(place).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        if apart < best.0 {
            best = (apart, at);
        }
    }
    let centre = space.world(best.1.map(|at| at as f64));
    centre.iter().zip(place).all(|(a, b)| (a - b).abs() <= 3.0).then_some(best.1)
}

#[test]
fn parcels_have_the_mean_of_z_and_tanh_of_it() {
    let network = Network::new(2, 1);
    let space = write_atlas(&network, |at| if at == [0, 0, 0] { 40.0 } else { label(at) });
    std::fs::write(
        network.path("labels.tsv"),
        "index\tcolour\tname\n3\tred\tleft\n5\tx\tup\n\n8\tx\tø\n",
    )
    .unwrap();
    let output = network.fnm(&["--atlas", "atlas.nii.gz", "--atlas-labels", "labels.tsv"]);
    let mask = network.mask();
    let places =
        mask.voxels().iter().map(|at| nearest(&space, mask.space().world(at.map(f64::from))));
    let of: Vec<Option<f32>> =
        places.map(|at| at.map(|at| label(at.map(|at| u32::try_from(at).unwrap())))).collect();
    let count = |is: &dyn Fn(&Option<f32>) -> bool| of.iter().filter(|of| is(of)).count();
    let (outside, none) = (count(&|of| of.is_none()), count(&|of| *of == Some(0.0)));
    assert!(outside > 20 && none > 20, "{outside} {none}");
    ends(
        &output,
        0,
        &[&format!(
            "atlas.nii.gz: 4 parcels; {outside} voxels of the mask are outside its grid, {none} in no \
             parcel; parcels without a voxel in the mask: 1; parcels without a name: 1\n"
        )],
    );
    let rows = table(&network, "parcels.tsv");
    assert_eq!(rows.len(), 8);
    for (row, (lesion, (label, name))) in
        rows.iter().zip(["sphere-001", "sphere-002"].into_iter().flat_map(|lesion| {
            [("3", "left"), ("5", "up"), ("8", "ø"), ("40", "NA")].map(|label| (lesion, label))
        }))
    {
        assert_eq!((row["lesion"].as_str(), row["label"].as_str()), (lesion, label));
        assert_eq!(row["name"], name);
        let z = read_map(network.path("maps").join(map_of(lesion, "z")), &mask).unwrap();
        let number: f32 = label.parse().unwrap();
        let inside = of.iter().zip(&z).filter(|(of, _)| **of == Some(number));
        assert_eq!(row["voxels"], inside.clone().count().to_string());
        let values: Vec<f64> = inside.map(|(_, &z)| f64::from(z)).filter(|z| !z.is_nan()).collect();
        assert_eq!(row["voxels_mapped"], values.len().to_string());
        if label == "40" {
            assert_eq!(
                (row["voxels"].as_str(), row["z"].as_str(), row["r"].as_str()),
                ("0", "NA", "NA")
            );
            continue;
        }
        assert!(values.len() > 20, "{label}: {}", values.len());
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        // Sums of some hundred doubles.
        assert!((row["z"].parse::<f64>().unwrap() - mean).abs() < 1e-14);
        assert!((row["r"].parse::<f64>().unwrap() - mean.tanh()).abs() < 1e-14);
    }
    // The two constant voxels have no z.
    let sum =
        |column: &str| rows.iter().map(|row| row[column].parse::<usize>().unwrap()).sum::<usize>();
    assert_eq!(sum("voxels"), 2 * (1100 - outside - none));
    assert!(sum("voxels") - sum("voxels_mapped") <= 4);

    let sidecar = std::fs::read(network.path("maps/parcels.json")).unwrap();
    let sidecar: Value = serde_json::from_slice(&sidecar).unwrap();
    assert_eq!(sidecar["Sources"], serde_json::json!(["atlas.nii.gz", "labels.tsv"]));
    assert_eq!(
        (&sidecar["VoxelsOutsideAtlas"], &sidecar["VoxelsInNoParcel"]),
        (&outside.into(), &none.into())
    );

    // Without an atlas there is no table, also where one was.
    ends(&network.fnm(&[]), 0, &["2 lesions are finished already"]);
    assert!(
        !network.path("maps/parcels.tsv").exists() && !network.path("maps/parcels.json").exists()
    );
}

#[test]
fn atlases_and_names_that_are_none_are_refused_before_anything_is_read() {
    let network = Network::new(1, 1);
    let refused = |code: i32, arguments: &[&str], says: &str| {
        ends(&network.fnm(arguments), code, &[says]);
        assert!(!network.path("maps").exists());
    };
    let atlas = ["--atlas", "atlas.nii.gz"];
    refused(1, &atlas, "atlas.nii.gz could not be read");
    write_atlas(&network, |_| 0.0);
    refused(1, &atlas, "atlas.nii.gz is no atlas: all ");
    write_atlas(&network, |_| 1.5);
    refused(1, &atlas, "atlas.nii.gz is no atlas: a voxel is 1.5, whole numbers from 0 to ");
    let far =
        Space::new([2; 3], [[2.0, 0.0, 0.0, 500.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]);
    let far = BrainMask::new(far.unwrap(), vec![[0; 3]]).unwrap();
    write_map(network.path("atlas.nii.gz"), &far, &[1.0], 0.0, &MapHeader::default()).unwrap();
    refused(
        1,
        &atlas,
        "atlas.nii.gz seems to be in another space: its image reaches over x 499 to 503",
    );

    write_atlas(&network, label);
    refused(2, &["--atlas-labels", "labels.tsv"], "--atlas <FILE>");
    let names = [&atlas[..], &["--atlas-labels", "labels.tsv"]].concat();
    refused(1, &names, "labels.tsv could not be read");
    for (text, says) in [
        ("", "labels.tsv has no column 'index' in its first line"),
        ("index\tlabel\n", "labels.tsv has no column 'name' in its first line"),
        (
            "index\tname\n1\ta\nb\tb\n",
            "labels.tsv, line 3: the index is 'b', a whole number is expected",
        ),
        ("name\tindex\na\n", "labels.tsv, line 2: 1 columns, 2 are expected"),
        (
            "index\tname\n1\ta\n1\tb\n",
            "labels.tsv, line 3: index 1 has a name already; name it once",
        ),
    ] {
        std::fs::write(network.path("labels.tsv"), text).unwrap();
        refused(1, &names, says);
    }
}

/// Of one subject the maps of all are its own, and so its line is that of the parcels of all.
#[test]
fn parcels_of_each_subject_are_those_of_a_run_of_that_subject_alone() {
    let network = Network::new(2, 1);
    write_atlas(&network, label);
    let atlas = ["--atlas", "atlas.nii.gz", "--per-subject"];
    ends(&network.fnm(&atlas), 0, &[]);
    let name = "sphere-002_desc-subjects_parcels.tsv";
    let text = |folder: &str| std::fs::read_to_string(network.path(folder).join(name)).unwrap();
    let all = text("maps");
    let mut lines = all.lines();
    assert_eq!(lines.next(), Some("subject\t3\t5\t8"));
    let subjects: Vec<&str> = lines.map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(subjects.len(), 5);
    for subject in [subjects[0], subjects[3]] {
        std::fs::write(network.path("one.list"), format!("{subject}\n")).unwrap();
        let alone = [&atlas[..], &["--subjects", "one.list", "--out", subject]].concat();
        ends(&network.fnm(&alone), 0, &[]);
        // The line of a subject does not depend on the others, but for the step of the grid.
        let numbers = |text: &str| -> Vec<f64> {
            let line = text.lines().find(|line| line.starts_with(subject)).unwrap();
            line.split('\t').skip(1).map(|cell| cell.parse().unwrap()).collect()
        };
        let rows = std::fs::read_to_string(network.path(subject).join("parcels.tsv")).unwrap();
        let rows = rows.lines().filter(|line| line.starts_with("sphere-002\t"));
        let of_all: Vec<f64> =
            rows.map(|line| line.rsplit('\t').next().unwrap().parse().unwrap()).collect();
        let (among, alone) = (numbers(&all), numbers(&text(subject)));
        assert_eq!(among.len(), 3);
        for ((among, alone), of_all) in among.into_iter().zip(alone).zip(of_all) {
            assert!((among - alone).abs() < 1e-6, "{among} {alone}");
            // The map of z is 32-bit floats.
            assert!((alone - of_all).abs() < 1e-6, "{alone} {of_all}");
        }
    }
    // Another atlas is another table: the lesions are computed again, and without it they are not.
    ends(&network.fnm(&atlas), 0, &["2 lesions are finished already"]);
    write_atlas(&network, |at| if at[0] < 2 { 3.0 } else { 0.0 });
    let said = "2 lesions are computed again: the options or the version were others";
    ends(&network.fnm(&atlas), 0, &[said]);
    ends(&network.fnm(&["--per-subject"]), 2, &["--atlas <FILE>"]);
}

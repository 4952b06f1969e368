//! Functional network maps: reading and inflating a connectome, and mapping 60 lesions on it.
//!
//! `cargo bench -p twoblade-benches --bench network`. What mapping costs beyond reading is
//! normalizing, the product with sums of doubles, artanh and the sums over subjects.

use std::ops::ControlFlow;

use divan::Bencher;
use divan::counter::ItemsCount;
use twoblade::brain::Lesion;
use twoblade::connectome::{
    Connectome, ConnectomeSource, SimulatedCompression, SimulatedConnectome,
};
use twoblade::core::BlockSource;
use twoblade::fnm::{Fnm, Options, Study};
use twoblade::runner::Runner;

const SUBJECTS: usize = 8;
const TIME_POINTS: usize = 150;
const VOXELS: usize = 50_000;

fn main() {
    divan::main();
}

fn open() -> (tempfile::TempDir, Connectome) {
    let folder = tempfile::tempdir().expect("a folder");
    let simulation = SimulatedConnectome {
        compression: SimulatedCompression::Gzip(1),
        ..SimulatedConnectome::new(SUBJECTS, TIME_POINTS, VOXELS, 1)
    };
    let files = simulation.write(folder.path()).expect("files");
    let connectome = Connectome::open(&files.connectome).expect("a connectome");
    (folder, connectome)
}

/// Reads and inflates every subject, on one thread.
#[divan::bench(sample_count = 3)]
fn read(bencher: Bencher<'_, '_>) {
    let (_folder, connectome) = open();
    let source = ConnectomeSource::new(&connectome, 1).expect("a source");
    bencher.counter(ItemsCount::new(SUBJECTS)).bench_local(|| {
        for block in 0..source.blocks() {
            source.visit(block, &mut |_| ControlFlow::Continue(())).expect("a subject");
        }
    });
}

/// Lesions, threads: the whole run, reading included.
#[divan::bench(args = [(1, 1), (60, 1), (60, 2)], sample_count = 3)]
fn map(bencher: Bencher<'_, '_>, (lesions, threads): (usize, usize)) {
    let (_folder, connectome) = open();
    let source = ConnectomeSource::new(&connectome, 1).expect("a source");
    let voxels = u32::try_from(connectome.mask().count()).expect("few voxels");
    let lesion = |l: u32| {
        let voxels: Vec<u32> = (0..300).map(|v| (l * 700 + v) % voxels).collect();
        let mut voxels = voxels;
        voxels.sort_unstable();
        let weights = vec![1.0; voxels.len()];
        Lesion { name: format!("l{l}"), given: voxels.len(), outside: 0, voxels, weights }
    };
    let study = Study {
        subjects: connectome.names().map(str::to_owned).collect(),
        voxels: connectome.mask().count(),
        time_points: TIME_POINTS,
        runs: 1,
        lesions: (0..u32::try_from(lesions).expect("few")).map(lesion).collect(),
        parcels: None,
    };
    let model = Fnm::new(study, Options::default()).expect("a model");
    let flops = 2 * SUBJECTS * TIME_POINTS * VOXELS * lesions;
    bencher.counter(ItemsCount::new(flops)).bench_local(|| {
        Runner::new().threads(threads).run(&model, &source).expect("a result").estimate
    });
}

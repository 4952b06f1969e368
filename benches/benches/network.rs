//! Functional network maps: reading and inflating a connectome, and mapping 60 lesions on it.
//!
//! `cargo bench -p twoblade-benches --bench network`. What mapping costs beyond reading is
//! normalizing, the product with sums of doubles, artanh and the sums over subjects; the bench
//! `network_cpu` sets these against each other in CPU time.

use std::ops::ControlFlow;

use divan::Bencher;
use divan::counter::ItemsCount;
use twoblade::connectome::ConnectomeSource;
use twoblade::core::BlockSource;
use twoblade::runner::Runner;
use twoblade_benches::network::{SUBJECTS, TIME_POINTS, VOXELS, connectome, model};

fn main() {
    divan::main();
}

/// Reads and inflates every subject, on one thread.
#[divan::bench(sample_count = 3)]
fn read(bencher: Bencher<'_, '_>) {
    let (_folder, connectome) = connectome();
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
    let (_folder, connectome) = connectome();
    let source = ConnectomeSource::new(&connectome, 1).expect("a source");
    let model = model(&connectome, lesions);
    let flops = 2 * SUBJECTS * TIME_POINTS * VOXELS * lesions;
    bencher.counter(ItemsCount::new(flops)).bench_local(|| {
        Runner::new().threads(threads).run(&model, &source).expect("a result").estimate
    });
}

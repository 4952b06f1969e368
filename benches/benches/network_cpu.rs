//! What functional network mapping costs in CPU time beside what it cannot do without.
//!
//! `cargo bench -p twoblade-benches --bench network_cpu`. Three figures of one run, in CPU-seconds of all
//! threads: to read and inflate a connectome, by the library's own source; the products of 60 lesions
//! with all its voxels in doubles, as fast as the machine multiplies (one tile, which stays in the
//! cache); and the whole. Rounds alternate between them, and the least of each counts, so that what
//! else the machine does falls on all three.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::hint::black_box;
use std::ops::ControlFlow;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use twoblade::connectome::ConnectomeSource;
use twoblade::core::BlockSource;
use twoblade::runner::Runner;
use twoblade_benches::cpu_seconds;
use twoblade_benches::network::{SUBJECTS, TIME_POINTS, VOXELS, connectome, model};

const LESIONS: usize = 60;
const ROUNDS: usize = 3;
/// Voxels of a product.
const TILE: usize = 1024;

fn main() {
    let (_folder, connectome) = connectome();
    let source = ConnectomeSource::new(&connectome, 1).expect("a source");
    let model = model(&connectome, LESIONS);
    let mut least = [f64::INFINITY; 3];
    for _ in 0..ROUNDS {
        let figures = [
            cpu_seconds(|| read(&source)),
            cpu_seconds(multiply),
            cpu_seconds(|| {
                black_box(Runner::new().run(&model, &source).expect("maps").estimate);
            }),
        ];
        for (least, figure) in least.iter_mut().zip(figures) {
            *least = least.min(figure);
        }
    }
    let [read, product, whole] = least;
    println!("{SUBJECTS} subjects, {TIME_POINTS} time points, {VOXELS} voxels, {LESIONS} lesions");
    println!("  read and inflate  {read:.2} CPU-seconds");
    println!("  product           {product:.2}");
    println!("  whole             {whole:.2}, {:.2} of both", whole / (read + product));
}

fn read(source: &ConnectomeSource) {
    for block in 0..source.blocks() {
        source
            .visit(block, &mut |subject| {
                black_box(subject);
                ControlFlow::Continue(())
            })
            .expect("a subject");
    }
}

/// As many products as all subjects and voxels need.
fn multiply() {
    let seeds = Mat::from_fn(LESIONS, TIME_POINTS, |i, t| (i * 7 + t * 3 % 11) as f64);
    let tile = Mat::from_fn(TILE, TIME_POINTS, |v, t| (v * 5 + t % 13) as f64);
    let mut products = Mat::zeros(TILE, LESIONS);
    for _ in 0..SUBJECTS * VOXELS / TILE {
        matmul(
            products.as_mut(),
            Accum::Replace,
            black_box(&tile),
            seeds.transpose(),
            1.0,
            Par::Seq,
        );
        black_box(&products);
    }
}

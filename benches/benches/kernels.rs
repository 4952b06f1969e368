//! Counting, the two products with each instruction set, and a library product for the machine's peak.
//!
//! `cargo bench -p twoblade-benches --bench kernels`. Items are floating-point operations, 2 N m B
//! for a product; so "Gitem/s" reads as GFLOP-equivalents a second.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use twoblade::core::{Instructions, Serial};
use twoblade::geno::{Counts, Product, transposed_product};
use twoblade_benches::{chunk, panel, reals};

const INDIVIDUALS: usize = 20_000;
const VARIANTS: usize = 1_000;
const PROBES: [usize; 3] = [10, 50, 100];

fn main() {
    divan::main();
}

/// What is tried: instruction sets and numbers of probes.
fn tried() -> impl Iterator<Item = (&'static str, usize)> {
    there().flat_map(|set| PROBES.map(|probes| (set, probes)))
}

/// Names of instruction sets.
fn there() -> impl Iterator<Item = &'static str> {
    Instructions::ALL.into_iter().filter(|set| set.is_there()).map(Instructions::name)
}

fn named(name: &str) -> Instructions {
    Instructions::ALL.into_iter().find(|set| set.name() == name).expect("a name of these")
}

/// Packed bytes a second.
#[divan::bench(args = Instructions::ALL.map(Instructions::name))]
fn count_genotypes(bencher: Bencher<'_, '_>, set: &str) {
    let (chunk, _) = chunk(INDIVIDUALS, 128);
    bencher.counter(BytesCount::new(128 * INDIVIDUALS / 4)).bench_local(|| {
        let count = |v| Counts::with(named(set), divan::black_box(chunk.variant(v)), INDIVIDUALS);
        (0..128).map(|v| count(v).het).sum::<u64>()
    });
}

/// X'Z.
#[divan::bench(args = tried())]
fn transposed(bencher: Bencher<'_, '_>, (set, probes): (&str, usize)) {
    let (chunk, columns) = chunk(INDIVIDUALS, VARIANTS);
    let panel = panel(INDIVIDUALS, probes);
    bencher
        .counter(ItemsCount::new(2 * INDIVIDUALS * VARIANTS * probes))
        .bench_local(|| transposed_product(named(set), &chunk, &columns, &panel, &Serial));
}

/// X'Y of columns of many values: whole numbers, and floats.
#[divan::bench(args = there().flat_map(|set| [(set, 1, 0), (set, 5, 0), (set, 16, 16)]))]
fn transposed_reals(bencher: Bencher<'_, '_>, (set, width, floats): (&str, usize, usize)) {
    let (chunk, columns) = chunk(INDIVIDUALS, VARIANTS);
    let panel = reals(INDIVIDUALS, width, floats);
    bencher
        .counter(ItemsCount::new(2 * INDIVIDUALS * VARIANTS * width))
        .bench_local(|| transposed_product(named(set), &chunk, &columns, &panel, &Serial));
}

/// X U.
#[divan::bench(args = tried())]
fn product(bencher: Bencher<'_, '_>, (set, probes): (&str, usize)) {
    let (chunk, columns) = chunk(INDIVIDUALS, VARIANTS);
    let loadings = vec![1.0f32; VARIANTS * probes];
    let mut product = Product::new(named(set));
    bencher.counter(ItemsCount::new(2 * INDIVIDUALS * VARIANTS * probes)).bench_local(|| {
        for first in (0..INDIVIDUALS).step_by(2048) {
            product.restart(first..(first + 2048).min(INDIVIDUALS));
            product.push(&chunk, &columns, (&loadings, probes));
            divan::black_box(product.strips().count());
        }
    });
}

/// A square product of floats in the library: what this machine can do on one thread.
#[divan::bench(args = [512, 1024])]
fn peak_of_the_library(bencher: Bencher<'_, '_>, size: usize) {
    let a = Mat::<f32>::from_fn(size, size, |i, j| (i * 7 + j * 3) as f32 % 5.0 - 2.0);
    let mut out = Mat::<f32>::zeros(size, size);
    bencher.counter(ItemsCount::new(2 * size * size * size)).bench_local(|| {
        matmul(&mut out, Accum::Replace, &a, &a, 1.0, Par::Seq);
    });
}

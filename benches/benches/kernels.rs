//! Decoding, the two products, and a library product of the same shape for the machine's peak.
//!
//! `cargo bench -p twoblade-benches --bench kernels`. Items are floating-point operations, 2 N m B
//! for a product; so "Gitem/s" reads as GFLOP-equivalents a second.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use twoblade::core::Serial;
use twoblade::geno::{Counts, Product, TILE_ROWS, decode, row_tiles, transposed_product};
use twoblade_benches::{chunk, panel};

const INDIVIDUALS: usize = 20_000;
const VARIANTS: usize = 1_000;
const PROBES: [usize; 3] = [10, 50, 100];

fn main() {
    divan::main();
}

/// Packed bytes a second, for one tile of 1,024 rows and 128 columns.
#[divan::bench]
fn decode_a_tile(bencher: Bencher<'_, '_>) {
    let (chunk, columns) = chunk(INDIVIDUALS, 128);
    let mut tile = vec![0.0f32; TILE_ROWS * columns.len()];
    bencher
        .counter(BytesCount::new(tile.len() / 4))
        .bench_local(|| decode(&chunk, &columns, 0..TILE_ROWS, divan::black_box(&mut tile)));
}

/// Packed bytes a second.
#[divan::bench]
fn count_genotypes(bencher: Bencher<'_, '_>) {
    let (chunk, _) = chunk(INDIVIDUALS, 128);
    bencher.counter(BytesCount::new(128 * INDIVIDUALS / 4)).bench_local(|| {
        (0..128)
            .map(|v| Counts::of(divan::black_box(chunk.variant(v)), INDIVIDUALS).het)
            .sum::<u64>()
    });
}

/// X'Z.
#[divan::bench(args = PROBES)]
fn transposed(bencher: Bencher<'_, '_>, probes: usize) {
    let (chunk, columns) = chunk(INDIVIDUALS, VARIANTS);
    let panel = panel(INDIVIDUALS, probes);
    bencher
        .counter(ItemsCount::new(2 * INDIVIDUALS * VARIANTS * probes))
        .bench_local(|| transposed_product(&chunk, &columns, &panel, &Serial));
}

/// X U.
#[divan::bench(args = PROBES)]
fn product(bencher: Bencher<'_, '_>, probes: usize) {
    let (chunk, columns) = chunk(INDIVIDUALS, VARIANTS);
    let loadings = vec![1.0f32; VARIANTS * probes];
    let mut product = Product::default();
    bencher.counter(ItemsCount::new(2 * INDIVIDUALS * VARIANTS * probes)).bench_local(|| {
        for rows in row_tiles(INDIVIDUALS) {
            divan::black_box(product.rows(&chunk, &columns, &loadings, probes, &rows));
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

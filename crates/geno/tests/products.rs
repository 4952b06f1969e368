//! Both products against plain loops over decoded genotypes.

use proptest::prelude::*;
use twoblade_core::{Serial, Threads};
use twoblade_geno::{
    Column, Counts, Element, PackedChunk, Panel, Product, TILE_ROWS, row_tiles, stride,
    transposed_product,
};

/// Runs indices from the last to the first.
struct Backwards;

impl Threads for Backwards {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        (0..n).rev().for_each(f);
    }
}

struct Case {
    chunk: PackedChunk,
    columns: Vec<Column>,
    panel: Vec<f64>,
    width: usize,
}

/// Everything from one small generator: the cases are shapes, not values.
fn case(individuals: usize, variants: usize, width: usize, seed: u64) -> Case {
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut chunk = PackedChunk::new(individuals);
    chunk.refill(0, variants).fill_with(|| next().to_le_bytes()[3]);
    let mut number = |_| (next() >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
    // Every other variant, and one of them twice.
    let columns = (0..variants).step_by(2).chain([0]).map(|variant| {
        let counts = Counts::of(chunk.variant(variant), individuals);
        Column::new(variant, std::array::from_fn(&mut number), &counts)
    });
    let columns = columns.collect();
    let panel = (0..individuals * width).map(number).collect();
    Case { chunk, columns, panel, width }
}

impl Case {
    fn value(&self, row: usize, column: usize) -> f64 {
        let column = &self.columns[column];
        let byte = self.chunk.variant(column.variant)[row / 4];
        column.values[usize::from(byte >> (2 * (row % 4)) & 3)]
    }

    fn panel<E: Element>(&self) -> Panel<E> {
        Panel::new(self.width, self.panel.iter().map(|&x| E::nearest(x)).collect())
    }

    /// Both products in plain loops: X'Z and X (X'Z).
    fn dense(&self) -> (Vec<f64>, Vec<f64>) {
        let (rows, width) = (self.chunk.individuals(), self.width);
        let mut loadings = vec![0.0; self.columns.len() * width];
        let mut scores = vec![0.0; rows * width];
        for column in 0..self.columns.len() {
            for row in 0..rows {
                for k in 0..width {
                    loadings[column * width + k] +=
                        self.value(row, column) * self.panel[row * width + k];
                }
            }
            for row in 0..rows {
                for k in 0..width {
                    scores[row * width + k] +=
                        self.value(row, column) * loadings[column * width + k];
                }
            }
        }
        (loadings, scores)
    }

    fn ours<E: Element>(&self, threads: &dyn Threads) -> (Vec<f64>, Vec<f64>) {
        let loadings = transposed_product(&self.chunk, &self.columns, &self.panel::<E>(), threads);
        let nearest: Vec<E> = loadings.iter().map(|&x| E::nearest(x)).collect();
        let mut product = Product::default();
        let scores = row_tiles(self.chunk.individuals()).flat_map(|rows| {
            let rows = product.rows(&self.chunk, &self.columns, &nearest, self.width, &rows);
            rows.iter().map(|&x| x.into()).collect::<Vec<f64>>()
        });
        let scores = scores.collect();
        (loadings, scores)
    }
}

/// The largest difference, relative to the root mean square of what is expected.
fn error(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let rms = (expected.iter().map(|x| x * x).sum::<f64>() / expected.len() as f64).sqrt();
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / rms
}

/// Shapes around the edges of tiles (1,024 rows, 128 columns) and well inside them.
fn shapes() -> impl Strategy<Value = (usize, usize, usize, u64)> {
    let individuals =
        prop_oneof![1usize..40, TILE_ROWS - 3..TILE_ROWS + 6, 2 * TILE_ROWS..2 * TILE_ROWS + 3];
    let variants = prop_oneof![1usize..30, 250usize..262];
    (individuals, variants, 1usize..12, any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// 1e-13: doubles, sums of at most 2,050 terms. 2e-5: floats (6e-8 each), sums of up to 1,024
    /// terms before a flush, and the largest of up to 25,000 numbers is held against their rms.
    #[test]
    fn both_products_agree_with_plain_loops((n, m, b, seed) in shapes()) {
        prop_assert!(stride(n) > 0);
        let case = case(n, m, b, seed);
        let (loadings, scores) = case.dense();
        let (double_loadings, double_scores) = case.ours::<f64>(&Serial);
        prop_assert!(error(&double_loadings, &loadings) < 1e-13);
        prop_assert!(error(&double_scores, &scores) < 1e-13);
        let (single_loadings, single_scores) = case.ours::<f32>(&Serial);
        prop_assert!(error(&single_loadings, &loadings) < 2e-5);
        prop_assert!(error(&single_scores, &scores) < 2e-5);
    }

    #[test]
    fn the_order_of_tiles_changes_no_bit((n, m, b, seed) in shapes()) {
        let case = case(n, m, b, seed);
        prop_assert_eq!(case.ours::<f32>(&Serial), case.ours::<f32>(&Backwards));
    }
}

//! Both products against plain loops over decoded genotypes.

use proptest::prelude::*;
use twoblade_core::{Instructions, Serial, Threads};
use twoblade_geno::{
    Column, Counts, Element, PackedChunk, Panel, PanelSize, Product, STRIP, TILE_ROWS, put_row,
    stride, transposed_product,
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
    /// Where the columns are signs and then these times weights: the weights.
    weights: Vec<Vec<f64>>,
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
    // Of each sixteen variants eight have no missing genotype; bits beyond the last individual are anything.
    for variant in (0..variants).filter(|variant| variant / 8 % 2 == 1) {
        let packed = chunk.variant_mut(variant);
        for individual in 0..individuals {
            let (byte, shift) = (individual / 4, 2 * (individual % 4));
            if packed[byte] >> shift & 3 == 1 {
                packed[byte] ^= 1 << shift;
            }
        }
    }
    let mut number = |_| (next() >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
    // Every other variant, and one of them twice.
    let columns = (0..variants).step_by(2).chain([0]).map(|variant| {
        let counts = Counts::of(chunk.variant(variant), individuals);
        Column::new(variant, std::array::from_fn(&mut number), &counts)
    });
    let columns = columns.collect();
    // Columns of many values, of two, of one.
    let column = |(at, x): (usize, f64)| match at % width % 3 {
        0 => x,
        1 => f64::from(u8::from(x > 0.1)) - 0.7,
        _ => 0.3,
    };
    let panel = (0..individuals * width).map(number).enumerate().map(column).collect();
    Case { chunk, columns, panel, width, weights: Vec::new() }
}

/// The same with `signs` columns of signs, and each of them times `weights` sets of numbers.
fn signed(
    (individuals, variants): (usize, usize),
    (signs, weights): (usize, usize),
    seed: u64,
) -> Case {
    let numbers = case(individuals, variants, 3 * (signs + weights), seed);
    let columns: Vec<Vec<f64>> = (0..signs + weights).map(|k| numbers.column(3 * k)).collect();
    let (drawn, weights) = columns.split_at(signs);
    let (mut panel, width) = (Vec::new(), signs * (1 + weights.len()));
    for row in 0..individuals {
        let sign = |k: usize| if drawn[k][row] > 0.0 { 1.0 } else { -1.0 };
        panel.extend((0..signs).map(sign));
        for weights in weights {
            panel.extend((0..signs).map(|k| sign(k) * weights[row]));
        }
    }
    Case { panel, width, weights: weights.to_vec(), ..numbers }
}

impl Case {
    fn value(&self, row: usize, column: usize) -> f64 {
        let column = &self.columns[column];
        let byte = self.chunk.variant(column.variant)[row / 4];
        column.values[usize::from(byte >> (2 * (row % 4)) & 3)]
    }

    /// Its columns beside each other: some of two values, one of a single value, the others of many.
    fn panel(&self, (bits, floats): (u32, usize)) -> Panel {
        let size = PanelSize { floats, ..PanelSize::default() };
        let mut panel = Panel::new(self.chunk.individuals(), bits, size);
        if self.weights.is_empty() {
            (0..self.width).for_each(|k| panel.push(&self.column(k)));
            return panel;
        }
        let signs = self.width / (1 + self.weights.len());
        panel.push_two_valued(signs, [-1.0, 1.0], |row| {
            let bit = |k: usize| u128::from(self.panel[row * self.width + k] > 0.0) << k;
            (0..signs).map(bit).sum()
        });
        self.weights.iter().for_each(|weights| panel.push_weighted_signs(weights));
        panel
    }

    fn column(&self, k: usize) -> Vec<f64> {
        self.panel.iter().copied().skip(k).step_by(self.width).collect()
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

    fn ours<E: Element>(
        &self,
        (with, many): (Instructions, (u32, usize)),
        threads: &dyn Threads,
    ) -> (Vec<f64>, Vec<f64>) {
        let (chunk, columns, width) = (&self.chunk, &self.columns, self.width);
        let loadings = transposed_product(with, chunk, columns, &self.panel(many), threads);
        let mut nearest = vec![E::default(); loadings.len()];
        for (column, row) in loadings.chunks_exact(width).enumerate() {
            let row: Vec<E> = row.iter().map(|&x| E::nearest(x)).collect();
            put_row(&mut nearest, (column, columns.len()), &row);
        }
        let mut product = Product::new(with);
        let mut scores = vec![f64::NAN; chunk.individuals() * width];
        for first in (0..chunk.individuals()).step_by(TILE_ROWS) {
            let rows = first..(first + TILE_ROWS).min(chunk.individuals());
            product.restart(rows.clone());
            product.push(chunk, columns, (&nearest, width));
            for (strip, at) in product.strips().zip((0..width).step_by(STRIP)) {
                assert_eq!(strip.len(), rows.len());
                for (row, sums) in rows.clone().zip(strip) {
                    for (k, &sum) in (at..width).zip(sums) {
                        scores[row * width + k] = sum.into();
                    }
                    assert!(sums.iter().skip(width - at).all(|&sum| sum == E::default()));
                }
            }
        }
        (loadings, scores)
    }
}

fn there() -> impl Iterator<Item = Instructions> {
    Instructions::ALL.into_iter().filter(|with| with.is_there())
}

/// The largest difference, relative to the root mean square of what is expected.
fn error(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let rms = (expected.iter().map(|x| x * x).sum::<f64>() / expected.len() as f64).sqrt();
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / rms
}

/// Shapes around the edges of tiles (1,024 rows, 64 columns a run of tables, 32 of X'Z, 16 and 32 numbers
/// looked up at a time, 256 individuals a line) and well inside them.
fn shapes() -> impl Strategy<Value = (usize, usize, usize, u64)> {
    let individuals = prop_oneof![
        1usize..40,
        250usize..260,
        TILE_ROWS - 3..TILE_ROWS + 6,
        2 * TILE_ROWS..2 * TILE_ROWS + 3
    ];
    let variants = prop_oneof![1usize..30, 124usize..134];
    let width = prop_oneof![1usize..12, 15usize..18, 31usize..36, 47usize..50];
    (individuals, variants, width, any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// 1e-12: doubles, where sums of 2,050 terms of one sign are subtracted from each other. 2e-5: panels of 24 bits and floats (6e-8 each), and
    /// the largest of up to 25,000 numbers is held against their rms.
    #[test]
    fn both_products_agree_with_plain_loops((n, m, b, seed) in shapes()) {
        prop_assert!(stride(n) > 0);
        let case = case(n, m, b, seed);
        let (loadings, scores) = case.dense();
        for with in there() {
            let double = case.ours::<f64>((with, (52, 0)), &Serial);
            prop_assert!(error(&double.0, &loadings) < 1e-12);
            prop_assert!(error(&double.1, &scores) < 1e-12);
            for many in [(24, 0), (24, 1), (24, b)] {
                let single = case.ours::<f32>((with, many), &Serial);
                prop_assert!(error(&single.0, &loadings) < 2e-5, "{:?}", many);
                prop_assert!(error(&single.1, &scores) < 2e-5, "{:?}", many);
            }
        }
    }

    /// As above.
    #[test]
    fn signs_times_weights_agree_with_plain_loops(
        (n, m, signs, seed) in shapes(),
        weights in 1usize..4,
    ) {
        let case = signed((n, m), (signs, weights), seed);
        let expected = case.dense().0;
        let mut before = None;
        for with in there() {
            for threads in [&Serial as &dyn Threads, &Backwards] {
                let found = case.ours::<f32>((with, (24, 0)), threads).0;
                prop_assert!(error(&found, &expected) < 2e-5);
                prop_assert_eq!(before.get_or_insert(found.clone()), &found, "{}", with);
            }
        }
    }

    #[test]
    fn neither_instructions_nor_the_order_of_tiles_change_a_bit((n, m, b, seed) in shapes()) {
        let case = case(n, m, b, seed);
        for many in [(24, 0), (24, 1), (24, b)] {
            let single = case.ours::<f32>((Instructions::Scalar, many), &Serial);
            let double = case.ours::<f64>((Instructions::Scalar, many), &Serial);
            let backwards = case.ours::<f32>((Instructions::Scalar, many), &Backwards);
            prop_assert_eq!(&single, &backwards);
            for with in there() {
                prop_assert_eq!(&single, &case.ours::<f32>((with, many), &Serial), "{}", with);
                prop_assert_eq!(&double, &case.ours::<f64>((with, many), &Serial), "{}", with);
            }
        }
    }
}

#[test]
fn no_columns_make_sums_of_zero_where_others_were_before() {
    let case = case(40, 6, 3, 1);
    let mut product = Product::<f32>::new(Instructions::Scalar);
    product.restart(0..40);
    product.push(&case.chunk, &case.columns, (&vec![1.0; 3 * case.columns.len()], 3));
    assert!(product.strips().flatten().flatten().any(|&sum| sum != 0.0));
    product.restart(0..40);
    product.push(&case.chunk, &[], (&[], 3));
    let sums: Vec<f32> = product.strips().flatten().flatten().copied().collect();
    assert_eq!(sums, vec![0.0; 40 * STRIP]);
}

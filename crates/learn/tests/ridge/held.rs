//! A table in memory.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use twoblade_core::{BlockSource, Blocks, BoxError, Fingerprint, Random};
use twoblade_learn::{Features, Missing, Scale, Target, Term};
use twoblade_table::Rows;

/// Rows in blocks, read a few at a time.
pub(crate) struct Held {
    pub(crate) batch: RecordBatch,
    pub(crate) blocks: Blocks,
    pub(crate) chunk: usize,
}

impl BlockSource for Held {
    type Chunk = Rows;

    fn blocks(&self) -> usize {
        self.blocks.count()
    }

    fn chunks(&self) -> u64 {
        self.blocks.iter().map(|block| block.len().div_ceil(self.chunk) as u64).sum()
    }

    fn chunk_bytes(&self) -> usize {
        self.chunk * self.batch.num_columns() * 16
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([7; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Rows) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let range = self.blocks.range(block);
        for from in range.clone().step_by(self.chunk) {
            let count = self.chunk.min(range.end - from);
            let rows = Rows::new(from as u64, self.batch.slice(from, count));
            if visit(&rows).is_break() {
                break;
            }
        }
        Ok(0)
    }
}

/// Columns x1, x2 (far from 0 and wide), k (whole), c (of a, b, c), and y, a sum of them and noise; in
/// every tenth row something is missing.
pub(crate) fn table(rows: usize, seed: u64, gaps: bool) -> RecordBatch {
    let random = Random::new(seed, 0);
    let uniform = |row: usize, draw: u32| random.uniform(row as u64, draw) - 0.5;
    let gap = |row: usize, draw: u32| {
        gaps && random.below(row as u64, 9, 10) == 0 && random.below(row as u64, 8, 5) == draw
    };
    let x1 = |row| uniform(row, 0);
    let x2 = |row| 1000.0 + 50.0 * uniform(row, 1) + 20.0 * uniform(row, 0);
    let k = |row: usize| i64::from(random.below(row as u64, 2, 7));
    let c = |row: usize| ["a", "b", "c"][random.below(row as u64, 3, 3) as usize];
    let y = |row: usize| {
        let level = if c(row) == "b" { 2.0 } else { 0.0 };
        3.0 * x1(row) - 0.1 * x2(row) + k(row) as f64 + level + uniform(row, 4)
    };
    let known = |draw: u32| (0..rows).map(move |row| (row, !gap(row, draw)));
    let floats = |draw: u32, value: &dyn Fn(usize) -> f64| -> ArrayRef {
        Arc::new(known(draw).map(|(row, is)| is.then(|| value(row))).collect::<Float64Array>())
    };
    let whole: Int64Array = known(2).map(|(row, is)| is.then(|| k(row))).collect();
    let words: StringArray = known(3).map(|(row, is)| is.then(|| c(row))).collect();
    let columns: [(&str, ArrayRef); 5] = [
        ("x1", floats(0, &x1)),
        ("x2", floats(1, &x2)),
        ("k", Arc::new(whole)),
        ("c", Arc::new(words)),
        ("y", floats(4, &y)),
    ];
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

/// All columns of [`table`], counted in round scales near their own.
pub(crate) fn features(missing: Missing) -> Features {
    let number = |column: &str, mean: f64, sd: f64| Term::Number {
        column: column.into(),
        scale: Scale::of(mean, sd),
    };
    Features {
        target: Target::Number { column: "y".into(), scale: Scale::of(-96.0, 3.0) },
        terms: vec![
            number("x1", 0.0, 0.3),
            number("x2", 1000.0, 16.0),
            Term::Levels { column: "c".into(), levels: vec!["a".into(), "b".into()] },
            number("k", 3.0, 2.0),
        ],
        missing,
    }
}

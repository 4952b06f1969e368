//! A chunk's features by rank.

/// Numbers of a chunk, and the rank of each among those of its feature; equal numbers share one.
///
/// Trees look at the order of numbers alone, and whole ranks are ordered faster than doubles.
pub(super) struct Ranked<'a> {
    rows: usize,
    numbers: &'a [f64],
    ranks: Vec<u32>,
}

impl<'a> Ranked<'a> {
    /// Of `rows` rows, feature by feature; no number is NaN.
    pub(super) fn new(rows: usize, numbers: &'a [f64]) -> Self {
        let mut ranks = vec![0; numbers.len()];
        let mut order: Vec<u32> = Vec::with_capacity(rows);
        for (column, ranks) in
            numbers.chunks_exact(rows.max(1)).zip(ranks.chunks_exact_mut(rows.max(1)))
        {
            order.clear();
            order.extend((0u32..).take(rows));
            order.sort_unstable_by(|&one, &other| {
                column[one as usize].total_cmp(&column[other as usize])
            });
            let mut rank = 0;
            for (place, &row) in order.iter().enumerate() {
                // Not by bits: 0 and -0 are one number.
                if place > 0 && column[order[place - 1] as usize] < column[row as usize] {
                    rank += 1;
                }
                ranks[row as usize] = rank;
            }
        }
        Self { rows, numbers, ranks }
    }

    /// How many features.
    pub(super) fn width(&self) -> usize {
        self.numbers.len().checked_div(self.rows).unwrap_or(0)
    }

    /// The rank of each row.
    pub(super) fn ranks(&self, feature: usize) -> &[u32] {
        &self.ranks[feature * self.rows..][..self.rows]
    }

    /// A threshold between the numbers of two rows: not below the first, below the second.
    pub(super) fn between(&self, feature: usize, below: u32, above: u32) -> f64 {
        let number = |row: u32| self.numbers[feature * self.rows + row as usize];
        let (below, above) = (number(below), number(above));
        // Halves first: the sum of two large numbers would be infinite.
        let middle = below / 2.0 + above / 2.0;
        if (below..above).contains(&middle) { middle } else { below }
    }

    /// Bytes of the ranks of so many numbers, and what ordering `rows` rows takes.
    pub(super) fn bytes(rows: usize, width: usize) -> usize {
        (rows * width + rows) * size_of::<u32>()
    }
}

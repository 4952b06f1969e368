//! Numbers for pairs k <= l of a few things: (0, 0), (0, 1), .. (1, 1), (1, 2), ..

/// How many pairs of `count` things there are, each with itself among them.
pub(crate) fn pairs(count: usize) -> usize {
    count * (count + 1) / 2
}

/// The number of the pair k <= l of `count` things.
pub(crate) fn pair(k: usize, l: usize, count: usize) -> usize {
    debug_assert!(k <= l && l < count);
    k * (2 * count - k - 1) / 2 + l
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_numbered_row_by_row() {
        for count in 0..6 {
            let all = (0..count).flat_map(|k| (k..count).map(move |l| pair(k, l, count)));
            assert!(all.eq(0..pairs(count)));
        }
    }
}

//! What a chunk comes to, but for its genotypes: pass one finds it out, and pass two needs no other X'z.

use twoblade_core::Merge;
use twoblade_geno::{Column, Element};

use crate::features::{Columns, Drops};
use crate::grids::Grids;
use crate::loaded::Loaded;
use crate::state::{Shape, State};

/// What is summed over the columns of a chunk, and what each of them is multiplied by.
#[derive(Debug)]
pub(crate) struct Gist<E> {
    columns: u64,
    variants: u64,
    missing: u64,
    dropped: Drops,
    shared: Vec<u64>,
    long: Vec<usize>,
    /// tr(V X_k X_k') of each component of columns.
    squares: Vec<f64>,
    /// Products of traits of each component of columns.
    products: Vec<f64>,
    pub(crate) loaded: Loaded<E>,
}

impl<E> Gist<E> {
    pub(crate) fn new(
        made: &Columns,
        (squares, products): (Vec<f64>, Vec<f64>),
        loaded: Loaded<E>,
    ) -> Self {
        Self {
            columns: made.all.len() as u64,
            variants: made.variants,
            missing: made.missing,
            dropped: made.dropped,
            shared: made.shared.clone(),
            long: made.long.clone(),
            squares,
            products,
            loaded,
        }
    }

    /// Adds all but sketches to a state.
    pub(crate) fn add_to(&self, state: &mut State, grids: Grids) {
        state.traces.add(grids.traces, &self.squares);
        state.products.add(grids.products, &self.products);
        state.shared.merge(&self.shared);
        state.columns += self.columns;
        state.variants += self.variants;
        self.long.iter().for_each(|&variant| state.note_long(variant));
        state.dropped.merge(&self.dropped);
        state.missing += self.missing;
    }
}

/// A chunk that need not be read again: all that it adds to a state.
#[derive(Debug)]
pub(crate) struct Kept<E> {
    /// Without what its columns are multiplied by.
    pub(crate) gist: Gist<E>,
    /// As they lie in a state, but as they were before they were rounded: so they are no longer than they have to
    /// be, and are rounded to the same numbers again.
    pub(crate) sketches: Vec<E>,
}

impl<E: Element> Kept<E> {
    pub(crate) fn new(gist: Gist<E>, sketches: Vec<E>) -> Self {
        Self { gist: Gist { loaded: Loaded::new(std::iter::empty(), 0), ..gist }, sketches }
    }
}

/// What an allocator adds to something large: it begins on a page of its own, and so does the next.
const PAGE: usize = 4096;

/// Bytes of what is kept of a chunk of `variants`, of numbers of `number` bytes.
pub(crate) fn kept_bytes(shape: &Shape, variants: usize, number: usize) -> usize {
    let sketches = size_of::<Vec<f64>>() + shape.individuals * shape.row() * number + PAGE;
    gist_bytes(shape, (variants, 0), number) + sketches
}

/// Bytes of the gist of a chunk of `variants` that are in `most` sets each, of numbers of `number` bytes.
pub(crate) fn gist_bytes(shape: &Shape, (variants, most): (usize, usize), number: usize) -> usize {
    let layout = shape.layout;
    let of_member = size_of::<Column>() + layout.versions() * shape.probes * number;
    let of_component = (1 + shape.products()) * size_of::<f64>();
    let of_sets = size_of::<usize>() + layout.sets.div_ceil(2) * size_of::<u64>();
    let noted = if shape.noted > 0 { variants * size_of::<usize>() } else { 0 };
    // What an allocator adds to eight of them.
    let allocated = size_of::<Gist<f64>>() + 8 * 16;
    variants * most * of_member
        + layout.of_columns() * of_component
        + (layout.sets + 1) * of_sets
        + noted
        + allocated
}

#[cfg(test)]
mod tests {
    use twoblade_geno::Counts;

    use super::*;
    use crate::layout::Layout;

    fn held_by(gist: &Gist<f32>) -> usize {
        size_of_val(gist)
            + gist.loaded.bytes()
            + (gist.shared.capacity() + gist.squares.capacity() + gist.products.capacity()) * 8
            + gist.long.capacity() * size_of::<usize>()
    }

    /// Two sets that share every variant, times two environments.
    #[test]
    fn a_gist_takes_what_is_planned_for_it() {
        let layout = Layout { sets: 2, environments: 2, noise: false, by_trace: false };
        let shape = Shape {
            individuals: 40,
            layout,
            probes: 7,
            traits: 3,
            crossed: true,
            covariates: 1,
            noted: 100,
        };
        let (variants, sets) = (25, [0, 1]);
        let mut made = Columns::new(sets.len());
        for variant in 0..variants {
            let counts = Counts { missing: 0, ..Counts::default() };
            made.push(&sets, Column::new(variant, [0.0; 4], &counts));
            made.long.push(variant);
        }
        let width = layout.versions() * shape.probes;
        let mut loaded: Loaded<f32> = Loaded::new(made.of.iter().map(Vec::len), width);
        for set in sets {
            made.all.iter().for_each(|&column| loaded.push(set.into(), column, &vec![0.0; width]));
        }
        let sums = |each: usize| vec![0.0; layout.of_columns() * each];
        let gist = Gist::new(&made, (sums(1), sums(shape.products())), loaded);
        let planned = gist_bytes(&shape, (variants, sets.len()), size_of::<f32>());
        let held = held_by(&gist);
        assert!(held <= planned && planned < held + 200, "{held} of {planned}");

        let sketches = vec![0.0; shape.individuals * shape.row()];
        let kept = Kept::new(gist, sketches);
        let held = held_by(&kept.gist) + size_of_val(&kept.sketches) + kept.sketches.len() * 4;
        let planned = kept_bytes(&shape, variants, size_of::<f32>()) - PAGE;
        assert!(held <= planned && planned < held + 200, "{held} of {planned}");
    }
}

//! What is known after some chunks.

use serde::{Deserialize, Serialize};
use twoblade_core::{FixedSums, group_fields};

use crate::error::HasemanError;
use crate::features::Drops;
use crate::layout::Layout;
use crate::pairs::{pair, pairs};

/// The state of a Haseman-Elston model: sums over variants, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Columns that are in both sets, for each pair k <= l: M_k where k = l.
    pub(crate) shared: Vec<u64>,
    /// Different columns.
    pub(crate) columns: u64,
    /// Variants with a column.
    pub(crate) variants: u64,
    /// A bit for each variant with a column that is far longer than others; nothing where that cannot
    /// be.
    pub(crate) long: Vec<u64>,
    /// Variants of components that are not used.
    pub(crate) dropped: Drops,
    /// Missing genotypes in the columns.
    pub(crate) missing: u64,
    /// X_k (X_k' E z~), for individual, set, environment (the first: none) and probe, in this order:
    /// not projected, and not yet times the environment from the left.
    pub(crate) sketches: FixedSums,
    /// tr(V X_k X_k') for each component of columns.
    pub(crate) traces: FixedSums,
    /// The diagonal of (X_k' V Y)' (X_k' V Y), or its upper triangle, for each component of columns, with
    /// traits of unit variance.
    pub(crate) products: FixedSums,
}
group_fields!(State {
    shared,
    columns,
    variants,
    long,
    dropped,
    missing,
    sketches,
    traces,
    products
});

/// Variants in a word of those whose columns are long.
const BITS: usize = u64::BITS as usize;

/// The sizes of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) individuals: usize,
    pub(crate) layout: Layout,
    pub(crate) probes: usize,
    pub(crate) traits: usize,
    /// Whether traits are multiplied with each other, and not each with itself alone.
    pub(crate) crossed: bool,
    pub(crate) covariates: usize,
    /// Variants of which it is noted whether their columns are long.
    pub(crate) noted: usize,
}

impl Shape {
    /// Sketches of one individual.
    pub(crate) fn row(&self) -> usize {
        self.layout.of_columns() * self.probes
    }

    /// Columns of the panel for each version of a set: as it is, and times each environment.
    pub(crate) fn version(&self) -> usize {
        self.probes + self.traits + self.covariates
    }

    /// Columns of the panel.
    pub(crate) fn width(&self) -> usize {
        self.version() * self.layout.versions()
    }

    /// Products of traits of one component.
    pub(crate) fn products(&self) -> usize {
        if self.crossed { pairs(self.traits) } else { self.traits }
    }

    /// Which of them is that of two traits t <= u.
    pub(crate) fn product(&self, (t, u): (usize, usize)) -> usize {
        if self.crossed { pair(t, u, self.traits) } else { t }
    }

    fn lengths(&self) -> [usize; 3] {
        let components = self.layout.of_columns();
        let products = components * self.products();
        [self.individuals * self.row(), components, products]
    }
}

impl State {
    pub(crate) fn new(shape: &Shape) -> Self {
        let [sketches, traces, products] = shape.lengths();
        Self {
            shared: vec![0; pairs(shape.layout.sets)],
            columns: 0,
            variants: 0,
            long: vec![0; shape.noted.div_ceil(BITS)],
            dropped: Drops::default(),
            missing: 0,
            sketches: FixedSums::new(sketches),
            traces: FixedSums::new(traces),
            products: FixedSums::new(products),
        }
    }

    /// What a state holds but for its sketches, of which the guard remains; of nothing, if there is none.
    pub(crate) fn but_sketches(shape: &Shape, of: Option<&Self>) -> Self {
        let Some(of) = of else { return Self::new(&Shape { individuals: 0, ..*shape }) };
        Self {
            shared: of.shared.clone(),
            long: of.long.clone(),
            sketches: of.sketches.guard_alone(),
            traces: of.traces.clone(),
            products: of.products.clone(),
            ..*of
        }
    }

    /// M_k of a set.
    pub(crate) fn columns(&self, set: usize, sets: usize) -> u64 {
        self.shared[pair(set, set, sets)]
    }

    /// Notes that the column of a variant is long. A variant comes once, so a sum is a set of bits.
    pub(crate) fn note_long(&mut self, variant: usize) {
        if let Some(word) = self.long.get_mut(variant / BITS) {
            *word = word.wrapping_add(1 << (variant % BITS));
        }
    }

    /// The variants whose columns are long, ascending.
    pub(crate) fn long_variants(&self) -> impl Iterator<Item = usize> {
        let words = self.long.iter().enumerate();
        words.flat_map(|(at, &word)| {
            (0..BITS).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * BITS + bit)
        })
    }

    /// Makes it the state of nothing again, in place.
    pub(crate) fn clear(&mut self) {
        let Self { shared, columns, variants, long, dropped, missing, sketches, traces, products } =
            self;
        shared.fill(0);
        *columns = 0;
        *variants = 0;
        long.fill(0);
        *dropped = Drops::default();
        *missing = 0;
        [sketches, traces, products].into_iter().for_each(FixedSums::clear);
    }

    /// Bytes of a state, in memory and saved.
    pub(crate) fn bytes(shape: &Shape) -> usize {
        // A saved number of 64 bits takes 10 bytes at most.
        let counts = (pairs(shape.layout.sets) + shape.noted.div_ceil(BITS)) * 10 + 116;
        shape.lengths().into_iter().map(FixedSums::bytes).sum::<usize>()
            + counts
            + size_of::<Self>()
    }

    /// Refuses sums that may have wrapped, of this state less `without`.
    pub(crate) fn check(&self, without: Option<&Self>) -> Result<(), HasemanError> {
        let sums = [
            ("individuals and probes", &self.sketches, without.map(|state| &state.sketches)),
            ("squares of columns", &self.traces, without.map(|state| &state.traces)),
            ("products with traits", &self.products, without.map(|state| &state.products)),
        ];
        for (what, sums, without) in sums {
            sums.check_without(without).map_err(|source| HasemanError::Guard { what, source })?;
        }
        Ok(())
    }
}

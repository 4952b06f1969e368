//! What is known after some chunks.

use serde::{Deserialize, Serialize};
use twoblade_core::{FixedSums, group_fields};

use crate::error::HasemanError;
use crate::features::Drops;
use crate::pairs::{pair, pairs};

/// The state of a Haseman-Elston model: sums over variants, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Columns that are in both components, for each pair k <= l: M_k where k = l.
    pub(crate) shared: Vec<u64>,
    /// Variants with a column.
    pub(crate) variants: u64,
    /// Variants of components that are not used.
    pub(crate) dropped: Drops,
    /// Missing genotypes in the columns.
    pub(crate) missing: u64,
    /// X_k (X_k' z~), for individual, component and probe, in this order: not projected.
    pub(crate) sketches: FixedSums,
    /// tr(V X_k X_k') for each component.
    pub(crate) traces: FixedSums,
    /// (X_k' V Y)' (X_k' V Y), for component, trait and trait, with traits of unit variance.
    pub(crate) products: FixedSums,
}
group_fields!(State { shared, variants, dropped, missing, sketches, traces, products });

/// The sizes of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) individuals: usize,
    pub(crate) components: usize,
    pub(crate) probes: usize,
    pub(crate) traits: usize,
    pub(crate) covariates: usize,
}

impl Shape {
    /// Sketches of one individual.
    pub(crate) fn row(&self) -> usize {
        self.components * self.probes
    }

    /// Columns of the panel.
    pub(crate) fn width(&self) -> usize {
        self.probes + self.traits + self.covariates
    }

    fn lengths(&self) -> [usize; 3] {
        let products = self.components * self.traits * self.traits;
        [self.individuals * self.row(), self.components, products]
    }
}

impl State {
    pub(crate) fn new(shape: &Shape) -> Self {
        let [sketches, traces, products] = shape.lengths();
        Self {
            shared: vec![0; pairs(shape.components)],
            variants: 0,
            dropped: Drops::default(),
            missing: 0,
            sketches: FixedSums::new(sketches),
            traces: FixedSums::new(traces),
            products: FixedSums::new(products),
        }
    }

    /// M_k.
    pub(crate) fn columns(&self, k: usize, components: usize) -> u64 {
        self.shared[pair(k, k, components)]
    }

    /// Makes it the state of nothing again, in place.
    pub(crate) fn clear(&mut self) {
        let Self { shared, variants, dropped, missing, sketches, traces, products } = self;
        shared.fill(0);
        *variants = 0;
        *dropped = Drops::default();
        *missing = 0;
        [sketches, traces, products].into_iter().for_each(FixedSums::clear);
    }

    /// Bytes of a state, in memory and saved.
    pub(crate) fn bytes(shape: &Shape) -> usize {
        let counts = pairs(shape.components) * 10 + 96;
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

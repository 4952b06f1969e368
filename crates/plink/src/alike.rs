//! Traits of the same individuals.

use twoblade_geno::Trait;

use crate::error::PlinkError;
use crate::fate::Staying;
use crate::joined::{GroupJoined, TraitJoined};
use crate::phenotype::Phenotypes;

/// Traits for which the same individuals stay.
pub(crate) struct Alike {
    /// The columns of the phenotype file, ascending.
    pub(crate) columns: Vec<usize>,
    /// A bit for each row of the .fam file: whether it stays.
    pub(crate) bits: Vec<u64>,
    pub(crate) joined: GroupJoined,
}

impl Alike {
    /// Puts a trait to those of the same individuals, so that each set of them is held once.
    pub(crate) fn sort(
        groups: &mut Vec<Self>,
        column: usize,
        joined: TraitJoined,
        staying: Staying,
    ) {
        // Sets that differ do so early, so comparing with all is cheap beside making one.
        if let Some(alike) = groups.iter_mut().find(|alike| alike.bits == staying.bits) {
            alike.columns.push(column);
            alike.joined.traits.push(joined);
            return;
        }
        let (traits, covariates) = (vec![joined], Vec::new());
        let joined = GroupJoined { traits, kept: staying.kept, covariates };
        groups.push(Self { columns: vec![column], bits: staying.bits, joined });
    }
}

/// A trait of those that stay, if it varies among them.
pub(crate) fn varying(
    phenotypes: &Phenotypes,
    column: usize,
    individuals: &[u32],
) -> Result<Trait, PlinkError> {
    let all = phenotypes.values(column);
    let values: Vec<f64> = individuals.iter().map(|&row| all[row as usize]).collect();
    let name = phenotypes.names()[column].clone();
    let (lowest, highest) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    if lowest < highest {
        return Ok(Trait { name, values });
    }
    let file = phenotypes.file().to_path_buf();
    Err(PlinkError::ConstantTrait { file, name, value: lowest, individuals: individuals.len() })
}

//! Genotypes as numbers, read by bed-reader.
//!
//! The crate `bed-reader` also makes a Python package, and for that depends on `pyo3`, which at
//! build time asks a Python interpreter about itself. This workspace needs none: `.cargo/config.toml`
//! names `pyo3-config.txt`, both in its root, which answers instead and says that nothing is to be
//! linked. A project that uses this feature from elsewhere sets `PYO3_CONFIG_FILE` likewise.

use bed_reader::{Bed, ReadOptions};
use ndarray::Array2;
use twoblade_core::BoxError;

use crate::error::PlinkError;
use crate::open::Plink;

impl Plink {
    /// Dosages of some individuals and variants: copies of allele 1, NaN where the genotype is
    /// missing.
    ///
    /// `individuals` and `variants` are rows of .fam and .bim, counted from 0, in any order and also
    /// repeated; the array has their shape, individuals × variants, 8 bytes each. This is for a
    /// look at some genotypes; estimators read packed ones, a thirty-second of the size.
    ///
    /// # Errors
    /// [`PlinkError::NoSuchDosage`] if an index is not in the file, or [`PlinkError::Dosage`] if
    /// bed-reader cannot read it.
    pub fn dosages(
        &self,
        individuals: &[usize],
        variants: &[usize],
    ) -> Result<Array2<f64>, PlinkError> {
        let (listed_individuals, listed_variants) = (self.fam().count(), self.bim().variants());
        let iid_index = self.indices("individual", individuals, listed_individuals)?;
        let sid_index = self.indices("variant", variants, listed_variants)?;
        let read = || -> Result<Array2<f64>, BoxError> {
            let mut bed = Bed::builder(self.file())
                .iid_count(listed_individuals)
                .sid_count(listed_variants)
                .build()?;
            let dosages = ReadOptions::builder()
                .iid_index(iid_index)
                .sid_index(sid_index)
                .count_a1()
                .num_threads(1)
                .f64()
                .read(&mut bed)?;
            Ok(dosages)
        };
        read().map_err(|source| PlinkError::Dosage { file: self.file().to_path_buf(), source })
    }

    /// bed-reader's indices, which count from the end when negative.
    fn indices(
        &self,
        what: &'static str,
        indices: &[usize],
        count: usize,
    ) -> Result<Vec<isize>, PlinkError> {
        indices
            .iter()
            .map(|&index| match isize::try_from(index) {
                Ok(signed) if index < count => Ok(signed),
                _ => {
                    let file = self.file().to_path_buf();
                    Err(PlinkError::NoSuchDosage { file, what, index, count })
                }
            })
            .collect()
    }
}

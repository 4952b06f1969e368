//! Genotypes as numbers, read by bed-reader.
//!
//! The crate `bed-reader` also makes a Python package, and for that depends on `pyo3`, which at
//! build time asks a Python interpreter about itself. This workspace needs none: `.cargo/config.toml`
//! names `pyo3-config.txt`, both in its root, which answers instead and says that nothing is to be
//! linked. A project that uses this feature from elsewhere sets `PYO3_CONFIG_FILE` likewise.

use bed_reader::{Bed, ReadOptions};
use ndarray::{Array2, s};
use twoblade_core::BoxError;

use crate::error::PlinkError;
use crate::open::Plink;

impl Plink {
    /// Dosages of some individuals and variants: copies of allele 1, NaN where the genotype is
    /// missing.
    ///
    /// `individuals` and `variants` are rows of .fam and .bim, counted from 0, in any order and also
    /// repeated, counted over all files; the array has their shape, individuals × variants, 8 bytes each. This is for a
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
        let iid_index = self.indices("individual", individuals, self.fam().count())?;
        self.indices("variant", variants, self.bim().variants())?;
        let mut dosages = Array2::zeros((individuals.len(), variants.len()));
        let mut done = 0;
        while let Some((bed, held)) = variants.get(done).and_then(|&next| self.beds.holding(next)) {
            let wanted = &variants[done..];
            let here = wanted.iter().take_while(|&variant| held.contains(variant));
            let rows: Vec<usize> = here.map(|variant| variant - held.start).collect();
            let columns = done..done + rows.len();
            done = columns.end;
            let sid_index = self.indices("variant", &rows, held.len())?;
            let iid_index = iid_index.clone();
            let read = || -> Result<Array2<f64>, BoxError> {
                let mut bed = Bed::builder(bed.file())
                    .iid_count(self.fam().count())
                    .sid_count(held.len())
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
            let file = || bed.file().to_path_buf();
            let some = read().map_err(|source| PlinkError::Dosage { file: file(), source })?;
            dosages.slice_mut(s![.., columns]).assign(&some);
        }
        Ok(dosages)
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

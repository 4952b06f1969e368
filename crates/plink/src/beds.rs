//! The .bed files of a data set, read as one.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twoblade_geno::stride;

use crate::bed::Bed;
use crate::error::PlinkError;
use crate::names::in_short;

/// Open .bed files, one after the other. A clone shares them.
#[derive(Clone, Debug)]
pub(crate) struct Beds {
    name: PathBuf,
    parts: Arc<[Part]>,
}

#[derive(Debug)]
struct Part {
    bed: Bed,
    /// The variants that it holds, counted over all files.
    variants: Range<usize>,
}

impl Beds {
    /// Files with so many variants each.
    pub(crate) fn new(beds: Vec<(Bed, Range<usize>)>) -> Self {
        let files: Vec<&Path> = beds.iter().map(|(bed, _)| bed.file()).collect();
        let name = in_short(&files);
        let parts = beds.into_iter().map(|(bed, variants)| Part { bed, variants }).collect();
        Self { name, parts }
    }

    /// The file; of several the first, and how many more there are.
    pub(crate) fn name(&self) -> &Path {
        &self.name
    }

    /// The files.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Bed> {
        self.parts.iter().map(|part| &part.bed)
    }

    /// The file that holds a variant, and the variants in it, counted over all files.
    #[cfg(feature = "dosage")]
    pub(crate) fn holding(&self, variant: usize) -> Option<(&Bed, Range<usize>)> {
        let part = self.parts.get(self.place(variant))?;
        Some((&part.bed, part.variants.clone()))
    }

    /// Reads the rows of some variants, which may be in several files; `buffer` has their size.
    pub(crate) fn read(
        &self,
        mut buffer: &mut [u8],
        individuals: usize,
        variants: Range<usize>,
    ) -> Result<(), PlinkError> {
        let mut next = variants.start;
        for Part { bed, variants: held } in &self.parts[self.place(next)..] {
            if next == variants.end {
                break;
            }
            let end = held.end.min(variants.end);
            let rows = buffer
                .split_off_mut(..(end - next) * stride(individuals))
                .expect("a place for every variant");
            bed.read(rows, individuals, next - held.start..end - held.start)?;
            next = end;
        }
        Ok(())
    }

    /// The place of the file that holds a variant.
    fn place(&self, variant: usize) -> usize {
        self.parts.partition_point(|part| part.variants.end <= variant)
    }
}

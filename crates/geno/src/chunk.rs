//! Genotypes as they lie in a .bed file: two bits each.

/// Genotypes in one byte.
pub(crate) const PER_BYTE: usize = 4;

/// Two-bit codes of PLINK 1, by value.
pub mod code {
    /// Homozygous for the first allele of the .bim file: two copies.
    pub const HOM_A1: usize = 0b00;
    /// Missing.
    pub const MISSING: usize = 0b01;
    /// Heterozygous: one copy.
    pub const HET: usize = 0b10;
    /// Homozygous for the second allele: no copy.
    pub const HOM_A2: usize = 0b11;
}

/// Bytes that one variant takes for so many individuals.
pub fn stride(individuals: usize) -> usize {
    individuals.div_ceil(PER_BYTE)
}

/// A run of variants, packed: one row of [`stride`] bytes each, four individuals a byte from the
/// lowest bits up, in the codes of [`code`]. Bits beyond the last individual mean nothing.
#[derive(Clone, Debug, Default)]
pub struct PackedChunk {
    first: usize,
    individuals: usize,
    variants: usize,
    bytes: Vec<u8>,
}

impl PackedChunk {
    /// An empty chunk to be reused.
    pub fn new(individuals: usize) -> Self {
        Self { individuals, ..Self::default() }
    }

    /// Makes room for `variants` variants, the first of which has the index `first` among all that
    /// are listed, and lends the bytes to be filled.
    pub fn refill(&mut self, first: usize, variants: usize) -> &mut [u8] {
        self.first = first;
        self.variants = variants;
        self.bytes.resize(variants * stride(self.individuals), 0);
        &mut self.bytes
    }

    /// The index of the first variant, among all that are listed.
    pub fn first(&self) -> usize {
        self.first
    }

    /// How many variants.
    pub fn variants(&self) -> usize {
        self.variants
    }

    /// How many individuals.
    pub fn individuals(&self) -> usize {
        self.individuals
    }

    /// The packed genotypes of one variant, to be changed.
    ///
    /// # Panics
    /// If there is no such variant.
    pub fn variant_mut(&mut self, variant: usize) -> &mut [u8] {
        assert!(variant < self.variants, "variant {variant} of {}", self.variants);
        let stride = stride(self.individuals);
        &mut self.bytes[variant * stride..(variant + 1) * stride]
    }

    /// The packed genotypes of one variant, counted from 0 within the chunk.
    ///
    /// # Panics
    /// If there is no such variant.
    pub fn variant(&self, variant: usize) -> &[u8] {
        assert!(variant < self.variants, "variant {variant} of {}", self.variants);
        let stride = stride(self.individuals);
        &self.bytes[variant * stride..(variant + 1) * stride]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_refilled_in_place() {
        let mut chunk = PackedChunk::new(5);
        chunk.refill(10, 2).copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!((chunk.first(), chunk.variants(), chunk.individuals()), (10, 2, 5));
        assert_eq!(chunk.variant(1), [3, 4]);
        chunk.refill(12, 1).copy_from_slice(&[9, 8]);
        assert_eq!(chunk.variant(0), [9, 8]);
    }
}

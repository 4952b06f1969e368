//! The genotypes of a study, block by block.

use std::ops::{ControlFlow, Range};

use twoblade_core::{BlockSource, BoxError, Fingerprint};
use twoblade_geno::{Cut, PackedChunk, Selection, Study, stride};
use xxhash_rust::xxh3::Xxh3;

use crate::bed::Bed;
use crate::error::PlinkError;
use crate::open::Plink;

/// Bytes read at a time where individuals have to be taken out: little enough to stay in cache
/// until they are.
const RAW_BYTES: usize = 1 << 20;

/// A .bed file as a source: packed genotypes of the individuals that stay, in the blocks and chunks
/// of the study's cut.
///
/// Reads are positioned, so any number of threads can visit at once. One visit holds one chunk,
/// and a second buffer of about a megabyte (or one variant, if that is more) where individuals have
/// to be taken out.
#[derive(Clone, Debug)]
pub struct BedSource {
    bed: Bed,
    selection: Selection,
    cut: Cut,
    fingerprint: Fingerprint,
}

impl BedSource {
    /// The source of a study of these files.
    ///
    /// # Errors
    /// [`PlinkError::OtherStudy`] or [`PlinkError::StudyRows`] if the study is not of these files,
    /// [`PlinkError::Read`] if the .bed file cannot be read.
    pub fn new(plink: &Plink, study: &Study) -> Result<Self, PlinkError> {
        let (listed, variants) = (plink.fam().count(), plink.bim().variants());
        if study.listed != listed || study.cut.variants() != variants {
            return Err(PlinkError::OtherStudy {
                file: plink.file().to_path_buf(),
                study_individuals: study.listed,
                study_variants: study.cut.variants(),
                individuals: listed,
                variants,
            });
        }
        let rows = &study.individuals;
        let ascend = rows.windows(2).all(|pair| pair[0] < pair[1])
            && rows.last().is_none_or(|&last| (last as usize) < listed);
        if !ascend || rows.is_empty() || rows.len() != study.cut.individuals() {
            let (kept, cut) = (rows.len(), study.cut.individuals());
            return Err(PlinkError::StudyRows { kept, listed, cut });
        }
        Ok(Self {
            bed: plink.bed.clone(),
            selection: Selection::new(listed, rows),
            cut: study.cut,
            fingerprint: fingerprint(plink, study)?,
        })
    }

    /// Variants that fit into the second buffer.
    fn raw_variants(&self) -> usize {
        (RAW_BYTES / stride(self.selection.listed()).max(1)).max(1)
    }

    /// Fills `to` with the rows of `variants`, without the individuals that do not stay.
    fn read_selected(
        &self,
        variants: Range<usize>,
        raw: &mut Vec<u8>,
        to: &mut [u8],
        digest: &mut Xxh3,
    ) -> Result<(), PlinkError> {
        let (from_stride, to_stride) =
            (stride(self.selection.listed()), stride(self.selection.kept()));
        let step = self.raw_variants();
        raw.resize(from_stride * step.min(variants.len()), 0);
        let starts = variants.clone().step_by(step);
        for (start, to) in starts.zip(to.chunks_mut(to_stride * step)) {
            let some = start..(start + step).min(variants.end);
            let raw = &mut raw[..from_stride * some.len()];
            self.bed.read(raw, self.selection.listed(), some)?;
            digest.update(raw);
            for (from, to) in raw.chunks_exact(from_stride).zip(to.chunks_exact_mut(to_stride)) {
                self.selection.compact(from, to);
            }
        }
        Ok(())
    }
}

impl BlockSource for BedSource {
    type Chunk = PackedChunk;

    fn blocks(&self) -> usize {
        self.cut.blocks().count()
    }

    fn chunks(&self) -> u64 {
        self.cut.chunks()
    }

    fn chunk_bytes(&self) -> usize {
        let largest = self.cut.largest_chunk();
        let raw = if self.selection.is_all() {
            0
        } else {
            stride(self.selection.listed()) * self.raw_variants().min(largest)
        };
        stride(self.selection.kept()) * largest + raw
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&PackedChunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let mut chunk = PackedChunk::new(self.selection.kept());
        let mut raw = Vec::new();
        let mut digest = Xxh3::new();
        for variants in self.cut.chunks_of(block) {
            let bytes = chunk.refill(variants.start, variants.len());
            if self.selection.is_all() {
                self.bed.read(bytes, self.selection.listed(), variants)?;
                digest.update(bytes);
            } else {
                self.read_selected(variants, &mut raw, bytes, &mut digest)?;
            }
            if visit(&chunk).is_break() {
                break;
            }
        }
        Ok(digest.digest())
    }
}

/// The three files, who stays, and the cut: whatever changes a chunk.
fn fingerprint(plink: &Plink, study: &Study) -> Result<Fingerprint, PlinkError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"twoblade-plink BedSource 1");
    hasher.update(plink.fam().hash().as_bytes());
    hasher.update(plink.bim().hash().as_bytes());
    plink.bed.hash_sample(&mut hasher)?;
    let numbers = [
        study.listed,
        study.individuals.len(),
        study.cut.variants(),
        study.cut.blocks().count(),
        study.cut.largest_chunk(),
    ];
    for number in numbers {
        hasher.update(&(number as u64).to_le_bytes());
    }
    for row in &study.individuals {
        hasher.update(&row.to_le_bytes());
    }
    Ok(Fingerprint::new(*hasher.finalize().as_bytes()))
}

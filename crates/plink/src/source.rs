//! The genotypes of a study, block by block.

use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use twoblade_core::{BlockSource, BoxError, Fingerprint};
use twoblade_geno::{Cut, PackedChunk, Selection, Study, Subset, stride};
use xxhash_rust::xxh3::Xxh3;

use crate::assembled::Assembled;
use crate::beds::Beds;
use crate::error::PlinkError;
use crate::open::Plink;

/// Bytes read at a time where individuals have to be taken out: little enough to stay in cache
/// until they are.
const RAW_BYTES: usize = 1 << 20;

/// The .bed files of a data set as a source: packed genotypes of the individuals that stay, in the blocks and chunks
/// of the study's cut.
///
/// Reads are positioned, so any number of threads can visit at once. One visit holds one chunk,
/// and a second buffer of about a megabyte (or one variant, if that is more) where individuals have
/// to be taken out.
#[derive(Clone, Debug)]
pub struct BedSource {
    beds: Beds,
    variants: Subset,
    selection: Selection,
    cut: Cut,
    fingerprint: Fingerprint,
    /// Those of visits that are over, for the next ones: fresh memory costs more than reading into it.
    buffers: Arc<Mutex<Vec<Buffers>>>,
}

/// What a visit holds.
#[derive(Debug)]
struct Buffers {
    chunk: PackedChunk,
    raw: Vec<u8>,
}

impl BedSource {
    /// The source of a study of these files.
    ///
    /// # Errors
    /// [`PlinkError::StudyCut`] if the study was cut for others than it lists, and those of
    /// [`over`](Self::over).
    pub fn new(plink: &Plink, study: &Study) -> Result<Self, PlinkError> {
        if study.listed != study.cut.listed() {
            return Err(PlinkError::StudyCut {
                kept: study.variants.kept(),
                listed: study.listed,
                cut: study.cut.variants(),
                cut_listed: study.cut.listed(),
            });
        }
        Self::over(plink, &study.individuals, &study.variants, study.cut)
    }

    /// The source of all studies of these files: of the individuals that are in any of them.
    ///
    /// # Errors
    /// Those of [`over`](Self::over).
    pub fn of(plink: &Plink, assembled: &Assembled) -> Result<Self, PlinkError> {
        Self::over(plink, &assembled.individuals, &assembled.variants, assembled.cut)
    }

    /// The genotypes of the individuals on these rows of the .fam file, which ascend from 0 on, for
    /// some of the variants, cut in this way.
    ///
    /// # Errors
    /// [`PlinkError::OtherStudy`], [`PlinkError::StudyRows`] or [`PlinkError::StudyCut`] if these are
    /// not of these files or of each other, [`PlinkError::Read`] if a .bed file cannot be read.
    pub fn over(
        plink: &Plink,
        individuals: &[u32],
        variants: &Subset,
        cut: Cut,
    ) -> Result<Self, PlinkError> {
        let listed = plink.fam().count();
        if cut.listed() != listed || variants.listed() != plink.bim().variants() {
            return Err(PlinkError::OtherStudy {
                file: plink.file().to_path_buf(),
                study_individuals: cut.listed(),
                study_variants: variants.listed(),
                individuals: listed,
                variants: plink.bim().variants(),
            });
        }
        let ascend = individuals.windows(2).all(|pair| pair[0] < pair[1])
            && individuals.last().is_none_or(|&last| (last as usize) < listed);
        if !ascend || individuals.is_empty() {
            return Err(PlinkError::StudyRows { kept: individuals.len(), listed });
        }
        if variants.kept() != cut.variants() {
            return Err(PlinkError::StudyCut {
                kept: variants.kept(),
                listed,
                cut: cut.variants(),
                cut_listed: cut.listed(),
            });
        }
        Ok(Self {
            beds: plink.beds.clone(),
            variants: variants.clone(),
            selection: Selection::new(listed, individuals),
            cut,
            fingerprint: fingerprint(plink, individuals, variants, cut)?,
            buffers: Arc::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Buffers>> {
        // Nothing can go wrong while it is held.
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
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
            self.beds.read(raw, self.selection.listed(), some)?;
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

    fn chunks_in(&self, block: usize) -> Option<u64> {
        Some(self.cut.chunks_in(block))
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
        let free = self.lock().pop();
        let new = || Buffers { chunk: PackedChunk::new(self.selection.kept()), raw: Vec::new() };
        let Buffers { mut chunk, mut raw } = free.unwrap_or_else(new);
        let mut digest = Xxh3::new();
        for variants in self.cut.chunks_of(block) {
            let bytes = chunk.refill(variants.start, variants.len());
            let mut bytes = bytes;
            for run in self.variants.runs(variants) {
                let some = bytes.split_off_mut(..run.len() * stride(self.selection.kept()));
                let some = some.expect("a place for every variant of the chunk");
                if self.selection.is_all() {
                    self.beds.read(some, self.selection.listed(), run)?;
                    digest.update(some);
                } else {
                    self.read_selected(run, &mut raw, some, &mut digest)?;
                }
            }
            if visit(&chunk).is_break() {
                break;
            }
        }
        self.lock().push(Buffers { chunk, raw });
        Ok(digest.digest())
    }
}

/// The files, who stays, and the cut: whatever changes a chunk.
fn fingerprint(
    plink: &Plink,
    individuals: &[u32],
    variants: &Subset,
    cut: Cut,
) -> Result<Fingerprint, PlinkError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"twoblade-plink BedSource 2");
    plink.hash(&mut hasher)?;
    let numbers = [
        cut.listed(),
        individuals.len(),
        cut.variants(),
        cut.blocks().count(),
        cut.largest_chunk(),
    ];
    for number in numbers {
        hasher.update(&(number as u64).to_le_bytes());
    }
    for row in individuals {
        hasher.update(&row.to_le_bytes());
    }
    if !variants.is_all() {
        for variant in 0..variants.kept() {
            hasher.update(&(variants.row(variant) as u64).to_le_bytes());
        }
    }
    Ok(Fingerprint::new(*hasher.finalize().as_bytes()))
}

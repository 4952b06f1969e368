//! The subjects of a connectome, block by block.

use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

use twoblade_brain::Subject;
use twoblade_core::{BlockSource, BoxError, Fingerprint};

use crate::connectome::Connectome;
use crate::error::ConnectomeError;
use crate::fingerprint::fingerprint;
use crate::formats;
use crate::reader::Reader;

/// The subjects of a connectome as a source: a chunk is one whole subject with all its runs.
///
/// A block is as many subjects as were asked for, in their order, the last one perhaps fewer. Where a
/// file stores several subjects in one piece (an HDF5 chunk that spans them), a block ends only where
/// a piece does, so that every piece is read once; then there are fewer blocks than subjects.
///
/// Every visit has handles of its own, so several read and inflate at once. The memory of their subjects
/// is kept for the next ones: fresh memory costs more than half as much as filling it.
#[derive(Clone, Debug)]
pub struct ConnectomeSource {
    connectome: Connectome,
    /// Subjects of each block.
    blocks: Vec<Range<usize>>,
    chunk_bytes: usize,
    fingerprint: Fingerprint,
    idle: Idle,
}

/// Subjects that no visit uses now: as many as there ever were visits at once.
#[derive(Debug, Default)]
struct Idle(Mutex<Vec<Subject>>);

impl Idle {
    fn take(&self) -> Option<Subject> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, subject: Subject) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(subject);
    }
}

/// Another source reads into memory of its own.
impl Clone for Idle {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl ConnectomeSource {
    /// The source of these subjects, in blocks of so many, or of a few more where pieces ask for it.
    ///
    /// Reads a few pages of every file, for the fingerprint.
    ///
    /// # Errors
    /// [`ConnectomeError::BlockSubjects`] for blocks of none or of more than all,
    /// [`ConnectomeError::Read`] if a file cannot be read.
    pub fn new(connectome: &Connectome, block_subjects: usize) -> Result<Self, ConnectomeError> {
        let subjects = connectome.count();
        if block_subjects == 0 || block_subjects > subjects {
            return Err(ConnectomeError::BlockSubjects { found: block_subjects, subjects });
        }
        let blocks = cut(connectome, block_subjects);
        let fingerprint = fingerprint(connectome, &blocks)?;
        let chunk_bytes = chunk_bytes(connectome);
        let connectome = connectome.clone();
        Ok(Self { connectome, blocks, chunk_bytes, fingerprint, idle: Idle::default() })
    }

    /// What it reads.
    pub fn connectome(&self) -> &Connectome {
        &self.connectome
    }

    /// The numbers of the subjects of a block.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn subjects_of(&self, block: usize) -> Range<usize> {
        self.blocks[block].clone()
    }
}

impl BlockSource for ConnectomeSource {
    type Chunk = Subject;

    fn blocks(&self) -> usize {
        self.blocks.len()
    }

    fn chunks(&self) -> u64 {
        self.connectome.count() as u64
    }

    fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Subject) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let mut reader = Reader::new(&self.connectome);
        let mut subject = self.idle.take();
        let subject = subject.get_or_insert_with(|| Subject::new(self.connectome.mask().count()));
        for number in self.subjects_of(block) {
            reader.subject(number, subject)?;
            if visit(subject).is_break() {
                break;
            }
        }
        self.idle.put(std::mem::take(subject));
        Ok(reader.digested())
    }
}

/// Blocks of at least so many subjects, none of which parts subjects that are stored together.
fn cut(connectome: &Connectome, block_subjects: usize) -> Vec<Range<usize>> {
    let piece = |number: usize| {
        let place = connectome.people[number].runs.first()?;
        let together = connectome.files[place.file].together();
        (together > 1).then(|| (place.file, place.row / together))
    };
    let mut blocks = Vec::new();
    let mut start = 0;
    for end in 1..=connectome.count() {
        let last = end == connectome.count();
        let parts = !last && piece(end).is_some() && piece(end) == piece(end - 1);
        if last || (end - start >= block_subjects && !parts) {
            blocks.push(start..end);
            start = end;
        }
    }
    blocks
}

/// The most that a visit holds: the runs of a subject, the piece they are in, and what reading needs.
fn chunk_bytes(connectome: &Connectome) -> usize {
    let used = || connectome.people.iter().flat_map(|person| &person.runs);
    // A subject keeps the memory of earlier ones, run by run.
    let mut runs: Vec<usize> = Vec::new();
    for person in &connectome.people {
        runs.resize(runs.len().max(person.runs.len()), 0);
        for (longest, place) in runs.iter_mut().zip(&person.runs) {
            *longest = (*longest).max(connectome.files[place.file].row());
        }
    }
    let (mut slab, mut held) = (0, 0);
    for place in used() {
        let file = &connectome.files[place.file];
        let together = file.together();
        if together > 1 {
            slab = slab.max(together * file.row());
        }
        held = held.max(formats::held(file, together));
    }
    (runs.iter().sum::<usize>() + slab) * size_of::<f32>() + held
}

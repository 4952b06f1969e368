//! Subjects in memory, as a source.

use std::ops::ControlFlow;

use twoblade_brain::Subject;
use twoblade_core::{BlockSource, Blocks, BoxError, Fingerprint};

/// `series[s][run][t][v]`.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    pub(crate) voxels: usize,
    pub(crate) series: Vec<Vec<Vec<Vec<f32>>>>,
    pub(crate) blocks: Blocks,
}

impl Subjects {
    pub(crate) fn time_points(&self) -> usize {
        let of = |runs: &Vec<Vec<Vec<f32>>>| runs.iter().map(Vec::len).sum::<usize>();
        self.series.iter().map(of).max().unwrap()
    }

    pub(crate) fn runs(&self) -> usize {
        self.series.iter().map(Vec::len).max().unwrap()
    }
}

impl BlockSource for Subjects {
    type Chunk = Subject;

    fn blocks(&self) -> usize {
        self.blocks.count()
    }

    fn chunks(&self) -> u64 {
        self.series.len() as u64
    }

    fn chunk_bytes(&self) -> usize {
        self.time_points() * self.voxels * 4 + 256
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([0; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Subject) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let mut subject = Subject::new(self.voxels);
        for number in self.blocks.range(block) {
            subject.restart(number);
            for run in &self.series[number] {
                let values = subject.add_run(run.len());
                for (to, row) in values.chunks_exact_mut(self.voxels).zip(run) {
                    to.copy_from_slice(row);
                }
            }
            if visit(&subject).is_break() {
                break;
            }
        }
        Ok(0)
    }
}

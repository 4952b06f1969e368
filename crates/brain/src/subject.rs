//! One subject's series: what a connectome is read by.

/// The series of one run: a row of voxels for each time point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Time points.
    pub time_points: usize,
    /// `values[t * voxels + v]`, in the order of the mask.
    pub values: Vec<f32>,
}

/// All runs of one subject. It is a chunk: what is read at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    number: usize,
    voxels: usize,
    runs: Vec<Run>,
    /// How many of the runs are of this subject: others wait to be used again.
    used: usize,
    /// Whether who filled it says that all samples are finite.
    finite: bool,
}

impl Subject {
    /// An empty one, to be filled, for a mask of so many voxels.
    pub fn new(voxels: usize) -> Self {
        Self { voxels, ..Self::default() }
    }

    /// Makes it the subject of this number, without runs; the memory of earlier ones stays.
    pub fn restart(&mut self, number: usize) {
        self.number = number;
        self.used = 0;
        self.finite = false;
    }

    /// Says that all samples of its runs are finite. Who fills a subject sees each sample anyhow, and
    /// saves others a search.
    pub fn say_finite(&mut self) {
        self.finite = true;
    }

    /// Whether all samples are known to be finite; if not, some may not be.
    pub fn is_finite(&self) -> bool {
        self.finite
    }

    /// Adds a run of so many time points, and lends its values to be filled: a row of voxels for each
    /// time point.
    pub fn add_run(&mut self, time_points: usize) -> &mut [f32] {
        if self.used == self.runs.len() {
            self.runs.push(Run::default());
        }
        let run = &mut self.runs[self.used];
        self.used += 1;
        self.finite = false;
        run.time_points = time_points;
        let values = time_points * self.voxels;
        // No more than is said: sources count their bytes.
        run.values.reserve_exact(values.saturating_sub(run.values.len()));
        run.values.resize(values, 0.0);
        &mut run.values
    }

    /// Its number among the subjects that are analysed.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Voxels of the mask.
    pub fn voxels(&self) -> usize {
        self.voxels
    }

    /// Its runs, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs[..self.used]
    }

    /// Time points of all runs together.
    pub fn time_points(&self) -> usize {
        self.runs().iter().map(|run| run.time_points).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_filled_in_the_memory_of_the_one_before() {
        let mut subject = Subject::new(2);
        subject.restart(4);
        subject.add_run(3).fill(1.0);
        subject.add_run(1).fill(2.0);
        assert_eq!((subject.number(), subject.time_points(), subject.runs().len()), (4, 4, 2));
        subject.say_finite();
        assert!(subject.is_finite());
        subject.restart(5);
        assert_eq!((subject.runs().len(), subject.time_points()), (0, 0));
        assert!(!subject.is_finite());
        subject.add_run(2).copy_from_slice(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(subject.runs(), [Run { time_points: 2, values: vec![1.0, 2.0, 3.0, 4.0] }]);
    }
}

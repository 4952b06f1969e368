//! Reading the runs of subjects, one after the other, by one thread.

use twoblade_brain::Subject;
use xxhash_rust::xxh3::Xxh3;

use crate::connectome::Connectome;
use crate::error::ConnectomeError;
use crate::formats;
use crate::series::Series;
use crate::subjects::Place;

/// Numbers that are digested at a time.
const DIGESTED: usize = 1024;

/// An open file, and what of it was read ahead.
pub(crate) struct Reader<'a> {
    connectome: &'a Connectome,
    open: Option<(usize, Box<dyn Series + 'a>)>,
    /// Rows that are stored together: the file, the first of them, and their series.
    slab: Option<(usize, usize)>,
    rows: Vec<f32>,
    digest: Xxh3,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(connectome: &'a Connectome) -> Self {
        Self { connectome, open: None, slab: None, rows: Vec::new(), digest: Xxh3::new() }
    }

    /// Fills a subject with its runs.
    pub(crate) fn subject(
        &mut self,
        number: usize,
        subject: &mut Subject,
    ) -> Result<(), ConnectomeError> {
        subject.restart(number);
        let connectome = self.connectome;
        let mut finite = true;
        for &place in &connectome.people[number].runs {
            let to = subject.add_run(connectome.files[place.file].time_points);
            self.run(place, to)?;
            finite &= self.digest(to);
        }
        if finite {
            subject.say_finite();
        }
        Ok(())
    }

    /// The digest of all numbers so far.
    pub(crate) fn digested(&self) -> u64 {
        self.digest.digest()
    }

    fn run(&mut self, place: Place, to: &mut [f32]) -> Result<(), ConnectomeError> {
        let file = &self.connectome.files[place.file];
        let together = file.together();
        if together == 1 {
            return self.series(place.file)?.rows(place.row, to);
        }
        let first = place.row / together * together;
        let mut rows = std::mem::take(&mut self.rows);
        if self.slab != Some((place.file, first)) {
            let count = together.min(file.subjects - first) * file.row();
            rows.reserve_exact(count.saturating_sub(rows.len()));
            rows.resize(count, 0.0);
            self.slab = None;
            self.series(place.file)?.rows(first, &mut rows)?;
            self.slab = Some((place.file, first));
        }
        let start = (place.row - first) * file.row();
        to.copy_from_slice(&rows[start..start + file.row()]);
        self.rows = rows;
        Ok(())
    }

    /// The file, opened if another is.
    fn series(&mut self, file: usize) -> Result<&mut (dyn Series + 'a), ConnectomeError> {
        let connectome = self.connectome;
        if self.open.as_ref().is_none_or(|(open, _)| *open != file) {
            self.open = None;
            let series = formats::open(&connectome.files[file], connectome.mask())?;
            self.open = Some((file, series));
        }
        match &mut self.open {
            Some((_, series)) => Ok(series.as_mut()),
            None => unreachable!("it was just opened"),
        }
    }

    /// Digests numbers; whether all of them are finite.
    fn digest(&mut self, numbers: &[f32]) -> bool {
        let mut bytes = [0; DIGESTED * 4];
        let mut finite = true;
        for numbers in numbers.chunks(DIGESTED) {
            for (bytes, number) in bytes.chunks_exact_mut(4).zip(numbers) {
                bytes.copy_from_slice(&number.to_le_bytes());
            }
            self.digest.update(&bytes[..numbers.len() * 4]);
            finite &= numbers.iter().fold(true, |finite, number| finite & number.is_finite());
        }
        finite
    }
}

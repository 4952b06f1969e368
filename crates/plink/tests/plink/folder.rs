//! Small files made by the tests.

use std::path::PathBuf;

use tempfile::TempDir;
use twoblade_core::Random;
use twoblade_plink::{Plink, PlinkError};

/// A folder that goes away with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with the data set `x`, its genotypes drawn from all four codes, the unused bits too.
    pub(crate) fn with_data_set(individuals: usize, variants: usize) -> Self {
        let folder = Self::new();
        let random = Random::new(5, 0);
        let mut bed = vec![0x6c, 0x1b, 0x01];
        let bytes = individuals.div_ceil(4) * variants;
        bed.extend(
            (0u64..).flat_map(|item| random.bits(item, 0)).flat_map(u64::to_le_bytes).take(bytes),
        );
        folder.write("x.bed", bed);
        let fam = (0..individuals).map(|row| format!("f{row} i{row} 0 0 0 -9\n"));
        folder.write("x.fam", fam.collect::<String>());
        let bim = (0..variants).map(|row| format!("1\trs{row}\t0\t{row}\tA\tG\n"));
        folder.write("x.bim", bim.collect::<String>());
        folder
    }

    /// Cuts the data set `x` at these variants and writes a data set for each piece.
    pub(crate) fn split(&self, cuts: &[usize], names: &[&str]) {
        let read = |name: &str| std::fs::read(self.path(name)).unwrap();
        let bim = String::from_utf8(read("x.bim")).unwrap();
        let lines: Vec<&str> = bim.split_inclusive('\n').collect();
        let (bed, fam) = (read("x.bed"), read("x.fam"));
        let stride = (bed.len() - 3) / lines.len();
        let starts = [0].iter().chain(cuts);
        let ends = cuts.iter().copied().chain([lines.len()]);
        assert_eq!(cuts.len() + 1, names.len());
        for ((&start, end), name) in starts.zip(ends).zip(names) {
            let rows = &bed[3 + start * stride..3 + end * stride];
            self.write(&format!("{name}.bed"), [&bed[..3], rows].concat());
            self.write(&format!("{name}.bim"), lines[start..end].concat());
            self.write(&format!("{name}.fam"), &fam);
        }
    }

    /// The data sets of these names, opened as one.
    pub(crate) fn open_all(&self, names: &[&str]) -> Result<Plink, PlinkError> {
        let prefixes: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        Plink::open_all(&prefixes)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn open(&self) -> Plink {
        Plink::open(self.path("x")).unwrap()
    }

    /// The text of an error, with the names of files but without their folder.
    pub(crate) fn refusal<T>(&self, result: Result<T, PlinkError>) -> String {
        let error = result.err().expect("an error");
        error.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }

    /// The names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }
}

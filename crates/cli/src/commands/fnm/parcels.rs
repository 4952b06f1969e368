//! `--atlas`: parcels.tsv, a line for each parcel of each lesion.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use twoblade::brain::BrainMask;
use twoblade::connectome::{Atlas, read_atlas};

use crate::commands::fnm::sidecar::{GENERATED_BY, GeneratedBy};
use crate::quantity::thousands;

/// The parcels that maps are averaged over.
pub(crate) struct Parcels {
    file: PathBuf,
    names_file: Option<PathBuf>,
    atlas: Atlas,
    /// By label.
    names: BTreeMap<u32, String>,
}

/// What is said of parcels.tsv; keys are in the manner of BIDS.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sidecar {
    description: &'static str,
    sources: Vec<String>,
    parcels: usize,
    parcels_without_voxel: usize,
    voxels_outside_atlas: usize,
    voxels_in_no_parcel: usize,
    generated_by: GeneratedBy,
}

impl Parcels {
    /// Reads the atlas and, if there is one, the table of names.
    pub(crate) fn read(file: &Path, names: Option<&Path>, mask: &BrainMask) -> Result<Self> {
        let atlas = read_atlas(file, mask)?;
        let (names_file, names) = (names.map(Path::to_path_buf), names.map(read_names));
        let names = names.transpose()?.unwrap_or_default();
        Ok(Self { file: file.to_path_buf(), names_file, atlas, names })
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let names = self.names.values().map(|name| name.len() + 48);
        self.atlas.labels.len() * 4 + self.atlas.parcels.len() * 64 + names.sum::<usize>()
    }

    /// What became of the voxels of the mask, and what is missing.
    pub(crate) fn news(&self) -> String {
        let mut parts = vec![format!(
            "{}: {} parcels; {} voxels of the mask are outside its grid, {} in no parcel",
            self.file.display(),
            thousands(self.atlas.parcels.len()),
            thousands(self.atlas.outside),
            thousands(self.in_no_parcel())
        )];
        let mut missing = |what: &str, parcels: usize| {
            if parcels > 0 {
                parts.push(format!("parcels without {what}: {}", thousands(parcels)));
            }
        };
        missing("a voxel in the mask", self.empty());
        if self.names_file.is_some() {
            let labels = self.atlas.parcels.keys();
            missing("a name", labels.filter(|label| !self.names.contains_key(label)).count());
        }
        parts.join("; ")
    }

    fn empty(&self) -> usize {
        self.atlas.parcels.values().filter(|&&voxels| voxels == 0).count()
    }

    /// Voxels inside the grid of the atlas whose label is 0.
    fn in_no_parcel(&self) -> usize {
        self.atlas.labels.iter().filter(|&&label| label == 0).count() - self.atlas.outside
    }

    /// The parcels as the model takes them, for means of each subject.
    pub(crate) fn of_model(&self) -> Result<twoblade::brain::Parcels> {
        let labels: Vec<u32> = self.atlas.parcels.keys().copied().collect();
        let number = |label: &u32| labels.binary_search(label).map_or(0, |place| place + 1);
        let of_voxel = self
            .atlas
            .labels
            .iter()
            .map(|label| u32::try_from(number(label)))
            .collect::<Result<_, _>>()?;
        let labels = labels.iter().copied().map(i64::from).collect();
        Ok(twoblade::brain::Parcels::new(labels, of_voxel)?)
    }

    /// Which label each voxel has: another one is another mean.
    pub(crate) fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for label in self.atlas.labels.iter().chain(self.atlas.parcels.keys()) {
            hasher.update(&label.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The names of the columns of the table of subjects: a parcel each, by label.
    pub(crate) fn header_of_subjects(&self) -> String {
        let labels = self.atlas.parcels.keys().map(|label| format!("\t{label}"));
        std::iter::once("subject".to_owned()).chain(labels).collect()
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> String {
        let name = if self.names_file.is_some() { "\tname" } else { "" };
        format!("lesion\tlabel{name}\tvoxels\tvoxels_mapped\tz\tr")
    }

    /// The lines of a lesion, by label, of its map of z: in a parcel the mean over voxels that have one,
    /// and tanh of it.
    pub(crate) fn lines(&self, lesion: &str, z: &[f32]) -> Vec<String> {
        let mut sums: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
        for (&label, &z) in self.atlas.labels.iter().zip(z).filter(|(_, z)| !z.is_nan()) {
            let (voxels, sum) = sums.entry(label).or_default();
            *voxels += 1;
            *sum += f64::from(z);
        }
        let line = |(label, voxels): (&u32, &usize)| {
            let name = self
                .names_file
                .as_ref()
                .map(|_| format!("\t{}", self.names.get(label).map_or("NA", String::as_str)));
            let (mapped, mean) = sums.get(label).map_or_else(
                || (0, "NA\tNA".to_owned()),
                |&(mapped, sum)| {
                    let z = sum / mapped as f64;
                    (mapped, format!("{z}\t{}", libm::tanh(z)))
                },
            );
            format!("{lesion}\t{label}{}\t{voxels}\t{mapped}\t{mean}", name.unwrap_or_default())
        };
        self.atlas.parcels.iter().map(line).collect()
    }

    /// What stands beside the table.
    pub(crate) fn sidecar(&self) -> Result<String> {
        let files = [Some(&self.file), self.names_file.as_ref()];
        let sidecar = Sidecar {
            description: "z: the mean of the map of z over the voxels of the parcel that have one; r: \
                          tanh of z; voxels: those of the mask in the parcel, by nearest world \
                          position; voxels_mapped: those of them with n above 0",
            sources: files.into_iter().flatten().map(|file| file.display().to_string()).collect(),
            parcels: self.atlas.parcels.len(),
            parcels_without_voxel: self.empty(),
            voxels_outside_atlas: self.atlas.outside,
            voxels_in_no_parcel: self.in_no_parcel(),
            generated_by: GENERATED_BY,
        };
        Ok(serde_json::to_string_pretty(&sidecar)? + "\n")
    }
}

/// The names of labels: columns `index` and `name` of a table, as BIDS has them for segmentations.
fn read_names(file: &Path) -> Result<BTreeMap<u32, String>> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).with_context(|| format!("{shown} could not be read"))?;
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r').split('\t'));
    let header: Vec<&str> = lines.next().unwrap_or_else(|| "".split('\t')).collect();
    let column = |name: &str| {
        let found = header.iter().position(|column| *column == name);
        found.with_context(|| {
            format!(
                "{shown} has no column '{name}' in its first line; a table with 'index' and 'name', \
                 parted by tabs, is expected"
            )
        })
    };
    let (index_at, name_at) = (column("index")?, column("name")?);
    let mut names = BTreeMap::new();
    for (number, line) in lines.enumerate() {
        let words: Vec<&str> = line.collect();
        if words == [""] {
            continue;
        }
        let at = number + 2;
        let word = |place: usize| {
            words.get(place).copied().with_context(|| {
                format!(
                    "{shown}, line {at}: {} columns, {} are expected",
                    words.len(),
                    header.len()
                )
            })
        };
        let (index, name) = (word(index_at)?, word(name_at)?);
        let label: u32 = index.trim().parse().ok().with_context(|| {
            format!("{shown}, line {at}: the index is '{index}', a whole number is expected")
        })?;
        let twice = names.insert(label, name.to_owned()).is_some();
        ensure!(!twice, "{shown}, line {at}: index {label} has a name already; name it once");
    }
    Ok(names)
}

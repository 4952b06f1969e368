//! Which lesions are finished: a mark beside their maps, written last.
//!
//! The mark of a lesion holds what its maps depend on (its own voxels and weights, the connectome with
//! its mask and subjects, the options), never anything of other lesions, and the size and the hash of
//! each file. It is removed before the first of these files is written anew, so no mark ever stands
//! beside other maps than those it was written for.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use twoblade::core::Fingerprint;

use crate::commands::fnm::inputs::Input;
use crate::commands::fnm::names::{Files, STATS, sidecar};
use crate::output::{remove, write_whole};
use crate::written::Written;

/// What the maps of a lesion depend on, as hashes (BLAKE3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Its voxels in the mask, their weights, and how they were matched.
    lesion: String,
    /// The connectome's fingerprint: files, mask, and the subjects that are used.
    connectome: String,
    /// The version of the program, and the options that change bytes.
    parameters: String,
}

impl Identity {
    /// Of a lesion.
    pub(crate) fn new(input: &Input, connectome: Fingerprint, parameters: &Value) -> Self {
        let lesion = &input.lesion;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(lesion.voxels.len() as u64).to_le_bytes());
        for voxel in &lesion.voxels {
            hasher.update(&voxel.to_le_bytes());
        }
        for weight in &lesion.weights {
            hasher.update(&weight.to_le_bytes());
        }
        hasher.update(input.report.to_string().as_bytes());
        let options = format!("{} {parameters}", env!("CARGO_PKG_VERSION"));
        Self {
            lesion: hasher.finalize().to_hex().to_string(),
            connectome: connectome.to_string(),
            parameters: blake3::hash(options.as_bytes()).to_hex().to_string(),
        }
    }
}

/// The mark of a lesion, and what is said of all its maps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) twoblade: String,
    pub(crate) lesion: String,
    pub(crate) sources: [String; 2],
    pub(crate) parameters: Value,
    pub(crate) p_and_q: String,
    pub(crate) voxels_given: usize,
    pub(crate) voxels_outside: usize,
    pub(crate) voxels_partial: usize,
    pub(crate) voxels_used: usize,
    pub(crate) matched: String,
    pub(crate) subjects: usize,
    pub(crate) subjects_dropped: Vec<String>,
    pub(crate) subjects_without_seed: Vec<String>,
    /// Whose first component is hardly one, or hardly the lesion's; they count.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) subjects_ambiguous: Vec<String>,
    /// The most that count in a voxel.
    pub(crate) n: u32,
    pub(crate) voxels_of_nobody: usize,
    pub(crate) voxels_without_variance: usize,
    pub(crate) z_capped: u64,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) notes: Vec<String>,
    pub(crate) identity: Identity,
    pub(crate) files: Vec<Written>,
}

/// What is found of a lesion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No mark.
    Nothing,
    /// A mark for maps that are not those asked for, and why.
    Other(&'static str),
    /// All of it.
    Finished,
}

/// Looks for a mark, and at each file that it names.
fn look(files: Files<'_>, wanted: &Identity) -> Found {
    let Ok(text) = std::fs::read(files.mark()) else { return Found::Nothing };
    let Ok(mark) = serde_json::from_slice::<Mark>(&text) else {
        return Found::Other("their marks cannot be read");
    };
    if mark.lesion != files.name || mark.identity.lesion != wanted.lesion {
        return Found::Other("their voxels were others");
    }
    if mark.identity.connectome != wanted.connectome {
        return Found::Other("the connectome, its mask or its subjects were others");
    }
    if mark.identity != *wanted {
        return Found::Other("the options or the version were others");
    }
    if mark.files.is_empty() || !mark.files.iter().all(|file| file.is_there(files.folder)) {
        return Found::Other("files are missing or have changed");
    }
    Found::Finished
}

/// Looks for the mark of a lesion in a folder.
pub(crate) fn look_in(
    folder: &Path,
    input: &Input,
    connectome: Fingerprint,
    parameters: &Value,
) -> Found {
    let wanted = Identity::new(input, connectome, parameters);
    look(Files { folder, name: &input.lesion.name }, &wanted)
}

/// The mark of a finished lesion.
pub(crate) fn read(files: Files<'_>) -> Result<Mark> {
    let file = files.mark();
    let text =
        std::fs::read(&file).with_context(|| format!("{} could not be read", file.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} is no mark; --overwrite makes it again", file.display()))
}

/// Takes the mark of a lesion away, then all maps that it can have.
pub(crate) fn clear(files: Files<'_>) -> Result<()> {
    remove(&files.mark())?;
    remove(&files.subjects())?;
    files.remove_thresholded()?;
    for stat in STATS {
        let map = files.map(stat);
        remove(&sidecar(&map))?;
        remove(&map)?;
    }
    Ok(())
}

/// Writes the mark, when the maps and their sidecars are written.
pub(crate) fn write(
    files: Files<'_>,
    (stats, others): (&[&str], &[PathBuf]),
    mut mark: Mark,
) -> Result<()> {
    let maps = stats.iter().map(|stat| files.map(stat)).flat_map(|map| [sidecar(&map), map]);
    for file in maps.chain(others.iter().cloned()) {
        let written = Written::of(&file)
            .with_context(|| format!("{} could not be read back", file.display()))?;
        mark.files.push(written);
    }
    write_whole(&files.mark(), &(serde_json::to_string_pretty(&mark)? + "\n"))
}

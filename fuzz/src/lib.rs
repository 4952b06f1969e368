//! What the targets call: each reads bytes as a file of one format, beside others that are whole, and
//! uses what it read. A panic, a hang or too much memory is a finding; an error is not.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;
use twoblade::connectome::{
    Connectome, ConnectomeError, ConnectomeSource, LesionOptions, SimulatedConnectome, read_lesion,
    read_mask,
};
use twoblade::core::{BlockSource, Blocks};
use twoblade::moments::{Column, Moments, State};
use twoblade::plink::{BedSource, Plink, PlinkError, Simulation};
use twoblade::runner::{Cover, Part, Runner, StateError};

/// One folder for a process, with files that are whole.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        whole(folder.path());
        folder
    });
    folder.path()
}

/// Writes one small file of each format, by the project's own simulators: `study.bed` and those beside
/// it, `connectome` and `lesions`, `state`.
pub fn whole(folder: &Path) {
    let simulation = Simulation { h2: vec![0.2, 0.3], ..Simulation::new(14, 12, 1) };
    simulation.write(&folder.join("study")).expect("a study");
    SimulatedConnectome::new(2, 4, 30, 1).write(folder).expect("a connectome");
    let source = Column::new(vec![1.5, -2.0, 3e9, 0.25], Blocks::even(4, 2).expect("two blocks"));
    let part = Runner::new().pass_one(&Moments, &source, &Cover::from(0..2)).expect("a state");
    part.save(&folder.join("state")).expect("a file");
}

fn replaced(name: &str, data: &[u8]) -> PathBuf {
    let file = folder().join(name);
    std::fs::write(&file, data).expect("a file that can be written");
    file
}

/// One file of a study; the others are written once and stay whole.
pub fn plink(name: &str, data: &[u8]) {
    replaced(name, data);
    let _ = study(folder());
}

fn study(folder: &Path) -> Result<(), PlinkError> {
    let plink = Plink::open(folder.join("study"))?;
    let phenotypes = plink.phenotypes(folder.join("study.pheno"))?;
    let annotation = plink.annotation(folder.join("study.annot"))?;
    let study = plink.study(&phenotypes, &annotation, 3)?;
    let source = BedSource::new(&plink, &study)?;
    for block in 0..source.blocks() {
        let _ = source.visit(block, &mut |_| ControlFlow::Continue(()));
    }
    Ok(())
}

/// A connectome that says itself where its voxels are.
pub fn hdf5(data: &[u8]) {
    let _ = connectome(&replaced("fuzzed.h5", data));
}

fn connectome(file: &Path) -> Result<(), ConnectomeError> {
    let connectome = Connectome::open(file)?;
    let source = ConnectomeSource::new(&connectome, 1)?;
    for block in 0..source.blocks() {
        let _ = source.visit(block, &mut |_| ControlFlow::Continue(()));
    }
    Ok(())
}

/// An image as a mask, as a lesion, and as a run.
pub fn nifti(data: &[u8]) {
    static BRAIN: OnceLock<Connectome> = OnceLock::new();
    let file = replaced("fuzzed.nii", data);
    let brain = BRAIN.get_or_init(|| {
        let mut files = std::fs::read_dir(folder().join("connectome")).expect("it was written");
        let first = files.next().expect("it has a file").expect("it can be read");
        Connectome::open(first.path()).expect("it is whole")
    });
    let _ = read_mask(&file);
    let _ = read_lesion(&file, brain.mask(), LesionOptions::default());
    let run = Connectome::open_in_mask(&file, brain.mask().clone(), "mask");
    if let Ok(source) = run.as_ref().map(|run| ConnectomeSource::new(run, 1))
        && let Ok(source) = source
    {
        let _ = source.visit(0, &mut |_| ControlFlow::Continue(()));
    }
}

/// A state; what is read is saved as the same bytes.
pub fn state(data: &[u8]) {
    let mut sealed = data.to_vec();
    if let Some(body) = data.len().checked_sub(32) {
        sealed[body..].copy_from_slice(blake3::hash(&data[..body]).as_bytes());
    }
    for bytes in [data, &sealed] {
        let file = replaced("fuzzed.state", bytes);
        let loaded: Result<Part<State>, StateError> = Part::load(&file);
        if let Ok(part) = loaded {
            let _ = part.complete();
            let _ = part.header().identity.hash();
        }
    }
}

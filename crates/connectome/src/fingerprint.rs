//! The identity of a connectome.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use twoblade_core::Fingerprint;

use crate::connectome::Connectome;
use crate::error::ConnectomeError;

/// Pages that are looked at in each file, evenly spread, and bytes of each.
const PAGES: u64 = 16;
const PAGE: u64 = 4 << 10;

/// The mask, who is read, how the blocks are cut, and of each file its shape and some pages.
pub(crate) fn fingerprint(
    connectome: &Connectome,
    blocks: &[Range<usize>],
) -> Result<Fingerprint, ConnectomeError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"twoblade-connectome ConnectomeSource 1");
    let mask = connectome.mask();
    let mut number = |number: usize| {
        hasher.update(&(number as u64).to_le_bytes());
    };
    mask.space().shape().into_iter().for_each(&mut number);
    number(mask.count());
    number(connectome.files.len());
    for file in &connectome.files {
        [file.subjects, file.time_points, file.voxels].into_iter().for_each(&mut number);
    }
    number(connectome.people.len());
    for person in &connectome.people {
        number(person.runs.len());
        person.runs.iter().flat_map(|place| [place.file, place.row]).for_each(&mut number);
    }
    number(blocks.len());
    blocks.iter().map(|block| block.end).for_each(&mut number);
    for entry in mask.space().affine().iter().flatten() {
        hasher.update(&entry.to_le_bytes());
    }
    for index in mask.voxels().iter().flatten() {
        hasher.update(&index.to_le_bytes());
    }
    for person in &connectome.people {
        hasher.update(blake3::hash(person.name.as_bytes()).as_bytes());
    }
    for file in &connectome.files {
        hasher.update(file.stored().to_string().as_bytes());
        sample(&file.path, &mut hasher)
            .map_err(|source| ConnectomeError::Read { file: file.path.clone(), source })?;
    }
    Ok(Fingerprint::new(*hasher.finalize().as_bytes()))
}

/// The length of a file and some of its pages, the first and the last among them.
fn sample(path: &Path, hasher: &mut blake3::Hasher) -> io::Result<()> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    hasher.update(&length.to_le_bytes());
    let last = length.saturating_sub(PAGE);
    let mut page = Vec::new();
    for number in 0..PAGES {
        file.seek(SeekFrom::Start(
            last / (PAGES - 1) * number + last % (PAGES - 1) * number / (PAGES - 1),
        ))?;
        page.clear();
        file.by_ref().take(PAGE).read_to_end(&mut page)?;
        hasher.update(&page);
    }
    Ok(())
}

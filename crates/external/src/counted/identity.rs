//! The identity of a table and of how it is counted.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use twoblade_core::Fingerprint;
use twoblade_table::describe::Detail;

use super::options::CountOptions;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Table, open};

/// Pages that are looked at in each file, evenly spread, and bytes of each.
const PAGES: u64 = 16;
const PAGE: u64 = 4 << 10;

/// The length of a file and some of its pages, the first and the last among them: content decides, and
/// neither name nor date.
pub(super) fn print(path: &Path, disk: &Disk) -> Result<Fingerprint, Error> {
    let mut file = open(path, disk)?;
    let length = file.get_ref().metadata().map_err(Error::io("read", path))?.len();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&length.to_le_bytes());
    let last = length.saturating_sub(PAGE);
    let mut page = Vec::new();
    for number in 0..PAGES {
        let at = last / (PAGES - 1) * number + last % (PAGES - 1) * number / (PAGES - 1);
        file.seek(SeekFrom::Start(at)).map_err(Error::io("read", path))?;
        page.clear();
        let read = Read::by_ref(&mut file).take(PAGE).read_to_end(&mut page);
        read.map_err(Error::io("read", path))?;
        hasher.update(&page);
    }
    Ok(Fingerprint::new(*hasher.finalize().as_bytes()))
}

/// The files by their prints, how they are read, and how they are cut.
pub(super) fn identity(
    table: &Table,
    options: &CountOptions,
    prints: impl ExactSizeIterator<Item = Fingerprint>,
) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"twoblade-external CountedSource 2");
    let mut number = |number: u64| {
        hasher.update(&number.to_le_bytes());
    };
    let columns = table.schema().columns();
    let manner = table.manner();
    for length in [columns.len(), options.columns.len(), prints.len(), manner.len()] {
        number(length as u64);
    }
    options.columns.iter().for_each(|&column| number(column as u64));
    let all = u64::from(options.detail == Detail::All);
    let asked = [options.block_rows, options.chunk_rows, options.levels as u64, all];
    asked.into_iter().for_each(number);
    for print in prints {
        hasher.update(print.as_bytes());
    }
    for column in columns {
        hasher.update(blake3::hash(column.name.as_bytes()).as_bytes());
        hasher.update(blake3::hash(column.kind.to_string().as_bytes()).as_bytes());
    }
    for word in &manner {
        hasher.update(blake3::hash(word).as_bytes());
    }
    Fingerprint::new(*hasher.finalize().as_bytes())
}

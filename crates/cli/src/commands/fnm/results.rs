//! What is made of the maps of all lesions that were asked for.
//!
//! Everything here is made of marks and of maps as they were written, read back one lesion at a time: so
//! it has the same bytes whether the maps were computed just now or stood there, and at once or one
//! after the other.

use std::path::Path;

use anyhow::Result;
use twoblade::brain::BrainMask;
use twoblade::connectome::read_map;
use twoblade::runner::Cancel;

use crate::commands::fnm::marks::{self, Mark};
use crate::commands::fnm::names::Files;
use crate::commands::fnm::summary;
use crate::exit::Stopped;
use crate::output::{remove, write_whole};

/// Its presence says that everything else is there: removed first, written last.
const SUMMARY: &str = "summary.tsv";

/// Takes away what an earlier run said of all lesions together: it will not be true any more.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    remove(&folder.join(SUMMARY))
}

/// Writes what is made of the maps of these lesions, by name; lends each mark.
pub(crate) fn write(
    (folder, mask): (&Path, &BrainMask),
    lesions: &[&str],
    cancel: &Cancel,
    mut see: impl FnMut(&Mark),
) -> Result<()> {
    clear(folder)?;
    let mut lines = vec![summary::HEADER.to_owned()];
    for (done, name) in lesions.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(Stopped { done, of: lesions.len() }.into());
        }
        let files = Files { folder, name };
        let mark = marks::read(files)?;
        see(&mark);
        let t = read_map(files.map("t"), mask)?;
        lines.push(summary::line(&mark, mask, &t));
    }
    write_whole(&folder.join(SUMMARY), &(lines.join("\n") + "\n"))
}

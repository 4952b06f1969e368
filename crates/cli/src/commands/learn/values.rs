//! The different values of a column, from a read of it alone.

use anyhow::Result;
use twoblade::external::{Error as ExternalError, Wanted, Watch};
use twoblade::learn::Words;

use crate::commands::table::opened::Opened;
use crate::watched::Watched;

/// The different values of a column, `most` at the most, as text.
pub(crate) fn values(opened: &Opened, column: &str, most: usize) -> Result<Vec<String>> {
    let Opened { table, limits, disk, bar, .. } = opened;
    let watched = Watched::by(bar);
    let mut words = Words::new(column, most);
    let wanted = Wanted { columns: vec![table.schema().place(column)?], text: false };
    for scanned in table.scan(&wanted, limits, disk)? {
        if watched.stop() {
            return Err(ExternalError::Stopped.into());
        }
        let scanned = scanned?;
        words.add(&scanned.rows)?;
        watched.progress("values", scanned.bytes, table.bytes());
    }
    Ok(words.finish())
}

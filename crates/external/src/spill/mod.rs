//! What goes to the disk meanwhile: a folder of this process, and runs of byte records in it.

mod record;
mod run;
mod scratch;

pub(crate) use record::Record;
pub(crate) use run::Pair;
pub use run::{BLOCK, Run, RunReader, RunWriter};
pub use scratch::Scratch;

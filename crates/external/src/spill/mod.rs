//! What goes to the disk meanwhile: a folder of this process, and runs of byte records in it.

mod block;
mod record;
mod run;
mod scratch;

pub use block::BLOCK;
pub(crate) use block::{LONGEST, Packer, Unpacker};
pub(crate) use record::Record;
pub(crate) use run::Pair;
pub use run::{Run, RunReader, RunWriter};
pub use scratch::Scratch;

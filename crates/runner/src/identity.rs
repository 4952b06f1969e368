//! What makes two runs the same run.

use std::fmt::Write as _;
use std::io;

use serde::{Deserialize, Serialize};
use twoblade_core::{BlockSource, BoxError, Fingerprint, OrderedEstimator, StreamingEstimator};

/// What a result depends on: model, configuration, data, and the machine's instructions where the
/// model's numbers depend on them. Threads, memory and the way of running are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The model's name.
    pub model: String,
    /// The version of its states.
    pub state_version: u32,
    /// BLAKE3 of the model, serialized.
    pub configuration: Fingerprint,
    /// The source's.
    pub data: Fingerprint,
    /// Blocks of the source.
    pub blocks: u64,
    /// Chunks of all blocks together.
    pub chunks: u64,
    /// The instruction set that library products are chosen by, because another one may round
    /// otherwise; `any` for a model that makes the same bits with all of them.
    pub instructions: String,
}

/// The instruction set of a model that makes the same bits with all of them.
const ANY: &str = "any";

impl Identity {
    /// That of a model over a source; reads no block.
    ///
    /// # Errors
    /// If the model cannot be serialized.
    pub fn of<M, S>(model: &M, source: &S) -> Result<Self, BoxError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let instructions =
            if model.depends_on_instructions() { instructions() } else { ANY.to_owned() };
        Self::new((&model.name(), M::STATE_VERSION), model, source, instructions)
    }

    /// That of a model which depends on the order of its data; reads no block.
    ///
    /// # Errors
    /// If the model cannot be serialized.
    pub fn of_ordered<M, S>(model: &M, source: &S) -> Result<Self, BoxError>
    where
        M: OrderedEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        Self::new((&model.name(), M::MODEL_VERSION), model, source, instructions())
    }

    fn new(
        (name, version): (&str, u32),
        configuration: &impl Serialize,
        source: &impl BlockSource,
        instructions: String,
    ) -> Result<Self, BoxError> {
        Ok(Self {
            model: name.to_owned(),
            state_version: version,
            configuration: hash(configuration)?,
            data: source.fingerprint(),
            blocks: source.blocks() as u64,
            chunks: source.chunks(),
            instructions,
        })
    }

    /// One number for all of it: the plan's hash.
    ///
    /// # Panics
    /// Never: these fields can be serialized.
    pub fn hash(&self) -> Fingerprint {
        hash(self).expect("numbers and text")
    }

    /// What differs from another run, in words; empty if nothing does.
    pub fn differences(&self, other: &Self) -> String {
        let mut words = String::new();
        let mut say = |what: &str, mine: &dyn std::fmt::Display, theirs: &dyn std::fmt::Display| {
            let (mine, theirs) = (mine.to_string(), theirs.to_string());
            if mine != theirs {
                let comma = if words.is_empty() { "" } else { "; " };
                let _ = write!(words, "{comma}{what} {mine}, here {theirs}");
            }
        };
        say("model", &self.model, &other.model);
        say("version of its states", &self.state_version, &other.state_version);
        say("blocks", &self.blocks, &other.blocks);
        say("chunks", &self.chunks, &other.chunks);
        say("instruction set", &self.instructions, &other.instructions);
        say("fingerprint of the data", &short(&self.data), &short(&other.data));
        let (mine, theirs) = (short(&self.configuration), short(&other.configuration));
        say("fingerprint of options, individuals, traits and the like", &mine, &theirs);
        words
    }
}

/// Enough of it to tell two apart.
fn short(fingerprint: &Fingerprint) -> String {
    fingerprint.to_string()[..12].to_owned()
}

fn hash(value: &impl Serialize) -> Result<Fingerprint, BoxError> {
    struct Hash(blake3::Hasher);
    impl io::Write for Hash {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    // Serialized values come a few bytes at a time.
    let writer = io::BufWriter::with_capacity(64 << 10, Hash(blake3::Hasher::new()));
    let writer = postcard::to_io(value, writer)?;
    let Hash(hasher) = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Fingerprint::new(*hasher.finalize().as_bytes()))
}

/// The architecture, and those of its extensions that the kernels of matrix products are chosen by.
#[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
fn instructions() -> String {
    let mut words = std::env::consts::ARCH.to_owned();
    for (there, name) in [
        (std::arch::is_x86_feature_detected!("avx2"), "avx2"),
        (std::arch::is_x86_feature_detected!("fma"), "fma"),
        (std::arch::is_x86_feature_detected!("avx512f"), "avx512f"),
    ] {
        if there {
            words.push('+');
            words.push_str(name);
        }
    }
    words
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "x86")))]
fn instructions() -> String {
    std::env::consts::ARCH.to_owned()
}

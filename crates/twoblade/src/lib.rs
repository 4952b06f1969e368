//! x
pub use twoblade_core as core;
#[cfg(feature = "heritability")]
pub use twoblade_geno as geno;
#[cfg(feature = "heritability")]
pub use twoblade_haseman as haseman;
#[cfg(feature = "moments")]
pub use twoblade_moments as moments;
#[cfg(feature = "heritability")]
pub use twoblade_plink as plink;
#[cfg(feature = "heritability")]
pub use twoblade_rhe as rhe;
pub use twoblade_runner as runner;

//! Connectomes, lesions and maps as they come, good and bad; the errors are provoked here and their
//! texts read.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]
#![allow(clippy::float_cmp, reason = "what is exact is compared exactly")]

mod atlas;
mod damage;
mod files;
mod hdf5;
mod lesion;
mod map;
mod nifti;
mod npy;
mod reference;
mod simulate;
mod source;

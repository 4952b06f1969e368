//! A run in parts, by several processes: `pass-one`, `merge`, `pass-two`, `finish`, and what tells how
//! far it is: `status` and `verify`.

mod args;
mod finish;
mod fnm;
#[cfg(feature = "table")]
mod learn;
mod merge;
mod options;
mod passes;
mod plan_file;
mod status;

pub(crate) use self::args::{
    FinishArgs, MergeArgs, PassOneArgs, PassTwoArgs, StatusArgs, VerifyArgs,
};
pub(crate) use self::finish::finish;
pub(crate) use self::merge::merge;
pub(crate) use self::passes::{pass_one, pass_two};
pub(crate) use self::plan_file::{Needs, PlanFile};
pub(crate) use self::status::{status, verify};

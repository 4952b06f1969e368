//! Which law is broken, and how.

use std::fmt;

use thiserror::Error;
use twoblade_core::BoxError;

/// A law that every model keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is a sentence, which `Display` spells out")]
pub enum Law {
    ItAgreesWithTheReference,
    MergingHasAnIdentity,
    MergingCommutes,
    MergingAssociates,
    RemovingUndoesMerging,
    FoldingOnIsMerging,
    AResetStateIsThatOfNothing,
    AnySplitOfTheBlocksAgrees,
    PassTwoIsFinishOfTheRest,
    LeavingOutNothingIsFinish,
    LeavingOutEqualsNeverReading,
    ThreadsInsideAChunkDoNotMatter,
    AnyNumberOfThreadsAgrees,
    KeepingEqualsRecomputing,
    SpillingEqualsRecomputing,
    ResumingEqualsNotStopping,
    PartsAgreeWithTheWhole,
    AStateSurvivesSaving,
    AStateFitsItsDeclaredBytes,
    TheBudgetIsRespected,
    LearningDependsOnTheModelAlone,
    ReadersAheadDoNotMatter,
    AModelSurvivesSaving,
    AModelFitsItsDeclaredBytes,
}

impl Law {
    /// Those of a model whose states merge.
    pub const ALL: [Self; 20] = [
        Self::ItAgreesWithTheReference,
        Self::MergingHasAnIdentity,
        Self::MergingCommutes,
        Self::MergingAssociates,
        Self::RemovingUndoesMerging,
        Self::FoldingOnIsMerging,
        Self::AResetStateIsThatOfNothing,
        Self::AnySplitOfTheBlocksAgrees,
        Self::PassTwoIsFinishOfTheRest,
        Self::LeavingOutNothingIsFinish,
        Self::LeavingOutEqualsNeverReading,
        Self::ThreadsInsideAChunkDoNotMatter,
        Self::AnyNumberOfThreadsAgrees,
        Self::KeepingEqualsRecomputing,
        Self::SpillingEqualsRecomputing,
        Self::ResumingEqualsNotStopping,
        Self::PartsAgreeWithTheWhole,
        Self::AStateSurvivesSaving,
        Self::AStateFitsItsDeclaredBytes,
        Self::TheBudgetIsRespected,
    ];

    /// Those of a model that depends on the order of its data.
    pub const ORDERED: [Self; 7] = [
        Self::ItAgreesWithTheReference,
        Self::LearningDependsOnTheModelAlone,
        Self::ReadersAheadDoNotMatter,
        Self::ResumingEqualsNotStopping,
        Self::AModelSurvivesSaving,
        Self::AModelFitsItsDeclaredBytes,
        Self::TheBudgetIsRespected,
    ];
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ItAgreesWithTheReference => "it agrees with the reference",
            Self::MergingHasAnIdentity => "merging has an identity",
            Self::MergingCommutes => "merging commutes",
            Self::MergingAssociates => "merging associates",
            Self::RemovingUndoesMerging => "removing undoes merging",
            Self::FoldingOnIsMerging => "folding on is merging",
            Self::AResetStateIsThatOfNothing => "a reset state is that of nothing",
            Self::AnySplitOfTheBlocksAgrees => "any split of the blocks agrees",
            Self::PassTwoIsFinishOfTheRest => "pass two is finish of the rest",
            Self::LeavingOutNothingIsFinish => "leaving out nothing is finish",
            Self::LeavingOutEqualsNeverReading => "leaving out equals never reading",
            Self::ThreadsInsideAChunkDoNotMatter => "threads inside a chunk do not matter",
            Self::AnyNumberOfThreadsAgrees => "any number of threads agrees",
            Self::KeepingEqualsRecomputing => "keeping equals recomputing",
            Self::SpillingEqualsRecomputing => "spilling equals recomputing",
            Self::ResumingEqualsNotStopping => "resuming equals not stopping",
            Self::PartsAgreeWithTheWhole => "parts agree with the whole",
            Self::AStateSurvivesSaving => "a state survives saving",
            Self::AStateFitsItsDeclaredBytes => "a state fits its declared bytes",
            Self::TheBudgetIsRespected => "the budget is respected",
            Self::LearningDependsOnTheModelAlone => "learning depends on the model alone",
            Self::ReadersAheadDoNotMatter => "readers ahead do not matter",
            Self::AModelSurvivesSaving => "a model survives saving",
            Self::AModelFitsItsDeclaredBytes => "a model fits its declared bytes",
        })
    }
}

/// A law does not hold, or could not be tried.
#[derive(Debug, Error)]
#[non_exhaustive]
#[error("broken: {law}: {case}")]
pub struct Broken {
    /// Which law.
    pub law: Law,
    /// Where it was tried.
    pub case: String,
    /// What was found there.
    #[source]
    pub finding: Finding,
}

impl Broken {
    /// Something refused where a law was tried.
    pub(crate) fn refused(law: Law, case: impl Into<String>, error: BoxError) -> Self {
        Self { law, case: case.into(), finding: Finding::Refused(error) }
    }

    /// The law says nothing on this source.
    pub(crate) fn vacuous(law: Law, what: String) -> Self {
        Self { law, case: "the source".into(), finding: Finding::Vacuous(what) }
    }
}

/// What was found where a law is broken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Finding {
    /// Two saved things that should be the same differ.
    #[error("{left} and {right} bytes, which differ from byte {at} on")]
    Bytes {
        /// The first place that differs.
        at: usize,
        /// Length of the one.
        left: usize,
        /// Length of the other.
        right: usize,
    },
    /// One gives an estimate and the other does not.
    #[error("one is an estimate and the other is not")]
    OneRefused(#[source] BoxError),
    /// A number is too far from the reference.
    #[error("number {index} is {found:e} and the reference says {expected:e}")]
    Number {
        /// Which of the numbers.
        index: usize,
        /// What the model says.
        found: f64,
        /// What the reference says.
        expected: f64,
    },
    /// Model and reference count differently.
    #[error("{found} where the reference has {expected}")]
    Count {
        /// How many the model has.
        found: usize,
        /// How many the reference has.
        expected: usize,
    },
    /// More bytes than were declared or granted.
    #[error("{held} bytes where at most {allowed} are allowed")]
    TooMany {
        /// What is held.
        held: usize,
        /// What was declared or granted.
        allowed: usize,
    },
    /// A budget was refused after reading had begun.
    #[error("refused after {visits} visits to the source")]
    Late {
        /// Visits before the refusal.
        visits: usize,
    },
    /// The law says nothing here: it would hold whatever the model does.
    #[error("nothing is tested: {0}")]
    Vacuous(String),
    /// The model, the source, the runner or the saving refused.
    #[error("refused")]
    Refused(#[source] BoxError),
}

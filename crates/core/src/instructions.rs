//! Which of the machine's instructions our own loops use.

use std::env::{self, VarError};
use std::fmt;
use std::sync::OnceLock;

/// A set of vector instructions that a loop is compiled for.
///
/// A loop of ours gives the same bits with each of them, so this is a matter of speed alone: the
/// widest that the machine has, unless the environment variable `TWOBLADE_ISA` names another one,
/// with which tests compare them. Models ask [`chosen`](Self::chosen) when they are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Instructions {
    /// What every machine of this architecture has.
    #[default]
    Scalar,
    /// 256 bits: AVX2 and FMA (x86-64-v3).
    Avx2,
    /// 512 bits: AVX-512 F, BW, CD, DQ and VL (x86-64-v4).
    Avx512,
}

impl Instructions {
    /// The environment variable that names one: `scalar`, `avx2` or `avx512`.
    pub const VARIABLE: &'static str = "TWOBLADE_ISA";
    /// All of them, from the narrowest.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Avx2, Self::Avx512];

    /// The widest that this machine has, or the one that the environment names; read once.
    ///
    /// # Errors
    /// [`InstructionsError`] if the word is unknown, or the machine has no such instructions.
    pub fn chosen() -> Result<Self, InstructionsError> {
        static CHOSEN: OnceLock<Result<Instructions, InstructionsError>> = OnceLock::new();
        CHOSEN.get_or_init(|| Self::asked(env::var(Self::VARIABLE))).clone()
    }

    fn asked(word: Result<String, VarError>) -> Result<Self, InstructionsError> {
        let found = match word {
            Err(VarError::NotPresent) => return Ok(Self::widest()),
            Err(VarError::NotUnicode(found)) => found.to_string_lossy().into_owned(),
            Ok(found) => found,
        };
        let named = Self::ALL.into_iter().find(|set| set.name() == found);
        let named = named.ok_or(InstructionsError::Unknown { found })?;
        if named.is_there() { Ok(named) } else { Err(InstructionsError::Missing { asked: named }) }
    }

    fn widest() -> Self {
        Self::ALL.into_iter().rfind(|set| set.is_there()).unwrap_or_default()
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this machine has it.
    #[cfg(target_arch = "x86_64")]
    pub fn is_there(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
                    && is_x86_feature_detected!("lzcnt")
                    && is_x86_feature_detected!("popcnt")
            }
            Self::Avx512 => {
                Self::Avx2.is_there()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512cd")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
        }
    }

    /// Whether this machine has it.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_there(self) -> bool {
        self == Self::Scalar
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Instructions that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionsError {
    /// The environment says a word that names none.
    Unknown {
        /// The word.
        found: String,
    },
    /// The environment names some that this machine lacks.
    Missing {
        /// Which.
        asked: Instructions,
    },
}

impl fmt::Display for InstructionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = Instructions::VARIABLE;
        match self {
            Self::Unknown { found } => write!(
                f,
                "{variable} is \"{found}\" and has to be scalar, avx2 or avx512; without it the \
                 widest that the machine has are used"
            ),
            Self::Missing { asked } => write!(
                f,
                "{variable} is \"{asked}\" and this machine has {} at the widest; without the \
                 variable these are used",
                Instructions::widest()
            ),
        }
    }
}

impl std::error::Error for InstructionsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_instructions_and_none_means_the_widest() {
        let asked = |word: &str| Instructions::asked(Ok(word.to_owned()));
        assert_eq!(asked("scalar"), Ok(Instructions::Scalar));
        assert_eq!(Instructions::asked(Err(VarError::NotPresent)), Ok(Instructions::widest()));
        for set in Instructions::ALL {
            let expected = InstructionsError::Missing { asked: set };
            assert_eq!(asked(set.name()), if set.is_there() { Ok(set) } else { Err(expected) });
            assert!(!set.is_there() || set <= Instructions::widest());
        }
    }

    #[test]
    fn an_unknown_word_is_refused_with_those_that_are_known() {
        for word in ["", "AVX2", "sse"] {
            let error = Instructions::asked(Ok(word.to_owned())).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "TWOBLADE_ISA is \"{word}\" and has to be scalar, avx2 or avx512; without it \
                     the widest that the machine has are used"
                )
            );
        }
        let error = InstructionsError::Missing { asked: Instructions::Avx512 }.to_string();
        assert!(error.starts_with("TWOBLADE_ISA is \"avx512\" and this machine has "), "{error}");
    }
}

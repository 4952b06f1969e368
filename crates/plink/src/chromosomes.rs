//! Chromosomes of humans, by number and by name.

use crate::error::PlinkError;

const UNPLACED: u8 = 0;
const LAST_AUTOSOME: u8 = 22;
const X: u8 = 23;
const Y: u8 = 24;
const XY: u8 = 25;
const MT: u8 = 26;

/// Some chromosomes.
///
/// ```
/// use twoblade_plink::Chromosomes;
///
/// # fn main() -> Result<(), twoblade_plink::PlinkError> {
/// let some = Chromosomes::parse("1-4, 22, X")?;
/// assert!(some.contains("chr3") && some.contains("23") && !some.contains("5"));
/// assert_eq!(Chromosomes::parse("1-22")?, Chromosomes::autosomes());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chromosomes {
    /// Bit c for chromosome c.
    codes: u32,
}

/// How many variants are on chromosomes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChromosomeCounts {
    /// On 1 to 22.
    pub autosomes: usize,
    /// On X (23), outside the pseudo-autosomal regions if these are told apart.
    pub x: usize,
    /// On Y (24).
    pub y: usize,
    /// In the pseudo-autosomal regions of X and Y (25, XY, PAR1, PAR2).
    pub xy: usize,
    /// On the mitochondrial one (26, MT, M).
    pub mt: usize,
    /// On none that is known: 0, or any other name.
    pub other: usize,
}

impl Chromosomes {
    /// Reads a list of numbers, names and ranges such as `1-4, 22, X`, separated by commas or blanks.
    ///
    /// Numbers go from 1 to 26, of which 23 is X, 24 is Y, 25 is XY (as is `PAR1` and `PAR2`) and 26 is
    /// MT or M; 0 is where unplaced variants are. `chr` may stand in front, and upper and lower case
    /// are the same.
    ///
    /// # Errors
    /// [`PlinkError::NoChromosome`], which names what is none.
    pub fn parse(text: &str) -> Result<Self, PlinkError> {
        let mut codes = 0;
        for item in text.split([',', ' ', '\t']).filter(|item| !item.is_empty()) {
            let range = match item.split_once('-') {
                Some((first, last)) => code(first).zip(code(last)),
                None => code(item).map(|one| (one, one)),
            };
            let Some((first, last)) = range.filter(|(first, last)| first <= last) else {
                return Err(PlinkError::NoChromosome { found: item.to_owned() });
            };
            codes |= (first..=last).fold(0, |codes, code| codes | 1 << code);
        }
        if codes == 0 {
            return Err(PlinkError::NoChromosome { found: text.to_owned() });
        }
        Ok(Self { codes })
    }

    /// 1 to 22.
    pub fn autosomes() -> Self {
        Self { codes: (1 << X) - (1 << 1) }
    }

    /// Whether a chromosome, as a .bim file names it, is one of them. A name that is not known never
    /// is.
    pub fn contains(self, chromosome: &str) -> bool {
        code(chromosome).is_some_and(|code| self.codes & (1 << code) != 0)
    }
}

impl ChromosomeCounts {
    /// Counts a variant on a chromosome, as a .bim file names it.
    pub(crate) fn add(&mut self, chromosome: &str) {
        let kind = match code(chromosome) {
            None | Some(UNPLACED) => &mut self.other,
            Some(..=LAST_AUTOSOME) => &mut self.autosomes,
            Some(X) => &mut self.x,
            Some(Y) => &mut self.y,
            Some(XY) => &mut self.xy,
            Some(_) => &mut self.mt,
        };
        *kind += 1;
    }
}

/// The number of a chromosome, as PLINK counts them.
fn code(name: &str) -> Option<u8> {
    let name = match name.get(..3) {
        Some(front) if front.eq_ignore_ascii_case("chr") => &name[3..],
        _ => name,
    };
    let names: [(&str, u8); 7] =
        [("X", X), ("Y", Y), ("XY", XY), ("PAR1", XY), ("PAR2", XY), ("MT", MT), ("M", MT)];
    if name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.parse().ok().filter(|&code| code <= MT);
    }
    names.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|&(_, code)| code)
}

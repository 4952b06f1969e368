//! The annotation file: which bin each variant is in.

use std::path::{Path, PathBuf};

use twoblade_geno::Bins;

use crate::bim::Bim;
use crate::error::PlinkError;
use crate::lines::Lines;
use crate::names::unique;

/// Bins are numbered by 16 bits, one number of which says "in no bin".
const MOST_BINS: usize = Bins::NONE as usize - 1;

/// The bins of the variants of a .bim file.
#[derive(Clone, Debug)]
pub struct Annotation {
    bins: Bins,
    rows: Option<Rows>,
}

#[derive(Clone, Debug)]
struct Rows {
    file: PathBuf,
    variants: usize,
    in_no_bin: usize,
}

impl Annotation {
    /// One bin with every variant.
    pub fn everything(name: impl Into<String>) -> Self {
        Self { bins: Bins::one(name), rows: None }
    }

    /// Reads an annotation file: one row for each variant of `bim`, in that order, of whitespace-
    /// separated columns 0 or 1, one for each bin.
    ///
    /// If no word of the first line is a number it is a header and names the bins; else they are
    /// `bin1`, `bin2` and so on. A variant is in one bin at most. It takes 2 bytes a variant.
    ///
    /// # Errors
    /// [`PlinkError::AnnotationValue`], [`PlinkError::Columns`], [`PlinkError::Overlap`],
    /// [`PlinkError::AnnotationRows`], [`PlinkError::TooManyBins`], [`PlinkError::EmptyBin`],
    /// [`PlinkError::DuplicateColumn`], [`PlinkError::Empty`], or what reading text has to say.
    pub fn read(file: impl AsRef<Path>, bim: &Bim) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut lines = Lines::open(file)?;
        let mut names: Vec<String> = Vec::new();
        let mut filled = Vec::new();
        let mut of_variant = Vec::with_capacity(bim.variants());
        let mut rows = 0;
        while let Some((line, row)) = lines.next()? {
            if names.is_empty() {
                let header;
                (names, header) = bin_names(file, row)?;
                filled.resize(names.len(), false);
                if header {
                    continue;
                }
            }
            rows += 1;
            if rows > bim.variants() {
                continue; // only counted, for the error
            }
            let bin = bin_of_row(file, line, row, &names)?;
            if let Some(bin) = bin {
                filled[bin] = true;
            }
            of_variant.push(bin.map_or(Bins::NONE, |bin| u16::try_from(bin).unwrap_or(Bins::NONE)));
        }
        let file = file.to_path_buf();
        if names.is_empty() {
            return Err(PlinkError::Empty { file, expected: "one line for each variant is" });
        }
        if rows != bim.variants() {
            let (bim, variants) = (bim.file().to_path_buf(), bim.variants());
            return Err(PlinkError::AnnotationRows { file, rows, bim, variants });
        }
        if let Some(bin) = filled.iter().position(|&filled| !filled) {
            return Err(PlinkError::EmptyBin { file, name: names.swap_remove(bin) });
        }
        let in_no_bin = of_variant.iter().filter(|&&bin| bin == Bins::NONE).count();
        let rows = Some(Rows { file, variants: rows, in_no_bin });
        Ok(Self { bins: Bins::new(names, of_variant), rows })
    }

    /// The bins.
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// How many variants are in no bin.
    pub fn in_no_bin(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.in_no_bin)
    }

    /// Refuses an annotation that was read for other variants.
    pub(crate) fn check(&self, bim: &Bim) -> Result<(), PlinkError> {
        match &self.rows {
            Some(rows) if rows.variants != bim.variants() => Err(PlinkError::AnnotationRows {
                file: rows.file.clone(),
                rows: rows.variants,
                bim: bim.file().to_path_buf(),
                variants: bim.variants(),
            }),
            _ => Ok(()),
        }
    }
}

/// The names of the bins, and whether the line gives them.
fn bin_names(file: &Path, line: &str) -> Result<(Vec<String>, bool), PlinkError> {
    let found = line.split_ascii_whitespace().count();
    if found > MOST_BINS {
        let file = file.to_path_buf();
        return Err(PlinkError::TooManyBins { file, found, limit: MOST_BINS });
    }
    let header = line.split_ascii_whitespace().all(|word| word.parse::<f64>().is_err());
    if !header {
        return Ok(((1..=found).map(|bin| format!("bin{bin}")).collect(), false));
    }
    let names: Vec<String> = line.split_ascii_whitespace().map(str::to_owned).collect();
    unique(file, &names)?;
    Ok((names, true))
}

fn bin_of_row(
    file: &Path,
    line: usize,
    row: &str,
    names: &[String],
) -> Result<Option<usize>, PlinkError> {
    let (mut bin, mut columns) = (None, 0);
    for (column, word) in row.split_ascii_whitespace().enumerate() {
        columns += 1;
        let Some(name) = names.get(column) else { continue };
        match is_one(word) {
            Some(false) => {}
            Some(true) => {
                if let Some(first) = bin.replace(column) {
                    let (first, second): (&String, &String) = (&names[first], name);
                    let (first, second) = (first.clone(), second.clone());
                    return Err(PlinkError::Overlap {
                        file: file.to_path_buf(),
                        line,
                        first,
                        second,
                    });
                }
            }
            None => {
                let (file, column, found) = (file.to_path_buf(), name.clone(), word.to_owned());
                return Err(PlinkError::AnnotationValue { file, line, column, found });
            }
        }
    }
    if columns != names.len() {
        let expected = format!("{}, as on line 1,", names.len());
        return Err(PlinkError::Columns {
            file: file.to_path_buf(),
            line,
            found: columns,
            expected,
        });
    }
    Ok(bin)
}

/// 0 and 1, also written `0.0` and `1.0` as tables of doubles are.
fn is_one(word: &str) -> Option<bool> {
    match word {
        "0" => Some(false),
        "1" => Some(true),
        _ => {
            let value: f64 = word.parse().ok()?;
            [0.0, 1.0]
                .iter()
                .position(|&bit: &f64| bit.total_cmp(&value).is_eq())
                .map(|bit| bit == 1)
        }
    }
}

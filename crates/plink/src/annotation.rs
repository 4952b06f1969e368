//! The annotation file: which bins each variant is in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use twoblade_geno::{Bins, BinsBuilder};

use crate::annotation_layout::Layout;
use crate::bim::Bim;
use crate::error::PlinkError;
use crate::lines::Lines;
use crate::matching::{IdentifierMatches, Matching};

/// A listed variant that no row names.
const NO_ROW: u32 = u32::MAX;

/// The bins of the variants of a .bim file.
#[derive(Clone, Debug)]
pub struct Annotation {
    bins: Bins,
    origin: Option<Origin>,
    in_no_bin: usize,
    skipped: Vec<String>,
    reading_bytes: usize,
}

/// How the rows of an annotation file were matched with the listed variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The rows are in the order of the .bim file, one for each variant.
    Row {
        /// How many.
        rows: usize,
    },
    /// The rows name their variants.
    Identifier(IdentifierMatches),
}

/// The file that bins come from.
#[derive(Clone, Debug)]
struct Origin {
    file: PathBuf,
    variants: usize,
    matched_by: MatchedBy,
}

impl Annotation {
    /// One bin with every variant.
    pub fn everything(name: impl Into<String>) -> Self {
        let bins = Bins::one(name);
        let reading_bytes = bins.bytes();
        Self { bins, origin: None, in_no_bin: 0, skipped: Vec::new(), reading_bytes }
    }

    /// Reads an annotation file: whitespace-separated columns of 0 and 1, one for each bin. A
    /// variant may be in one bin, in several or in none.
    ///
    /// The first line is a header if no word of it is a number, or if it names a column of
    /// identifiers: `SNP`, `ID`, `RSID` or `VARIANT`, in upper or lower case, also with `#` in
    /// front. Without a header bins are `bin1`, `bin2` and so on, and a first column that is no
    /// number holds identifiers.
    ///
    /// With identifiers a row is about the variants of `bim` that have its identifier, in any
    /// order; rows of other variants are passed over, and a variant that has no row is in no bin.
    /// `.` is no identifier. Beside identifiers, columns that say where a variant is and what it is
    /// (`CHR`, `BP`, `CM` and others, as LDSC writes them) are passed over:
    /// [`Self::skipped_columns`]. Without identifiers there is a row for each variant of `bim`, in
    /// that order.
    ///
    /// Identifiers are compared by 64-bit hashes (xxh3). That a row of another variant is taken for
    /// one of ten million listed has a chance of 5 in 10^13, and of 5 in a million that it happens
    /// to any of ten million such rows.
    ///
    /// # Errors
    /// [`PlinkError::AnnotationValue`], [`PlinkError::Continuous`], [`PlinkError::Columns`],
    /// [`PlinkError::AnnotationRows`], [`PlinkError::TooManyBins`], [`PlinkError::EmptyBin`],
    /// [`PlinkError::DuplicateColumn`], [`PlinkError::TwoIdentifierColumns`],
    /// [`PlinkError::NoAnnotation`], [`PlinkError::DuplicateVariant`],
    /// [`PlinkError::NoSharedVariants`], [`PlinkError::HeaderOnly`], [`PlinkError::Empty`], or what
    /// reading text has to say.
    pub fn read(file: impl AsRef<Path>, bim: &Bim) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut lines = Lines::open(file)?;
        let Some((line, first)) = lines.next()? else {
            let expected = "one line for each variant is";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        };
        let layout = Layout::of(file, first)?;
        let mut rows = if layout.has_identifier {
            Rows::ByIdentifier(ByIdentifier::new(file, bim)?)
        } else {
            Rows::InOrder(InOrder::new(file, bim, &layout))
        };
        let mut set = Vec::new();
        if !layout.has_header {
            rows.take(&layout, (file, line, first), &mut set)?;
        }
        while let Some((line, row)) = lines.next()? {
            rows.take(&layout, (file, line, row), &mut set)?;
        }
        let (bins, matched_by, reading_bytes) = match rows {
            Rows::InOrder(rows) => rows.finish()?,
            Rows::ByIdentifier(rows) => rows.finish(layout.bins)?,
        };
        let annotation = Self::new(bins, file, bim.variants(), matched_by, reading_bytes);
        if let Some(bin) = annotation.empty_bin() {
            let (file, name) = (file.to_path_buf(), annotation.bins.names()[bin].clone());
            return Err(PlinkError::EmptyBin { file, name });
        }
        Ok(Self { skipped: layout.skipped, ..annotation })
    }

    /// Bins of as many variants as are listed, which come from a file.
    pub(crate) fn new(
        bins: Bins,
        file: &Path,
        variants: usize,
        matched_by: MatchedBy,
        reading_bytes: usize,
    ) -> Self {
        let in_no_bin = (0..variants).filter(|&variant| bins.of(variant).is_empty()).count();
        let origin = Some(Origin { file: file.to_path_buf(), variants, matched_by });
        Self { bins, origin, in_no_bin, skipped: Vec::new(), reading_bytes }
    }

    /// The bins.
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// How many variants are in no bin.
    pub fn in_no_bin(&self) -> usize {
        self.in_no_bin
    }

    /// How rows were matched with variants; none for [`Self::everything`].
    pub fn matched_by(&self) -> Option<MatchedBy> {
        self.origin.as_ref().map(|origin| origin.matched_by)
    }

    /// Columns beside the identifiers that are no annotations, by name.
    pub fn skipped_columns(&self) -> &[String] {
        &self.skipped
    }

    /// The most bytes that were held while the bins were made.
    ///
    /// Row by row these are the bytes kept, [`Bins::bytes`], and once more the sets that occur. By
    /// identifier it is 17 bytes for each variant of the .bim file, whatever the size of the
    /// annotation file.
    pub fn reading_bytes(&self) -> usize {
        self.reading_bytes
    }

    /// Refuses an annotation that was read for other variants.
    pub(crate) fn check(&self, bim: &Bim) -> Result<(), PlinkError> {
        match &self.origin {
            Some(origin) if origin.variants != bim.variants() => Err(PlinkError::AnnotationRows {
                file: origin.file.clone(),
                rows: origin.variants,
                bim: bim.file().to_path_buf(),
                variants: bim.variants(),
            }),
            _ => Ok(()),
        }
    }

    /// The first bin that no variant is in.
    fn empty_bin(&self) -> Option<usize> {
        let mut filled = vec![false; self.bins.count()];
        for variant in 0..self.origin.as_ref().map_or(0, |origin| origin.variants) {
            self.bins.of(variant).iter().for_each(|&bin| filled[usize::from(bin)] = true);
        }
        filled.iter().position(|&filled| !filled)
    }
}

/// Rows as they come.
enum Rows<'a> {
    InOrder(InOrder<'a>),
    ByIdentifier(ByIdentifier<'a>),
}

impl Rows<'_> {
    /// Takes a row; `set` is a place for its bins, to be used again.
    fn take(
        &mut self,
        layout: &Layout,
        (file, line, row): (&Path, usize, &str),
        set: &mut Vec<u16>,
    ) -> Result<(), PlinkError> {
        match self {
            Self::InOrder(rows) => {
                rows.rows += 1;
                if rows.rows <= rows.bim.variants() {
                    layout.read(file, line, row, set)?;
                    rows.builder.push(set);
                } // others are only counted, for the error
            }
            Self::ByIdentifier(rows) => {
                let identifier = layout.read(file, line, row, set)?;
                rows.take(line, identifier, set)?;
            }
        }
        Ok(())
    }
}

/// One row for each listed variant.
struct InOrder<'a> {
    file: &'a Path,
    bim: &'a Bim,
    builder: BinsBuilder,
    rows: usize,
}

impl<'a> InOrder<'a> {
    fn new(file: &'a Path, bim: &'a Bim, layout: &Layout) -> Self {
        let mut builder = BinsBuilder::new(layout.bins.clone());
        builder.reserve(bim.variants());
        Self { file, bim, builder, rows: 0 }
    }

    fn finish(self) -> Result<(Bins, MatchedBy, usize), PlinkError> {
        let (rows, variants) = (self.rows, self.bim.variants());
        if rows != variants {
            let (file, bim) = (self.file.to_path_buf(), self.bim.file().to_path_buf());
            return Err(PlinkError::AnnotationRows { file, rows, bim, variants });
        }
        let bins = self.builder.build();
        let reading_bytes = bins.bytes() + set_bytes(&bins, variants);
        Ok((bins, MatchedBy::Row { rows }, reading_bytes))
    }
}

/// Rows of some listed variants, in any order.
struct ByIdentifier<'a> {
    matching: Matching<'a>,
    numbers: HashMap<Vec<u16>, u32>,
    sets: Vec<Vec<u16>>,
    /// The set of each listed variant, or [`NO_ROW`].
    of_variant: Vec<u32>,
}

impl<'a> ByIdentifier<'a> {
    fn new(file: &'a Path, bim: &'a Bim) -> Result<Self, PlinkError> {
        let matching = Matching::new(file, bim)?;
        let of_variant = vec![NO_ROW; bim.variants()];
        Ok(Self { matching, numbers: HashMap::new(), sets: Vec::new(), of_variant })
    }

    fn take(&mut self, line: usize, identifier: &str, set: &[u16]) -> Result<(), PlinkError> {
        let mut listed = self.matching.listed(line, identifier)?.peekable();
        if listed.peek().is_none() {
            return Ok(());
        }
        let number = if let Some(&number) = self.numbers.get(set) {
            number
        } else {
            let number = u32::try_from(self.sets.len());
            let number =
                number.expect("each set has a variant, of which there are fewer than 2^32");
            self.numbers.insert(set.to_vec(), number);
            self.sets.push(set.to_vec());
            number
        };
        listed.for_each(|variant| self.of_variant[variant] = number);
        Ok(())
    }

    /// The bins in the order of the listed variants: the same whatever the order of the rows.
    fn finish(self, names: Vec<String>) -> Result<(Bins, MatchedBy, usize), PlinkError> {
        let matches = self.matching.finish()?;
        let mut builder = BinsBuilder::new(names);
        builder.reserve(self.of_variant.len());
        for &number in &self.of_variant {
            builder.push(self.sets.get(number as usize).map_or(&[], Vec::as_slice));
        }
        let bins = builder.build();
        let (variants, sets) = (self.of_variant.len(), set_bytes(&bins, self.of_variant.len()));
        // While rows are read, and afterwards.
        let rows = (Matching::VARIANT_BYTES + size_of::<u32>()) * variants + 2 * sets;
        let after = 2 * size_of::<u32>() * variants + 4 * sets;
        Ok((bins, MatchedBy::Identifier(matches), rows.max(after)))
    }
}

/// Bytes of the sets that occur.
fn set_bytes(bins: &Bins, variants: usize) -> usize {
    bins.bytes() - variants * size_of::<u32>()
}

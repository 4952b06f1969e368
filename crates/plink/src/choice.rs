//! Variants chosen by name and by place.

use std::path::PathBuf;

use twoblade_geno::Subset;

use crate::bim::Listed;
use crate::chromosomes::{ChromosomeCounts, Chromosomes};
use crate::error::PlinkError;
use crate::open::Plink;
use crate::variants::VariantList;

/// Which variants are looked at: as PLINK chooses them by `--extract`, `--exclude` and `--chr`.
///
/// ```
/// use twoblade_plink::{Chromosomes, Plink, Simulation, VariantChoice, VariantList};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let folder = tempfile::tempdir()?;
/// let prefix = folder.path().join("x");
/// Simulation::new(50, 200, 1).write(&prefix)?;
/// let plink = Plink::open(&prefix)?;
/// let file = folder.path().join("bad");
/// std::fs::write(&file, "snp3 snp7\nsnp1000\n")?;
///
/// let bad = VariantList::read(&file)?;
/// let chosen = VariantChoice::new(&plink)
///     .exclude(&bad)
///     .chromosomes(&Chromosomes::autosomes())
///     .choose()?;
/// assert_eq!((chosen.listed, chosen.excluded, chosen.kept()), (200, 2, 198));
/// assert_eq!(chosen.exclude.map(|list| list.unmatched), Some(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct VariantChoice<'a> {
    plink: &'a Plink,
    extract: Option<&'a VariantList>,
    exclude: Option<&'a VariantList>,
    chromosomes: Option<Chromosomes>,
}

/// Which variants are looked at, and what became of the others.
///
/// Every listed variant is in one of `not_extracted`, `excluded`, `on_other_chromosomes` and `kept()`:
/// the first that is true of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenVariants {
    /// Those that are kept, of all that the .bim files list.
    pub subset: Subset,
    /// Variants in the .bim files.
    pub listed: usize,
    /// Those that are not in the list to extract, if there is one.
    pub not_extracted: usize,
    /// Of the others, those that are in the list to exclude.
    pub excluded: usize,
    /// Of the others, those that are on other chromosomes than were asked for.
    pub on_other_chromosomes: usize,
    /// The list to extract, if there is one.
    pub extract: Option<ListedVariants>,
    /// The list to exclude, if there is one.
    pub exclude: Option<ListedVariants>,
    /// Where those that are kept are.
    pub chromosomes: ChromosomeCounts,
    /// The most bytes that the lists and what was found of them held while variants were chosen.
    pub reading_bytes: usize,
}

/// What was found of a list of variants, in counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVariants {
    /// The file.
    pub file: PathBuf,
    /// Different identifiers in it.
    pub identifiers: usize,
    /// Words of the file that are identifiers an earlier one is too.
    pub repeated: usize,
    /// Variants of the .bim files whose identifier is in the list; several may share one.
    pub matched: usize,
    /// Identifiers of the list that no variant has.
    pub unmatched: usize,
}

impl<'a> VariantChoice<'a> {
    /// All variants of a data set.
    pub fn new(plink: &'a Plink) -> Self {
        Self { plink, extract: None, exclude: None, chromosomes: None }
    }

    /// Of these variants alone.
    #[must_use]
    pub fn extract(mut self, list: &'a VariantList) -> Self {
        self.extract = Some(list);
        self
    }

    /// Without these variants, also where they are to be extracted.
    #[must_use]
    pub fn exclude(mut self, list: &'a VariantList) -> Self {
        self.exclude = Some(list);
        self
    }

    /// On these chromosomes alone.
    #[must_use]
    pub fn chromosomes(mut self, chromosomes: &Chromosomes) -> Self {
        self.chromosomes = Some(*chromosomes);
        self
    }

    /// Reads the .bim files once more, unless all variants are wanted, and chooses. Beside 4 bytes for
    /// each variant that is kept it takes, while it reads, one for each identifier of a list.
    ///
    /// # Errors
    /// [`PlinkError::NoVariants`] if none is left, [`PlinkError::Changed`] if a .bim file is not what
    /// it was, or what reading text has to say.
    pub fn choose(&self) -> Result<ChosenVariants, PlinkError> {
        let bim = self.plink.bim();
        let mut chosen = ChosenVariants {
            subset: Subset::all(bim.variants()),
            listed: bim.variants(),
            not_extracted: 0,
            excluded: 0,
            on_other_chromosomes: 0,
            extract: None,
            exclude: None,
            chromosomes: bim.chromosomes(),
            reading_bytes: 0,
        };
        if self.extract.is_none() && self.exclude.is_none() && self.chromosomes.is_none() {
            return Ok(chosen);
        }
        chosen.chromosomes = ChromosomeCounts::default();
        let [mut extract, mut exclude] =
            [self.extract, self.exclude].map(|list| list.map(Found::new));
        let mut rows = Vec::new();
        bim.each(&mut |Listed { row, chromosome, identifier }| {
            // Both lists are asked about every variant, so that what they match is counted in full.
            let [extracted, excluded] = [&mut extract, &mut exclude]
                .map(|list| list.as_mut().map(|list| list.has(identifier)));
            if extracted == Some(false) {
                chosen.not_extracted += 1;
            } else if excluded == Some(true) {
                chosen.excluded += 1;
            } else if self.chromosomes.is_some_and(|wanted| !wanted.contains(chromosome)) {
                chosen.on_other_chromosomes += 1;
            } else {
                chosen.chromosomes.add(chromosome);
                rows.extend(u32::try_from(row)); // it is one: 2^32 variants are refused before
            }
        })?;
        if rows.is_empty() {
            return Err(PlinkError::NoVariants {
                bim: bim.file().to_path_buf(),
                listed: chosen.listed,
                not_extracted: chosen.not_extracted,
                excluded: chosen.excluded,
                on_other_chromosomes: chosen.on_other_chromosomes,
            });
        }
        // Each list with a mark for every identifier, the room that it grew into while it was read, and
        // the rows likewise.
        let lists = [self.extract, self.exclude].into_iter().flatten();
        let lists: usize = lists.map(|list| 2 * list.bytes() + list.identifiers()).sum();
        chosen.reading_bytes = lists + rows.capacity() * size_of::<u32>();
        rows.shrink_to_fit();
        chosen.subset = Subset::new(bim.variants(), rows);
        chosen.extract = extract.map(Found::counts);
        chosen.exclude = exclude.map(Found::counts);
        Ok(chosen)
    }
}

impl ChosenVariants {
    /// Variants that are kept.
    pub fn kept(&self) -> usize {
        self.subset.kept()
    }
}

/// A list, and what was found of it so far.
struct Found<'a> {
    list: &'a VariantList,
    matched: usize,
    /// Of each identifier, whether a variant has it.
    seen: Vec<bool>,
}

impl<'a> Found<'a> {
    fn new(list: &'a VariantList) -> Self {
        Self { list, matched: 0, seen: vec![false; list.identifiers()] }
    }

    fn has(&mut self, identifier: &str) -> bool {
        let Some(place) = self.list.place(identifier) else { return false };
        self.seen[place] = true;
        self.matched += 1;
        true
    }

    fn counts(self) -> ListedVariants {
        ListedVariants {
            file: self.list.file().to_path_buf(),
            identifiers: self.list.identifiers(),
            repeated: self.list.repeated(),
            matched: self.matched,
            unmatched: self.seen.iter().filter(|&&seen| !seen).count(),
        }
    }
}

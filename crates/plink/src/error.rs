//! What can be wrong with files, and with what is asked of them.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What is wrong, where, and what to do about it.
///
/// Lines are counted from 1, as editors count them.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlinkError {
    /// One of the three files of a data set is not there.
    #[error(
        "{file} does not exist; a PLINK data set is three files side by side: PREFIX.bed, \
         PREFIX.bim and PREFIX.fam"
    )]
    NotFound {
        /// The file looked for.
        file: PathBuf,
    },
    /// What stands in the braces of a prefix is no range.
    #[error(
        "{prefix}: between braces one ascending range of whole numbers is expected, of {limit} \
         numbers at most, as in chr{{1..22}}; correct the prefix"
    )]
    BraceRange {
        /// The prefix.
        prefix: PathBuf,
        /// The most.
        limit: usize,
    },
    /// No data set is named.
    #[error("no data set is named, the prefix of one at least is expected; name one")]
    NoFiles,
    /// A data set is named twice.
    #[error("{file} is named twice, once is expected; name each data set once")]
    SameFile {
        /// The .bed file.
        file: PathBuf,
    },
    /// Two .fam files list another individual on the same line.
    #[error(
        "{file}, line {line}: individual '{found}' found, '{expected}' is expected as in {first}; \
         all .fam files must list the same individuals in the same order, make the files again \
         from one list"
    )]
    OtherIndividual {
        /// The file.
        file: PathBuf,
        /// The line, in both.
        line: usize,
        /// Family and individual identifier in this file.
        found: String,
        /// Those in the first file.
        expected: String,
        /// The first .fam file.
        first: PathBuf,
    },
    /// Two .fam files list different numbers of individuals.
    #[error(
        "{file} lists {individuals} individuals and {first} lists {expected}; all .fam files must \
         list the same individuals in the same order, make the files again from one list"
    )]
    OtherIndividuals {
        /// The file.
        file: PathBuf,
        /// Individuals in it.
        individuals: usize,
        /// The first .fam file.
        first: PathBuf,
        /// Individuals in that.
        expected: usize,
    },
    /// A file is not what it was when it was read first.
    #[error("{file} has changed since it was first read; run again when it is complete")]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// The operating system could not open or read a file.
    #[error("{file} could not be read")]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Genotypes could not be read.
    #[error(
        "{file}: the genotypes of variants {first} to {last} (counted from 1) could not be read"
    )]
    ReadVariants {
        /// The .bed file.
        file: PathBuf,
        /// The first variant of the range, counted from 1.
        first: usize,
        /// The last variant of the range, counted from 1.
        last: usize,
        /// What the system says.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("{file} could not be written")]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// A line is not UTF-8.
    #[error(
        "{file}, line {line}: not text (UTF-8); if the file is compressed, decompress it first"
    )]
    NotText {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
    },
    /// A line is longer than any line of such a file.
    #[error("{file}, line {line}: longer than {limit} bytes; is this a text file?")]
    LongLine {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// Bytes that a line may have.
        limit: usize,
    },
    /// A blank line has data after it.
    #[error("{file}, line {line}: blank, with data after it; take the line out")]
    BlankLine {
        /// The file.
        file: PathBuf,
        /// The blank line.
        line: usize,
    },
    /// A file has nothing in it.
    #[error("{file} is empty; {expected} expected")]
    Empty {
        /// The file.
        file: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// A line has too few or too many columns.
    #[error("{file}, line {line}: {found} columns found, {expected} expected; correct this line")]
    Columns {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// Columns found.
        found: usize,
        /// How many there should be, and why.
        expected: String,
    },

    /// The base-pair position in a .bim file is not a whole number.
    #[error(
        "{file}, line {line}: the position (column 4) is '{found}', a whole number of base pairs \
         is expected; correct it, or write 0 if it is unknown"
    )]
    Position {
        /// The .bim file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// An individual is in a file twice.
    #[error(
        "{file}: individual '{individual}' is on line {first} and again on line {second}, \
         one line is expected; take one of them out"
    )]
    DuplicateIndividual {
        /// The file.
        file: PathBuf,
        /// Family (if the file has it) and individual identifier.
        individual: String,
        /// The first line.
        first: usize,
        /// The second line.
        second: usize,
    },
    /// There are more individuals than rows can be numbered.
    #[error("{file} lists more than {limit} individuals, which is the most that is supported")]
    TooManyIndividuals {
        /// The .fam file.
        file: PathBuf,
        /// The most.
        limit: usize,
    },

    /// There are more variants than rows can be numbered.
    #[error("{file}: more than {limit} variants, which is the most that is supported")]
    TooManyVariants {
        /// The .bim file.
        file: PathBuf,
        /// The most.
        limit: usize,
    },
    /// Something in a list of chromosomes is none.
    #[error(
        "'{found}' is no chromosome; numbers from 0 to 26, X, Y, XY, MT and ascending ranges such \
         as 1-22 are expected, separated by commas"
    )]
    NoChromosome {
        /// What stands there.
        found: String,
    },
    /// No variant is left.
    #[error(
        "none of the {listed} variants of {bim} is left: {not_extracted} are not in the list to \
         extract, {excluded} of the others are in the list to exclude, and {on_other_chromosomes} of \
         the rest are on other chromosomes; check that the lists have the identifiers of the .bim \
         file (column 2), and that the chromosomes (column 1) are those asked for"
    )]
    NoVariants {
        /// The .bim file.
        bim: PathBuf,
        /// Variants in it.
        listed: usize,
        /// Those that are not in the list to extract.
        not_extracted: usize,
        /// Those of the others that are in the list to exclude.
        excluded: usize,
        /// Those of the others that are on other chromosomes.
        on_other_chromosomes: usize,
    },

    /// The first line of a phenotype or covariate file is not a header.
    #[error(
        "{file}, line 1: starts with '{found}', a header is expected; add a first line 'FID IID \
         NAME' (or 'IID NAME') with a name for each {what}"
    )]
    NoHeader {
        /// The file.
        file: PathBuf,
        /// `trait` or `covariate`.
        what: &'static str,
        /// The first words found.
        found: String,
    },
    /// The header of a phenotype or covariate file names no column.
    #[error(
        "{file}, line 1: the header names individuals and no {what}; add a column for each {what}, \
         with its name in the header"
    )]
    NoColumns {
        /// The file.
        file: PathBuf,
        /// `trait` or `covariate`.
        what: &'static str,
    },
    /// Two columns have the same name.
    #[error("{file}, line 1: two columns are named '{name}'; give each column a name of its own")]
    DuplicateColumn {
        /// The file.
        file: PathBuf,
        /// The name.
        name: String,
    },
    /// Text where a number should be.
    #[error(
        "{file}, line {line}, column '{column}': '{found}' found, a number is expected, or \
         {missing} for a missing value; correct it"
    )]
    NotANumber {
        /// The phenotype file, or the .fam file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The name of the column.
        column: String,
        /// What stands there.
        found: String,
        /// What may stand there for a missing value.
        missing: String,
    },
    /// A phenotype or covariate is infinite.
    #[error(
        "{file}, line {line}, column '{column}': '{found}' is not finite, a finite number is \
         expected; correct it, or write NA if the value is missing"
    )]
    Infinite {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The name of the column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// A file without family identifiers names an individual that is in two families.
    #[error(
        "{file}, line {line}: individual '{individual}' is in two families, on lines {first} and \
         {second} of {fam}; add the family identifiers as a first column FID"
    )]
    Ambiguous {
        /// The file.
        file: PathBuf,
        /// Its line.
        line: usize,
        /// The individual identifier.
        individual: String,
        /// The .fam file.
        fam: PathBuf,
        /// The first line in the .fam file.
        first: usize,
        /// The second line in the .fam file.
        second: usize,
    },
    /// A trait or covariate is asked for that its file does not have.
    #[error("{file} has no {what} '{name}'; it has {available}")]
    NoSuchColumn {
        /// The file.
        file: PathBuf,
        /// `trait` or `covariate`.
        what: &'static str,
        /// The name asked for.
        name: String,
        /// The names that there are, with commas.
        available: String,
    },

    /// Something in a list of columns is no number of one.
    #[error(
        "'{found}' is no number of a column; numbers from 1 on (the first column after the \
         identifiers) and ascending ranges such as 3-5 are expected, separated by commas"
    )]
    NoColumnNumber {
        /// What stands there.
        found: String,
    },
    /// A column is asked for beyond the last.
    #[error(
        "{file}: {what} number {number} is asked for, it has {count} (counted from 1 after the \
         identifiers); ask for one of these"
    )]
    NoSuchNumber {
        /// The file.
        file: PathBuf,
        /// `trait` or `covariate`.
        what: &'static str,
        /// The number asked for, from 1.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// A column is asked for twice.
    #[error("{file}: {what} number {number} is asked for twice, once is expected; ask for it once")]
    SameNumber {
        /// The file.
        file: PathBuf,
        /// `trait` or `covariate`.
        what: &'static str,
        /// The number asked for, from 1.
        number: usize,
    },

    /// A covariate holds categories, and more of them than categories are.
    #[error(
        "{file}, line {line}, column '{column}': '{found}' is no number, so the column holds \
         categories, of which it has more than {limit}; correct the value, or leave the column out \
         if it is an identifier"
    )]
    TooManyLevels {
        /// The covariate file.
        file: PathBuf,
        /// The line of the first value that is no number.
        line: usize,
        /// The name of the column.
        column: String,
        /// That value.
        found: String,
        /// The most that are supported.
        limit: usize,
    },

    /// What stands in a column of annotations is no number.
    #[error(
        "{file}, line {line}, column '{column}': '{found}' found, 0 or 1 is expected; correct it, or, \
         if the column holds identifiers of variants, name it SNP in a header"
    )]
    AnnotationValue {
        /// The annotation file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The name of the column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// An annotation is a number other than 0 and 1.
    #[error(
        "{file}, line {line}, column '{column}': '{found}' found, 0 or 1 is expected; continuous \
         annotations are not supported: make columns of 0 and 1 of it, 1 where the value is in a \
         range, or take the column out"
    )]
    Continuous {
        /// The annotation file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The name of the column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// The annotation file does not have one row for each variant.
    #[error(
        "{file} has {rows} rows and {bim} lists {variants} variants; one row for each variant is \
         expected, in the order of the .bim file (and one header line at most), or a column SNP of \
         identifiers"
    )]
    AnnotationRows {
        /// The annotation file.
        file: PathBuf,
        /// Its rows, without a header.
        rows: usize,
        /// The .bim file.
        bim: PathBuf,
        /// Variants in the .bim file.
        variants: usize,
    },
    /// The header of an annotation file names no annotation.
    #[error(
        "{file}, line 1: no annotation in the header '{found}', one column of 0 and 1 for each bin is \
         expected; add one"
    )]
    NoAnnotation {
        /// The annotation file.
        file: PathBuf,
        /// The header.
        found: String,
    },
    /// Two columns hold identifiers of variants.
    #[error(
        "{file}, line 1: columns '{first}' and '{second}' both name variants, one is expected; take \
         out the one that is not as in the .bim file"
    )]
    TwoIdentifierColumns {
        /// The file.
        file: PathBuf,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
    },
    /// A file has a header and nothing else.
    #[error("{file} has a header and no rows; one row for each variant is expected")]
    HeaderOnly {
        /// The file.
        file: PathBuf,
    },
    /// A listed variant has two rows in a file.
    #[error(
        "{file}, line {line}: variant '{identifier}' has an earlier row, one is expected; take one \
         of them out"
    )]
    DuplicateVariant {
        /// The file.
        file: PathBuf,
        /// The line of the second row.
        line: usize,
        /// The identifier.
        identifier: String,
    },
    /// No row of a file names a listed variant.
    #[error(
        "none of the {rows} variants of {file} (the first is '{example}') is among the {variants} of \
         {bim} (the first is '{listed_example}'); check that both use the same identifiers"
    )]
    NoSharedVariants {
        /// The file.
        file: PathBuf,
        /// Its rows.
        rows: usize,
        /// The identifier on its first row.
        example: String,
        /// The .bim file.
        bim: PathBuf,
        /// Variants in it.
        variants: usize,
        /// The identifier of its first variant.
        listed_example: String,
    },
    /// An annotation file has more columns than bins can be numbered.
    #[error("{file} has {found} columns, at most {limit} are supported; use fewer bins")]
    TooManyBins {
        /// The annotation file.
        file: PathBuf,
        /// Columns found.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// A bin holds no variant.
    #[error("{file}: no variant is in bin '{name}'; take the column out")]
    EmptyBin {
        /// The annotation file.
        file: PathBuf,
        /// The bin.
        name: String,
    },

    /// A file of LD scores has neither a header nor two columns.
    #[error(
        "{file}, line 1: starts with '{found}', a header is expected that names a column of \
         identifiers (SNP, ID, RSID or VARIANT) and one of scores (L2, LDSCORE, LD or ldscore_SNP); \
         add one, or give two columns, identifier and score"
    )]
    NoScoreHeader {
        /// The file.
        file: PathBuf,
        /// The first words found.
        found: String,
    },
    /// The header of a file of LD scores names no score.
    #[error(
        "{file}, line 1: no column is named L2, LDSCORE, LD or ldscore_SNP, one of scores is \
         expected; the columns are {available}, rename one"
    )]
    NoScoreColumn {
        /// The file.
        file: PathBuf,
        /// The columns that there are, with commas.
        available: String,
    },
    /// The header of a file of LD scores names several.
    #[error(
        "{file}, line 1: columns {found} all name LD scores, one is expected; take the others out"
    )]
    SeveralScoreColumns {
        /// The file.
        file: PathBuf,
        /// The columns, with commas.
        found: String,
    },
    /// Bins by frequency and LD score cannot be made so.
    #[error("the {option} of LD-MAF bins: '{found}' found, {expected} is expected; change it")]
    LdMafOption {
        /// The option.
        option: &'static str,
        /// What was asked for.
        found: String,
        /// What may be asked for.
        expected: String,
    },
    /// No variant can be binned by frequency and LD score.
    #[error(
        "no variant has both a frequency and an LD score in {file}: {without_frequency} do not vary \
         or are not looked at, {without_score} have no score; check that the scores are of these \
         variants"
    )]
    NoLdMafVariant {
        /// The file of LD scores.
        file: PathBuf,
        /// Listed variants without a frequency.
        without_frequency: usize,
        /// Of the others, those without a score.
        without_score: usize,
    },

    /// A data set is in a format of PLINK 2 or BGEN.
    #[error("{file} is not in the PLINK 1 format; convert it first: {command}")]
    OtherFormat {
        /// The file found.
        file: PathBuf,
        /// The command that converts it.
        command: String,
    },
    /// The .bed file does not begin as one.
    #[error(
        "{file} starts with the bytes {found}, 6c 1b 01 is expected: this is not a PLINK .bed file; \
         make one with plink2 --make-bed"
    )]
    NotBed {
        /// The .bed file.
        file: PathBuf,
        /// The first bytes, in hexadecimal.
        found: String,
    },
    /// The .bed file holds one row for each individual, not for each variant.
    #[error(
        "{file} is individual-major (mode byte 00), variant-major (01) is expected; convert it with \
         plink2 --make-bed"
    )]
    IndividualMajor {
        /// The .bed file.
        file: PathBuf,
    },
    /// The .bed file has a mode that does not exist.
    #[error(
        "{file}: the mode byte is {found:02x}, 01 is expected (variant-major); the file is damaged, \
         make it again with plink2 --make-bed"
    )]
    BedMode {
        /// The .bed file.
        file: PathBuf,
        /// The third byte.
        found: u8,
    },
    /// The .bed file is not as long as the .bim and .fam files say.
    #[error(
        "{file} is {}: it has {found} bytes, {expected} are expected for the {variants} variants of \
         {bim} and the {individuals} individuals of {fam}; check that the three files belong \
         together and copy them again",
        if found < expected { "truncated" } else { "too long" }
    )]
    BedLength {
        /// The .bed file.
        file: PathBuf,
        /// Its length in bytes.
        found: u64,
        /// What it should be, 3 + variants × ⌈individuals / 4⌉.
        expected: u64,
        /// The .bim file.
        bim: PathBuf,
        /// Variants in it.
        variants: usize,
        /// The .fam file.
        fam: PathBuf,
        /// Individuals in it.
        individuals: usize,
    },

    /// Nobody in a phenotype or covariate file has genotypes.
    #[error(
        "none of the {rows} individuals of {file} is among the {individuals} of {fam}; check that \
         both use the same identifiers (FID and IID)"
    )]
    NoSharedIndividuals {
        /// The file.
        file: PathBuf,
        /// Individuals in it.
        rows: usize,
        /// The .fam file.
        fam: PathBuf,
        /// Individuals in it.
        individuals: usize,
    },
    /// The lists of individuals leave too few, or too few with enough genotypes.
    #[error(
        "of the {listed} individuals of {fam}, {not_kept} are not in the list to keep and {removed} \
         of the others are in the list to remove{}: {chosen} stay, at least 2 are needed; check that \
         the lists use the same identifiers (FID and IID){}",
        match too_many_missing {
            0 => String::new(),
            dropped => format!(", and {dropped} of the rest lack too many genotypes"),
        },
        if *too_many_missing > 0 { ", or allow more missing genotypes" } else { "" }
    )]
    TooFewChosen {
        /// The .fam file.
        fam: PathBuf,
        /// Individuals in it.
        listed: usize,
        /// Those that are not in the list to keep.
        not_kept: usize,
        /// Those of the others that are in the list to remove.
        removed: usize,
        /// Those of the others that are dropped for missing genotypes.
        too_many_missing: usize,
        /// Those that stay.
        chosen: usize,
    },
    /// Rows of individuals to drop do not ascend, or are not listed.
    #[error(
        "the rows of the individuals to drop do not ascend, or are not all below the {listed} that \
         are listed; give each row once, in ascending order, counted from 0"
    )]
    DroppedRows {
        /// Individuals listed.
        listed: usize,
    },
    /// Too few individuals have a trait.
    #[error(
        "of the {matched} individuals that are {}{}{}, {kept} have \
         a value for {}, at least 2 are needed; {}, or check the values: {missing} are missing",
        in_both(file),
        if *lists { " and that the lists to keep and to remove leave" } else { "" },
        if *dropped { " and that have enough genotypes" } else { "" },
        trait_named(name.as_deref()),
        match (name, file.extension()) {
            (Some(_), Some(ending)) if ending == "fam" => "give a file of phenotypes",
            (Some(_), _) => "leave it out",
            (None, _) => "analyse fewer traits",
        }
    )]
    TooFewIndividuals {
        /// The phenotype file.
        file: PathBuf,
        /// The trait; none if only individuals with every trait stay.
        name: Option<String>,
        /// Whether individuals were listed to keep or to remove.
        lists: bool,
        /// Whether individuals were dropped for missing genotypes.
        dropped: bool,
        /// Individuals in both files, of those that are left.
        matched: usize,
        /// Individuals that have the trait, or every trait.
        kept: usize,
        /// What stands for a missing value.
        missing: String,
    },
    /// A trait does not vary.
    #[error(
        "{file}: trait '{name}' is {value} for all {individuals} individuals that stay, so it has no \
         variance to explain; leave it out"
    )]
    ConstantTrait {
        /// The phenotype file.
        file: PathBuf,
        /// The trait.
        name: String,
        /// Its value.
        value: f64,
        /// How many individuals.
        individuals: usize,
    },
    /// Too few individuals have the covariates.
    #[error(
        "of the {traits} individuals that have a value for {}, {absent} are not in {file} and \
         {missing} lack a covariate there: {kept} stay, at least 2 are needed; check that the files \
         use the same identifiers (FID and IID), leave out covariates that few have, or let the mean \
         stand for what is missing",
        trait_named(name.as_deref())
    )]
    TooFewWithCovariates {
        /// The covariate file.
        file: PathBuf,
        /// The trait; none if only individuals with every trait stay.
        name: Option<String>,
        /// Individuals that have it, or every trait.
        traits: usize,
        /// Those that are not in the covariate file.
        absent: usize,
        /// Those that are dropped because a covariate is missing.
        missing: usize,
        /// Those that stay.
        kept: usize,
    },
    /// Nobody who stays has a covariate, so there is no mean to put in.
    #[error(
        "{file}: none of the {individuals} individuals that stay for trait '{phenotype}' has a value \
         for covariate '{name}'; leave one of the two out"
    )]
    NoCovariate {
        /// The covariate file.
        file: PathBuf,
        /// The covariate.
        name: String,
        /// The trait.
        phenotype: String,
        /// How many individuals.
        individuals: usize,
    },
    /// There are more blocks than variants.
    #[error(
        "{variants} variants of {bim} cannot be cut into {blocks} jackknife blocks, each with one at \
         least; ask for {variants} blocks or fewer, and for 1 or more"
    )]
    TooFewVariants {
        /// The .bim file.
        bim: PathBuf,
        /// Variants in it.
        variants: usize,
        /// Blocks asked for.
        blocks: usize,
    },
    /// An annotation is of other variants than the studies.
    #[error(
        "the annotation is of {found} variants and the studies are of files that list {expected}; \
         make the annotation for these files"
    )]
    OtherBins {
        /// Variants of the annotation.
        found: usize,
        /// Variants that the files list.
        expected: usize,
    },
    /// A bin has variants, but none that was chosen.
    #[error(
        "none of the {variants} variants that were chosen is in bin '{name}'; leave the bin out, or \
         choose more variants"
    )]
    NothingInBin {
        /// The bin.
        name: String,
        /// Variants that were chosen.
        variants: usize,
    },
    /// One study is asked for, and the traits make several.
    #[error(
        "traits '{first}' and '{second}' are not of the same individuals, so that there are \
         {studies} studies where one is expected; take them all from StudyBuilder::assemble, or set \
         MissingTraits::Common there to analyse those who have every trait"
    )]
    SeveralStudies {
        /// How many.
        studies: usize,
        /// A trait of the first.
        first: String,
        /// A trait of the second.
        second: String,
    },
    /// A study was made from other files.
    #[error(
        "the study has {study_individuals} individuals and {study_variants} variants, {file} has \
         {individuals} and {variants}; make the study from these files"
    )]
    OtherStudy {
        /// The .bed file.
        file: PathBuf,
        /// Individuals that the study lists.
        study_individuals: usize,
        /// Variants that the study lists.
        study_variants: usize,
        /// Individuals of the file.
        individuals: usize,
        /// Variants of the file.
        variants: usize,
    },
    /// The individuals of a study are not rows of its files.
    #[error(
        "the study keeps {kept} individuals of {listed}; at least one row, ascending and below \
         {listed}, is expected; make the study again"
    )]
    StudyRows {
        /// Individuals that stay.
        kept: usize,
        /// Individuals listed.
        listed: usize,
    },
    /// The cut of a study is of other variants or other individuals than the study.
    #[error(
        "the study has {kept} variants of {listed} individuals and was cut for {cut} of \
         {cut_listed}; make the study again"
    )]
    StudyCut {
        /// Variants that the study looks at.
        kept: usize,
        /// Individuals listed.
        listed: usize,
        /// Variants of the cut.
        cut: usize,
        /// Individuals that the cut was made for.
        cut_listed: usize,
    },

    /// An option of a simulation makes no sense.
    #[error("the simulation's {option} is {found}, {expected} is expected; change it")]
    Simulation {
        /// The option.
        option: &'static str,
        /// What was asked for.
        found: String,
        /// What may be asked for.
        expected: &'static str,
    },
    /// Somebody asked a simulation to stop.
    #[error("stopped after {done} of {of} variants; nothing was written")]
    Interrupted {
        /// Variants that were done.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// A bin of a simulation has no causal variant to carry its heritability.
    #[error(
        "bin {bin} of the simulation has {variants} variants and none of them is causal and \
         polymorphic, so it cannot carry a heritability of {h2}; simulate more variants or \
         individuals, a larger causal share, or fewer bins"
    )]
    NoCausalVariant {
        /// The bin, counted from 1.
        bin: usize,
        /// Variants in it.
        variants: usize,
        /// The heritability asked for.
        h2: f64,
    },

    /// Genotypes are asked for that the file does not have.
    #[cfg(feature = "dosage")]
    #[error("{what} {index} (counted from 0) is asked for, {file} has {count}")]
    NoSuchDosage {
        /// The .bed file.
        file: PathBuf,
        /// `individual` or `variant`.
        what: &'static str,
        /// The index asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// bed-reader could not read the file.
    #[cfg(feature = "dosage")]
    #[error("{file}: dosages could not be read")]
    Dosage {
        /// The .bed file.
        file: PathBuf,
        /// What bed-reader says.
        source: twoblade_core::BoxError,
    },
}

/// A trait by its name, or all of them.
/// Where phenotypes are from a file of their own, who is in both; else everybody listed.
fn in_both(file: &Path) -> String {
    match file.extension() {
        Some(ending) if ending == "fam" => format!("in {}", file.display()),
        _ => format!("both in {} and in the .fam file", file.display()),
    }
}

fn trait_named(name: Option<&str>) -> String {
    name.map_or("every trait".to_owned(), |name| format!("trait '{name}'"))
}

//! What can be wrong with files, and with what is asked of them.

use std::io;
use std::path::PathBuf;

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

    /// An annotation is neither 0 nor 1.
    #[error(
        "{file}, line {line}, column '{column}': '{found}' found, 0 or 1 is expected; continuous \
         annotations are not supported, cut them into bins first"
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
    /// A variant is in two bins.
    #[error(
        "{file}, line {line}: the variant is in bins '{first}' and '{second}', at most one is \
         expected; overlapping annotations are not supported yet, make the bins disjoint"
    )]
    Overlap {
        /// The annotation file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// A bin that holds the variant.
        first: String,
        /// Another bin that holds it.
        second: String,
    },
    /// The annotation file does not have one row for each variant.
    #[error(
        "{file} has {rows} rows and {bim} lists {variants} variants; one row for each variant is \
         expected, in the order of the .bim file (and one header line at most)"
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
    /// The lists of individuals leave too few.
    #[error(
        "of the {listed} individuals of {fam}, {not_kept} are not in the list to keep and {removed} \
         of the others are in the list to remove: {chosen} stay, at least 2 are needed; check that \
         the lists use the same identifiers (FID and IID)"
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
        /// Those that stay.
        chosen: usize,
    },
    /// Too few individuals stay.
    #[error(
        "of the {matched} individuals that are both in {file} and in the .fam file{}, {kept} have a \
         value for every trait, at least 2 are needed; analyse fewer traits, or check the values: \
         {missing} are missing",
        if *lists { " and that the lists to keep and to remove leave" } else { "" }
    )]
    TooFewIndividuals {
        /// The phenotype file.
        file: PathBuf,
        /// Whether individuals were listed to keep or to remove.
        lists: bool,
        /// Individuals in both files, of those that such lists leave.
        matched: usize,
        /// Individuals that have every trait.
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
        "of the {traits} individuals that have a value for every trait, {absent} are not in {file} \
         and {missing} lack a covariate there: {kept} stay, at least 2 are needed; check that the \
         files use the same identifiers (FID and IID), leave out covariates that few have, or let \
         the mean stand for what is missing"
    )]
    TooFewWithCovariates {
        /// The covariate file.
        file: PathBuf,
        /// Individuals that have every trait.
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
        "{file}: none of the {individuals} individuals that stay has a value for covariate \
         '{name}'; leave it out"
    )]
    NoCovariate {
        /// The covariate file.
        file: PathBuf,
        /// The covariate.
        name: String,
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
        "the study keeps {kept} individuals of {listed} and was cut for {cut}; one row for each of \
         these, ascending and below {listed}, is expected; make the study again"
    )]
    StudyRows {
        /// Individuals that stay.
        kept: usize,
        /// Individuals listed.
        listed: usize,
        /// Individuals that the study's cut was made for.
        cut: usize,
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

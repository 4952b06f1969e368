//! Damaged files: 10,000 of each format, in processes that may use 1 GB. None has a checksum, so some
//! are read; what matters is that nothing panics, hangs, or asks for memory that the file cannot fill.

use std::ops::ControlFlow;
use std::path::Path;

use twoblade_core::BlockSource;
use twoblade_plink::{
    Annotation, BedSource, Covariates, Individuals, LdScores, MissingCovariate, Phenotypes, Plink,
    PlinkError, StudyBuilder, VariantChoice, VariantList,
};
use twoblade_testkit::survives_damage;

use crate::folder::Folder;

const COPIES: u64 = 10_000;
const KIBIBYTES: u64 = 1 << 20;
const INDIVIDUALS: usize = 14;
const VARIANTS: usize = 12;

/// A study with every kind of file.
fn study() -> Folder {
    let folder = Folder::with_data_set(INDIVIDUALS, VARIANTS);
    let rows = |row: &dyn Fn(usize) -> String, count: usize| -> String {
        (0..count).map(|number| row(number) + "\n").collect()
    };
    let who = |row: usize| format!("f{row} i{row}");
    let pheno = rows(&|row| format!("{} {}.5 {}", who(row), row * row % 11, row % 2), INDIVIDUALS);
    folder.write("x.pheno", format!("FID IID height case\n{pheno}"));
    let covar = rows(&|row| format!("{} {} {}", who(row), 30 + row * row % 7, 1 + row % 2), 14);
    folder.write("x.covar", format!("FID IID age sex\n{covar}"));
    folder.write("x.annot", rows(&|row| format!("{} {}", row % 2, (row + 1) % 2), VARIANTS));
    let table = rows(&|row| format!("1 {row} rs{row} 0 {} 1", row % 2), VARIANTS);
    folder.write("x.table.annot", format!("CHR BP SNP CM a b\n{table}"));
    let scores = rows(&|row| format!("1 rs{row} {row} {}.25", row * row % 13), VARIANTS);
    folder.write("x.l2.ldscore", format!("CHR SNP BP L2\n{scores}"));
    folder.write("keep", rows(&|row| who(row + 1), INDIVIDUALS - 2));
    folder.write("extract", rows(&|row| format!("rs{row}"), VARIANTS - 2));
    folder.write("sets", format!("{}\n", folder.path("x").display()));
    folder
}

/// All files of a study, read.
#[derive(Clone)]
struct Files {
    plink: Plink,
    phenotypes: Phenotypes,
    covariates: Covariates,
    annotation: Annotation,
    keep: Individuals,
    extract: VariantList,
}

impl Files {
    fn read(folder: &Folder) -> Result<Self, PlinkError> {
        let plink = Plink::open_list(folder.path("sets"))?;
        Ok(Self {
            phenotypes: plink.phenotypes(folder.path("x.pheno"))?,
            covariates: plink.covariates(folder.path("x.covar"))?,
            annotation: plink.annotation(folder.path("x.annot"))?,
            keep: plink.individuals(folder.path("keep"))?,
            extract: VariantList::read(folder.path("extract"))?,
            plink,
        })
    }

    /// What is made of them, down to the genotypes.
    fn use_them(&self) -> Result<(), PlinkError> {
        let chosen = VariantChoice::new(&self.plink).extract(&self.extract).choose()?;
        let assembled = StudyBuilder::new(&self.plink, &self.phenotypes, &self.annotation)
            .covariates(&self.covariates, MissingCovariate::Drop)
            .keep(&self.keep)
            .variants(&chosen)
            .assemble(3)?;
        let source = BedSource::of(&self.plink, &assembled)?;
        let mut variants = 0;
        for block in 0..source.blocks() {
            let visited = source.visit(block, &mut |chunk| {
                variants += chunk.variants();
                ControlFlow::Continue(())
            });
            if let Err(error) = visited {
                return Err(*error.downcast().expect("what a .bed has to say"));
            }
        }
        assert_eq!(variants, chosen.kept());
        Ok(())
    }
}

/// Tries damaged copies of a file: `change` reads the file again and puts it among the others, which
/// are whole.
fn survives(
    test: &str,
    name: &str,
    change: impl Fn(&mut Files, &Folder, &Path) -> Result<(), PlinkError>,
) {
    let folder = study();
    let files = Files::read(&folder).unwrap();
    let path = folder.path(name);
    let whole = std::fs::read(&path).unwrap();
    let read = || {
        let mut files = files.clone();
        change(&mut files, &folder, &path)?;
        files.use_them()
    };
    read().unwrap();
    let test = format!("damage::{test}");
    let survived = survives_damage(&test, (COPIES, KIBIBYTES), &whole, |bytes| {
        std::fs::write(&path, bytes).unwrap();
        // Every refusal has words for a person.
        read().map_err(|error| assert!(error.to_string().len() > 20, "{error}")).is_ok()
    });
    assert!(survived.refused > COPIES / 20 && survived.read > COPIES / 100, "{survived:?}");
}

/// The three files that all others are read for, and the list of them.
fn survives_whole(test: &str, name: &str) {
    survives(test, name, |files, folder, _| {
        *files = Files::read(folder)?;
        Ok(())
    });
}

#[test]
fn genotypes() {
    survives_whole("genotypes", "x.bed");
}

#[test]
fn variants() {
    survives_whole("variants", "x.bim");
}

#[test]
fn individuals() {
    survives_whole("individuals", "x.fam");
}

#[test]
fn phenotypes() {
    survives("phenotypes", "x.pheno", |files, _, file| {
        files.phenotypes = files.plink.phenotypes(file)?;
        Ok(())
    });
}

#[test]
fn covariates() {
    survives("covariates", "x.covar", |files, _, file| {
        files.covariates = files.plink.covariates(file)?;
        Ok(())
    });
}

#[test]
fn a_bare_annotation() {
    survives("a_bare_annotation", "x.annot", |files, _, file| {
        files.annotation = files.plink.annotation(file)?;
        Ok(())
    });
}

#[test]
fn a_table_of_annotations() {
    survives("a_table_of_annotations", "x.table.annot", |files, _, file| {
        files.annotation = files.plink.annotation(file)?;
        Ok(())
    });
}

#[test]
fn ld_scores() {
    survives("ld_scores", "x.l2.ldscore", |files, _, file| {
        let scores = LdScores::read(file, files.plink.bim())?;
        assert!(scores.listed() + scores.missing() >= VARIANTS);
        Ok(())
    });
}

#[test]
fn lists_of_individuals() {
    survives("lists_of_individuals", "keep", |files, _, file| {
        files.keep = files.plink.individuals(file)?;
        Ok(())
    });
}

#[test]
fn lists_of_variants() {
    survives("lists_of_variants", "extract", |files, _, file| {
        files.extract = VariantList::read(file)?;
        Ok(())
    });
}

#[test]
fn lists_of_data_sets() {
    survives_whole("lists_of_data_sets", "sets");
}

//! Joining, and what cannot be analysed.

use twoblade_geno::Subset;
use twoblade_plink::{
    Annotation, GroupJoined, Joined, MissingCode, MissingTraits, PhenotypeOptions, PlinkError,
    StudyBuilder, TraitJoined,
};

use crate::folder::Folder;

fn study(folder: &Folder, pheno: &str, blocks: usize) -> Result<twoblade_geno::Study, PlinkError> {
    let plink = folder.open();
    let phenotypes = plink.phenotypes(folder.write("y.pheno", pheno))?;
    plink.study(&phenotypes, &Annotation::everything("all"), blocks)
}

#[test]
fn individuals_with_the_trait_stay_in_the_order_of_the_fam() {
    let folder = Folder::with_data_set(6, 10);
    let text = "FID IID a\nf5 i5 1\nf3 i3 NA\nf0 i0 3\nf2 i2 4\nf4 i4 -9\nq q 1\n";
    let study = study(&folder, text, 5).unwrap();
    assert_eq!((study.listed, &study.individuals[..]), (6, &[0, 2, 5][..]));
    assert_eq!(
        (&study.traits[0].name[..], &study.traits[0].values[..]),
        ("a", &[3.0, 4.0, 1.0][..])
    );
    assert_eq!(study.bins.names(), ["all"]);
    assert_eq!(study.variants, Subset::all(10));
    let cut = study.cut;
    assert_eq!((cut.variants(), cut.listed(), cut.blocks().count()), (10, 6, 5));
}

#[test]
fn what_was_joined_is_counted() {
    let folder = Folder::with_data_set(6, 4);
    folder.write("x.bim", "1 a 0 1 A G\n1 b 0 1 A G\n1 a 0 1 A G\n1 . 0 1 A G\n");
    let plink = folder.open();
    let text =
        "FID IID a b\nf5 i5 1 10\nf3 i3 2 NA\nf0 i0 3 30\nf2 i2 4 40\nf4 i4 -9 50\nq q 1 1\n";
    let phenotypes = plink.phenotypes(folder.write("y.pheno", text)).unwrap();
    let annotation = plink.annotation(folder.write("a.annot", "0 1\n1 0\n0 0\n0 1\n")).unwrap();
    let builder = StudyBuilder::new(&plink, &phenotypes, &annotation);
    let assembled = builder.traits(MissingTraits::Common).assemble(2).unwrap();
    let joined = assembled.joined;
    let expected = Joined {
        listed: 6,
        fam_columns: 6,
        not_kept: 0,
        removed: 0,
        too_many_missing: 0,
        matched: 5,
        kept: 3,
        not_genotyped: 1,
        covariates: Vec::new(),
        variants: 4,
        duplicate_identifiers: 1,
        in_no_bin: 1,
    };
    assert_eq!((joined.chosen(), joined.without_phenotype()), (6, 1));
    assert_eq!(joined, expected);
    let counts = |name: &str| TraitJoined {
        name: name.to_owned(),
        missing: 2,
        with_trait: 3,
        absent: 0,
        incomplete: 0,
    };
    let expected =
        GroupJoined { traits: vec![counts("a"), counts("b")], kept: 3, covariates: Vec::new() };
    assert_eq!(assembled.groups[0].joined, expected);
}

#[test]
fn what_cannot_be_analysed_is_refused() {
    let folder = Folder::with_data_set(4, 10);
    let good = "FID IID a\nf0 i0 1\nf1 i1 2\nf2 i2 3\n";
    let cases = [
        (
            "FID IID a\nF0 i0 1\nF1 i1 2\nF2 i2 3\n",
            5,
            "none of the 3 individuals of y.pheno is among the 4 of x.fam; check that both use the \
             same identifiers (FID and IID)",
        ),
        (
            "FID IID a b\nf0 i0 1 NA\nf1 i1 2 1\nf2 i2 3 NA\n",
            5,
            "of the 3 individuals that are both in y.pheno and in the .fam file, 1 have a value for \
             trait 'b', at least 2 are needed; leave it out, or check the values: NA, nan and -9 are \
             missing",
        ),
        (
            "FID IID a b\nf0 i0 1 0.5\nf1 i1 2 0.5\nf2 i2 NA NA\n",
            5,
            "y.pheno: trait 'b' is 0.5 for all 2 individuals that stay, so it has no variance to \
             explain; leave it out",
        ),
        (
            good,
            11,
            "10 variants of x.bim cannot be cut into 11 jackknife blocks, each with one at least; \
             ask for 10 blocks or fewer, and for 1 or more",
        ),
        (
            good,
            0,
            "10 variants of x.bim cannot be cut into 0 jackknife blocks, each with one at least; \
             ask for 10 blocks or fewer, and for 1 or more",
        ),
    ];
    for (pheno, blocks, expected) in cases {
        assert_eq!(folder.refusal(study(&folder, pheno, blocks)), expected);
    }
    assert_eq!(study(&folder, good, 10).unwrap().individuals, [0, 1, 2]);
}

#[test]
fn phenotypes_and_annotations_of_other_files_are_refused() {
    let (folder, other) = (Folder::with_data_set(4, 10), Folder::with_data_set(5, 3));
    let text = "FID IID a\nf0 i0 1\nf1 i1 2\n";
    let ours = folder.open().phenotypes(folder.write("y.pheno", text)).unwrap();
    let theirs = other.open().phenotypes(folder.path("y.pheno")).unwrap();
    let annotation = other.open().annotation(folder.write("a.annot", "1\n1\n1\n")).unwrap();
    let plink = folder.open();
    assert_eq!(
        folder.refusal(plink.study(&ours, &annotation, 2)),
        "a.annot has 3 rows and x.bim lists 10 variants; one row for each variant is expected, in \
         the order of the .bim file (and one header line at most), or a column SNP of identifiers"
    );
    assert_eq!(
        folder.refusal(plink.study(&theirs, &Annotation::everything("all"), 2)),
        "the study has 5 individuals and 10 variants, x.bed has 4 and 10; make the study from these \
         files"
    );
}

#[test]
fn traits_are_normalized_by_rank_among_those_that_stay() {
    let folder = Folder::with_data_set(6, 10);
    let plink = folder.open();
    let text = "FID IID a b\nf0 i0 3 1\nf1 i1 0 NA\nf2 i2 100 2\nf3 i3 -5 1\nf4 i4 4 1\n";
    let phenotypes = plink.phenotypes(folder.write("y.pheno", text)).unwrap();
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything)
        .quantile_normalized()
        .traits(MissingTraits::Common);
    let study = &builder.assemble(2).unwrap().groups[0].study;
    assert_eq!(study.individuals, [0, 2, 3, 4]);
    // By mpmath 1.3.0, sqrt(2) * erfinv(2 * p - 1) of 0.125 and 0.375; three equal ranks have the mean 2, (2 - 1/2) / 4 = 0.375.
    let [far, near] = [1.150_349_380_376_008, 0.318_639_363_964_375_16];
    for (found, expected) in
        study.traits.iter().zip([[-near, far, -far, near], [-near, far, -near, -near]])
    {
        let close = found.values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14);
        assert!(close && found.values.len() == 4, "{:?}", found.values);
    }
    assert_eq!(study.traits.len(), 2);
}

#[test]
fn what_stands_for_a_missing_value_is_said_as_it_was_read() {
    let folder = Folder::with_data_set(4, 10);
    let plink = folder.open();
    let text = "FID IID a b\nf0 i0 1 NA\nf1 i1 2 NA\nf2 i2 0 1\nf3 i3 0 2\n";
    let file = folder.write("y.pheno", text);
    let none = PhenotypeOptions { missing_code: MissingCode::None };
    let cases = [
        (PhenotypeOptions::default(), "NA, nan and -9 (and 0 where a trait is coded 1 and 2)", 0),
        (none, "NA and nan", 1),
    ];
    for (options, missing, kept) in cases {
        // Without the code, one more has to go.
        if kept == 1 {
            folder.write("y.pheno", text.replace("i3 0 2", "i3 0 NA"));
        }
        let phenotypes = plink.phenotypes_with(&file, &options).unwrap();
        let everything = Annotation::everything("all");
        let builder = StudyBuilder::new(&plink, &phenotypes, &everything);
        assert_eq!(
            folder.refusal(builder.traits(MissingTraits::Common).assemble(2)),
            format!(
                "of the 4 individuals that are both in y.pheno and in the .fam file, {kept} have a \
                 value for every trait, at least 2 are needed; analyse fewer traits, or check the \
                 values: {missing} are missing"
            )
        );
    }
}

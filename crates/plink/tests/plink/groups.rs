//! Who stays, trait by trait.

use std::fmt::Write;

use proptest::prelude::*;
use twoblade_core::BlockSource;
use twoblade_geno::Subset;
use twoblade_plink::{
    Annotation, Assembled, BedSource, Covariates, MissingCovariate, MissingTraits, Phenotypes,
    Plink, PlinkError, StudyBuilder,
};

use crate::folder::Folder;

/// Traits a and c are of 0, 2, 3 and 5, b of 1, 2 and 3.
const PHENO: &str = "FID IID a b c\nf5 i5 1 NA 3\nf3 i3 2 5 4\nf0 i0 3 NA 8\nf2 i2 4 7 1\n\
                     f1 i1 -9 8 NA\nf4 i4 NA NA NA\n";

fn open(folder: &Folder, text: &str) -> (Plink, Phenotypes) {
    let plink = folder.open();
    let phenotypes = plink.phenotypes(folder.write("y.pheno", text)).unwrap();
    (plink, phenotypes)
}

fn names(assembled: &Assembled) -> Vec<Vec<&str>> {
    let names = |group: &'_ twoblade_plink::Group| group.study.traits.len();
    assert!(assembled.groups.iter().all(|group| names(group) == group.joined.traits.len()));
    let groups = assembled.groups.iter();
    groups.map(|group| group.study.traits.iter().map(|one| one.name.as_str()).collect()).collect()
}

#[test]
fn traits_of_the_same_individuals_are_a_group() {
    let folder = Folder::with_data_set(7, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let everything = Annotation::everything("all");
    let assembled = StudyBuilder::new(&plink, &phenotypes, &everything).assemble(5).unwrap();
    assert_eq!(names(&assembled), [vec!["a", "c"], vec!["b"]]);
    let [first, second] = &assembled.groups[..] else { panic!("two groups") };
    assert_eq!(first.study.individuals, [0, 2, 3, 5]);
    assert_eq!(first.study.traits[1].values, [8.0, 1.0, 4.0, 3.0]);
    assert_eq!(second.study.individuals, [1, 2, 3]);
    assert_eq!(second.study.traits[0].values, [8.0, 7.0, 5.0]);
    assert_eq!(assembled.individuals, [0, 1, 2, 3, 5]);
    assert_eq!((&assembled.variants, assembled.cut), (&Subset::all(10), first.study.cut));
    let joined = &assembled.joined;
    assert_eq!((joined.listed, joined.matched, joined.kept), (7, 6, 5));
    assert_eq!((first.joined.kept, second.joined.kept), (4, 3));
    assert_eq!((first.joined.traits[0].missing, second.joined.traits[0].missing), (2, 3));
    // One read of those who are in any group serves all of them.
    let source = BedSource::of(&plink, &assembled).unwrap();
    let over = BedSource::over(&plink, &[0, 1, 2, 3, 5], &Subset::all(10), assembled.cut).unwrap();
    assert_eq!(source.fingerprint(), over.fingerprint());
}

#[test]
fn only_individuals_with_every_trait_stay_where_that_is_asked_for() {
    let folder = Folder::with_data_set(7, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything);
    let assembled = builder.traits(MissingTraits::Common).assemble(5).unwrap();
    assert_eq!(names(&assembled), [["a", "b", "c"]]);
    let group = &assembled.groups[0];
    assert_eq!((&group.study.individuals, &assembled.individuals), (&vec![2, 3], &vec![2, 3]));
    assert!(group.joined.traits.iter().all(|one| (one.missing, one.with_trait) == (4, 2)));
}

#[test]
fn several_studies_are_not_taken_for_one() {
    let folder = Folder::with_data_set(7, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let everything = Annotation::everything("all");
    assert_eq!(
        folder.refusal(plink.study(&phenotypes, &everything, 5)),
        "traits 'a' and 'b' are not of the same individuals, so that there are 2 studies where one \
         is expected; take them all from StudyBuilder::assemble, or set MissingTraits::Common there \
         to analyse those who have every trait"
    );
    let alike = phenotypes.select(&["c", "a"]).unwrap();
    assert_eq!(plink.study(&alike, &everything, 5).unwrap().traits.len(), 2);
    let none: [&str; 0] = [];
    let none = phenotypes.select(&none).unwrap();
    assert!(folder.refusal(plink.study(&none, &everything, 5)).contains("and no trait; "));
}

#[test]
fn lists_come_first_then_missing_genotypes_then_phenotypes() {
    let folder = Folder::with_data_set(9, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let keep = (0..8).filter(|row| *row != 3).map(|row| format!("f{row} i{row}\n"));
    let keep = plink.individuals(folder.write("keep", keep.collect::<String>())).unwrap();
    let remove = plink.individuals(folder.write("remove", "f3 i3\nf5 i5\n")).unwrap();
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything).keep(&keep).remove(&remove);
    assert_eq!(builder.chosen().unwrap(), [0, 1, 2, 4, 6, 7]);
    // 3 is not kept and 5 is removed already; 7 has no phenotype either.
    let builder = builder.dropping(&[3, 4, 5, 7]);
    assert_eq!(builder.chosen().unwrap(), [0, 1, 2, 4, 6, 7]);
    let assembled = builder.assemble(2).unwrap();
    let joined = &assembled.joined;
    assert_eq!((joined.not_kept, joined.removed, joined.too_many_missing), (2, 1, 2));
    assert_eq!((joined.chosen(), joined.without_phenotype(), joined.matched), (6, 1, 3));
    assert_eq!((joined.kept, &assembled.individuals), (3, &vec![0, 1, 2]));
    assert_eq!(assembled.groups[1].study.individuals, [1, 2]);
}

#[test]
fn what_leaves_too_few_is_named() {
    let folder = Folder::with_data_set(7, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything);
    let keep = plink.individuals(folder.write("keep", "f0 i0\nf1 i1\nf2 i2\nf3 i3\n")).unwrap();
    let all = [0, 1, 2, 3, 4, 5];
    let cases: [(StudyBuilder<'_>, &str); 5] = [
        (
            builder.clone().dropping(&all),
            "of the 7 individuals of x.fam, 0 are not in the list to keep and 0 of the others are in \
             the list to remove, and 6 of the rest lack too many genotypes: 1 stay, at least 2 are \
             needed; check that the lists use the same identifiers (FID and IID), or allow more \
             missing genotypes",
        ),
        (
            builder.clone().keep(&keep).dropping(&[1, 2]),
            "of the 2 individuals that are both in y.pheno and in the .fam file and that the lists to \
             keep and to remove leave and that have enough genotypes, 1 have a value for trait 'b', \
             at least 2 are needed; leave it out, or check the values: NA, nan and -9 are missing",
        ),
        (
            builder.clone().dropping(&[1, 2]).traits(MissingTraits::Common),
            "of the 4 individuals that are both in y.pheno and in the .fam file and that have enough \
             genotypes, 1 have a value for every trait, at least 2 are needed; analyse fewer traits, \
             or check the values: NA, nan and -9 are missing",
        ),
        (
            builder.clone().dropping(&[2, 1]),
            "the rows of the individuals to drop do not ascend, or are not all below the 7 that are \
             listed; give each row once, in ascending order, counted from 0",
        ),
        (
            builder.clone().dropping(&[7]),
            "the rows of the individuals to drop do not ascend, or are not all below the 7 that are \
             listed; give each row once, in ascending order, counted from 0",
        ),
    ];
    for (builder, expected) in cases {
        assert_eq!(folder.refusal(builder.assemble(2)), expected);
    }
    let nobody = plink.individuals(folder.write("keep", "f0 i0\n")).unwrap();
    assert!(
        folder.refusal(builder.clone().keep(&nobody).chosen()).contains(": 1 stay, at least 2")
    );
}

#[test]
fn too_few_with_covariates_and_constant_traits_are_named_by_trait() {
    let folder = Folder::with_data_set(7, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything);
    let read = |text: &str| plink.covariates(folder.write("c.covar", text)).unwrap();
    let few = read("IID age\ni0 1\ni2 2\ni3 NA\ni5 3\n");
    assert_eq!(
        folder.refusal(builder.clone().covariates(&few, MissingCovariate::Drop).assemble(2)),
        "of the 3 individuals that have a value for trait 'b', 1 are not in c.covar and 1 lack a \
         covariate there: 1 stay, at least 2 are needed; check that the files use the same \
         identifiers (FID and IID), leave out covariates that few have, or let the mean stand for \
         what is missing"
    );
    let none = read("IID age\ni0 1\ni1 NA\ni2 NA\ni3 NA\ni5 3\n");
    assert_eq!(
        folder.refusal(builder.covariates(&none, MissingCovariate::Mean).assemble(2)),
        "c.covar: none of the 3 individuals that stay for trait 'b' has a value for covariate 'age'; \
         leave one of the two out"
    );
    let (plink, constant) = open(&folder, "IID a b\ni0 1 NA\ni1 2 4\ni2 3 4\n");
    assert_eq!(
        folder.refusal(StudyBuilder::new(&plink, &constant, &everything).assemble(2)),
        "y.pheno: trait 'b' is 4 for all 2 individuals that stay, so it has no variance to explain; \
         leave it out"
    );
}

#[test]
fn covariates_become_columns_within_a_group() {
    let folder = Folder::with_data_set(7, 10);
    let (plink, phenotypes) = open(&folder, PHENO);
    let text = "IID age site\ni0 10 x\ni1 50 z\ni2 20 y\ni3 NA y\ni5 60 x\n";
    let covariates = plink.covariates(folder.write("c.covar", text)).unwrap();
    let everything = Annotation::everything("all");
    let assembled = StudyBuilder::new(&plink, &phenotypes, &everything)
        .covariates(&covariates, MissingCovariate::Mean)
        .assemble(2)
        .unwrap();
    let [first, second] = &assembled.groups[..] else { panic!("two groups") };
    let columns = |group: &twoblade_plink::Group| -> Vec<(String, Vec<f64>)> {
        group.covariates.iter().map(|one| (one.name.clone(), one.values.clone())).collect()
    };
    let named = |name: &str, values: &[f64]| (name.to_owned(), values.to_vec());
    let expected =
        [named("age", &[10.0, 20.0, 30.0, 60.0]), named("site=y", &[0.0, 1.0, 1.0, 0.0])];
    assert_eq!(columns(first), expected);
    let expected = [named("age", &[50.0, 20.0, 35.0]), named("site=z", &[1.0, 0.0, 0.0])];
    assert_eq!(columns(second), expected);
    assert_eq!(first.joined.covariates[1].reference.as_deref(), Some("x"));
    assert_eq!(second.joined.covariates[1].absent, ["x"]);
}

#[test]
fn bins_may_be_put_in_later() {
    let folder = Folder::with_data_set(7, 4);
    let (plink, phenotypes) = open(&folder, PHENO);
    let everything = Annotation::everything("all");
    let assembled = StudyBuilder::new(&plink, &phenotypes, &everything).assemble(2).unwrap();
    let annotation = |text: &str| plink.annotation(folder.write("n", text)).unwrap();
    let bins = annotation("p q\n0 1\n0 0\n1 0\n0 1\n");
    let rebinned = assembled.clone().rebinned(&bins).unwrap();
    let direct = StudyBuilder::new(&plink, &phenotypes, &bins).assemble(2).unwrap();
    for (found, expected) in rebinned.groups.iter().zip(&direct.groups) {
        assert_eq!(found.study, expected.study);
    }
    assert_eq!((rebinned.groups.len(), &rebinned.joined), (2, &direct.joined));
    let other = Folder::with_data_set(7, 3);
    let other = other.open().annotation(folder.write("n", "1\n1\n1\n")).unwrap();
    assert_eq!(
        folder.refusal(assembled.rebinned(&other)),
        "the annotation is of 3 variants and the studies are of files that list 4; make the \
         annotation for these files"
    );
}

/// Values of eight individuals: none is missing, or some are.
fn table(columns: &[Vec<Option<u8>>], head: &str) -> String {
    let mut text = (0..columns.len()).fold("IID".to_owned(), |text, n| format!("{text} {head}{n}"));
    for row in 0..8 {
        write!(text, "\ni{row}").unwrap();
        for column in columns {
            match column[row] {
                Some(value) => write!(text, " {value}").unwrap(),
                None => text += " NA",
            }
        }
    }
    text + "\n"
}

fn columns(
    missing: f64,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<Vec<Option<u8>>>> {
    let value = prop::option::weighted(1.0 - missing, 3u8..30);
    prop::collection::vec(prop::collection::vec(value, 8), count)
}

fn assemble(
    plink: &Plink,
    phenotypes: &Phenotypes,
    covariates: &Covariates,
    (missing, quantiles): (MissingCovariate, bool),
) -> Result<Assembled, PlinkError> {
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(plink, phenotypes, &everything).covariates(covariates, missing);
    if quantiles { builder.quantile_normalized().assemble(2) } else { builder.assemble(2) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_trait_has_the_same_study_alone_and_beside_others(
        traits in columns(0.15, 1..6),
        covariates in columns(0.05, 1..3),
        drop in any::<bool>(),
        quantiles in any::<bool>(),
    ) {
        let folder = Folder::with_data_set(8, 4);
        let (plink, phenotypes) = open(&folder, &table(&traits, "t"));
        let covariates = plink.covariates(folder.write("c.covar", table(&covariates, "c"))).unwrap();
        let missing = if drop { MissingCovariate::Drop } else { MissingCovariate::Mean };
        let how = (missing, quantiles);
        let together = assemble(&plink, &phenotypes, &covariates, how);
        let alone: Vec<_> = phenotypes
            .names()
            .iter()
            .map(|name| {
                let one = phenotypes.select(&[name]).unwrap();
                assemble(&plink, &one, &covariates, how)
            })
            .collect();
        prop_assert_eq!(together.is_ok(), alone.iter().all(Result::is_ok));
        let Ok(together) = together else { return Ok(()) };
        let mut found = 0;
        for group in &together.groups {
            for (phenotype, joined) in group.study.traits.iter().zip(&group.joined.traits) {
                let place = phenotypes.names().iter().position(|name| *name == phenotype.name);
                let alone = alone[place.unwrap()].as_ref().unwrap();
                let mut study = group.study.clone();
                study.traits = vec![phenotype.clone()];
                prop_assert_eq!(&study, &alone.groups[0].study);
                prop_assert_eq!(&group.covariates, &alone.groups[0].covariates);
                prop_assert_eq!(joined, &alone.groups[0].joined.traits[0]);
                prop_assert_eq!(group.joined.kept, alone.groups[0].joined.kept);
                found += 1;
            }
        }
        prop_assert_eq!(found, traits.len());
        let rows: Vec<_> = together.groups.iter().map(|group| &group.study.individuals).collect();
        for (place, some) in rows.iter().enumerate() {
            prop_assert!(!rows[..place].contains(some), "two groups of the same individuals");
        }
        let in_any = |row: &u32| rows.iter().any(|rows| rows.contains(row));
        prop_assert_eq!(together.individuals, (0..8).filter(in_any).collect::<Vec<u32>>());
    }
}

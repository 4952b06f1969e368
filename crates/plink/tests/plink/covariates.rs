//! Covariate files, good and bad, and the columns that they become.

use std::fmt::Write;

use twoblade_geno::Covariate;
use twoblade_plink::{
    Annotation, ColumnNumbers, CovariateUse, Covariates, Group, Joined, JoinedCovariates,
    MissingCovariate, PlinkError, StudyBuilder, TraitJoined,
};

use crate::folder::Folder;

/// Six individuals, f0 i0 to f5 i5, all but the last of which have a trait.
const PHENO: &str = "FID IID y\nf0 i0 1\nf1 i1 2\nf2 i2 3\nf3 i3 4\nf4 i4 5\nf5 i5 NA\n";

fn read(folder: &Folder, text: &str) -> Result<Covariates, PlinkError> {
    folder.open().covariates(folder.write("c.covar", text))
}

fn assemble(
    folder: &Folder,
    text: &str,
    missing: MissingCovariate,
) -> Result<(Group, Joined), PlinkError> {
    let plink = folder.open();
    let phenotypes = plink.phenotypes(folder.write("y.pheno", PHENO))?;
    let covariates = read(folder, text)?;
    let assembled = StudyBuilder::new(&plink, &phenotypes, &Annotation::everything("all"))
        .covariates(&covariates, missing)
        .assemble(2)?;
    let [group] = &assembled.groups[..] else { panic!("one trait") };
    Ok((group.clone(), assembled.joined))
}

fn column(name: &str, values: &[f64]) -> Covariate {
    Covariate { name: name.to_owned(), values: values.to_vec() }
}

fn use_of(name: &str, imputed: usize, reference: Option<&str>, absent: &[&str]) -> CovariateUse {
    CovariateUse {
        name: name.to_owned(),
        imputed,
        reference: reference.map(str::to_owned),
        absent: absent.iter().map(|&level| level.to_owned()).collect(),
    }
}

#[test]
fn a_column_with_text_holds_categories_and_others_hold_numbers() {
    let folder = Folder::with_data_set(6, 10);
    let text =
        "#FID\tIID\tage\tcentre\nf1\ti1\t-9\t2\nf0\ti0\tNaN\tx\nq\tq\t1e3\t11\nf2\ti2\t5\tna\n";
    let covariates = read(&folder, text).unwrap();
    assert_eq!(covariates.names(), ["age", "centre"]);
    assert_eq!(covariates.levels(0), None);
    assert_eq!(covariates.levels(1).unwrap(), ["11", "2", "x"]);
    assert_eq!(covariates.missing(), [1, 1]);
    let counts = (covariates.rows(), covariates.matched(), covariates.unmatched());
    assert_eq!(counts, (4, 3, 1));
    assert_eq!(covariates.file(), folder.path("c.covar"));
}

#[test]
fn covariates_are_chosen_by_name() {
    let folder = Folder::with_data_set(6, 10);
    let all = read(&folder, "IID a b c\ni0 1 x NA\n").unwrap();
    let some = all.select(&["c", "b"]).unwrap();
    assert_eq!((some.names(), some.missing()), (&["c".to_owned(), "b".to_owned()][..], vec![1, 0]));
    assert_eq!((some.levels(1).unwrap(), some.matched()), (&["x".to_owned()][..], 1));
    assert_eq!(folder.refusal(all.select(&["d"])), "c.covar has no covariate 'd'; it has a, b, c");
    assert_eq!(
        folder.refusal(all.select(&["a", "a"])),
        "c.covar, line 1: two columns are named 'a'; give each column a name of its own"
    );
}

#[test]
fn covariates_are_chosen_by_number() {
    let folder = Folder::with_data_set(6, 10);
    let all = read(&folder, "IID a b c\ni0 1 x NA\n").unwrap();
    let some = all.select_columns(&ColumnNumbers::parse("2-3").unwrap()).unwrap();
    assert_eq!((some.names(), some.missing()), (&["b".to_owned(), "c".to_owned()][..], vec![0, 1]));
    assert_eq!(
        folder.refusal(some.select_columns(&ColumnNumbers::parse("3").unwrap())),
        "c.covar: covariate number 3 is asked for, it has 2 (counted from 1 after the identifiers); \
         ask for one of these"
    );
}

#[test]
fn those_who_lack_a_covariate_are_dropped_and_counted() {
    let folder = Folder::with_data_set(6, 10);
    let text = "FID IID age sex\nf4 i4 50 m\nf3 i3 NA f\nf2 i2 30 nan\nf5 i5 60 f\nf0 i0 10 f\n\
                q q 1 x\n";
    let (group, joined) = assemble(&folder, text, MissingCovariate::Drop).unwrap();
    let Group { study, covariates, joined: of_trait } = group;
    assert_eq!(study.individuals, [0, 4]);
    assert_eq!(study.traits[0].values, [1.0, 5.0]);
    assert_eq!(covariates, [column("age", &[10.0, 50.0]), column("sex=m", &[0.0, 1.0])]);
    let counts = &joined.covariates[0];
    let expected = JoinedCovariates { rows: 6, matched: 5 };
    assert_eq!((counts, counts.not_genotyped()), (&expected, 1));
    let uses = [use_of("age", 0, None, &[]), use_of("sex", 0, Some("f"), &["x"])];
    assert_eq!(of_trait.covariates, uses);
    let name = "y".to_owned();
    let expected = TraitJoined { name, missing: 1, with_trait: 5, absent: 1, incomplete: 2 };
    assert_eq!((of_trait.traits, of_trait.kept), (vec![expected], 2));
    assert_eq!((joined.matched, joined.kept, joined.without_phenotype()), (6, 2, 0));
}

#[test]
fn the_mean_of_those_that_stay_stands_for_what_is_missing() {
    let folder = Folder::with_data_set(6, 10);
    // f5 has no trait and f2 no row here: neither moves a mean.
    let text = "FID IID age site\nf4 i4 50 b\nf3 i3 NA c\nf5 i5 1000 a\nf1 i1 20 NA\nf0 i0 11 d\n";
    let (Group { study, covariates, joined }, _) =
        assemble(&folder, text, MissingCovariate::Mean).unwrap();
    assert_eq!(study.individuals, [0, 1, 3, 4]);
    assert_eq!(study.traits[0].values, [1.0, 2.0, 4.0, 5.0]);
    let third = 1.0 / 3.0;
    let expected = [
        column("age", &[11.0, 20.0, 27.0, 50.0]),
        column("site=c", &[0.0, third, 1.0, 0.0]),
        column("site=d", &[1.0, third, 0.0, 0.0]),
    ];
    assert_eq!(covariates, expected);
    assert_eq!((joined.traits[0].absent, joined.traits[0].incomplete), (1, 0));
    let uses = [use_of("age", 1, None, &[]), use_of("site", 1, Some("b"), &["a"])];
    assert_eq!(joined.covariates, uses);
}

#[test]
fn a_study_is_the_same_whether_it_is_built_or_asked_for() {
    let folder = Folder::with_data_set(6, 10);
    let plink = folder.open();
    let phenotypes = plink.phenotypes(folder.write("y.pheno", PHENO)).unwrap();
    let annotation = Annotation::everything("all");
    let built = StudyBuilder::new(&plink, &phenotypes, &annotation).assemble(2).unwrap();
    let group = &built.groups[0];
    assert_eq!(group.study, plink.study(&phenotypes, &annotation, 2).unwrap());
    assert_eq!(
        (built.groups.len(), group.covariates.len(), built.joined.covariates.len()),
        (1, 0, 0)
    );
}

#[test]
fn a_column_has_a_hundred_levels_at_most() {
    let folder = Folder::with_data_set(2, 10);
    let text = |levels: usize, last: &str| {
        let mut text = "IID c\n".to_owned();
        for level in 0..levels {
            writeln!(text, "q{level} {level}").unwrap();
        }
        text + last
    };
    // A hundred numbers may yet be levels; f1 has one that was there before.
    let covariates = read(&folder, &text(99, "i0 x\ni1 17\n")).unwrap();
    assert_eq!(covariates.levels(0).unwrap().len(), 100);
    assert_eq!(covariates.missing(), [0]);
    for (levels, last, line) in [(100, "i0 x\n", 102), (99, "i0 x\ni1 99\n", 101)] {
        assert_eq!(
            folder.refusal(read(&folder, &text(levels, last))),
            format!(
                "c.covar, line {line}, column 'c': 'x' is no number, so the column holds \
                 categories, of which it has more than 100; correct the value, or leave the column \
                 out if it is an identifier"
            )
        );
    }
    // More than a hundred numbers are numbers.
    let covariates = read(&folder, &text(300, "i0 1\ni1 1000\n")).unwrap();
    assert_eq!((covariates.levels(0), covariates.missing()), (None, vec![0]));
}

#[test]
fn bad_covariate_files_are_refused() {
    let folder = Folder::with_data_set(6, 10);
    let cases = [
        ("", "c.covar is empty; a header and one line for each individual are expected"),
        ("FID IID c\n", "c.covar is empty; a header and one line for each individual are expected"),
        (
            "f0 i0 1\n",
            "c.covar, line 1: starts with 'f0 i0 1', a header is expected; add a first line 'FID \
             IID NAME' (or 'IID NAME') with a name for each covariate",
        ),
        (
            "IID\ni0\n",
            "c.covar, line 1: the header names individuals and no covariate; add a column for each \
             covariate, with its name in the header",
        ),
        (
            "FID IID c\nf0 i0\n",
            "c.covar, line 2: 2 columns found, 3, as in the header, expected; correct this line",
        ),
        (
            "FID IID c\nf0 i0 inf\n",
            "c.covar, line 2, column 'c': 'inf' is not finite, a finite number is expected; correct \
             it, or write NA if the value is missing",
        ),
        (
            "FID IID c\nf0 i0 1\nf0 i0 1\n",
            "c.covar: individual 'f0 i0' is on line 2 and again on line 3, one line is expected; \
             take one of them out",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(folder.refusal(read(&folder, text)), expected);
    }
}

#[test]
fn covariates_that_make_no_columns_are_refused() {
    let folder = Folder::with_data_set(6, 10);
    let cases = [
        (
            "FID IID c\nF0 i0 1\nF1 i1 2\n",
            MissingCovariate::Mean,
            "none of the 2 individuals of c.covar is among the 6 of x.fam; check that both use the \
             same identifiers (FID and IID)",
        ),
        (
            "FID IID c d\nf0 i0 1 1\nf1 i1 NA 2\nf2 i2 3 NA\nf5 i5 1 1\n",
            MissingCovariate::Drop,
            "of the 5 individuals that have a value for trait 'y', 2 are not in c.covar and 2 \
             lack a covariate there: 1 stay, at least 2 are needed; check that the files use the \
             same identifiers (FID and IID), leave out covariates that few have, or let the mean \
             stand for what is missing",
        ),
        (
            "FID IID c d\nf0 i0 1 NA\nf1 i1 2 NA\nf2 i2 3 NA\n",
            MissingCovariate::Mean,
            "c.covar: none of the 3 individuals that stay for trait 'y' has a value for covariate \
             'd'; leave one of the two out",
        ),
        (
            "FID IID c\nf0 i0 NA\nf1 i1 NA\nf5 i5 x\n",
            MissingCovariate::Mean,
            "c.covar: none of the 2 individuals that stay for trait 'y' has a value for covariate \
             'c'; leave one of the two out",
        ),
        (
            "FID IID c c=y\nf0 i0 x 1\nf1 i1 y 2\nf2 i2 x 4\n",
            MissingCovariate::Drop,
            "c.covar, line 1: two columns are named 'c=y'; give each column a name of its own",
        ),
    ];
    for (text, missing, expected) in cases {
        assert_eq!(folder.refusal(assemble(&folder, text, missing)), expected);
    }
}

/// The model finds what a constant adds: without an intercept it may be one.
#[test]
fn constant_covariates_are_kept_and_a_single_level_makes_no_column() {
    let folder = Folder::with_data_set(6, 10);
    let text = "FID IID one site age\nf0 i0 1 x 3\nf1 i1 1 x 4\nf2 i2 1 x 5\nf5 i5 1 z 7\n";
    let (group, _) = assemble(&folder, text, MissingCovariate::Drop).unwrap();
    let staying = group.study.individuals.len();
    assert_eq!(group.covariates[0], column("one", &vec![1.0; staying]));
    let names: Vec<_> = group.covariates.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["one", "age"]);
    assert_eq!(group.joined.covariates[1], use_of("site", 0, Some("x"), &["z"]));
}

#[test]
fn covariates_of_other_files_are_refused() {
    let (folder, other) = (Folder::with_data_set(6, 10), Folder::with_data_set(7, 10));
    let covariates = read(&other, "FID IID c\nf0 i0 1\nf1 i1 2\n").unwrap();
    let plink = folder.open();
    let phenotypes = plink.phenotypes(folder.write("y.pheno", PHENO)).unwrap();
    let assembled = StudyBuilder::new(&plink, &phenotypes, &Annotation::everything("all"))
        .covariates(&covariates, MissingCovariate::Drop)
        .assemble(2);
    assert_eq!(
        folder.refusal(assembled),
        "the study has 7 individuals and 10 variants, x.bed has 6 and 10; make the study from these \
         files"
    );
}

#[test]
fn covariates_of_several_files_are_side_by_side_and_an_individual_is_in_each() {
    let folder = Folder::with_data_set(6, 4);
    let plink = folder.open();
    let rows = |header: &str, value: &dyn Fn(usize) -> String, but: usize| {
        let row = |i: usize| format!("f{i} i{i} {}\n", value(i));
        format!("{header}\n") + &(0..6).filter(|&i| i != but).map(row).collect::<String>()
    };
    let one = rows("FID IID age", &|i| (20 + i * i).to_string(), 1);
    let two =
        rows("FID IID smokes", &|i| if i == 4 { "NA".into() } else { (i % 2).to_string() }, 9);
    let one = plink.covariates(folder.write("one", one)).unwrap();
    let two = plink.covariates(folder.write("two", two)).unwrap();
    let trait_of = rows("FID IID y", &|i| i.to_string(), 9);
    let phenotypes = plink.phenotypes(folder.write("y", trait_of)).unwrap();
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything)
        .covariates(&one, MissingCovariate::Mean)
        .covariates(&two, MissingCovariate::Drop);
    let assembled = builder.assemble(2).unwrap();
    let group = &assembled.groups[0];
    assert_eq!(group.study.individuals, [0, 2, 3, 5]);
    let expected =
        [column("age", &[20.0, 24.0, 29.0, 45.0]), column("smokes", &[0.0, 0.0, 1.0, 1.0])];
    assert_eq!(group.covariates, expected);
    assert_eq!(group.joined.traits[0].absent, 1);
    assert_eq!(group.joined.traits[0].incomplete, 1);
    assert_eq!(assembled.joined.covariates.len(), 2);
}

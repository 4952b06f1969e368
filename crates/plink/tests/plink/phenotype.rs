//! Phenotype files, good and bad.

use twoblade_plink::{
    Annotation, ColumnNumbers, Fam, Missing, MissingCode, PhenotypeOptions, Phenotypes,
};

use crate::folder::Folder;

/// Three individuals: f0 i0, f1 i1, f2 i2.
fn read(folder: &Folder, text: &str) -> Result<Phenotypes, twoblade_plink::PlinkError> {
    folder.open().phenotypes(folder.write("y.pheno", text))
}

#[test]
fn individuals_are_joined_by_identifier_and_never_by_row() {
    let folder = Folder::with_data_set(3, 2);
    let text = "FID IID height\nf2 i2 22\nf9 i9 99\nf0 i0 20\nf1 i0 77\n";
    let phenotypes = read(&folder, text).unwrap();
    assert_eq!(phenotypes.names(), ["height"]);
    let values = phenotypes.values(0);
    assert!(values[0] == 20.0 && values[1].is_nan() && values[2] == 22.0, "{values:?}");
    assert_eq!((phenotypes.rows(), phenotypes.matched(), phenotypes.unmatched()), (4, 2, 2));
}

#[test]
fn the_header_may_be_any_that_plink_writes() {
    let folder = Folder::with_data_set(3, 2);
    for text in [
        "FID IID y\nf1 i1 5\n",
        "#FID\tIID\ty\nf1\ti1\t5\n",
        "IID y\ni1 5\n",
        "#IID y\r\ni1 5\r\n",
        "\u{feff}fid iid y\nf1 i1 5",
    ] {
        let phenotypes = read(&folder, text).unwrap();
        assert_eq!(phenotypes.names(), ["y"], "{text}");
        assert_eq!((phenotypes.values(0)[1], phenotypes.matched()), (5.0, 1), "{text}");
    }
}

#[test]
fn missing_values_are_counted_by_how_they_are_written() {
    let folder = Folder::with_data_set(3, 2);
    let text = "FID IID a b\nf0 i0 NA 1\nf1 i1 -9 nan\nf2 i2 -9.0 -1.5e-3\nf7 i7 NA NA\n";
    let phenotypes = read(&folder, text).unwrap();
    let [a, b] = &phenotypes.missing()[..] else { panic!("two traits") };
    assert_eq!(*a, Missing { na: 1, nan: 0, minus_nine: 2, zero: 0 });
    assert_eq!((*b, b.total()), (Missing { na: 0, nan: 1, minus_nine: 0, zero: 0 }, 1));
    assert!(phenotypes.values(0).iter().all(|value| value.is_nan()));
    assert_eq!(phenotypes.values(1)[2], -1.5e-3);
}

#[test]
fn traits_are_chosen_by_name() {
    let folder = Folder::with_data_set(3, 2);
    let all = read(&folder, "FID IID a b c\nf0 i0 1 2 NA\n").unwrap();
    let some = all.select(&["c", "a"]).unwrap();
    assert_eq!(some.names(), ["c", "a"]);
    assert_eq!((some.values(1)[0], some.missing()[0].na, some.matched()), (1.0, 1, 1));
    assert_eq!(folder.refusal(all.select(&["d"])), "y.pheno has no trait 'd'; it has a, b, c");
    assert_eq!(
        folder.refusal(all.select(&["a", "a"])),
        "y.pheno, line 1: two columns are named 'a'; give each column a name of its own"
    );
}

#[test]
fn traits_are_chosen_by_number() {
    let folder = Folder::with_data_set(3, 2);
    let all = read(&folder, "FID IID a b c d\nf0 i0 1 2 NA 4\n").unwrap();
    for (text, expected) in [
        ("1,3-4", &["a", "c", "d"][..]),
        ("4, 1", &["d", "a"]),
        ("2-2", &["b"]),
        ("1 2", &["a", "b"]),
    ] {
        let some = all.select_columns(&ColumnNumbers::parse(text).unwrap()).unwrap();
        assert_eq!(some.names(), expected, "{text}");
    }
    let some = all.select_columns(&ColumnNumbers::parse("3-4").unwrap()).unwrap();
    assert_eq!((some.missing()[0].na, some.values(1)[0], some.matched()), (1, 4.0, 1));
    for (text, expected) in [
        (
            "3-99999999999",
            "y.pheno: trait number 5 is asked for, it has 4 (counted from 1 after the identifiers); \
             ask for one of these",
        ),
        ("3,1-3", "y.pheno: trait number 3 is asked for twice, once is expected; ask for it once"),
    ] {
        let numbers = ColumnNumbers::parse(text).unwrap();
        assert_eq!(folder.refusal(all.select_columns(&numbers)), expected);
    }
}

#[test]
fn what_is_no_number_of_a_column_is_refused() {
    let folder = Folder::new();
    for (text, found) in [
        ("1,0", "0"),
        ("a", "a"),
        ("3-1", "3-1"),
        ("-2", "-2"),
        ("+1", "+1"),
        ("1.5", "1.5"),
        ("", ""),
    ] {
        assert_eq!(
            folder.refusal(ColumnNumbers::parse(text)),
            format!(
                "'{found}' is no number of a column; numbers from 1 on (the first column after the \
                 identifiers) and ascending ranges such as 3-5 are expected, separated by commas"
            )
        );
    }
}

#[test]
fn bad_phenotype_files_are_refused() {
    let folder = Folder::with_data_set(3, 2);
    let cases = [
        ("", "y.pheno is empty; a header and one line for each individual are expected"),
        ("FID IID y\n", "y.pheno is empty; a header and one line for each individual are expected"),
        (
            "f0 i0 1 2\nf1 i1 2 3\n",
            "y.pheno, line 1: starts with 'f0 i0 1', a header is expected; add a first line 'FID \
             IID NAME' (or 'IID NAME') with a name for each trait",
        ),
        (
            "FID y\nf1 2\n",
            "y.pheno, line 1: starts with 'FID y', a header is expected; add a first line 'FID IID \
             NAME' (or 'IID NAME') with a name for each trait",
        ),
        (
            "FID IID\nf0 i0\n",
            "y.pheno, line 1: the header names individuals and no trait; add a column for each \
             trait, with its name in the header",
        ),
        (
            "FID IID y z y\nf0 i0 1 2 3\n",
            "y.pheno, line 1: two columns are named 'y'; give each column a name of its own",
        ),
        (
            "FID IID y\nf0 i0 1\nf1 i1\n",
            "y.pheno, line 3: 2 columns found, 3, as in the header, expected; correct this line",
        ),
        (
            "FID IID y z\nf0 i0 1 1,5\n",
            "y.pheno, line 2, column 'z': '1,5' found, a number is expected, or NA, nan or -9 for a \
             missing value; correct it",
        ),
        (
            "FID IID y\nf8 i8 tall\n",
            "y.pheno, line 2, column 'y': 'tall' found, a number is expected, or NA, nan or -9 for \
             a missing value; correct it",
        ),
        (
            "FID IID y\nf0 i0 -inf\n",
            "y.pheno, line 2, column 'y': '-inf' is not finite, a finite number is expected; correct \
             it, or write NA if the value is missing",
        ),
        (
            "FID IID y\nf0 i0 1e999\n",
            "y.pheno, line 2, column 'y': '1e999' is not finite, a finite number is expected; \
             correct it, or write NA if the value is missing",
        ),
        (
            "FID IID y\nf0 i0 1\nf1 i1 2\nf0 i0 1\n",
            "y.pheno: individual 'f0 i0' is on line 2 and again on line 4, one line is expected; \
             take one of them out",
        ),
        (
            "IID y\ni7 1\ni7 2\n",
            "y.pheno: individual 'i7' is on line 2 and again on line 3, one line is expected; take \
             one of them out",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(folder.refusal(read(&folder, text)), expected);
    }
}

#[test]
fn an_individual_in_two_families_needs_its_family() {
    let folder = Folder::with_data_set(3, 2);
    folder.write("x.fam", "a 1 0 0 0 0\nb 2 0 0 0 0\nb 1 0 0 0 0\n");
    assert_eq!(
        folder.refusal(read(&folder, "IID y\n2 5\n1 5\n")),
        "y.pheno, line 3: individual '1' is in two families, on lines 1 and 3 of x.fam; add the \
         family identifiers as a first column FID"
    );
}

#[test]
fn without_a_missing_code_every_number_is_a_value() {
    let folder = Folder::with_data_set(3, 2);
    let options = PhenotypeOptions { missing_code: MissingCode::None };
    let read = |text: &str| folder.open().phenotypes_with(folder.write("y.pheno", text), &options);
    let text = "FID IID a b\nf0 i0 -9 0\nf1 i1 NA 1\nf2 i2 nan 2\n";
    let phenotypes = read(text).unwrap();
    let expected = Missing { na: 1, nan: 1, minus_nine: 0, zero: 0 };
    assert_eq!(phenotypes.missing(), [expected, Missing::default()]);
    assert_eq!((phenotypes.values(0)[0], phenotypes.values(1)), (-9.0, &[0.0, 1.0, 2.0][..]));
    assert!(!phenotypes.is_binary(1));
    assert_eq!(
        folder.refusal(read("FID IID y\nf0 i0 x\n")),
        "y.pheno, line 2, column 'y': 'x' found, a number is expected, or NA or nan for a missing \
         value; correct it"
    );
}

#[test]
fn cases_and_controls_are_told_by_their_codes() {
    let folder = Folder::with_data_set(5, 2);
    // Values of the five, whether they are cases and controls, how many zeros are missing.
    let cases = [
        (["1", "2", "0", "-9", "-0.0"], true, 2),
        (["1", "2.0", "NA", "1", "1"], true, 0),
        (["0", "1", "1", "nan", "-9"], true, 0),
        (["0", "2", "0", "2", "2"], false, 0),
        (["1", "1", "0", "2", "3"], false, 0),
        (["1", "1", "1", "1", "1"], false, 0),
        (["0", "0", "0", "NA", "NA"], false, 0),
        (["NA", "NA", "NA", "NA", "NA"], false, 0),
    ];
    for (words, binary, zero) in cases {
        let lines = (0..5).map(|row| format!("i{row} 0.5 {}\n", words[row]));
        let text = format!("IID a y\ni9 1 7\n{}", lines.collect::<String>());
        let phenotypes = read(&folder, &text).unwrap().select(&["y"]).unwrap();
        let found = (phenotypes.is_binary(0), phenotypes.missing()[0].zero);
        assert_eq!(found, (binary, zero), "{words:?}");
        let there = phenotypes.values(0).iter().filter(|value| !value.is_nan()).count();
        assert_eq!(there + phenotypes.missing()[0].total(), 5, "{words:?}");
    }
}

#[test]
fn the_sixth_column_of_the_fam_may_be_the_phenotype() {
    let folder = Folder::with_data_set(5, 2);
    folder.write("x.fam", "a 1 0 0 7 2\na 2 0 0 7 -9\na 3 0 0 7 NA\na 4 0 0 7 1 5\na 5 0 0 7 0\n");
    let error = "x.fam, line 4: 7 columns found, 6 (FID IID father mother sex phenotype) expected; \
                 correct this line";
    assert_eq!(folder.refusal(Fam::read(folder.path("x.fam"))), error);
    folder.write("x.fam", "a 1 0 0 7 2\na 2 0 0 7 -9\na 3 0 0 7 NA\na 4 0 0 7 1\na 5 0 0 7 0\n");
    let plink = folder.open();
    let phenotypes = Phenotypes::from_fam(plink.fam(), &PhenotypeOptions::default()).unwrap();
    assert_eq!(
        (phenotypes.names(), phenotypes.is_binary(0)),
        (&["phenotype".to_owned()][..], true)
    );
    assert_eq!(phenotypes.missing(), [Missing { na: 1, nan: 0, minus_nine: 1, zero: 1 }]);
    assert_eq!((phenotypes.rows(), phenotypes.matched(), phenotypes.unmatched()), (5, 5, 0));
    let study = plink.study(&phenotypes, &Annotation::everything("all"), 2).unwrap();
    assert_eq!(
        (&study.individuals[..], &study.traits[0].values[..]),
        (&[0, 3][..], &[2.0, 1.0][..])
    );
    let options = PhenotypeOptions { missing_code: MissingCode::None };
    let phenotypes = Phenotypes::from_fam(plink.fam(), &options).unwrap();
    assert_eq!((phenotypes.missing()[0].total(), phenotypes.values(0)[1]), (1, -9.0));
}

#[test]
fn a_sixth_column_that_is_no_number_is_refused_only_if_it_is_asked_for() {
    let folder = Folder::with_data_set(3, 2);
    let cases = [
        (
            "a 1 0 0 0 1\na 2 0 0 0 case\na 3 0 0 0 inf\n",
            "x.fam, line 2, column 'phenotype': 'case' found, a number is expected, or NA, nan or \
             -9 for a missing value; correct it",
        ),
        (
            "a 1 0 0 0 1\na 2 0 0 0 nan\na 3 0 0 0 inf\n",
            "x.fam, line 3, column 'phenotype': 'inf' is not finite, a finite number is expected; \
             correct it, or write NA if the value is missing",
        ),
    ];
    for (text, expected) in cases {
        folder.write("x.fam", text);
        let plink = folder.open();
        let phenotypes = Phenotypes::from_fam(plink.fam(), &PhenotypeOptions::default());
        assert_eq!(folder.refusal(phenotypes), expected);
    }
}

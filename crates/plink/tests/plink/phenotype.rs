//! Phenotype files, good and bad.

use twoblade_plink::{Missing, Phenotypes};

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
    assert_eq!(*a, Missing { na: 1, nan: 0, minus_nine: 2 });
    assert_eq!((*b, b.total()), (Missing { na: 0, nan: 1, minus_nine: 0 }, 1));
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

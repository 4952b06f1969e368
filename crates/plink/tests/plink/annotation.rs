//! Annotation files, good and bad.

use twoblade_plink::{Annotation, PlinkError};

use crate::folder::Folder;

/// Four variants.
fn read(folder: &Folder, text: &str) -> Result<Annotation, PlinkError> {
    folder.open().annotation(folder.write("a.annot", text))
}

#[test]
fn bins_are_numbered_where_they_have_no_names() {
    let folder = Folder::with_data_set(3, 4);
    let annotation = read(&folder, "0 1\n1 0\n0 0\n0 1\n").unwrap();
    let bins = annotation.bins();
    assert_eq!(bins.names(), ["bin1", "bin2"]);
    let of: Vec<_> = (0..4).map(|variant| bins.of(variant)).collect();
    assert_eq!(of, [Some(1), Some(0), None, Some(1)]);
    assert_eq!((annotation.in_no_bin(), bins.bytes()), (1, 8));
}

#[test]
fn a_header_names_the_bins() {
    let folder = Folder::with_data_set(3, 4);
    let annotation =
        read(&folder, "coding\tmaf<0.05\r\n0\t1\r\n1\t0\r\n0.0\t1.0\r\n0\t1\r\n").unwrap();
    assert_eq!(annotation.bins().names(), ["coding", "maf<0.05"]);
    assert_eq!((annotation.bins().of(2), annotation.in_no_bin()), (Some(1), 0));
}

#[test]
fn one_column_is_one_bin() {
    let folder = Folder::with_data_set(3, 4);
    let annotation = read(&folder, "1\n1\n0\n1\n").unwrap();
    assert_eq!(annotation.bins().names(), ["bin1"]);
    assert_eq!((annotation.bins().of(2), annotation.bins().of(3)), (None, Some(0)));
}

#[test]
fn bad_annotation_files_are_refused() {
    let folder = Folder::with_data_set(3, 4);
    let cases = [
        ("", "a.annot is empty; one line for each variant is expected"),
        (
            "0 1\n1 0\n1 0\n",
            "a.annot has 3 rows and x.bim lists 4 variants; one row for each variant is expected, in \
             the order of the .bim file (and one header line at most)",
        ),
        (
            "a b\n0 1\n1 0\n1 0\n0 1\n0 1\n1 0\n",
            "a.annot has 6 rows and x.bim lists 4 variants; one row for each variant is expected, in \
             the order of the .bim file (and one header line at most)",
        ),
        (
            "0 1\n1 0 0\n1 0\n0 1\n",
            "a.annot, line 2: 3 columns found, 2, as on line 1, expected; correct this line",
        ),
        (
            "0 1\n1 0\n1\n0 1\n",
            "a.annot, line 3: 1 columns found, 2, as on line 1, expected; correct this line",
        ),
        (
            "0 1\n1 0\n1 0.25\n0 1\n",
            "a.annot, line 3, column 'bin2': '0.25' found, 0 or 1 is expected; continuous \
             annotations are not supported, cut them into bins first",
        ),
        (
            "a b\n0 1\n2 0\n1 0\n0 1\n",
            "a.annot, line 3, column 'a': '2' found, 0 or 1 is expected; continuous annotations are \
             not supported, cut them into bins first",
        ),
        (
            "0 x\n1 0\n1 0\n0 1\n",
            "a.annot, line 1, column 'bin2': 'x' found, 0 or 1 is expected; continuous annotations \
             are not supported, cut them into bins first",
        ),
        (
            "a b c\n0 0 1\n1 0 1\n0 1 0\n0 1 0\n",
            "a.annot, line 3: the variant is in bins 'a' and 'c', at most one is expected; \
             overlapping annotations are not supported yet, make the bins disjoint",
        ),
        (
            "a b c\n0 0 1\n1 0 0\n0 0 0\n0 0 1\n",
            "a.annot: no variant is in bin 'b'; take the column out",
        ),
        (
            "a b a\n0 0 1\n1 0 0\n0 1 0\n0 0 1\n",
            "a.annot, line 1: two columns are named 'a'; give each column a name of its own",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(folder.refusal(read(&folder, text)), expected);
    }
}

#[test]
fn more_columns_than_bins_can_be_numbered_are_refused() {
    let folder = Folder::with_data_set(3, 1);
    assert_eq!(
        folder.refusal(read(&folder, &"0 ".repeat(65_535))),
        "a.annot has 65535 columns, at most 65534 are supported; use fewer bins"
    );
    let most = read(&folder, &("0 ".repeat(65_533) + "1"));
    assert_eq!(folder.refusal(most), "a.annot: no variant is in bin 'bin1'; take the column out");
}

//! Annotation files, good and bad.

use proptest::prelude::*;
use twoblade_plink::{Annotation, IdentifierMatches, MatchedBy, PlinkError};

use crate::folder::Folder;

/// Variants rs0, rs1 and so on.
fn read(folder: &Folder, text: &str) -> Result<Annotation, PlinkError> {
    folder.open().annotation(folder.write("a.annot", text))
}

/// The bins of each of the first `variants`.
fn sets(annotation: &Annotation, variants: usize) -> Vec<&[u16]> {
    (0..variants).map(|variant| annotation.bins().of(variant)).collect()
}

fn matches(rows: usize, not_listed: usize, matched: usize, without_row: usize) -> MatchedBy {
    MatchedBy::Identifier(IdentifierMatches { rows, not_listed, matched, without_row })
}

#[test]
fn bins_are_numbered_where_they_have_no_names() {
    let folder = Folder::with_data_set(3, 4);
    let annotation = read(&folder, "0 1\n1 0\n0 0\n0 1\n").unwrap();
    assert_eq!(annotation.bins().names(), ["bin1", "bin2"]);
    assert_eq!(sets(&annotation, 4), [&[1][..], &[0], &[], &[1]]);
    assert_eq!(annotation.in_no_bin(), 1);
    assert_eq!(annotation.matched_by(), Some(MatchedBy::Row { rows: 4 }));
    // What is kept, and three sets once more.
    let sets = 3 * size_of::<Vec<u16>>() + 2 * size_of::<u16>();
    assert_eq!(annotation.bins().bytes(), 4 * size_of::<u32>() + sets);
    assert_eq!(annotation.reading_bytes(), 4 * size_of::<u32>() + 2 * sets);
}

#[test]
fn a_header_names_the_bins() {
    let folder = Folder::with_data_set(3, 4);
    let annotation =
        read(&folder, "coding\tmaf<0.05\r\n0\t1\r\n1\t0\r\n0.0\t1.0\r\n0\t1\r\n").unwrap();
    assert_eq!(annotation.bins().names(), ["coding", "maf<0.05"]);
    assert_eq!((annotation.bins().of(2), annotation.in_no_bin()), (&[1][..], 0));
}

#[test]
fn one_column_is_one_bin() {
    let folder = Folder::with_data_set(3, 4);
    let annotation = read(&folder, "1\n1\n0\n1\n").unwrap();
    assert_eq!(annotation.bins().names(), ["bin1"]);
    assert_eq!(sets(&annotation, 4), [&[0][..], &[0], &[], &[0]]);
    assert!(!annotation.bins().overlap());
}

#[test]
fn a_variant_may_be_in_several_bins() {
    let folder = Folder::with_data_set(3, 4);
    let annotation = read(&folder, "base a b\n1 0 1\n1 1 1\n0 0 0\n1 0 0\n").unwrap();
    assert_eq!(sets(&annotation, 4), [&[0, 2][..], &[0, 1, 2], &[], &[0]]);
    assert!(annotation.bins().overlap());
}

#[test]
fn everything_is_in_one_bin() {
    let everything = Annotation::everything("all");
    assert_eq!((everything.matched_by(), everything.in_no_bin()), (None, 0));
    assert_eq!(everything.reading_bytes(), everything.bins().bytes());
}

#[test]
fn rows_that_name_their_variant_may_be_in_any_order() {
    let folder = Folder::with_data_set(3, 4);
    // rs1 has no row, and two rows are of others.
    let rows = ["rs3 0 1", "x 1 1", "rs0 1 1", ". 1 0", "rs2 0 0"];
    let rows = rows.join("\n");
    let cases = [
        rows.clone(),
        format!("SNP a b\n{rows}"),
        format!("ID a b\n{rows}"),
        format!("#ID\ta\tb\n{rows}"),
        format!("rsid a b\n{rows}"),
        format!("Variant 2 1\n{rows}"),
    ];
    for text in cases {
        let annotation = read(&folder, &text).unwrap();
        assert_eq!(sets(&annotation, 4), [&[0, 1][..], &[], &[], &[1]], "{text}");
        assert_eq!(annotation.matched_by(), Some(matches(5, 2, 3, 1)), "{text}");
        assert_eq!((annotation.in_no_bin(), annotation.skipped_columns()), (2, &[][..]));
        // 17 bytes a variant, and three sets in two places.
        let sets = 3 * size_of::<Vec<u16>>() + 3 * size_of::<u16>();
        assert_eq!(annotation.reading_bytes(), (4 * 17 + 2 * sets).max(4 * 8 + 4 * sets));
    }
}

#[test]
fn columns_beside_an_identifier_that_are_no_annotations_are_passed_over() {
    let folder = Folder::with_data_set(3, 2);
    let cases = [
        (
            "CHR BP SNP CM base coding\n1 1000 rs1 0.1 1 0\n1 2000 rs0 0.2 1 1\n",
            &["CHR", "BP", "CM"][..],
        ),
        (
            "#CHROM POS ID REF ALT base coding\n1 1000 rs1 A G 1 0\n1 2000 rs0 C T 1 1\n",
            &["#CHROM", "POS", "REF", "ALT"],
        ),
        ("base snp a1 A2 Maf coding\n1 rs1 A G 0.1 0\n1 rs0 C T 0.5 1\n", &["a1", "A2", "Maf"]),
    ];
    for (text, skipped) in cases {
        let annotation = read(&folder, text).unwrap();
        assert_eq!(annotation.bins().names(), ["base", "coding"]);
        assert_eq!(sets(&annotation, 2), [&[0, 1][..], &[0]]);
        assert_eq!(annotation.skipped_columns(), skipped);
    }
}

#[test]
fn variants_of_one_identifier_share_its_row() {
    let folder = Folder::with_data_set(3, 4);
    folder.write("x.bim", "1 a 0 1 A G\n1 . 0 1 A G\n1 a 0 1 A G\n1 b 0 1 A G\n");
    let annotation = read(&folder, "a 1\nz 1\nz 0\n").unwrap();
    assert_eq!(sets(&annotation, 4), [&[0][..], &[], &[0], &[]]);
    assert_eq!(annotation.matched_by(), Some(matches(3, 2, 2, 2)));
}

#[test]
fn bad_annotation_files_are_refused() {
    let folder = Folder::with_data_set(3, 4);
    let cases = [
        ("", "a.annot is empty; one line for each variant is expected"),
        (
            "0 1\n1 0\n1 0\n",
            "a.annot has 3 rows and x.bim lists 4 variants; one row for each variant is expected, in \
             the order of the .bim file (and one header line at most), or a column SNP of identifiers",
        ),
        (
            "a b\n0 1\n1 0\n1 0\n0 1\n0 1\n1 0\n",
            "a.annot has 6 rows and x.bim lists 4 variants; one row for each variant is expected, in \
             the order of the .bim file (and one header line at most), or a column SNP of identifiers",
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
            "SNP a CM b\nrs1 1 0 0\nrs2 1 0\n",
            "a.annot, line 3: 3 columns found, 4, as on line 1, expected; correct this line",
        ),
        (
            "0 1\n1 0\n1 0.25\n0 1\n",
            "a.annot, line 3, column 'bin2': '0.25' found, 0 or 1 is expected; continuous \
             annotations are not supported: make columns of 0 and 1 of it, 1 where the value is in a \
             range, or take the column out",
        ),
        (
            "rs3 1 -2\n",
            "a.annot, line 1, column 'bin2': '-2' found, 0 or 1 is expected; continuous annotations \
             are not supported: make columns of 0 and 1 of it, 1 where the value is in a range, or \
             take the column out",
        ),
        (
            "CHR BP SNP CM base\n1 5 rs0 0 1\n1 6 rs9 0 1e3\n",
            "a.annot, line 3, column 'base': '1e3' found, 0 or 1 is expected; continuous annotations \
             are not supported: make columns of 0 and 1 of it, 1 where the value is in a range, or \
             take the column out",
        ),
        (
            "0 x\n1 0\n1 0\n0 1\n",
            "a.annot, line 1, column 'bin2': 'x' found, 0 or 1 is expected; correct it, or, if the \
             column holds identifiers of variants, name it SNP in a header",
        ),
        (
            "marker a\nrs0 0\nrs1 0\nrs2 0\nrs3 1\n",
            "a.annot, line 2, column 'marker': 'rs0' found, 0 or 1 is expected; correct it, or, if \
             the column holds identifiers of variants, name it SNP in a header",
        ),
        (
            "SNP a\nrs0 nan\n",
            "a.annot, line 2, column 'a': 'nan' found, 0 or 1 is expected; correct it, or, if the \
             column holds identifiers of variants, name it SNP in a header",
        ),
        (
            "a b c\n0 0 1\n1 0 0\n0 0 0\n0 0 1\n",
            "a.annot: no variant is in bin 'b'; take the column out",
        ),
        ("SNP a b\nrs0 1 0\nrs9 0 1\n", "a.annot: no variant is in bin 'b'; take the column out"),
        (
            "a b a\n0 0 1\n1 0 0\n0 1 0\n0 0 1\n",
            "a.annot, line 1: two columns are named 'a'; give each column a name of its own",
        ),
        (
            "SNP a rsID\nrs0 1 rs0\n",
            "a.annot, line 1: columns 'SNP' and 'rsID' both name variants, one is expected; take out \
             the one that is not as in the .bim file",
        ),
        (
            "CHR BP SNP CM\n1 5 rs0 0\n",
            "a.annot, line 1: no annotation in the header 'CHR BP SNP CM', one column of 0 and 1 for \
             each bin is expected; add one",
        ),
        ("SNP a\n", "a.annot has a header and no rows; one row for each variant is expected"),
        (
            "SNP a\nrs0 1\nz 1\nz 1\nrs2 0\nrs0 1\n",
            "a.annot, line 6: variant 'rs0' has an earlier row, one is expected; take one of them out",
        ),
        (
            "SNP a\n1:5 1\n1:6 1\n",
            "none of the 2 variants of a.annot (the first is '1:5') is among the 4 of x.bim (the \
             first is 'rs0'); check that both use the same identifiers",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(folder.refusal(read(&folder, text)), expected);
    }
}

#[test]
fn what_is_compressed_is_refused() {
    let folder = Folder::with_data_set(3, 4);
    // As gzip begins.
    let file = folder.write("a.annot.gz", b"\x1f\x8b\x08\x00rest");
    assert_eq!(
        folder.refusal(folder.open().annotation(file)),
        "a.annot.gz, line 1: not text (UTF-8); if the file is compressed, decompress it first"
    );
}

#[test]
fn identifiers_that_nobody_has_match_nothing() {
    let folder = Folder::with_data_set(3, 2);
    folder.write("x.bim", "1 . 0 1 A G\n1 . 0 2 A G\n");
    assert_eq!(
        folder.refusal(read(&folder, "SNP a\n. 1\n. 1\n")),
        "none of the 2 variants of a.annot (the first is '.') is among the 2 of x.bim (the first is \
         '.'); check that both use the same identifiers"
    );
}

#[test]
fn more_columns_than_bins_can_be_numbered_are_refused() {
    let folder = Folder::with_data_set(3, 1);
    let too_many = "a.annot has 65536 columns, at most 65535 are supported; use fewer bins";
    assert_eq!(folder.refusal(read(&folder, &"0 ".repeat(65_536))), too_many);
    assert_eq!(folder.refusal(read(&folder, &format!("rs0{}", " 0".repeat(65_536)))), too_many);
    assert_eq!(folder.refusal(read(&folder, &format!("SNP{}", " a".repeat(65_536)))), too_many);
    let most = read(&folder, &("0 ".repeat(65_534) + "1"));
    assert_eq!(folder.refusal(most), "a.annot: no variant is in bin 'bin1'; take the column out");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn by_identifier_in_any_order_is_row_by_row(
        rows in prop::collection::vec(prop::collection::vec(any::<bool>(), 3), 1..40)
            .prop_map(|rows| rows.into_iter().enumerate().collect::<Vec<_>>())
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let (mut rows, mut shuffled) = rows;
        // One row fills every bin, so that none is refused.
        rows[0].1.fill(true);
        shuffled.iter_mut().find(|(variant, _)| *variant == 0).unwrap().1.fill(true);
        let folder = Folder::with_data_set(1, rows.len());
        let words = |set: &[bool]| {
            let words: Vec<&str> = set.iter().map(|&bit| if bit { "1" } else { "0" }).collect();
            words.join(" ")
        };
        let in_order: Vec<String> = rows.iter().map(|(_, set)| words(set)).collect();
        let in_order = in_order.join("\n");
        let named: Vec<String> =
            shuffled.iter().map(|(variant, set)| format!("rs{variant} {}", words(set))).collect();
        let named = named.join("\n");
        let by_row = read(&folder, &in_order).unwrap();
        let by_identifier = read(&folder, &named).unwrap();
        // To the bit: also what is hashed to tell one study from another.
        prop_assert_eq!(by_row.bins(), by_identifier.bins());
        prop_assert_eq!(by_row.in_no_bin(), by_identifier.in_no_bin());
        prop_assert_eq!(by_identifier.matched_by(), Some(matches(rows.len(), 0, rows.len(), 0)));
        for (variant, set) in &rows {
            let expected = (0u16..).zip(set).filter(|(_, bit)| **bit).map(|(bin, _)| bin);
            prop_assert!(by_row.bins().of(*variant).iter().copied().eq(expected));
        }
    }
}

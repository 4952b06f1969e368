//! Files of LD scores, good and bad.

use twoblade_plink::{IdentifierMatches, LdScores, PlinkError};

use crate::folder::Folder;

/// Variants rs0, rs1 and so on.
fn read(folder: &Folder, text: &str) -> Result<LdScores, PlinkError> {
    LdScores::read(folder.write("ld.txt", text), folder.open().bim())
}

#[test]
fn the_layouts_of_gcta_ldsc_and_two_columns_are_read() {
    let folder = Folder::with_data_set(3, 4);
    let cases = [
        (
            "CHR\tSNP\tBP\tL2\n1\trs2\t30\t-0.5\n1\tx\t35\t9\n1\trs3\t40\tNA\n1\trs0\t10\t1.25\n",
            "L2",
        ),
        (
            "SNP chr bp MAF mean_rsq snp_num max_rsq ldscore\nrs2 1 30 0.1 0.2 5 1 -0.5\n\
             rs0 1 10 0.1 0.2 5 1 1.25\nx 1 35 0.1 0.2 5 1 9\nrs3 1 40 0.1 nan 0 nan nan\n",
            "ldscore",
        ),
        (
            "SNP chr bp MAF mean_rsq snp_num max_rsq ldscore_SNP ldscore_region\n\
             rs2 1 30 0.1 0.2 5 1 -0.5 7\nrs0 1 10 0.1 0.2 5 1 1.25 7\nx 1 35 0.1 0.2 5 1 9 7\n\
             rs3 1 40 0.1 0.2 5 1 NA 7\n",
            "ldscore_SNP",
        ),
        ("ldscore_region LDscore_snp ID\n1 1.25 rs0\n1 -0.5 rs2\n1 na rs3\n1 1 y\n", "LDscore_snp"),
        ("LDSCORE_EUR #ID\n1.25 rs0\n-0.5 rs2\nna rs3\n1 y\n", "LDSCORE_EUR"),
        ("LD rsID\n1.25 rs0\n-0.5 rs2\nna rs3\n1 y\n", "LD"),
        ("rs3 NaN\nrs0 1.25\nrs2 -5e-1\ny 1\n", "column 2"),
    ];
    for (text, column) in cases {
        let scores = read(&folder, text).unwrap();
        let found: Vec<_> = (0..4).map(|variant| scores.score(variant)).collect();
        assert_eq!(found, [Some(1.25), None, Some(-0.5), None], "{text}");
        let matches = IdentifierMatches { rows: 4, not_listed: 1, matched: 3, without_row: 1 };
        assert_eq!((scores.matches(), scores.missing(), scores.listed()), (matches, 1, 4));
        assert_eq!((scores.column(), scores.file()), (column, &*folder.path("ld.txt")));
        assert_eq!((scores.bytes(), scores.reading_bytes()), (4 * 8, 4 * 21));
    }
}

#[test]
fn bad_files_of_scores_are_refused() {
    let folder = Folder::with_data_set(3, 4);
    let cases = [
        ("", "ld.txt is empty; one line for each variant is expected"),
        ("SNP L2\n", "ld.txt has a header and no rows; one row for each variant is expected"),
        (
            "CHR BP L2\n1 10 3\n",
            "ld.txt, line 1: starts with 'CHR BP', a header is expected that names a column of \
             identifiers (SNP, ID, RSID or VARIANT) and one of scores (L2, LDSCORE, LD or \
             ldscore_SNP); add one, or give two columns, identifier and score",
        ),
        (
            "marker score\nrs0 3\n",
            "ld.txt, line 1: starts with 'marker score', a header is expected that names a column of \
             identifiers (SNP, ID, RSID or VARIANT) and one of scores (L2, LDSCORE, LD or \
             ldscore_SNP); add one, or give two columns, identifier and score",
        ),
        (
            "CHR SNP BP baseL2\n1 rs0 10 3\n",
            "ld.txt, line 1: no column is named L2, LDSCORE, LD or ldscore_SNP, one of scores is \
             expected; the columns are CHR, SNP, BP, baseL2, rename one",
        ),
        (
            "SNP L2 ldscore_SNP\nrs0 1 2\n",
            "ld.txt, line 1: columns L2, ldscore_SNP all name LD scores, one is expected; take the \
             others out",
        ),
        (
            "SNP ldscore_a ldscore_b\nrs0 1 2\n",
            "ld.txt, line 1: columns ldscore_a, ldscore_b all name LD scores, one is expected; take \
             the others out",
        ),
        (
            "SNP ID L2\nrs0 rs0 2\n",
            "ld.txt, line 1: columns 'SNP' and 'ID' both name variants, one is expected; take out \
             the one that is not as in the .bim file",
        ),
        (
            "SNP CHR L2\nrs0 1 2\nrs1 3\n",
            "ld.txt, line 3: 2 columns found, 3, as on line 1, expected; correct this line",
        ),
        (
            "rs0 2\nrs1 high\n",
            "ld.txt, line 2, column 'column 2': 'high' found, a number is expected, or NA or nan for \
             a missing value; correct it",
        ),
        (
            "SNP L2\nrs0 inf\n",
            "ld.txt, line 2, column 'L2': 'inf' is not finite, a finite number is expected; correct \
             it, or write NA if the value is missing",
        ),
        (
            "SNP L2\nrs0 NA\nrs0 1\n",
            "ld.txt, line 3: variant 'rs0' has an earlier row, one is expected; take one of them out",
        ),
        (
            "SNP L2\n1:10 2\n",
            "none of the 1 variants of ld.txt (the first is '1:10') is among the 4 of x.bim (the \
             first is 'rs0'); check that both use the same identifiers",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(folder.refusal(read(&folder, text)), expected);
    }
    let file = folder.write("x.l2.ldscore.gz", b"\x1f\x8b\x08\x00rest");
    assert_eq!(
        folder.refusal(LdScores::read(file, folder.open().bim())),
        "x.l2.ldscore.gz, line 1: not text (UTF-8); if the file is compressed, decompress it first"
    );
}

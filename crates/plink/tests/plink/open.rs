//! The three files, and what is refused before anything is computed.

use std::error::Error;

use twoblade_plink::{Bim, Fam, Plink};

use crate::folder::Folder;

#[test]
fn a_data_set_opens_by_its_prefix_and_by_its_bed() {
    let folder = Folder::with_data_set(5, 3);
    for path in ["x", "x.bed"] {
        let plink = Plink::open(folder.path(path)).unwrap();
        assert_eq!((plink.fam().count(), plink.bim().variants()), (5, 3));
        assert_eq!(plink.fam().identifiers(4), ("f4", "i4"));
        assert_eq!(plink.file(), folder.path("x.bed"));
    }
}

#[test]
fn a_prefix_may_have_a_dot() {
    let folder = Folder::with_data_set(5, 3);
    for ending in ["bed", "bim", "fam"] {
        let to = folder.path(&format!("x.v2.{ending}"));
        std::fs::rename(folder.path(&format!("x.{ending}")), to).unwrap();
    }
    assert_eq!(Plink::open(folder.path("x.v2")).unwrap().fam().count(), 5);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for ending in ["bed", "bim", "fam"] {
        let folder = Folder::with_data_set(5, 3);
        std::fs::remove_file(folder.path(&format!("x.{ending}"))).unwrap();
        assert_eq!(
            folder.refusal(Plink::open(folder.path("x"))),
            format!(
                "x.{ending} does not exist; a PLINK data set is three files side by side: \
                 PREFIX.bed, PREFIX.bim and PREFIX.fam"
            )
        );
    }
}

#[test]
fn plink_2_and_bgen_files_are_refused_with_the_command_that_converts_them() {
    let folder = Folder::new();
    folder.write("p.pgen", "");
    folder.write("b.bgen", "");
    for path in ["p", "p.pgen"] {
        let text = folder.refusal(Plink::open(folder.path(path)));
        let expected = "p.pgen is not in the PLINK 1 format; convert it first: \
                        plink2 --pfile p --make-bed --out p";
        assert_eq!(text, expected);
    }
    for path in ["b", "b.bgen"] {
        let text = folder.refusal(Plink::open(folder.path(path)));
        let expected = "b.bgen is not in the PLINK 1 format; convert it first: \
                        plink2 --bgen b.bgen ref-first --sample b.sample --make-bed --out b";
        assert_eq!(text, expected);
    }
}

#[test]
fn a_converted_data_set_opens_although_the_original_is_beside_it() {
    let folder = Folder::with_data_set(5, 3);
    folder.write("x.pgen", "");
    assert_eq!(folder.open().bim().variants(), 3);
}

#[test]
fn a_bed_must_begin_as_one() {
    let folder = Folder::with_data_set(5, 3);
    let cases: [(&[u8], &str); 6] = [
        (b"", "x.bed is empty; 3 bytes of header and the genotypes are expected"),
        (
            b"PK\x03\x04",
            "x.bed starts with the bytes 50 4b 03, 6c 1b 01 is expected: this is not a PLINK .bed \
             file; make one with plink2 --make-bed",
        ),
        (
            &[0x6c],
            "x.bed starts with the bytes 6c, 6c 1b 01 is expected: this is not a PLINK .bed file; \
             make one with plink2 --make-bed",
        ),
        (
            &[0x6c, 0x1b],
            "x.bed starts with the bytes 6c 1b, 6c 1b 01 is expected: this is not a PLINK .bed \
             file; make one with plink2 --make-bed",
        ),
        (
            &[0x6c, 0x1b, 0x00, 0xff],
            "x.bed is individual-major (mode byte 00), variant-major (01) is expected; convert it \
             with plink2 --make-bed",
        ),
        (
            &[0x6c, 0x1b, 0x10],
            "x.bed: the mode byte is 10, 01 is expected (variant-major); the file is damaged, make \
             it again with plink2 --make-bed",
        ),
    ];
    for (bytes, expected) in cases {
        folder.write("x.bed", bytes);
        assert_eq!(folder.refusal(Plink::open(folder.path("x"))), expected);
    }
}

#[test]
fn a_bed_must_be_as_long_as_the_other_files_say() {
    let folder = Folder::with_data_set(5, 3); // 3 + 3 × 2 bytes
    for (length, how) in [(3, "truncated"), (8, "truncated"), (10, "too long")] {
        let bed = std::fs::File::options().write(true).open(folder.path("x.bed")).unwrap();
        bed.set_len(length).unwrap();
        assert_eq!(
            folder.refusal(Plink::open(folder.path("x"))),
            format!(
                "x.bed is {how}: it has {length} bytes, 9 are expected for the 3 variants of x.bim \
                 and the 5 individuals of x.fam; check that the three files belong together and \
                 copy them again"
            )
        );
    }
}

#[test]
fn empty_fam_and_bim_files_are_refused() {
    let folder = Folder::with_data_set(5, 3);
    folder.write("x.bim", "\n");
    let text = folder.refusal(Plink::open(folder.path("x")));
    assert_eq!(text, "x.bim is empty; one line for each variant is expected");
    folder.write("x.fam", "");
    let text = folder.refusal(Plink::open(folder.path("x")));
    assert_eq!(text, "x.fam is empty; one line for each individual is expected");
}

#[test]
fn a_fam_needs_six_columns_and_may_have_more() {
    let folder = Folder::new();
    let fam =
        Fam::read(folder.write("a.fam", "a 1 0 0 1 2.5 3.5\r\nb\t2 0 0 1 NA 1\n\n \n")).unwrap();
    assert_eq!((fam.count(), fam.columns()), (2, 7));
    assert_eq!((fam.identifiers(0), fam.identifiers(1)), (("a", "1"), ("b", "2")));

    let short = folder.write("b.fam", "a 1 0 0 1 2\na 2 0 0 1\n");
    assert_eq!(
        folder.refusal(Fam::read(short)),
        "b.fam, line 2: 5 columns found, 6 (FID IID father mother sex phenotype) expected; correct \
         this line"
    );
    let ragged = folder.write("c.fam", "a 1 0 0 1 2 3\na 2 0 0 1 2\n");
    assert_eq!(
        folder.refusal(Fam::read(ragged)),
        "c.fam, line 2: 6 columns found, 7, as on line 1, expected; correct this line"
    );
}

#[test]
fn an_individual_listed_twice_is_refused_with_both_lines() {
    let folder = Folder::new();
    let line = |family: &str, individual: &str| format!("{family} {individual} 0 0 0 0\n");
    let lines = [line("a", "1"), line("b", "1"), line("a", "2"), line("b", "1"), line("b", "1")];
    let file = folder.write("x.fam", lines.concat());
    assert_eq!(
        folder.refusal(Fam::read(file)),
        "x.fam: individual 'b 1' is on line 2 and again on line 4, one line is expected; take one \
         of them out"
    );
}

#[test]
fn identifiers_are_not_glued_together() {
    let folder = Folder::new();
    let fam = Fam::read(folder.write("x.fam", "ab c 0 0 0 0\na bc 0 0 0 0\n")).unwrap();
    assert_eq!(
        (fam.row("ab", "c"), fam.row("a", "bc"), fam.row("abc", "")),
        (Some(0), Some(1), None)
    );
}

#[test]
fn a_bim_is_checked_line_by_line() {
    let folder = Folder::new();
    let good = "1 rs1 0 100 A G\n";
    for (line, found) in [("1 rs2 0 100 A\n", 5), ("1 rs2 0 100 A G T\n", 7), ("x\n", 1)] {
        let file = folder.write("x.bim", good.to_owned() + line);
        assert_eq!(
            folder.refusal(Bim::read(file)),
            format!(
                "x.bim, line 2: {found} columns found, 6 (chromosome identifier centimorgans \
                 position allele1 allele2) expected; correct this line"
            )
        );
    }
    for position in ["1.5", "1e6", "NA"] {
        let file = folder.write("x.bim", format!("{good}1 rs2 0 {position} A G\n"));
        assert_eq!(
            folder.refusal(Bim::read(file)),
            format!(
                "x.bim, line 2: the position (column 4) is '{position}', a whole number of base \
                 pairs is expected; correct it, or write 0 if it is unknown"
            )
        );
    }
}

#[test]
fn identifiers_that_occur_again_are_counted_and_a_dot_is_none() {
    let folder = Folder::new();
    let identifiers = ["rs1", ".", "rs2", "rs1", ".", "rs1", "rs2"];
    let lines = identifiers.map(|identifier| format!("1 {identifier} 0 -5 A G\n"));
    let bim = Bim::read(folder.write("x.bim", lines.concat())).unwrap();
    assert_eq!((bim.variants(), bim.duplicates()), (7, 3));
}

#[test]
fn what_is_not_text_is_refused_by_line() {
    let folder = Folder::new();
    let file = folder.write("x.fam", b"a 1 0 0 0 0\na \xff\x8b 0 0 0 0\n");
    assert_eq!(
        folder.refusal(Fam::read(file)),
        "x.fam, line 2: not text (UTF-8); if the file is compressed, decompress it first"
    );
}

#[test]
fn a_blank_line_is_refused_unless_nothing_follows() {
    let folder = Folder::new();
    let file = folder.write("x.fam", "a 1 0 0 0 0\n\n\na 2 0 0 0 0\n");
    assert_eq!(
        folder.refusal(Fam::read(file)),
        "x.fam, line 2: blank, with data after it; take the line out"
    );
}

#[test]
fn what_the_system_says_is_the_cause() {
    let folder = Folder::new();
    let result = Fam::read(folder.path("none.fam"));
    let cause = result.as_ref().err().and_then(Error::source).map(ToString::to_string);
    assert!(
        cause.is_some_and(|cause| cause.contains("o such file") || cause.contains("cannot find"))
    );
    assert_eq!(folder.refusal(result), "none.fam could not be read");
}

//! Lists of individuals, good and bad, and who they leave.

use twoblade_plink::{Annotation, Assembled, Individuals, PlinkError, StudyBuilder};

use crate::folder::Folder;

fn read(folder: &Folder, text: &str) -> Result<Individuals, PlinkError> {
    folder.open().individuals(folder.write("list", text))
}

/// The study of a trait that everybody has but f5 (who has no row) and f4.
fn assemble(folder: &Folder, keep: &str, remove: &str) -> Result<Assembled, PlinkError> {
    let plink = folder.open();
    let text = "FID IID y\nf0 i0 1\nf1 i1 2\nf2 i2 3\nf3 i3 4\nf4 i4 NA\n";
    let phenotypes = plink.phenotypes(folder.write("y.pheno", text))?;
    let keep = plink.individuals(folder.write("keep", keep))?;
    let remove = plink.individuals(folder.write("remove", remove))?;
    StudyBuilder::new(&plink, &phenotypes, &Annotation::everything("all"))
        .keep(&keep)
        .remove(&remove)
        .assemble(2)
}

#[test]
fn a_list_may_be_laid_out_as_plink_does() {
    let folder = Folder::with_data_set(4, 10);
    for text in [
        "f1 i1\nf3 i3\n",
        "f3\ti3\r\nf1\ti1\r\n",
        "#FID IID\nf1 i1\nf3 i3\n",
        "FID IID SEX\nf1 i1 1\nf3 i3\n",
        "i1\ni3\n",
        "#IID\ni1\ni3\n",
        "#IID SID\ni1 0\ni3 0\n",
    ] {
        let list = read(&folder, text).unwrap();
        assert_eq!(
            [0, 1, 2, 3].map(|row| list.contains(row)),
            [false, true, false, true],
            "{text}"
        );
        assert_eq!((list.lines(), list.matched()), (2, 2), "{text}");
    }
}

#[test]
fn the_lines_of_a_list_are_counted() {
    let folder = Folder::with_data_set(4, 10);
    let list = read(&folder, "f1 i1\nf9 i9\nf1 i1\nf0 i0\nf9 i9\nf1 i0\n").unwrap();
    let counts = (list.lines(), list.matched(), list.repeated(), list.unmatched());
    assert_eq!(counts, (6, 2, 1, 3));
    assert_eq!(list.file(), folder.path("list"));
    assert_eq!(read(&folder, "").unwrap().lines(), 0);
}

#[test]
fn bad_lists_are_refused() {
    let folder = Folder::with_data_set(4, 10);
    folder.write("x.fam", "a 1 0 0 0 0\nb 2 0 0 0 0\nb 1 0 0 0 0\nc 3 0 0 0 0\n");
    let cases = [
        ("a 1\nb\n", "list, line 2: 1 columns found, 2 (FID IID) expected; correct this line"),
        ("3\na 1\n", "list, line 2: 2 columns found, 1, as on line 1, expected; correct this line"),
        (
            "#IID\n2\n1\n",
            "list, line 3: individual '1' is in two families, on lines 1 and 3 of x.fam; add the \
             family identifiers as a first column FID",
        ),
        ("a 1\n\nb 2\n", "list, line 2: blank, with data after it; take the line out"),
    ];
    for (text, expected) in cases {
        assert_eq!(folder.refusal(read(&folder, text)), expected);
    }
}

#[test]
fn those_to_keep_stay_unless_they_are_to_be_removed() {
    let folder = Folder::with_data_set(7, 10);
    let keep = "f5 i5\nf4 i4\nf3 i3\nf1 i1\nf0 i0\nf6 i6\nq q\n";
    let Assembled { groups, joined, .. } =
        assemble(&folder, keep, "f1 i1\nf2 i2\nf6 i6\n").unwrap();
    let study = &groups[0].study;
    assert_eq!(
        (&study.individuals[..], &study.traits[0].values[..]),
        (&[0, 3][..], &[1.0, 4.0][..])
    );
    assert_eq!((joined.not_kept, joined.removed, joined.chosen()), (1, 2, 4));
    assert_eq!((joined.listed, joined.matched, joined.without_phenotype()), (7, 3, 1));
    let of_trait = &groups[0].joined.traits[0];
    assert_eq!((of_trait.missing, of_trait.with_trait, joined.kept), (1, 2, 2));
}

#[test]
fn lists_that_leave_too_few_are_refused() {
    let folder = Folder::with_data_set(6, 10);
    let cases = [
        (
            "F0 i0\nF1 i1\n",
            "",
            "of the 6 individuals of x.fam, 6 are not in the list to keep and 0 of the others are \
             in the list to remove: 0 stay, at least 2 are needed; check that the lists use the \
             same identifiers (FID and IID)",
        ),
        (
            "f0 i0\nf1 i1\nf2 i2\n",
            "f3 i3\nf1 i1\nf0 i0\n",
            "of the 6 individuals of x.fam, 3 are not in the list to keep and 2 of the others are \
             in the list to remove: 1 stay, at least 2 are needed; check that the lists use the \
             same identifiers (FID and IID)",
        ),
        (
            "f5 i5\nf4 i4\nf3 i3\n",
            "",
            "of the 2 individuals that are both in y.pheno and in the .fam file and that the lists \
             to keep and to remove leave, 1 have a value for trait 'y', at least 2 are needed; leave \
             it out, or check the values: NA, nan and -9 are missing",
        ),
    ];
    for (keep, remove, expected) in cases {
        assert_eq!(folder.refusal(assemble(&folder, keep, remove)), expected);
    }
}

#[test]
fn lists_of_other_files_are_refused() {
    let (folder, other) = (Folder::with_data_set(6, 10), Folder::with_data_set(4, 10));
    let plink = folder.open();
    let phenotypes = folder.write("y.pheno", "FID IID y\nf0 i0 1\nf1 i1 2\n");
    let phenotypes = plink.phenotypes(phenotypes).unwrap();
    let everything = Annotation::everything("all");
    let list = read(&other, "f0 i0\n").unwrap();
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything);
    for builder in [builder.clone().keep(&list), builder.clone().remove(&list)] {
        assert_eq!(
            folder.refusal(builder.assemble(2)),
            "the study has 4 individuals and 10 variants, x.bed has 6 and 10; make the study from \
             these files"
        );
    }
}

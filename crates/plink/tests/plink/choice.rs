//! Variants chosen by name and by place.

use proptest::prelude::*;
use twoblade_geno::Subset;
use twoblade_plink::{
    Annotation, BedSource, ChosenVariants, ChromosomeCounts, Chromosomes, ListedVariants,
    PlinkError, StudyBuilder, VariantChoice, VariantList,
};

use crate::folder::Folder;

/// Variants on these chromosomes, with these identifiers.
fn with_variants(variants: &[(&str, &str)]) -> Folder {
    let folder = Folder::with_data_set(4, variants.len());
    let lines = variants.iter().map(|(chromosome, name)| format!("{chromosome} {name} 0 1 A G\n"));
    folder.write("x.bim", lines.collect::<String>());
    folder
}

fn list(folder: &Folder, text: &str) -> VariantList {
    VariantList::read(folder.write("list", text)).unwrap()
}

const SEVEN: [(&str, &str); 7] =
    [("1", "a"), ("1", "b"), ("2", "."), ("2", "c"), ("X", "b"), ("chr3", "d"), ("GL0", "e")];

/// The rows that are kept.
fn rows(chosen: &ChosenVariants) -> Vec<usize> {
    (0..chosen.kept()).map(|kept| chosen.subset.row(kept)).collect()
}

#[test]
fn without_a_wish_all_variants_are_chosen() {
    let folder = with_variants(&SEVEN);
    let plink = folder.open();
    let chosen = VariantChoice::new(&plink).choose().unwrap();
    assert_eq!(chosen.subset, Subset::all(7));
    assert_eq!(
        (chosen.listed, chosen.kept(), &chosen.extract, &chosen.exclude),
        (7, 7, &None, &None)
    );
    assert_eq!(chosen.chromosomes, plink.bim().chromosomes());
}

#[test]
fn a_list_has_any_number_of_identifiers_a_line() {
    let folder = with_variants(&SEVEN);
    let names = list(&folder, "b\tz  a\r\n\n \n. b\nz");
    assert_eq!((names.identifiers(), names.repeated(), names.bytes()), (4, 2, 64));
    assert_eq!(names.file(), folder.path("list"));
    let chosen = VariantChoice::new(&folder.open()).extract(&names).choose().unwrap();
    assert_eq!((rows(&chosen), chosen.not_extracted), (vec![0, 1, 4], 4));
    let expected = ListedVariants {
        file: folder.path("list"),
        identifiers: 4,
        repeated: 2,
        matched: 3,
        unmatched: 2, // z, and the dot, which is no identifier
    };
    assert_eq!((chosen.extract, chosen.exclude), (Some(expected), None));
    let empty = list(&folder, "");
    let chosen = VariantChoice::new(&folder.open()).exclude(&empty).choose().unwrap();
    assert_eq!((chosen.kept(), chosen.exclude.unwrap().identifiers), (7, 0));
}

#[test]
fn a_list_that_is_not_text_is_refused() {
    let folder = with_variants(&SEVEN);
    let file = folder.write("list", b"a\n\xff\n");
    assert_eq!(
        folder.refusal(VariantList::read(file)),
        "list, line 2: not text (UTF-8); if the file is compressed, decompress it first"
    );
}

#[test]
fn the_first_reason_counts() {
    let folder = with_variants(&SEVEN);
    let plink = folder.open();
    let extract = list(&folder, "a b c d");
    let exclude = list(&folder, "c e");
    let chosen = VariantChoice::new(&plink)
        .extract(&extract)
        .exclude(&exclude)
        .chromosomes(&Chromosomes::parse("1-2,X").unwrap())
        .choose()
        .unwrap();
    assert_eq!(rows(&chosen), [0, 1, 4]);
    let reasons = (chosen.not_extracted, chosen.excluded, chosen.on_other_chromosomes);
    assert_eq!((chosen.listed, reasons), (7, (2, 1, 1)));
    // e is matched although it was not extracted.
    assert_eq!(chosen.exclude.unwrap().matched, 2);
    assert_eq!(chosen.chromosomes, ChromosomeCounts { autosomes: 2, x: 1, ..Default::default() });
}

#[test]
fn where_nothing_is_left_it_is_said_where_it_went() {
    let folder = with_variants(&SEVEN);
    let plink = folder.open();
    let (extract, exclude) = (list(&folder, "a b d"), list(&folder, "d"));
    let y = Chromosomes::parse("Y").unwrap();
    let choice = VariantChoice::new(&plink).extract(&extract).exclude(&exclude).chromosomes(&y);
    assert_eq!(
        folder.refusal(choice.choose()),
        "none of the 7 variants of x.bim is left: 3 are not in the list to extract, 1 of the others \
         are in the list to exclude, and 3 of the rest are on other chromosomes; check that the lists \
         have the identifiers of the .bim file (column 2), and that the chromosomes (column 1) are \
         those asked for"
    );
}

#[test]
fn chromosomes_have_numbers_and_names() {
    let cases = [
        ("1-3", &["1", "chr2", "CHR3", "03"][..], &["0", "4", "23", "1_random", ""][..]),
        ("22, x,MT", &["22", "X", "23", "chrX", "M", "chrM", "mt", "26"], &["Y", "25", "21"]),
        ("chr21-chrY 0", &["21", "22", "23", "24", "0"], &["20", "XY"]),
        ("par1", &["XY", "PAR2", "25"], &["X", "26", "27", "chr"]),
    ];
    for (text, inside, outside) in cases {
        let some = Chromosomes::parse(text).unwrap();
        assert!(inside.iter().all(|name| some.contains(name)), "{text}");
        assert!(!outside.iter().any(|name| some.contains(name)), "{text}");
    }
    assert_eq!(Chromosomes::parse("1-22").unwrap(), Chromosomes::autosomes());
}

#[test]
fn what_is_no_chromosome_is_refused() {
    let folder = Folder::new();
    for (text, found) in [
        ("1,27", "27"),
        ("1-", "1-"),
        ("5-3", "5-3"),
        ("1-2-3", "1-2-3"),
        ("autosomes", "autosomes"),
        ("1;2", "1;2"),
        (" ,", " ,"),
        ("+1", "+1"),
        ("é1", "é1"),
    ] {
        assert_eq!(
            folder.refusal(Chromosomes::parse(text)),
            format!(
                "'{found}' is no chromosome; numbers from 0 to 26, X, Y, XY, MT and ascending ranges \
                 such as 1-22 are expected, separated by commas"
            )
        );
    }
}

#[test]
fn variants_are_counted_by_kind_of_chromosome() {
    let names =
        ["1", "chr22", "X", "23", "Y", "XY", "PAR1", "M", "MT", "26", "0", "27", "GL000207.1"];
    let folder = with_variants(&names.map(|name| (name, ".")));
    let plink = folder.open();
    let expected = ChromosomeCounts { autosomes: 2, x: 2, y: 1, xy: 2, mt: 3, other: 3 };
    assert_eq!(plink.bim().chromosomes(), expected);
    let sexual = Chromosomes::parse("1, 23-25").unwrap();
    let chosen = VariantChoice::new(&plink).chromosomes(&sexual).choose().unwrap();
    let expected = ChromosomeCounts { autosomes: 1, x: 2, y: 1, xy: 2, mt: 0, other: 0 };
    assert_eq!((chosen.chromosomes, chosen.on_other_chromosomes), (expected, 7));
}

#[test]
fn a_study_is_of_the_variants_that_were_chosen() {
    let folder = with_variants(&SEVEN);
    let plink = folder.open();
    let pheno = folder.write("y.pheno", "IID y\ni0 1\ni1 2\ni3 5\n");
    let phenotypes = plink.phenotypes(pheno).unwrap();
    let annotation = folder.write("n", "p q r\n1 0 0\n0 1 0\n0 0 1\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n");
    let annotation = plink.annotation(annotation).unwrap();
    let choose = |text: &str| {
        let names = list(&folder, text);
        VariantChoice::new(&plink).extract(&names).choose().unwrap()
    };
    let builder = StudyBuilder::new(&plink, &phenotypes, &annotation);
    let chosen = choose("b c e");
    let assembled = builder.clone().variants(&chosen).assemble(2).unwrap();
    let study = &assembled.groups[0].study;
    assert_eq!((&study.variants, &assembled.variants), (&chosen.subset, &chosen.subset));
    let bins: Vec<_> = (0..4).map(|variant| study.bins.of(variant)).collect();
    assert_eq!(bins, [&[1][..], &[], &[0], &[2]]);
    assert_eq!((assembled.joined.in_no_bin, assembled.joined.variants), (1, 7));
    assert_eq!(
        (assembled.cut.variants(), assembled.cut.listed(), study.cut),
        (4, 4, assembled.cut)
    );
    assert!(BedSource::new(&plink, study).is_ok());

    assert_eq!(
        folder.refusal(builder.clone().variants(&choose("b e")).assemble(5)),
        "3 variants of x.bim cannot be cut into 5 jackknife blocks, each with one at least; ask for \
         3 blocks or fewer, and for 1 or more"
    );
    assert_eq!(
        folder.refusal(builder.clone().variants(&choose("a e c")).assemble(2)),
        "none of the 3 variants that were chosen is in bin 'q'; leave the bin out, or choose more \
         variants"
    );
}

#[test]
fn variants_of_other_files_are_refused() {
    let (folder, other) = (Folder::with_data_set(4, 10), Folder::with_data_set(4, 9));
    let (plink, theirs) = (folder.open(), other.open());
    let phenotypes = plink.phenotypes(folder.write("y.pheno", "IID y\ni0 1\ni1 2\n")).unwrap();
    let chosen = VariantChoice::new(&theirs).choose().unwrap();
    let everything = Annotation::everything("all");
    let builder = StudyBuilder::new(&plink, &phenotypes, &everything).variants(&chosen);
    assert_eq!(
        folder.refusal(builder.assemble(2)),
        "the study has 4 individuals and 9 variants, x.bed has 4 and 10; make the study from these \
         files"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Against the same choice written down plainly, over data sets in two files.
    #[test]
    fn variants_are_chosen_as_if_one_by_one(
        variants in prop::collection::vec((0usize..4, 0usize..12), 2..40),
        lists in prop::array::uniform2(prop::option::of(prop::collection::vec(0usize..16, 0..12))),
        wanted in prop::option::of(1usize..4),
    ) {
        let names: Vec<_> = variants
            .iter()
            .map(|&(chromosome, name)| (chromosome.to_string(), format!("v{name}")))
            .collect();
        let pairs: Vec<_> = names.iter().map(|(c, name)| (c.as_str(), name.as_str())).collect();
        let folder = with_variants(&pairs);
        folder.split(&[1], &["p", "q"]);
        let plink = folder.open_all(&["p", "q"]).unwrap();
        let read = |ids: &Vec<usize>| {
            list(&folder, &ids.iter().map(|id| format!("v{id}")).collect::<Vec<_>>().join(" "))
        };
        let [extract, exclude] = lists.each_ref().map(|ids| ids.as_ref().map(read));
        let mut choice = VariantChoice::new(&plink);
        if let Some(list) = &extract {
            choice = choice.extract(list);
        }
        if let Some(list) = &exclude {
            choice = choice.exclude(list);
        }
        if let Some(last) = wanted {
            choice = choice.chromosomes(&Chromosomes::parse(&format!("1-{last}")).unwrap());
        }
        let mut counts = [0; 3];
        let mut kept = Vec::new();
        for (row, (chromosome, name)) in variants.iter().enumerate() {
            let listed = |list: &Option<Vec<usize>>| list.as_ref().map(|list| list.contains(name));
            if listed(&lists[0]) == Some(false) {
                counts[0] += 1;
            } else if listed(&lists[1]) == Some(true) {
                counts[1] += 1;
            } else if wanted.is_some_and(|last| !(1..=last).contains(chromosome)) {
                counts[2] += 1;
            } else {
                kept.push(row);
            }
        }
        match choice.choose() {
            Ok(chosen) => {
                prop_assert_eq!(rows(&chosen), kept);
                let found = [chosen.not_extracted, chosen.excluded, chosen.on_other_chromosomes];
                prop_assert_eq!(found, counts);
                for (found, ids) in [(chosen.extract, &lists[0]), (chosen.exclude, &lists[1])] {
                    let Some(ids) = ids else { continue };
                    let mut once = ids.clone();
                    once.sort_unstable();
                    once.dedup();
                    let has = |id: &usize| variants.iter().any(|(_, name)| name == id);
                    let expected = ListedVariants {
                        file: folder.path("list"),
                        identifiers: once.len(),
                        repeated: ids.len() - once.len(),
                        matched: variants.iter().filter(|(_, name)| once.contains(name)).count(),
                        unmatched: once.iter().filter(|id| !has(id)).count(),
                    };
                    prop_assert_eq!(found, Some(expected));
                }
            }
            Err(PlinkError::NoVariants { not_extracted, excluded, on_other_chromosomes, .. }) => {
                prop_assert!(kept.is_empty());
                prop_assert_eq!([not_extracted, excluded, on_other_chromosomes], counts);
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
}

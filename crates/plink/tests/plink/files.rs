//! Data sets in several files, read as one.

use std::collections::HashSet;
use std::ops::ControlFlow;

use proptest::prelude::*;
use twoblade_core::{BlockSource, Fingerprint};
use twoblade_geno::{Cut, Subset};
use twoblade_plink::{
    BedSource, Chromosomes, PhenotypeOptions, Phenotypes, Plink, PlinkError, VariantChoice,
};

use crate::folder::Folder;

fn fingerprint(plink: &Plink) -> Fingerprint {
    let (listed, variants) = (plink.fam().count(), plink.bim().variants());
    let individuals: Vec<u32> = (0..).take(listed).collect();
    let cut = Cut::new(variants, listed, 2).unwrap();
    BedSource::over(plink, &individuals, &Subset::all(variants), cut).unwrap().fingerprint()
}

/// What a source reads: all rows, one after the other, and the digest of each block.
fn read(source: &BedSource) -> (Vec<Vec<u8>>, Vec<u64>) {
    let mut rows = Vec::new();
    let mut digests = Vec::new();
    for block in 0..source.blocks() {
        let visited = source.visit(block, &mut |chunk| {
            assert_eq!(chunk.first(), rows.len());
            rows.extend((0..chunk.variants()).map(|variant| chunk.variant(variant).to_vec()));
            ControlFlow::Continue(())
        });
        digests.push(visited.unwrap());
    }
    (rows, digests)
}

/// Nine variants cut into data sets of these names.
fn three(names: [&str; 3]) -> Folder {
    let folder = Folder::with_data_set(6, 9);
    folder.split(&[2, 6], &names);
    folder
}

#[test]
fn a_range_in_braces_opens_its_data_sets_in_order() {
    for (names, prefix) in [
        (["chr8", "chr9", "chr10"], "chr{8..10}"),
        (["chr08", "chr09", "chr10"], "chr{08..10}"),
        (["1.v2", "2.v2", "3.v2"], "{1..3}.v2"),
        (["a1", "a2", "a3"], "a{1..3}.bed"),
    ] {
        let folder = three(names);
        let plink = Plink::open(folder.path(prefix)).unwrap();
        assert_eq!((plink.fam().count(), plink.bim().variants()), (6, 9));
        let files: Vec<_> = plink.bim().files().collect();
        assert_eq!(files, names.map(|name| folder.path(&format!("{name}.bim"))));
        let [bed, bim] = ["bed", "bim"].map(|end| format!("{}.{end} and 2 more", names[0]));
        assert_eq!((plink.file(), plink.bim().file()), (&*folder.path(&bed), &*folder.path(&bim)));
        assert_eq!(plink.fam().file(), folder.path(&format!("{}.fam", names[0])));
        assert_eq!(fingerprint(&plink), fingerprint(&folder.open_all(&names).unwrap()));
    }
}

#[test]
fn files_that_have_the_braces_in_their_names_win() {
    let folder = three(["c1", "c2", "c{1..2}"]);
    assert_eq!(Plink::open(folder.path("c{1..2}")).unwrap().bim().variants(), 3);
    std::fs::remove_file(folder.path("c{1..2}.bim")).unwrap();
    assert!(
        folder.refusal(Plink::open(folder.path("c{1..2}"))).starts_with("c{1..2}.bim does not")
    );
    for ending in ["bed", "fam"] {
        std::fs::remove_file(folder.path(&format!("c{{1..2}}.{ending}"))).unwrap();
    }
    assert_eq!(Plink::open(folder.path("c{1..2}")).unwrap().bim().variants(), 6);
}

#[test]
fn braces_without_a_range_are_refused() {
    let folder = three(["c1", "c2", "c3"]);
    for prefix in ["c{1-3}", "c{3..1}", "c{1..3", "{c}{1..3}"] {
        assert_eq!(
            folder.refusal(Plink::open(folder.path(prefix))),
            format!(
                "{prefix}: between braces one ascending range of whole numbers is expected, of \
                 10000 numbers at most, as in chr{{1..22}}; correct the prefix"
            )
        );
    }
    assert_eq!(
        folder.refusal(Plink::open(folder.path("c{1..4}"))),
        "c4.bed does not exist; a PLINK data set is three files side by side: PREFIX.bed, PREFIX.bim \
         and PREFIX.fam"
    );
    folder.write("p1.pgen", "");
    assert_eq!(
        folder.refusal(Plink::open(folder.path("p{1..2}"))),
        "p1.pgen is not in the PLINK 1 format; convert it first: plink2 --pfile p1 --make-bed --out \
         p1"
    );
}

#[test]
fn a_list_names_prefixes_or_three_files() {
    let folder = three(["a", "b", "c"]);
    let [a, b, c] = ["a", "b", "c"].map(|name| folder.path(name).display().to_string());
    let list = folder.write("list", format!("{b}\r\n{a}.bed {a}.bim\t{a}.fam\n{c}.bed\n\n \n"));
    let plink = Plink::open_list(&list).unwrap();
    assert_eq!(fingerprint(&plink), fingerprint(&folder.open_all(&["b", "a", "c"]).unwrap()));

    let cases = [
        ("\n".to_owned(), "list is empty; a line for each data set, with its prefix, is expected"),
        (
            format!("{a}\n{b}.bed {b}.bim\n"),
            "list, line 2: 2 columns found, 1 (a prefix) or 3 (.bed .bim .fam) expected; correct this \
             line",
        ),
        (
            format!("{a}\n{b}\n{a}.bed {b}.bim {b}.fam\n"),
            "a.bed is named twice, once is expected; name each data set once",
        ),
        (format!("{a}\n\n{b}\n"), "list, line 2: blank, with data after it; take the line out"),
    ];
    for (text, expected) in cases {
        folder.write("list", text);
        assert_eq!(folder.refusal(Plink::open_list(&list)), expected);
    }
    let none: [&str; 0] = [];
    assert_eq!(
        folder.refusal(Plink::open_all(&none)),
        "no data set is named, the prefix of one at least is expected; name one"
    );
}

#[test]
fn the_three_files_may_be_apart() {
    let folder = Folder::with_data_set(5, 4);
    let together = fingerprint(&folder.open());
    for (from, to) in [("x.bed", "genotypes"), ("x.bim", "v.txt"), ("x.fam", "cohort.fam")] {
        std::fs::rename(folder.path(from), folder.path(to)).unwrap();
    }
    let [bed, bim, fam] = ["genotypes", "v.txt", "cohort.fam"].map(|name| folder.path(name));
    let plink = Plink::open_files(&bed, &bim, &fam).unwrap();
    assert_eq!(fingerprint(&plink), together);
    assert_eq!((plink.file(), plink.bim().file(), plink.fam().file()), (&*bed, &*bim, &*fam));
    let missing = Plink::open_files(&bed, folder.path("none"), &fam);
    assert!(folder.refusal(missing).starts_with("none does not exist; "));
}

#[test]
fn individuals_must_be_the_same_in_every_file() {
    let folder = three(["a", "b", "c"]);
    let fam = std::fs::read_to_string(folder.path("c.fam")).unwrap();
    let cases = [
        (
            fam.replace("f3 i3", "f3 j3"),
            "c.fam, line 4: individual 'f3 j3' found, 'f3 i3' is expected as in a.fam; all .fam \
             files must list the same individuals in the same order, make the files again from one \
             list",
        ),
        (
            fam.replace("f2 i2 0 0 0 -9\n", ""),
            "c.fam, line 3: individual 'f3 i3' found, 'f2 i2' is expected as in a.fam; all .fam \
             files must list the same individuals in the same order, make the files again from one \
             list",
        ),
        (
            fam.replace("f5 i5 0 0 0 -9\n", ""),
            "c.fam lists 5 individuals and a.fam lists 6; all .fam files must list the same \
             individuals in the same order, make the files again from one list",
        ),
        (
            fam.clone() + "f6 i6 0 0 0 -9\nf7 i7 0 0 0 -9\n",
            "c.fam lists 8 individuals and a.fam lists 6; all .fam files must list the same \
             individuals in the same order, make the files again from one list",
        ),
        (
            fam.replace("f4 i4 0 0 0 -9", "f4 i4 0 0 0"),
            "c.fam, line 5: 5 columns found, 6 (FID IID father mother sex phenotype) expected; \
             correct this line",
        ),
    ];
    for (text, expected) in cases {
        folder.write("c.fam", text);
        assert_eq!(folder.refusal(folder.open_all(&["a", "b", "c"])), expected);
    }
}

#[test]
fn other_columns_may_differ_and_the_first_files_are_used() {
    let folder = three(["a", "b", "c"]);
    let fam = std::fs::read_to_string(folder.path("a.fam")).unwrap();
    folder.write("a.fam", fam.replace("f1 i1 0 0 0 -9", "f1 i1 0 0 0 7"));
    folder.write("b.fam", fam.replace("0 0 0 -9", "p m 2 x extra"));
    let plink = folder.open_all(&["a", "b", "c"]).unwrap();
    let phenotypes = Phenotypes::from_fam(plink.fam(), &PhenotypeOptions::default()).unwrap();
    assert_eq!((phenotypes.values(0)[1], plink.fam().columns()), (7.0, 6));
}

#[test]
fn each_bed_must_be_as_long_as_its_own_bim_says() {
    let folder = three(["a", "b", "c"]);
    let bim = std::fs::read_to_string(folder.path("b.bim")).unwrap();
    folder.write("b.bim", bim + "1\trs77\t0\t1\tA\tG\n");
    assert_eq!(
        folder.refusal(folder.open_all(&["a", "b", "c"])),
        "b.bed is truncated: it has 11 bytes, 13 are expected for the 5 variants of b.bim and the 6 \
         individuals of a.fam; check that the three files belong together and copy them again"
    );
}

#[test]
fn identifiers_that_occur_again_are_counted_over_all_files() {
    let folder = three(["a", "b", "c"]);
    let bim = std::fs::read_to_string(folder.path("c.bim")).unwrap();
    folder.write("c.bim", bim.replace("rs7", "rs0").replace("rs8", "rs3"));
    let plink = folder.open_all(&["a", "b", "c"]).unwrap();
    assert_eq!(plink.bim().duplicates(), 2);
}

#[test]
fn annotations_are_of_all_files() {
    let folder = three(["a", "b", "c"]);
    let plink = folder.open_all(&["a", "b", "c"]).unwrap();
    let annotation = plink.annotation(folder.write("n", "0 1\n".to_owned() + &"1 0\n".repeat(8)));
    assert_eq!(annotation.unwrap().bins().of(8), [0]);
    let short = plink.annotation(folder.write("n", "1\n1\n"));
    assert!(folder.refusal(short).contains("a.bim and 2 more lists 9 variants"));
}

#[test]
fn what_cannot_be_read_is_named_by_its_own_file() {
    let folder = three(["a", "b", "c"]);
    let plink = folder.open_all(&["a", "b", "c"]).unwrap();
    for individuals in [(0..6).collect(), vec![1, 4]] {
        let cut = Cut::new(9, 6, 1).unwrap();
        let source = BedSource::over(&plink, &individuals, &Subset::all(9), cut).unwrap();
        let bed = std::fs::File::options().write(true).open(folder.path("b.bed")).unwrap();
        bed.set_len(3 + 3 * 2).unwrap();
        let error = source.visit(0, &mut |_| ControlFlow::Continue(())).unwrap_err();
        assert_eq!(
            folder.refusal::<()>(Err(*error.downcast::<PlinkError>().unwrap())),
            "b.bed: the genotypes of variants 1 to 4 (counted from 1) could not be read"
        );
        folder.split(&[2, 6], &["a", "b", "c"]);
    }
}

#[test]
fn the_fingerprint_is_of_all_files() {
    let folder = three(["a", "b", "c"]);
    let open = |names: [&str; 3]| fingerprint(&folder.open_all(&names).unwrap());
    let mut seen = vec![fingerprint(&folder.open()), open(["a", "b", "c"]), open(["a", "c", "b"])];
    assert_eq!(open(["a", "b", "c"]), seen[1]);
    for (name, find, replace) in [("c.fam", "0 0 0 -9", "0 0 1 -9"), ("c.bim", "rs7", "rs70")] {
        let text = std::fs::read_to_string(folder.path(name)).unwrap();
        folder.write(name, text.replacen(find, replace, 1));
        seen.push(open(["a", "b", "c"]));
    }
    let mut bed = std::fs::read(folder.path("c.bed")).unwrap();
    bed[5] ^= 1;
    folder.write("c.bed", bed);
    seen.push(open(["a", "b", "c"]));
    let different: HashSet<_> = seen.iter().collect();
    assert_eq!(different.len(), 6);
}

#[test]
fn a_bim_that_changed_is_refused_when_it_is_read_again() {
    let folder = three(["a", "b", "c"]);
    let plink = folder.open_all(&["a", "b", "c"]).unwrap();
    let bim = std::fs::read_to_string(folder.path("b.bim")).unwrap();
    for text in [bim.replace("rs3", "rs33"), bim.clone() + "1 a 0 1 A G\n", String::new()] {
        folder.write("b.bim", text);
        let chosen = VariantChoice::new(&plink).chromosomes(&Chromosomes::autosomes()).choose();
        assert_eq!(
            folder.refusal(chosen),
            "b.bim has changed since it was first read; run again when it is complete"
        );
    }
}

/// Individuals, variants, where they are cut, who stays and which variants, blocks, a chunk's size.
type Pieces = (usize, Vec<usize>, Vec<u32>, Vec<u32>, usize, usize);

fn pieces() -> impl Strategy<Value = Pieces> {
    (1usize..40, 2usize..40).prop_flat_map(|(listed, variants)| {
        let rows = |count: usize| (0u32..).take(count).collect::<Vec<_>>();
        (
            Just(listed),
            prop::sample::subsequence((1..variants).collect::<Vec<_>>(), 0..variants.min(6)),
            prop::sample::subsequence(rows(listed), 1..=listed),
            prop::sample::subsequence(rows(variants), 1..=variants),
            Just(variants),
            1usize..9,
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn several_files_read_as_the_one_that_they_are_cut_from(
        (listed, cuts, individuals, kept, variants, chunk) in pieces()
    ) {
        let folder = Folder::with_data_set(listed, variants);
        let names: Vec<String> = (0..=cuts.len()).map(|part| format!("p{part}")).collect();
        folder.split(&cuts, &names.iter().map(String::as_str).collect::<Vec<_>>());
        let parts = Plink::open(folder.path(&format!("p{{0..{}}}", cuts.len()))).unwrap();
        let blocks = kept.len().min(3);
        let cut = Cut::new(kept.len(), listed, blocks).unwrap().chunk_variants(chunk);
        let subset = Subset::new(variants, kept);
        let [one, several] = [&folder.open(), &parts]
            .map(|plink| read(&BedSource::over(plink, &individuals, &subset, cut).unwrap()));
        prop_assert_eq!(one.0.len(), subset.kept());
        prop_assert_eq!(one, several);
    }
}

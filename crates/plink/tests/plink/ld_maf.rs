//! Bins by frequency and LD score, against binning one variant after the other.

use proptest::prelude::*;
use twoblade_plink::{
    Annotation, IdentifierMatches, LdMafBin, LdMafBins, LdMafReport, LdScores, MatchedBy,
};

use crate::folder::Folder;

/// Scores of rs0, rs1 and so on; none where there is no row.
fn scores(folder: &Folder, of: &[Option<f64>]) -> LdScores {
    let rows = (0..).zip(of).filter_map(|(v, score)| Some(format!("rs{v} {}\n", (*score)?)));
    let file = folder.write("ld.txt", rows.collect::<String>());
    LdScores::read(file, folder.open().bim()).unwrap()
}

fn made(
    bins: &LdMafBins,
    variants: &[(Option<f64>, Option<f64>)],
) -> Result<(Annotation, LdMafReport), String> {
    let folder = Folder::with_data_set(1, variants.len());
    let of: Vec<_> = variants.iter().map(|variant| variant.1).collect();
    let made = bins.annotation(&scores(&folder, &of), |variant| variants[variant].0);
    made.map_err(|error| folder.refusal::<()>(Err(error)))
}

#[test]
fn eight_bins_are_two_classes_and_quartiles_of_each() {
    // The edge itself is in the lower class; the scores of the upper one are the higher.
    let rare = (0..8).map(|v| (Some(if v == 3 { 0.05 } else { 0.01 }), Some(f64::from(7 - v))));
    let common = (0..4).map(|v| (Some(0.5 - 0.1 * f64::from(v)), Some(f64::from(v + 10))));
    let others = [(None, Some(1.0)), (Some(0.2), None), (None, None)];
    let variants: Vec<_> = rare.chain(common).chain(others).collect();
    let (annotation, report) = made(&LdMafBins::default(), &variants).unwrap();
    let names = [
        "maf0-0.05_ld1",
        "maf0-0.05_ld2",
        "maf0-0.05_ld3",
        "maf0-0.05_ld4",
        "maf0.05-0.5_ld1",
        "maf0.05-0.5_ld2",
        "maf0.05-0.5_ld3",
        "maf0.05-0.5_ld4",
    ];
    assert_eq!(annotation.bins().names(), names);
    let found: Vec<_> = (0..15).map(|v| annotation.bins().of(v).first().copied()).collect();
    let expected = [3, 3, 2, 2, 1, 1, 0, 0, 4, 5, 6, 7].map(Some);
    assert_eq!(found, [&expected[..], &[None; 3]].concat());
    assert!(!annotation.bins().overlap());
    assert_eq!((report.without_frequency, report.without_score), (2, 1));
    assert_eq!((report.bins.len(), report.empty.len(), annotation.in_no_bin()), (8, 0, 3));
    let second =
        LdMafBin { name: names[1].to_owned(), variants: 2, maf: [0.0, 0.05], ld_score: [2.0, 3.0] };
    assert_eq!(report.bins[1], second);
    let matches = IdentifierMatches { rows: 13, not_listed: 0, matched: 13, without_row: 2 };
    assert_eq!(annotation.matched_by(), Some(MatchedBy::Identifier(matches)));
    assert_eq!(annotation.reading_bytes(), annotation.bins().bytes() + 12 * 8);
}

#[test]
fn scores_that_equal_a_cut_are_in_the_group_below_and_empty_bins_are_left_out() {
    let scores = [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0];
    let variants = scores.map(|score| (Some(0.3), Some(score)));
    let (annotation, report) = made(&LdMafBins::default(), &variants).unwrap();
    // Cuts at the second, fourth and sixth: 1, 1 and 2.
    assert_eq!(
        annotation.bins().names(),
        ["maf0.05-0.5_ld1", "maf0.05-0.5_ld3", "maf0.05-0.5_ld4"]
    );
    let found: Vec<u16> = (0..8).map(|v| annotation.bins().of(v)[0]).collect();
    assert_eq!(found, [0, 0, 0, 0, 0, 1, 2, 2]);
    let empty = ["0-0.05_ld1", "0-0.05_ld2", "0-0.05_ld3", "0-0.05_ld4", "0.05-0.5_ld2"];
    assert_eq!(report.empty, empty.map(|name| format!("maf{name}")));
}

#[test]
fn bins_that_cannot_be_are_refused() {
    let one = [(Some(0.1), Some(1.0))];
    for (edges, text) in [
        (vec![0.05, 0.01], "0.05, 0.01"),
        (vec![0.0, 0.05], "0, 0.05"),
        (vec![0.5], "0.5"),
        (vec![0.1, 0.1], "0.1, 0.1"),
        (vec![f64::NAN], "NaN"),
    ] {
        let bins = LdMafBins { maf_edges: edges, ld_groups: 4 };
        assert!(bins.check().is_err());
        assert_eq!(
            made(&bins, &one).unwrap_err(),
            format!(
                "the edges of MAF classes of LD-MAF bins: '{text}' found, ascending numbers above 0 \
                 and below 0.5 is expected; change it"
            )
        );
    }
    for ld_groups in [0, 32_768] {
        let bins = LdMafBins { ld_groups, ..LdMafBins::default() };
        assert_eq!(
            made(&bins, &one).unwrap_err(),
            format!(
                "the number of LD groups of LD-MAF bins: '{ld_groups}' found, a number from 1 to \
                 32767 is expected; change it"
            )
        );
    }
    let none = [(None, Some(1.0)), (Some(0.1), None), (Some(0.0), Some(1.0)), (None, None)];
    assert_eq!(
        made(&LdMafBins::default(), &none).unwrap_err(),
        "no variant has both a frequency and an LD score in ld.txt: 3 do not vary or are not looked \
         at, 1 have no score; check that the scores are of these variants"
    );
}

/// The name of the bin of a variant, among all variants of its class.
fn naive(
    bins: &LdMafBins,
    variants: &[(Option<f64>, Option<f64>)],
    variant: usize,
) -> Option<String> {
    let edges = [&[0.0], &bins.maf_edges[..], &[0.5]].concat();
    let class = |(maf, score): (Option<f64>, Option<f64>)| {
        score?;
        (1..edges.len()).find(|&edge| maf.is_some_and(|maf| maf <= edges[edge]))
    };
    let own = class(variants[variant])?;
    let mut scores: Vec<f64> = variants
        .iter()
        .filter(|&&other| class(other) == Some(own))
        .filter_map(|other| other.1)
        .collect();
    scores.sort_by(|a, b| a.partial_cmp(b).unwrap());
    // The quantiles of R, type 7: between the two scores around 1 + (n - 1) p.
    let quantile = |group: usize| {
        let (whole, part) = (
            (scores.len() - 1) * group / bins.ld_groups,
            (scores.len() - 1) * group % bins.ld_groups,
        );
        let low = scores[whole];
        let high = scores.get(whole + 1).copied().unwrap_or(low);
        low + (high - low) * (part as f64 / bins.ld_groups as f64)
    };
    let score = variants[variant].1.unwrap();
    let group = (1..bins.ld_groups).find(|&group| score <= quantile(group));
    let group = group.unwrap_or(bins.ld_groups);
    Some(format!("maf{}-{}_ld{group}", edges[own - 1], edges[own]))
}

/// Halves and quarters, so that many are equal; and none.
fn some_of(highest: u32, step: f64) -> impl Strategy<Value = Option<f64>> {
    prop::option::weighted(0.9, (1..=highest).prop_map(move |number| f64::from(number) * step))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn bins_are_those_of_the_quantiles_of_each_class(
        variants in prop::collection::vec((some_of(32, 1.0 / 64.0), some_of(60, 0.25)), 1..120),
        edges in prop::collection::btree_set(1u32..32, 0..4),
        ld_groups in 1usize..7,
    ) {
        let maf_edges = edges.into_iter().map(|edge| f64::from(edge) / 64.0).collect();
        let bins = LdMafBins { maf_edges, ld_groups };
        let expected: Vec<_> = (0..variants.len()).map(|v| naive(&bins, &variants, v)).collect();
        let there = expected.iter().flatten().count();
        prop_assume!(there > 0);
        let (annotation, report) = made(&bins, &variants).unwrap();
        for (variant, expected) in expected.iter().enumerate() {
            let names = annotation.bins().of(variant).iter();
            let names = names.map(|&bin| &annotation.bins().names()[usize::from(bin)]);
            prop_assert!(names.eq(expected));
        }
        let without = variants.iter().filter(|variant| variant.0.is_none()).count();
        prop_assert_eq!(report.without_frequency, without);
        prop_assert_eq!(report.without_score, variants.len() - there - without);
        prop_assert_eq!(annotation.in_no_bin(), variants.len() - there);
        let count =
            |name: &str| expected.iter().flatten().filter(|found| found.as_str() == name).count();
        prop_assert!(report.bins.iter().all(|bin| bin.variants == count(&bin.name) && bin.variants > 0));
        let classes = bins.maf_edges.len() + 1;
        prop_assert_eq!(report.bins.len() + report.empty.len(), classes * ld_groups);
    }
}

//! Bins by minor-allele frequency and LD score.

use twoblade_geno::{Bins, BinsBuilder};

use crate::annotation::{Annotation, MatchedBy};
use crate::error::PlinkError;
use crate::ld_scores::LdScores;

/// Bins of variants by the frequency of their rarer allele (MAF), and inside each of these classes
/// by LD score, because the heritability of a variant depends on both.
///
/// A variant whose frequency is an edge is in the class below it: with the edge 0.05 the classes
/// are MAF <= 0.05 and MAF > 0.05, as in Pazokitoroudi et al. (Nature Communications 11:4020,
/// 2020), who combine them with quartiles of LD scores.
///
/// Inside a class, G groups of equal numbers are cut at the quantiles of its own scores: of n
/// scores in ascending order, counted from 1, the cut above group g is the one at
/// floor((n - 1) g / G) + 1, and a score that equals a cut is in the group below. For G = 4 these
/// are the groups of GCTA's script for GREML-LDMS (Yang et al., Nature Genetics 47:1114, 2015),
/// with the quartiles of R's `summary()` and `<=`. That script takes the quartiles of all variants
/// together; here they are taken inside each class, as rarer variants have lower scores, and
/// quantiles of all would leave some bins nearly empty.
///
/// ```
/// use twoblade_plink::LdMafBins;
///
/// let eight = LdMafBins::default();
/// assert_eq!((&eight.maf_edges[..], eight.ld_groups), (&[0.05][..], 4));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LdMafBins {
    /// Edges between the classes of frequency: ascending, above 0 and below 1/2.
    pub maf_edges: Vec<f64>,
    /// Groups of LD scores in each class, 1 at least.
    pub ld_groups: usize,
}

/// What came of making bins.
#[derive(Clone, Debug, PartialEq)]
pub struct LdMafReport {
    /// The bins that have variants, in their order.
    pub bins: Vec<LdMafBin>,
    /// Names of bins that no variant is in, and that were therefore left out.
    pub empty: Vec<String>,
    /// Variants without a frequency, and therefore in no bin.
    pub without_frequency: usize,
    /// Of the others, those without an LD score, and therefore in no bin.
    pub without_score: usize,
}

/// One of the bins.
#[derive(Clone, Debug, PartialEq)]
pub struct LdMafBin {
    /// Its name, `maf0.05-0.5_ld2` for the second group of MAF > 0.05.
    pub name: String,
    /// Variants in it.
    pub variants: usize,
    /// The edges of its class: frequencies are above the first and up to the second.
    pub maf: [f64; 2],
    /// The lowest and the highest LD score in it.
    pub ld_score: [f64; 2],
}

/// Where a variant goes.
enum Place {
    WithoutFrequency,
    WithoutScore,
    /// A class, and a score.
    Class(usize, f64),
}

impl Default for LdMafBins {
    /// The eight bins of Pazokitoroudi et al. (2020): MAF up to 0.05 and above, quartiles of LD.
    fn default() -> Self {
        Self { maf_edges: vec![0.05], ld_groups: 4 }
    }
}

impl LdMafBins {
    /// The bins of the listed variants that have a frequency and a score.
    ///
    /// `frequencies` gives the frequency of the rarer allele of each listed variant among those who
    /// are analysed, above 0 and at most 1/2; none where a variant is not looked at or does not
    /// vary. It is asked twice for each variant.
    ///
    /// # Errors
    /// [`PlinkError::LdMafOption`] if there can be no such bins, [`PlinkError::NoLdMafVariant`] if
    /// no variant has both.
    pub fn annotation(
        &self,
        scores: &LdScores,
        frequencies: impl Fn(usize) -> Option<f64>,
    ) -> Result<(Annotation, LdMafReport), PlinkError> {
        self.check()?;
        let listed = scores.listed();
        let place = |variant| self.place(frequencies(variant), scores.score(variant));
        let mut sorted = vec![Vec::new(); self.classes()];
        let (mut without_frequency, mut without_score) = (0, 0);
        for variant in 0..listed {
            match place(variant) {
                Place::WithoutFrequency => without_frequency += 1,
                Place::WithoutScore => without_score += 1,
                Place::Class(class, score) => sorted[class].push(score),
            }
        }
        let used: usize = sorted.iter().map(Vec::len).sum();
        if used == 0 {
            let file = scores.file().to_path_buf();
            return Err(PlinkError::NoLdMafVariant { file, without_frequency, without_score });
        }
        for scores in &mut sorted {
            scores.sort_unstable_by(f64::total_cmp);
        }
        let cuts: Vec<Vec<f64>> = sorted.iter().map(|sorted| self.cuts(sorted)).collect();
        let numbered = self.bins(&sorted, &cuts);
        let (mut bins, mut empty) = (Vec::new(), Vec::new());
        for (bin, number) in &numbered {
            if number.is_some() {
                bins.push(bin.clone());
            } else {
                empty.push(bin.name.clone());
            }
        }
        let mut builder = BinsBuilder::new(bins.iter().map(|bin| bin.name.clone()).collect());
        builder.reserve(listed);
        for variant in 0..listed {
            let number = match place(variant) {
                Place::Class(class, score) => {
                    numbered[class * self.ld_groups + group(&cuts[class], score)].1
                }
                _ => None,
            };
            builder.push(number.as_slice());
        }
        let matched_by = MatchedBy::Identifier(scores.matches());
        let made = builder.build();
        let bytes = made.bytes() + used * size_of::<f64>();
        let annotation = Annotation::new(made, scores.file(), listed, matched_by, bytes);
        Ok((annotation, LdMafReport { bins, empty, without_frequency, without_score }))
    }

    /// Refuses options of which no bins can be made, as [`Self::annotation`] does: here before
    /// anything is read.
    ///
    /// # Errors
    /// [`PlinkError::LdMafOption`].
    pub fn check(&self) -> Result<(), PlinkError> {
        let refuse =
            |option, found, expected| Err(PlinkError::LdMafOption { option, found, expected });
        let inside = |edge: &f64| *edge > 0.0 && *edge < 0.5;
        let ascend = self.maf_edges.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascend || !self.maf_edges.iter().all(inside) {
            let found: Vec<String> = self.maf_edges.iter().map(f64::to_string).collect();
            let expected = "ascending numbers above 0 and below 0.5".to_owned();
            return refuse("edges of MAF classes", found.join(", "), expected);
        }
        let most = Bins::MOST / self.classes();
        if !(1..=most).contains(&self.ld_groups) {
            let expected = format!("a number from 1 to {most}");
            return refuse("number of LD groups", self.ld_groups.to_string(), expected);
        }
        Ok(())
    }

    fn classes(&self) -> usize {
        self.maf_edges.len() + 1
    }

    fn place(&self, frequency: Option<f64>, score: Option<f64>) -> Place {
        let Some(frequency) = frequency.filter(|&frequency| frequency > 0.0) else {
            return Place::WithoutFrequency;
        };
        let class = self.maf_edges.partition_point(|&edge| edge < frequency);
        score.map_or(Place::WithoutScore, |score| Place::Class(class, score))
    }

    /// The highest score of each group but the last.
    fn cuts(&self, sorted: &[f64]) -> Vec<f64> {
        let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
        (1..self.ld_groups).map(|group| sorted[last * group / self.ld_groups]).collect()
    }

    /// All bins, those that have variants with their number.
    fn bins(&self, sorted: &[Vec<f64>], cuts: &[Vec<f64>]) -> Vec<(LdMafBin, Option<u16>)> {
        let mut bins = Vec::with_capacity(sorted.len() * self.ld_groups);
        let mut numbers = 0..;
        for (class, scores) in sorted.iter().enumerate() {
            let edge = |edge: usize| self.maf_edges.get(edge).copied();
            let maf =
                [class.checked_sub(1).and_then(edge).unwrap_or(0.0), edge(class).unwrap_or(0.5)];
            let mut rest = &scores[..];
            for number in 0..self.ld_groups {
                let (these, others) = rest
                    .split_at(rest.partition_point(|&score| group(&cuts[class], score) <= number));
                rest = others;
                let name = format!("maf{}-{}_ld{}", maf[0], maf[1], number + 1);
                let ends = these.first().zip(these.last());
                let ld_score = ends.map_or([f64::NAN; 2], |(&low, &high)| [low, high]);
                let bin = LdMafBin { name, variants: these.len(), maf, ld_score };
                bins.push((bin, ends.and_then(|_| numbers.next())));
            }
        }
        bins
    }
}

/// The group of a score, counted from 0: the lowest whose cut is not below it.
fn group(cuts: &[f64], score: f64) -> usize {
    cuts.partition_point(|&cut| cut < score)
}

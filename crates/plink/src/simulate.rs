//! Data sets of any size, with a known answer.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;
use twoblade_core::Random;
use twoblade_geno::{Bins, normals, stride};

use crate::bed::HEADER;
use crate::error::PlinkError;
use crate::genetics::{Genetics, variance};
use crate::haplotypes::Haplotypes;
use crate::open::with_ending;
use crate::output::{Complete, Output};
use crate::truth::{BinTruth, Truth};

/// Neighbouring variants that share a frequency where there is linkage disequilibrium.
const RUN: u64 = 50;
/// The strongest correlation: a word of 32 bits must still tell frequencies apart.
const STRONGEST_LD: f64 = 0.999;

/// Streams of random numbers, apart from those an analysis draws with the same seed.
mod stream {
    const SIMULATION: u32 = 0x5349_4d00;
    pub(super) const FREQUENCY: u32 = SIMULATION;
    pub(super) const ALLELE: u32 = SIMULATION + 1;
    pub(super) const MISSING: u32 = SIMULATION + 2;
    pub(super) const BIN: u32 = SIMULATION + 3;
    pub(super) const CAUSAL: u32 = SIMULATION + 4;
    pub(super) const EFFECT: u32 = SIMULATION + 5;
    pub(super) const NOISE: u32 = SIMULATION + 6;
}

/// The options of a simulated data set.
///
/// # Genotypes
/// Each individual has two haplotypes; each haplotype carries a uniform number along the genome,
/// and has allele 1 where it is below the allele's frequency. From one variant to the next the
/// number is kept with probability [`ld`](Self::ld), else drawn anew: so frequencies are exact in
/// expectation, genotypes are in Hardy-Weinberg proportions, and neighbours of equal frequency
/// have correlation `ld`. To make that the correlation of neighbours, runs of 50 variants share
/// one frequency where `ld` is above 0; where it is 0 each variant has its own.
///
/// # Traits
/// Every variant is in one bin, drawn at random (so bins are not contiguous), and causal with
/// probability [`causal`](Self::causal). Its effect on each trait is an independent standard
/// normal, on the genotype standardized by its frequency in the sample, a missing one counting as
/// the mean. A bin's genetic values are scaled to have *expected* variance `h2[bin]` (times the
/// share of genotypes that are not missing); normal noise makes up the rest to 1.
///
/// All draws are by index, so files depend on these options alone. Memory is 8 bytes for each
/// individual, bin and trait, and 16 for each individual; genotypes go straight to the disk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Simulation {
    /// Individuals, from 2 to 2^32 - 1.
    pub individuals: usize,
    /// Variants, at least 1.
    pub variants: usize,
    /// Chooses the draws.
    pub seed: u64,
    /// The lowest and the highest frequency of allele 1, above 0 and at most 0.5; uniform between.
    pub frequencies: (f64, f64),
    /// The correlation between neighbouring variants, from 0 to 0.999.
    pub ld: f64,
    /// The share of genotypes that are missing, from 0 to below 1.
    pub missing: f64,
    /// The heritability of each bin, the same for all traits; together 1 at most.
    pub h2: Vec<f64>,
    /// The share of variants that are causal, above 0 and at most 1.
    pub causal: f64,
    /// Traits, at least 1. They share the causal variants and have independent effects.
    pub traits: usize,
}

impl Simulation {
    /// One trait with heritability 0.5, every variant causal, frequencies from 0.05 to 0.5, no
    /// linkage disequilibrium, nothing missing.
    pub fn new(individuals: usize, variants: usize, seed: u64) -> Self {
        Self {
            individuals,
            variants,
            seed,
            frequencies: (0.05, 0.5),
            ld: 0.0,
            missing: 0.0,
            h2: vec![0.5],
            causal: 1.0,
            traits: 1,
        }
    }

    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`PlinkError::Simulation`], which names the option.
    pub fn check(&self) -> Result<(), PlinkError> {
        let refuse = |option, found: String, expected| {
            Err(PlinkError::Simulation { option, found, expected })
        };
        let (low, high) = self.frequencies;
        let h2: f64 = self.h2.iter().sum();
        if self.individuals < 2 || u32::try_from(self.individuals).is_err() {
            let found = self.individuals.to_string();
            return refuse("number of individuals", found, "from 2 to 4294967295");
        }
        if self.variants == 0 {
            return refuse("number of variants", "0".to_owned(), "1 or more");
        }
        if !(low > 0.0 && low <= high && high <= 0.5) {
            let expected = "an ascending range above 0 and up to 0.5";
            return refuse("range of frequencies", format!("{low} to {high}"), expected);
        }
        if !(0.0..=STRONGEST_LD).contains(&self.ld) {
            return refuse("correlation of neighbours", self.ld.to_string(), "from 0 to 0.999");
        }
        if !(0.0..1.0).contains(&self.missing) {
            return refuse("missing share", self.missing.to_string(), "from 0 to below 1");
        }
        if !(self.causal > 0.0 && self.causal <= 1.0) {
            return refuse("causal share", self.causal.to_string(), "above 0 and up to 1");
        }
        if self.traits == 0 || u32::try_from(self.traits).is_err() {
            return refuse("number of traits", self.traits.to_string(), "from 1 to 4294967295");
        }
        if self.h2.is_empty() || self.h2.len() >= usize::from(Bins::NONE) {
            return refuse("number of bins", self.h2.len().to_string(), "from 1 to 65534");
        }
        // Rounding may leave a sum of shares a little above 1.
        let valid = self.h2.iter().all(|h2| (0.0..=1.0).contains(h2));
        if !valid || h2 > 1.0 + 1e-12 {
            let expected = "from 0 to 1 in each bin and together";
            return refuse("heritability", format!("{:?}", self.h2), expected);
        }
        Ok(())
    }

    /// Writes `prefix`.bed, .bim, .fam and .pheno, and .annot if there is more than one bin, and
    /// says what is in them.
    ///
    /// Each file is written beside its target and renamed when all are complete, the .bed last; an
    /// error leaves nothing new.
    ///
    /// # Errors
    /// [`PlinkError::Simulation`], [`PlinkError::NoCausalVariant`], or [`PlinkError::Write`].
    pub fn write(&self, prefix: impl AsRef<Path>) -> Result<Truth, PlinkError> {
        self.write_watched(prefix, &mut |_, _| ControlFlow::Continue(()))
    }

    /// [`write`](Self::write), with `progress` told after each variant how many are done, and of how
    /// many; it may break off.
    ///
    /// # Errors
    /// Those of [`write`](Self::write), and [`PlinkError::Interrupted`].
    pub fn write_watched(
        &self,
        prefix: impl AsRef<Path>,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Truth, PlinkError> {
        self.check()?;
        let layout = Layout::new(self)?;
        let output = |ending| Output::create(with_ending(prefix.as_ref(), ending));
        let (mut fam, mut pheno) = (output("fam")?, output("pheno")?);
        let mut variants = VariantFiles {
            bed: output("bed")?,
            bim: output("bim")?,
            annot: if self.h2.len() > 1 { Some(output("annot")?) } else { None },
        };
        for individual in 0..self.individuals {
            let sex = 1 + individual % 2;
            fam.text(format_args!("f{individual} i{individual} 0 0 {sex} -9\n"))?;
        }
        let (genetics, polymorphic) = self.write_variants(&layout, &mut variants, progress)?;
        let truth = self.write_traits(&layout, genetics, polymorphic, &mut pheno)?;
        let whole =
            [Some(fam), Some(pheno), Some(variants.bim), variants.annot, Some(variants.bed)];
        let whole: Vec<_> =
            whole.into_iter().flatten().map(Output::complete).collect::<Result<_, _>>()?;
        whole.into_iter().try_for_each(Complete::persist)?;
        Ok(truth)
    }

    /// Draws and writes all variants; gives the scaled genetic values and the number of variants
    /// that vary.
    fn write_variants(
        &self,
        layout: &Layout,
        files: &mut VariantFiles,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<(Genetics, usize), PlinkError> {
        let random = |stream| Random::new(self.seed, stream);
        let (effects, frequencies) = (random(stream::EFFECT), random(stream::FREQUENCY));
        let draws = [random(stream::ALLELE), random(stream::MISSING)];
        let mut haplotypes = Haplotypes::new(draws, self.individuals, self.ld, self.missing);
        let bins = self.h2.len();
        let mut genetics = Genetics::new(effects, self.individuals, bins, self.traits_u32());
        let rows: Vec<String> = (0..bins).map(|bin| annotation_row(bin, bins)).collect();
        let mut row = vec![0; stride(self.individuals)];
        let mut polymorphic = 0;
        files.bed.bytes(&HEADER)?;
        for variant in 0..self.variants as u64 {
            let run = if self.ld > 0.0 { variant / RUN } else { variant };
            let (low, high) = self.frequencies;
            let frequency = low + (high - low) * frequencies.uniform(run, 0);
            let counts = haplotypes.draw(variant, frequency, &mut row);
            polymorphic += usize::from(counts.copies > 0 && counts.copies < 2 * counts.called);
            let bin = layout.bin(variant);
            if layout.is_causal(variant) {
                genetics.add(variant, bin, &row, counts);
            }
            files.bed.bytes(&row)?;
            files.bim.text(format_args!("1\tsnp{variant}\t0\t{}\tA\tG\n", variant + 1))?;
            if let Some(annot) = &mut files.annot {
                annot.bytes(rows[bin].as_bytes())?;
            }
            let done = variant + 1;
            if progress(done, self.variants as u64).is_break() {
                return Err(PlinkError::Interrupted { done, of: self.variants as u64 });
            }
        }
        layout.check_causal(self, genetics.causal())?;
        genetics.scale(&self.h2);
        Ok((genetics, polymorphic))
    }

    /// Adds noise, writes the traits, and measures what came out.
    fn write_traits(
        &self,
        layout: &Layout,
        genetics: Genetics,
        polymorphic: usize,
        pheno: &mut Output,
    ) -> Result<Truth, PlinkError> {
        let noise = Random::new(self.seed, stream::NOISE);
        let h2: f64 = self.h2.iter().sum();
        let noise_scale = (1.0 - h2).max(0.0).sqrt();
        let mut bins: Vec<BinTruth> = (0..self.h2.len())
            .map(|bin| BinTruth {
                name: format!("bin{}", bin + 1),
                h2: self.h2[bin],
                variants: layout.variants[bin],
                causal: genetics.causal()[bin],
                genetic_variance: Vec::new(),
                share: Vec::new(),
            })
            .collect();
        let [mut genetic_variance, mut phenotypic_variance] = [const { Vec::new() }; 2];
        let mut traits: Vec<Vec<f64>> = Vec::with_capacity(self.traits);
        for (column, draw) in (0..self.traits).zip(0u32..) {
            let mut values = genetics.total(column);
            genetic_variance.push(variance(&values));
            for (value, individual) in values.iter_mut().zip(0u64..) {
                *value += noise_scale * normals(&noise, individual, draw)[0];
            }
            let phenotypic = variance(&values);
            phenotypic_variance.push(phenotypic);
            for (bin, truth) in bins.iter_mut().enumerate() {
                let genetic = variance(genetics.values(bin, column));
                truth.genetic_variance.push(genetic);
                truth.share.push(genetic / phenotypic);
            }
            traits.push(values);
        }
        drop(genetics);
        write_pheno(pheno, &traits)?;
        let share = genetic_variance.iter().zip(&phenotypic_variance).map(|(g, p)| g / p).collect();
        let simulation = self.clone();
        Ok(Truth {
            simulation,
            h2,
            polymorphic,
            bins,
            genetic_variance,
            phenotypic_variance,
            share,
        })
    }

    fn traits_u32(&self) -> u32 {
        u32::try_from(self.traits).expect("checked before")
    }
}

/// Which variants are in which bin and which are causal: known before any genotype is drawn.
struct Layout {
    of_variant: Random,
    causal: Random,
    causal_share: f64,
    bins: u32,
    /// Variants in each bin.
    variants: Vec<usize>,
}

impl Layout {
    /// Refuses what cannot come out well before hours are spent on it.
    fn new(simulation: &Simulation) -> Result<Self, PlinkError> {
        let count = simulation.h2.len();
        let mut layout = Self {
            of_variant: Random::new(simulation.seed, stream::BIN),
            causal: Random::new(simulation.seed, stream::CAUSAL),
            causal_share: simulation.causal,
            bins: u32::try_from(count).expect("checked before"),
            variants: vec![0; count],
        };
        let mut causal = vec![0; count];
        for variant in 0..simulation.variants as u64 {
            let bin = layout.bin(variant);
            layout.variants[bin] += 1;
            causal[bin] += usize::from(layout.is_causal(variant));
        }
        if layout.variants.contains(&0) {
            return Err(PlinkError::Simulation {
                option: "number of bins",
                found: format!("{count} for {} variants", simulation.variants),
                expected: "a number so small that every bin gets a variant",
            });
        }
        layout.check_causal(simulation, &causal)?;
        Ok(layout)
    }

    fn check_causal(&self, simulation: &Simulation, causal: &[usize]) -> Result<(), PlinkError> {
        for (bin, (&causal, &h2)) in causal.iter().zip(&simulation.h2).enumerate() {
            if causal == 0 && h2 > 0.0 {
                let variants = self.variants[bin];
                return Err(PlinkError::NoCausalVariant { bin: bin + 1, variants, h2 });
            }
        }
        Ok(())
    }

    fn bin(&self, variant: u64) -> usize {
        self.of_variant.below(variant, 0, self.bins) as usize
    }

    fn is_causal(&self, variant: u64) -> bool {
        self.causal.uniform(variant, 0) < self.causal_share
    }
}

/// The files that have a row for each variant.
struct VariantFiles {
    bed: Output,
    bim: Output,
    annot: Option<Output>,
}

fn annotation_row(bin: usize, bins: usize) -> String {
    let columns: Vec<&str> = (0..bins).map(|other| if other == bin { "1" } else { "0" }).collect();
    columns.join(" ") + "\n"
}

fn write_pheno(pheno: &mut Output, traits: &[Vec<f64>]) -> Result<(), PlinkError> {
    pheno.text(format_args!("FID IID"))?;
    for number in 1..=traits.len() {
        pheno.text(format_args!(" trait{number}"))?;
    }
    for individual in 0..traits.first().map_or(0, Vec::len) {
        pheno.text(format_args!("\nf{individual} i{individual}"))?;
        for values in traits {
            pheno.text(format_args!(" {}", values[individual]))?;
        }
    }
    pheno.text(format_args!("\n"))
}

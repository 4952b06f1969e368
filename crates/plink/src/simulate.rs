//! Writing data sets of any size, with a known answer.

use std::ops::ControlFlow;
use std::path::Path;

use twoblade_core::Random;
use twoblade_geno::{normals, stride};

use crate::bed::HEADER;
use crate::error::PlinkError;
use crate::genetics::{Genetics, variance};
use crate::haplotypes::Haplotypes;
use crate::open::with_ending;
use crate::output::{Output, persist};
use crate::simulation::Simulation;
use crate::truth::{BinTruth, Truth};

/// Neighbouring variants that share a frequency where there is linkage disequilibrium.
const RUN: u64 = 50;

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

impl Simulation {
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
        whole.into_iter().try_for_each(persist)?;
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

//! The model: features in, variances out.

mod passes;

use std::sync::OnceLock;

use serde::Serialize;
use twoblade_core::{Instructions, Jackknife};
use twoblade_geno::{Covariate, Element, Panel, Study, Subset};

use crate::environment::Environment;
use crate::equations::{Grams, Scale, Sums, System};
use crate::error::HasemanError;
use crate::estimate::{Estimate, Variances};
use crate::features::Features;
use crate::fold::Fold;
use crate::grids::Grids;
use crate::layout::{Layout, Made};
use crate::loaded::{Scratch, tile_height};
use crate::noise::Noise;
use crate::options::{Options, Precision};
use crate::pairs::pair;
use crate::panel::{ProbeRows, Projected, Room, along, panel, weights};
use crate::projection::Projection;
use crate::state::{Shape, State};
use crate::sweep::Sweep;
use crate::traits::Scaled;

/// Randomized Haseman-Elston regression on the features `F`.
#[derive(Debug, Serialize)]
pub struct HasemanElston<F> {
    features: F,
    options: Options,
    grids: Grids,
    /// BLAKE3 of the study: individuals, traits, bins and the cut.
    study: [u8; 32],
    #[serde(skip)]
    chunk_variants: usize,
    #[serde(skip)]
    shape: Shape,
    #[serde(skip)]
    components: Vec<String>,
    #[serde(skip)]
    projection: Projection,
    #[serde(skip)]
    individuals: Vec<u32>,
    #[serde(skip)]
    variants: Subset,
    #[serde(skip)]
    traits: Vec<Scaled>,
    /// y_t' V y_u for each pair t <= u of traits of unit variance; pairs of the same trait alone
    /// unless correlations are asked for.
    #[serde(skip)]
    products: Vec<f64>,
    #[serde(skip)]
    noise: Noise,
    /// Made when the first chunk comes, so that a model can be asked what it needs before it takes it.
    #[serde(skip)]
    panel: OnceLock<Panels>,
    /// Q'z of the probes, made when they are first needed beside a panel.
    #[serde(skip)]
    along: OnceLock<Vec<Vec<f64>>>,
    /// They change no bit.
    #[serde(skip)]
    instructions: Instructions,
    #[serde(skip)]
    single: Scratch<f32>,
    #[serde(skip)]
    double: Scratch<f64>,
}

/// What genotypes are multiplied by, and their squares.
#[derive(Debug)]
struct Panels {
    panel: Panel,
    weights: Panel,
}

impl<F: Features> HasemanElston<F> {
    /// The model of a study, with phenotypes and probes projected off `covariates`, which any model
    /// may have, and off an intercept if the options say so.
    ///
    /// # Errors
    /// [`HasemanError`] if probes, individuals or traits are too few, a trait does not vary, or an
    /// environment is of other individuals.
    pub fn new(
        study: &Study,
        features: F,
        covariates: &[Covariate],
        options: Options,
    ) -> Result<Self, HasemanError> {
        options.probes.check()?;
        let instructions = Instructions::chosen()?;
        let individuals = study.individuals.len();
        let projection = Projection::new(individuals, options.intercept, covariates)?;
        if individuals <= projection.rank() + 1 {
            return Err(HasemanError::TooFewIndividuals { individuals, rank: projection.rank() });
        }
        if study.traits.is_empty() {
            return Err(HasemanError::NoTrait);
        }
        let scale = |of| Scaled::new(of, &projection);
        let traits: Vec<_> = study.traits.iter().map(scale).collect::<Result<_, _>>()?;
        let interactions = features.interactions();
        interactions.check(individuals)?;
        let environments = interactions.environments();
        let sets = features.components();
        let layout = Layout {
            sets: sets.len(),
            environments: environments.len(),
            noise: interactions.noise(),
            by_trace: features.shares_by_trace(),
        };
        let components = names(&sets, environments, layout);
        let noise = if layout.noise {
            Noise::new(environments, &projection, &traits)
        } else {
            Noise::default()
        };
        let shape = Shape {
            individuals,
            layout,
            probes: options.probes.count(individuals),
            traits: traits.len(),
            crossed: options.correlations,
            covariates: projection.rank(),
            noted: if features.may_be_long() { study.cut.variants() } else { 0 },
        };
        let probes = ProbeRows::new(options.probes, options.seed, &study.individuals);
        let grids = Grids::new(&study.cut, individuals, probes.reach());
        let chunk_variants = study.cut.largest_chunk();
        let rows = study.individuals.clone();
        let variants = study.variants.clone();
        let products = if options.correlations { products(&traits) } else { Vec::new() };
        let study = crate::traits::identity(study, &projection);
        Ok(Self {
            features,
            options,
            grids,
            study,
            chunk_variants,
            shape,
            components,
            projection,
            individuals: rows,
            variants,
            traits,
            products,
            noise,
            panel: OnceLock::new(),
            along: OnceLock::new(),
            instructions,
            single: Scratch::default(),
            double: Scratch::default(),
        })
    }

    /// The features.
    pub fn features(&self) -> &F {
        &self.features
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The names of the components: those of the sets, `SET*ENVIRONMENT` where they interact with one,
    /// and `NxE*ENVIRONMENT` for noise.
    pub fn components(&self) -> &[String] {
        &self.components
    }

    /// What each component is made of.
    pub fn layout(&self) -> Layout {
        self.shape.layout
    }

    /// What kind of effects a component stands for: that of its set, with `xE` after it for an
    /// interaction, and `NxE` for noise.
    ///
    /// # Panics
    /// If there is no such component.
    pub fn kind(&self, component: usize) -> String {
        match self.shape.layout.made(component).expect("a component of this model") {
            Made::Columns { set, environment: None } => self.features.kind(set).to_owned(),
            Made::Columns { set, environment: Some(_) } => {
                self.features.kind(set).to_owned() + "xE"
            }
            Made::Noise { .. } => "NxE".to_owned(),
        }
    }

    /// The name of the environment of a component, if it has one.
    ///
    /// # Panics
    /// If there is no such component.
    pub fn environment(&self, component: usize) -> Option<&str> {
        let of = match self.shape.layout.made(component).expect("a component of this model") {
            Made::Columns { environment, .. } => environment,
            Made::Noise { environment } => Some(environment),
        };
        of.map(|of| self.environments()[of].name())
    }

    /// What is projected off.
    pub fn projection(&self) -> &Projection {
        &self.projection
    }

    /// The share of cases of each trait that has two values: of the larger one.
    pub fn cases(&self) -> impl Iterator<Item = Option<f64>> {
        self.traits.iter().map(Scaled::cases)
    }

    /// The names of the traits.
    pub fn traits(&self) -> impl Iterator<Item = &str> {
        self.traits.iter().map(Scaled::name)
    }

    /// Individuals that stay.
    pub fn individuals(&self) -> usize {
        self.shape.individuals
    }

    /// Probes, also where their number follows from the individuals.
    pub fn probes(&self) -> usize {
        self.shape.probes
    }

    /// Bytes that the model holds before it sees a chunk: its traits, its environments, and its basis of
    /// the covariates.
    pub fn held_bytes(&self) -> usize {
        let columns = self.shape.covariates + self.shape.traits;
        self.shape.individuals * (columns * size_of::<f64>() + size_of::<u32>())
            + self.features.interactions().bytes()
    }

    /// The variants of the study with a column whose squares add up to more than 100 times the
    /// individuals, ascending; none for features that cannot have such columns.
    pub fn long_variants(&self, total: &State) -> impl Iterator<Item = usize> {
        total.long_variants()
    }

    /// Frees what was made when the first chunk came; it is made again if another comes.
    pub fn release(&mut self) {
        self.panel.take();
        self.along.take();
        (self.single, self.double) = (Scratch::default(), Scratch::default());
    }

    /// The estimate, and what it becomes without each probe: the jackknife over probes, whose
    /// standard error is the Monte-Carlo error of any function of the estimate.
    ///
    /// It has no replicates for [`Probes::Basis`](crate::Probes::Basis), where nothing is random. A
    /// system that is singular without one probe is solved as it is.
    ///
    /// # Errors
    /// As [`finish`](twoblade_core::StreamingEstimator::finish).
    pub fn over_probes(&self, total: &State) -> Result<Jackknife<Estimate>, HasemanError> {
        let full = self.solve(total, None)?;
        if !self.options.probes.is_random() {
            return Ok(Jackknife { full, replicates: Vec::new() });
        }
        let sums = self.sums(total, None)?;
        let grams = self.grams(total, None, &sums);
        let without = |probe| {
            let mean = grams.mean(Some(probe));
            self.estimate(&sums, &System::new(&mean, &self.traces(&sums), self.projection.trace()))
        };
        Ok(Jackknife { full, replicates: (0..self.shape.probes).map(without).collect() })
    }

    fn sums(&self, total: &State, held_out: Option<&State>) -> Result<Sums, HasemanError> {
        Sums::new((total, held_out), &self.shape, self.grids, &self.components)
    }

    fn grams(&self, total: &State, held_out: Option<&State>, sums: &Sums) -> Grams<'_> {
        let sweep = self.sweep();
        Grams::new(sweep.over((total, held_out)), &sums.columns, &sweep)
    }

    fn sweep(&self) -> Sweep<'_> {
        Sweep {
            shape: &self.shape,
            height: tile_height(&self.shape, self.number_bytes()),
            grids: self.grids,
            projection: &self.projection,
            environments: self.environments(),
            noise: &self.noise,
            instructions: self.instructions,
            probes: self.shape.layout.noise.then(|| self.projected()),
        }
    }

    fn environments(&self) -> &[Environment] {
        self.features.interactions().environments()
    }

    /// tr(V K_k) of every component.
    fn traces(&self, sums: &Sums) -> Vec<f64> {
        [&sums.traces[..], &self.noise.traces].concat()
    }

    /// What `finish` and `pass_two` share.
    fn solve(&self, total: &State, held_out: Option<&State>) -> Result<Estimate, HasemanError> {
        let sums = self.sums(total, held_out)?;
        let grams = self.grams(total, held_out, &sums);
        self.checked(&sums, &grams)
    }

    /// The estimate, if the equations determine it.
    fn checked(&self, sums: &Sums, grams: &Grams<'_>) -> Result<Estimate, HasemanError> {
        let mean = grams.mean(None);
        let system = System::new(&mean, &self.traces(sums), self.projection.trace());
        system.check(&self.components)?;
        Ok(self.estimate(sums, &system))
    }

    fn estimate(&self, sums: &Sums, system: &System) -> Estimate {
        let count = self.traits.len();
        let layout = self.shape.layout;
        let scale = Scale::new(layout, self.environments());
        let solve = |(t, u): (usize, usize), y_squared: f64| {
            let (t, u) = (t.min(u), t.max(u));
            let unit = (self.traits[t].variance() * self.traits[u].variance()).sqrt();
            let mut right = sums.right((t, u));
            right.extend(self.noise.right((t, u)));
            let sigma = system.solve(&right, y_squared).into_iter().map(|s| s * unit);
            let sigma = scale.sigma(sigma);
            let right = scale.right(right.into_iter().chain([y_squared]).map(|q| q * unit));
            Variances { right, sigma }
        };
        let individuals = self.shape.individuals as f64;
        let crossed = |t: usize| (t + 1..count).map(move |u| (t, u));
        let pairs = (0..count).flat_map(crossed).filter(|_| !self.products.is_empty());
        Estimate {
            layout,
            columns: sums.columns.clone(),
            shared: sums.shared.clone(),
            distinct: sums.distinct,
            variants: sums.variants,
            matrix: scale.matrix(&system.matrix),
            condition: system.condition(),
            traits: (0..count).map(|t| solve((t, t), individuals)).collect(),
            pairs: pairs.map(|(t, u)| solve((t, u), self.products[pair(t, u, count)])).collect(),
        }
    }

    fn panels(&self) -> &Panels {
        self.panel.get_or_init(|| {
            let (environments, precision) = (self.environments(), self.options.precision);
            let with = (environments, precision);
            Panels {
                panel: panel(&self.probe_rows(), &self.projection, &self.traits, with),
                weights: weights(self.shape.individuals, environments, precision),
            }
        })
    }

    fn fold<'a, E: Element>(&'a self, scratch: &'a Scratch<E>) -> Fold<'a, E> {
        let Self { shape, grids, instructions, .. } = *self;
        let Panels { panel, weights } = self.panels();
        Fold { shape, grids, panel, weights, along: self.along(), instructions, scratch }
    }

    fn probe_rows(&self) -> ProbeRows<'_> {
        ProbeRows::new(self.options.probes, self.options.seed, &self.individuals)
    }

    fn room(&self) -> Room {
        let with = (self.environments().len(), self.options.precision);
        Room::new(&self.probe_rows(), &self.projection, self.traits.len(), with)
    }

    fn along(&self) -> &[Vec<f64>] {
        self.along.get_or_init(|| along(&self.probe_rows(), &self.projection))
    }

    /// V z of the probes.
    fn projected(&self) -> Projected<'_> {
        Projected::new(self.probe_rows(), &self.projection, self.along())
    }

    /// Bytes of a number of X U.
    fn number_bytes(&self) -> usize {
        match self.options.precision {
            Precision::Single => size_of::<f32>(),
            Precision::Double => size_of::<f64>(),
        }
    }
}

/// Names of the components, in the order of the layout.
fn names(sets: &[String], environments: &[Environment], layout: Layout) -> Vec<String> {
    let name = |k: usize| match layout.made(k).expect("one of the components") {
        Made::Columns { set, environment: None } => sets[set].clone(),
        Made::Columns { set, environment: Some(e) } => {
            format!("{}*{}", sets[set], environments[e].name())
        }
        Made::Noise { environment } => format!("NxE*{}", environments[environment].name()),
    };
    (0..layout.components()).map(name).collect()
}

/// y_t' V y_u for each pair t <= u.
fn products(traits: &[Scaled]) -> Vec<f64> {
    let with = |(t, a): (usize, &Scaled)| {
        let product = |b: &Scaled| a.values().iter().zip(b.values()).map(|(a, b)| a * b).sum();
        traits[t..].iter().map(product).collect::<Vec<f64>>()
    };
    traits.iter().enumerate().flat_map(with).collect()
}

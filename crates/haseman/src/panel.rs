//! What genotypes are multiplied by: probes, projected traits and the covariates, side by side, so that
//! one product serves all.

use twoblade_core::Random;
use twoblade_geno::{Panel, PanelSize, normals};

use crate::environment::Environment;
use crate::options::{Precision, Probes};
use crate::projection::Projection;
use crate::traits::Scaled;

/// The stream of the probes, so that no other use of a seed shares their numbers.
const STREAM: u32 = 1;
/// Bits of one draw.
const SIGNS: usize = 128;

/// Draws probe `b` of individual `i` from (seed, b, i) alone, `i` being the row in the .fam file
/// before any filter: so who else stays changes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeRows<'a> {
    probes: Probes,
    random: Random,
    individuals: &'a [u32],
}

impl<'a> ProbeRows<'a> {
    pub(crate) fn new(probes: Probes, seed: u64, individuals: &'a [u32]) -> Self {
        Self { probes, random: Random::new(seed, STREAM), individuals }
    }

    /// The probes of the individual at `row` of those that stay.
    fn fill(&self, row: usize, out: &mut [f64]) {
        match self.probes {
            Probes::Rademacher(_) => {
                for (draw, signs) in (0u32..).zip(out.chunks_mut(SIGNS)) {
                    let bits = self.signs(row, draw);
                    for (place, sign) in signs.iter_mut().enumerate() {
                        *sign = if bits >> place & 1 == 1 { 1.0 } else { -1.0 };
                    }
                }
            }
            Probes::Gaussian(_) => {
                for (draw, pair) in (0u32..).zip(out.chunks_mut(2)) {
                    pair.copy_from_slice(&self.pair(row, draw)[..pair.len()]);
                }
            }
            Probes::Basis => {
                out.fill(0.0);
                out[row] = (self.individuals.len() as f64).sqrt();
            }
        }
    }

    /// The signs of up to 128 probes of the individual at `row` of those that stay: a bit is +1.
    fn signs(&self, row: usize, draw: u32) -> u128 {
        let [low, high] = self.random.bits(u64::from(self.individuals[row]), draw);
        (u128::from(high) << 64) | u128::from(low)
    }

    /// Normal numbers of two probes of that individual.
    fn pair(&self, row: usize, draw: u32) -> [f64; 2] {
        normals(&self.random, u64::from(self.individuals[row]), draw)
    }

    /// Hands on the column of each probe, one after the other.
    fn columns(&self, take: &mut dyn FnMut(&[f64])) {
        let individuals = self.individuals.len();
        let mut column = vec![0.0; individuals];
        match self.probes {
            Probes::Rademacher(probes) => {
                for (draw, first) in (0u32..).zip((0..probes).step_by(SIGNS)) {
                    let signs: Vec<_> = (0..individuals).map(|row| self.signs(row, draw)).collect();
                    for place in 0..SIGNS.min(probes - first) {
                        let sign = |bits: &u128| if bits >> place & 1 == 1 { 1.0 } else { -1.0 };
                        column.iter_mut().zip(&signs).for_each(|(z, bits)| *z = sign(bits));
                        take(&column);
                    }
                }
            }
            Probes::Gaussian(probes) => {
                for (draw, first) in (0u32..).zip((0..probes).step_by(2)) {
                    let pairs: Vec<_> = (0..individuals).map(|row| self.pair(row, draw)).collect();
                    for of in 0..(probes - first).min(2) {
                        column.iter_mut().zip(&pairs).for_each(|(z, pair)| *z = pair[of]);
                        take(&column);
                    }
                }
            }
            Probes::Basis => {
                for row in 0..individuals {
                    column[row] = (individuals as f64).sqrt();
                    take(&column);
                    column[row] = 0.0;
                }
            }
        }
    }

    /// Columns of two values, and of many.
    fn kinds(&self) -> (usize, usize) {
        match self.probes {
            Probes::Rademacher(_) | Probes::Basis => (self.count(), 0),
            Probes::Gaussian(probes) => (0, probes),
        }
    }

    /// The largest entry that is expected.
    pub(crate) fn reach(&self) -> f64 {
        match self.probes {
            Probes::Rademacher(_) => 1.0,
            // sqrt(-2 ln 2^-53): no draw is larger.
            Probes::Gaussian(_) => 8.6,
            Probes::Basis => (self.individuals.len() as f64).sqrt(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.probes.count(self.individuals.len())
    }
}

/// V z for every probe: projected, individual by individual. Probes are drawn again rather than held.
#[derive(Clone, Debug)]
pub(crate) struct Projected<'a> {
    probes: ProbeRows<'a>,
    projection: &'a Projection,
    along: &'a [Vec<f64>],
}

/// Q'z for every probe, by column of Q: what [`Projected`] needs to know of all individuals.
pub(crate) fn along(probes: &ProbeRows<'_>, projection: &Projection) -> Vec<Vec<f64>> {
    let mut row = vec![0.0; probes.count()];
    let mut along = vec![vec![0.0; probes.count()]; projection.rank()];
    for i in 0..probes.individuals.len() {
        if along.is_empty() {
            break;
        }
        probes.fill(i, &mut row);
        for (along, q) in along.iter_mut().zip(projection.basis()) {
            along.iter_mut().zip(&row).for_each(|(sum, z)| *sum += q[i] * z);
        }
    }
    along
}

impl<'a> Projected<'a> {
    /// Projected probes, `along` being theirs.
    pub(crate) fn new(
        probes: ProbeRows<'a>,
        projection: &'a Projection,
        along: &'a [Vec<f64>],
    ) -> Self {
        Self { probes, projection, along }
    }

    /// Those of the individual at `row` of those that stay.
    pub(crate) fn fill(&self, row: usize, out: &mut [f64]) {
        self.probes.fill(row, out);
        for (along, q) in self.along.iter().zip(self.projection.basis()) {
            out.iter_mut().zip(along).for_each(|(z, sum)| *z -= q[row] * sum);
        }
    }
}

/// z for every probe, then `traits` (already projected), then the columns of Q; and then, for each
/// environment, all these times it. What is made of them, X'V z = X'z - (X'Q)(Q'z), is also right for those
/// times an environment.
pub(crate) fn panel(
    probes: &ProbeRows<'_>,
    projection: &Projection,
    traits: &[Scaled],
    (environments, precision): (&[Environment], Precision),
) -> Panel {
    let individuals = probes.individuals.len();
    let room = Room::new(probes, projection, traits.len(), (environments.len(), precision));
    let mut panel = Panel::new(individuals, bits(precision), room.size);
    if let Probes::Rademacher(count) = probes.probes {
        for (draw, first) in (0u32..).zip((0..count).step_by(SIGNS)) {
            let some = SIGNS.min(count - first);
            panel.push_two_valued(some, [-1.0, 1.0], |row| probes.signs(row, draw));
        }
    } else {
        probes.columns(&mut |z| panel.push(z));
    }
    let others = || {
        let traits = traits.iter().map(Scaled::values);
        traits.chain(projection.basis().iter().map(Vec::as_slice))
    };
    others().for_each(|values| panel.push(values));
    let mut weighted = vec![0.0; individuals];
    for environment in environments {
        if room.size.weights > 0 {
            panel.push_weighted_signs(environment.scaled());
        }
        let mut push = |values: &[f64]| {
            for (x, (e, value)) in weighted.iter_mut().zip(environment.scaled().iter().zip(values))
            {
                *x = e * value;
            }
            panel.push(&weighted);
        };
        if room.size.weights == 0 {
            probes.columns(&mut push);
        }
        others().for_each(&mut push);
    }
    panel
}

/// The squares of the environments, side by side.
pub(crate) fn weights(
    individuals: usize,
    environments: &[Environment],
    precision: Precision,
) -> Panel {
    let size = kept(precision, (0, environments.len()));
    let mut panel = Panel::new(individuals, bits(precision), size);
    for environment in environments {
        let squares: Vec<f64> = environment.scaled().iter().map(|e| e.powi(2)).collect();
        panel.push(&squares);
    }
    panel
}

/// Columns of floats that are made one product.
const SIXTEEN: usize = 16;
/// Most columns of many values that are quicker as whole numbers, one by one: with AVX2 and AVX-512 twelve cost as
/// much as sixteen of floats.
const FEW: usize = 11;

/// Bits of a whole number.
fn bits(precision: Precision) -> u32 {
    match precision {
        Precision::Single => 24,
        Precision::Double => 52,
    }
}

/// How columns are kept, of which some have two values and the others many.
fn kept(precision: Precision, (two, many): (usize, usize)) -> PanelSize {
    let left = many % SIXTEEN;
    let floats = match precision {
        Precision::Single if left > FEW => many,
        Precision::Single => many - left,
        Precision::Double => 0,
    };
    let planes = (many - floats) * bits(precision).div_ceil(8) as usize;
    PanelSize { masks: two, floats, planes, ..PanelSize::default() }
}

/// What the panels take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) size: PanelSize,
    /// Bytes of the weights of environments.
    weights: usize,
    individuals: usize,
}

impl Room {
    pub(crate) fn new(
        probes: &ProbeRows<'_>,
        projection: &Projection,
        traits: usize,
        (environments, precision): (usize, Precision),
    ) -> Self {
        let (two, many) = probes.kinds();
        // Signs times an environment stay signs, where floats will do.
        let signed = matches!(probes.probes, Probes::Rademacher(_))
            && precision == Precision::Single
            && environments > 0;
        // An intercept has one value, until it is multiplied.
        let others = traits + projection.rank();
        let weighted = if signed { others } else { two + many + others };
        let many = many + others - usize::from(projection.has_intercept());
        let many = many + environments * weighted;
        let individuals = probes.individuals.len();
        let weights = Panel::bytes(individuals, kept(precision, (0, environments)));
        let mut size = kept(precision, (two, many));
        if signed {
            (size.signs, size.weights) = (two, environments);
        }
        Self { size, weights, individuals }
    }

    /// Bytes that they hold at most, and a few columns of doubles while they are made.
    pub(crate) fn bytes(&self) -> usize {
        Panel::bytes(self.individuals, self.size)
            + self.weights
            + 4 * self.individuals * size_of::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(probes: Probes, seed: u64, individuals: &[u32]) -> Vec<Vec<f64>> {
        let drawn = ProbeRows::new(probes, seed, individuals);
        let row = |i| {
            let mut row = vec![0.0; drawn.count()];
            drawn.fill(i, &mut row);
            row
        };
        let rows: Vec<Vec<f64>> = (0..individuals.len()).map(row).collect();
        // Column by column they are the same.
        let mut probe = 0;
        drawn.columns(&mut |column| {
            assert!(column.iter().eq(rows.iter().map(|row| &row[probe])), "probe {probe}");
            probe += 1;
        });
        assert_eq!(probe, drawn.count());
        rows
    }

    #[test]
    fn a_probe_depends_on_its_number_and_its_individual_alone() {
        for of in [Probes::Rademacher, Probes::Gaussian] {
            let all = rows(of(300), 5, &[0, 1, 2, 3, 4]);
            let some = rows(of(7), 5, &[1, 4]);
            assert_eq!(some[0], all[1][..7]);
            assert_eq!(some[1], all[4][..7]);
            assert_ne!(rows(of(300), 6, &[0])[0], all[0]);
        }
    }

    /// A change of these numbers changes every published result.
    #[test]
    fn the_first_probes_of_seed_0_are_these() {
        let signs = &rows(Probes::Rademacher(12), 0, &[7])[0];
        let text: String = signs.iter().map(|&z| if z > 0.0 { '+' } else { '-' }).collect();
        assert_eq!(text, "---+-+++++++");
    }

    #[test]
    fn signs_are_balanced_and_uncorrelated() {
        let individuals: Vec<u32> = (0..4000).collect();
        let drawn = rows(Probes::Rademacher(20), 1, &individuals);
        for a in 0..20 {
            for b in 0..=a {
                let mean = drawn.iter().map(|row| row[a] * row[b]).sum::<f64>() / 4000.0;
                let expected = if a == b { 1.0 } else { 0.0 };
                // Five standard errors of 1 / sqrt(4000).
                assert!((mean - expected).abs() < 0.08, "probes {a} and {b}: {mean}");
            }
            let mean = drawn.iter().map(|row| row[a]).sum::<f64>() / 4000.0;
            assert!(mean.abs() < 0.08, "probe {a}: {mean}");
        }
    }

    #[test]
    fn the_basis_averages_to_the_identity_exactly() {
        let drawn = rows(Probes::Basis, 0, &[3, 5, 9]);
        for (i, a) in drawn.iter().enumerate() {
            for (j, b) in drawn.iter().enumerate() {
                let product = a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / 3.0;
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-15);
            }
        }
    }
}

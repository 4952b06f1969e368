//! What genotypes are multiplied by: projected probes, projected traits and the covariates, side by
//! side, so that one product serves all.

use twoblade_core::Random;
use twoblade_geno::{Element, Panel, normals};

use crate::environment::Environment;
use crate::options::Probes;
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
        let item = u64::from(self.individuals[row]);
        match self.probes {
            Probes::Rademacher(_) => {
                for (draw, signs) in (0u32..).zip(out.chunks_mut(SIGNS)) {
                    let [low, high] = self.random.bits(item, draw);
                    let bits = (u128::from(high) << 64) | u128::from(low);
                    for (place, sign) in signs.iter_mut().enumerate() {
                        *sign = if bits >> place & 1 == 1 { 1.0 } else { -1.0 };
                    }
                }
            }
            Probes::Gaussian(_) => {
                for (draw, pair) in (0u32..).zip(out.chunks_mut(2)) {
                    let both = normals(&self.random, item, draw);
                    pair.copy_from_slice(&both[..pair.len()]);
                }
            }
            Probes::Basis => {
                out.fill(0.0);
                out[row] = (self.individuals.len() as f64).sqrt();
            }
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

/// V z for every probe, then `traits` (already projected), then the columns of Q; and then, for each
/// environment, all these times it.
pub(crate) fn panel<E: Element>(
    probes: &Projected<'_>,
    traits: &[Scaled],
    environments: &[Environment],
) -> Panel<E> {
    let projection = probes.projection;
    let (count, individuals) = (probes.probes.count(), probes.probes.individuals.len());
    let version = count + traits.len() + projection.rank();
    let width = version * (1 + environments.len());
    let mut row = vec![0.0; version];
    let mut numbers = Vec::with_capacity(individuals * width);
    for i in 0..individuals {
        let (probed, rest) = row.split_at_mut(count);
        probes.fill(i, probed);
        let others = traits.iter().map(Scaled::values);
        let others = others.chain(projection.basis().iter().map(Vec::as_slice));
        rest.iter_mut().zip(others).for_each(|(place, of)| *place = of[i]);
        numbers.extend(row.iter().map(|&x| E::nearest(x)));
        for environment in environments {
            let e = environment.scaled()[i];
            numbers.extend(row.iter().map(|&x| E::nearest(e * x)));
        }
    }
    Panel::new(width, numbers)
}

/// The squares of the environments, side by side.
pub(crate) fn weights<E: Element>(individuals: usize, environments: &[Environment]) -> Panel<E> {
    let row = |i: usize| environments.iter().map(move |of| E::nearest(of.scaled()[i].powi(2)));
    Panel::new(environments.len(), (0..individuals).flat_map(row).collect())
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
        (0..individuals.len()).map(row).collect()
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

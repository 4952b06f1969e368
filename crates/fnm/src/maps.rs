//! From sums over subjects to maps.

use twoblade_brain::Parcels;

use crate::series::TILE;
use crate::state::{Shape, State};
use crate::student::log10_two_sided;

/// The map of one lesion: a number for each voxel of the mask.
#[derive(Clone, Debug, PartialEq)]
pub struct LesionMap {
    /// Subjects that count: those with a seed, in whom the voxel varies.
    pub n: Vec<u32>,
    /// The mean of z over them; NaN where n is 0.
    pub z: Vec<f64>,
    /// The standard deviation of z, over n - 1; NaN where n is below 2.
    pub sd: Vec<f64>,
    /// How many z were capped.
    pub capped: u64,
}

impl LesionMap {
    pub(crate) fn new(total: &State, shape: &Shape, lesion: usize, units: f64) -> Self {
        let mut n = Vec::with_capacity(shape.voxels);
        let (mut z, mut sd) = (Vec::with_capacity(shape.voxels), Vec::with_capacity(shape.voxels));
        for voxel in 0..shape.voxels {
            let [a, squares, count] = sums(total, shape, lesion, voxel);
            n.push(u32::try_from(count).unwrap_or(u32::MAX));
            let subjects = count as f64;
            z.push(if count > 0 { a as f64 / subjects / units } else { f64::NAN });
            // n sum a^2 - (sum a)^2 exactly, so identical subjects have variance 0.
            let (a, squares, count) = (i128::from(a), i128::from(squares), i128::from(count));
            let variance = (count * squares - a * a) as f64 / (subjects * (subjects - 1.0));
            sd.push(if count > 1 { variance.sqrt() / units } else { f64::NAN });
        }
        let capped = u64::try_from(total.capped.values()[lesion]).unwrap_or(0);
        Self { n, z, sd, capped }
    }

    /// Bytes of a map of so many voxels.
    pub(crate) fn bytes(voxels: usize) -> usize {
        voxels * (size_of::<u32>() + 2 * size_of::<f64>()) + size_of::<Self>()
    }

    /// r: tanh of the mean of z.
    pub fn r(&self) -> impl Iterator<Item = f64> {
        self.z.iter().map(|&z| libm::tanh(z))
    }

    /// The standard error of the mean of z, sd / sqrt n; NaN where n is below 2.
    pub fn se_z(&self) -> impl Iterator<Item = f64> {
        self.sd.iter().zip(&self.n).map(|(sd, &n)| sd / f64::from(n).sqrt())
    }

    /// The standard error of r, (1 - r^2) sd / sqrt n: that of z times dr / dz; NaN where n is below 2.
    pub fn se_r(&self) -> impl Iterator<Item = f64> {
        // 1 - tanh^2 without a difference.
        self.se_z().zip(&self.z).map(|(se, &z)| se / libm::cosh(z).powi(2))
    }

    /// t of the mean of z against 0; NaN where n is below 2, and 0 where all z are equal.
    pub fn t(&self) -> impl Iterator<Item = f64> {
        self.z.iter().zip(self.se_z()).map(|(z, se)| match se {
            se if se.is_nan() => f64::NAN,
            0.0 => 0.0,
            se => z / se,
        })
    }

    /// log10 of the two-sided p of t, by Student's distribution of n - 1 degrees of freedom; NaN where
    /// n is below 2.
    pub fn log10_p(&self) -> impl Iterator<Item = f64> {
        self.t().zip(&self.n).map(|(t, &n)| {
            if t.is_nan() { f64::NAN } else { log10_two_sided(t, f64::from(n) - 1.0) }
        })
    }

    /// log10 of the false discovery rate at which each voxel would be named, among those with n of 2
    /// or more (Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57:289).
    pub fn log10_q(&self) -> Vec<f64> {
        let p: Vec<f64> = self.log10_p().collect();
        let mut order: Vec<usize> = (0..p.len()).filter(|&voxel| !p[voxel].is_nan()).collect();
        order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
        let count = order.len() as f64;
        let mut q = vec![f64::NAN; p.len()];
        let mut least = 0.0f64;
        for (rank, &voxel) in order.iter().enumerate().rev() {
            least = least.min(p[voxel] + libm::log10(count / (rank + 1) as f64));
            q[voxel] = least;
        }
        q
    }

    /// For each parcel, tanh of the mean of z over its voxels with n above 0; NaN if it has none.
    ///
    /// # Panics
    /// If the parcels are of another number of voxels.
    pub fn parcel_means(&self, parcels: &Parcels) -> Vec<f64> {
        assert_eq!(parcels.voxels(), self.n.len(), "parcels and map are of one mask");
        let mut sums = vec![(0.0, 0u32); parcels.count()];
        for (parcel, (&z, &n)) in parcels.of_voxels(0..self.n.len()).zip(self.z.iter().zip(&self.n))
        {
            if let Some(parcel) = parcel.filter(|_| n > 0) {
                sums[parcel].0 += z;
                sums[parcel].1 += 1;
            }
        }
        sums.into_iter().map(|(sum, voxels)| libm::tanh(sum / f64::from(voxels))).collect()
    }

    /// Voxels where all z are equal, though two subjects or more count: t is 0 and p is 1 there.
    pub fn without_variance(&self) -> usize {
        self.sd.iter().filter(|&&sd| sd == 0.0).count()
    }
}

/// For each parcel, tanh of the mean of z over voxels of one lesion in one subject; NaN where no voxel has
/// a z.
pub(crate) fn subject_parcels(
    total: &State,
    shape: &Shape,
    (subject, lesion): (usize, usize),
    units: f64,
) -> Vec<f64> {
    let first = subject * shape.of_parcels() + lesion * shape.parcels * 2;
    let sums = total.parcels.values()[first..][..shape.parcels * 2].chunks_exact(2);
    sums.map(|of| libm::tanh(of[0] as f64 / of[1] as f64 / units)).collect()
}

/// Sum of a, sum of a^2 and n.
fn sums(state: &State, shape: &Shape, lesion: usize, voxel: usize) -> [i64; 3] {
    let first = voxel / TILE * 3 * shape.plane() + lesion * TILE + voxel % TILE;
    let [sum, squares, absent] =
        [0, 1, 2].map(|plane| state.maps.values()[first + plane * shape.plane()]);
    [sum, squares, state.counted.values()[lesion].wrapping_sub(absent)]
}

/// The mean of z of every lesion and voxel, of everything less a state.
pub(crate) fn mean_z(
    total: &State,
    without: Option<&State>,
    shape: &Shape,
    units: f64,
) -> Vec<f64> {
    let mut all = Vec::with_capacity(shape.lesions * shape.voxels);
    for lesion in 0..shape.lesions {
        for tile in 0..shape.voxels.div_ceil(TILE) {
            let voxels = (shape.voxels - tile * TILE).min(TILE);
            let (sums, counts) = row(total, shape, (lesion, tile), voxels);
            let mean = |a: i64, n: i64| if n > 0 { a as f64 / n as f64 / units } else { f64::NAN };
            match without {
                None => all.extend(sums.zip(counts).map(|(&a, n)| mean(a, n))),
                Some(without) => {
                    let (less, fewer) = row(without, shape, (lesion, tile), voxels);
                    let rest = sums.zip(less).map(|(a, b)| a.wrapping_sub(*b));
                    let left = counts.zip(fewer).map(|(n, m)| n.wrapping_sub(m));
                    all.extend(rest.zip(left).map(|(a, n)| mean(a, n)));
                }
            }
        }
    }
    all
}

/// Sums of a, and n, of some voxels from the first of a tile.
fn row<'a>(
    state: &'a State,
    shape: &Shape,
    (lesion, tile): (usize, usize),
    voxels: usize,
) -> (std::slice::Iter<'a, i64>, impl Iterator<Item = i64>) {
    let maps = &state.maps.values()[tile * 3 * shape.plane()..];
    let plane = |which: usize| &maps[which * shape.plane() + lesion * TILE..][..voxels];
    let counted = state.counted.values()[lesion];
    (plane(0).iter(), plane(2).iter().map(move |absent| counted.wrapping_sub(*absent)))
}

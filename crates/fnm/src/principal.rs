//! The first principal component of a lesion's series.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use twoblade_brain::{Lesion, Run};

use crate::series::normalize;

/// What one product goes over: few enough for any of the library's blockings, as in the product of
/// seeds and voxels.
const STEP: usize = 64;
/// Where the second singular value is more than this share of the first, which series comes first is
/// chance.
const CLOSE: f64 = 0.99;
/// Below this the sign, which is that of the correlation with the mean, is chance.
const FAINT: f64 = 0.1;

/// Makes of the mean series of a lesion the first left singular vector of the series of its voxels,
/// each centred, of length 1, and then times its weight: with X those series in columns, the vector u
/// of length 1 for which |X'u| is largest (Pearson 1901, Philosophical Magazine 2:559).
///
/// It comes from the smaller of X'X (X v is u, up to its length) and XX'. Its sign is such that it
/// correlates positively with the mean. `series` is the mean, centred and of length 1, or 0 where there
/// is none. None if no voxel has a series; otherwise whether u is ambiguous: the second singular value
/// is above 0.99 of the first, or |correlation with the mean| below 0.1.
pub(crate) fn first_component(
    runs: &[Run],
    voxels: usize,
    lesion: &Lesion,
    bad: &[bool],
    series: &mut [f64],
) -> Option<bool> {
    let time_points = series.len();
    let columns = Columns { runs, voxels, lesion, bad, time_points };
    let (mut component, ratio) = if lesion.used() <= time_points {
        columns.of_voxels()?
    } else {
        columns.of_time_points()?
    };
    let length = component.iter().map(|x| x * x).sum::<f64>().sqrt();
    let product: f64 = component.iter().zip(&*series).map(|(x, mean)| x * mean).sum();
    // Without a mean, or at a right angle to it, either sign is as good; the first sample decides.
    let side = if product == 0.0 { component.iter().find(|x| **x != 0.0)? } else { &product };
    let scale = 1.0f64.copysign(*side) / length;
    for x in &mut component {
        *x *= scale;
    }
    series.copy_from_slice(&component);
    Some(ratio > CLOSE || (product / length).abs() < FAINT)
}

/// Bytes that the first component of a lesion takes while it is computed.
pub(crate) fn bytes(lesion: &Lesion, time_points: usize) -> usize {
    let matrix =
        |rows: usize, columns: usize| rows.next_multiple_of(8) * columns * size_of::<f64>();
    let side = lesion.used().min(time_points).max(1);
    let series = matrix(time_points, if lesion.used() <= time_points { side } else { STEP });
    let scratch = self_adjoint_evd_scratch::<f64>(
        side,
        ComputeEigenvectors::Yes,
        Par::Seq,
        faer::prelude::default(),
    );
    series + 2 * matrix(side, side) + scratch.unaligned_bytes_required() + (side + time_points) * 16
}

/// The series of a lesion as the columns of a matrix: time points by voxels.
struct Columns<'a> {
    runs: &'a [Run],
    voxels: usize,
    lesion: &'a Lesion,
    bad: &'a [bool],
    time_points: usize,
}

impl Columns<'_> {
    /// Writes the column of each voxel that has one, from the first on; the number of them.
    fn fill(&self, which: std::ops::Range<usize>, out: &mut [f64]) -> usize {
        let of = self.lesion.voxels[which.clone()].iter().zip(&self.lesion.weights[which]);
        let mut filled = 0;
        for (&voxel, weight) in of.filter(|&(&voxel, _)| !self.bad[voxel as usize]) {
            let column = &mut out[filled * self.time_points..][..self.time_points];
            let samples = (self.runs.iter())
                .flat_map(|run| run.values.iter().skip(voxel as usize).step_by(self.voxels));
            for (out, &x) in column.iter_mut().zip(samples) {
                *out = f64::from(x);
            }
            if normalize(column, self.runs) {
                for x in column.iter_mut() {
                    *x *= weight;
                }
                filled += 1;
            }
        }
        filled
    }

    /// From the products of voxels with voxels.
    fn of_voxels(&self) -> Option<(Vec<f64>, f64)> {
        let mut series = vec![0.0; self.lesion.used() * self.time_points];
        let count = self.fill(0..self.lesion.used(), &mut series);
        let columns = series.chunks_exact(self.time_points.max(1)).take(count);
        let x = MatRef::from_column_major_slice(
            &series[..count * self.time_points],
            self.time_points,
            count,
        );
        let mut gram = Mat::zeros(count, count);
        for first in (0..self.time_points).step_by(STEP) {
            let rows = x.subrows(first, STEP.min(self.time_points - first));
            add_product(&mut gram, rows.transpose(), rows);
        }
        let (weights, ratio) = first_eigenvector(&gram)?;
        let mut component = vec![0.0; self.time_points];
        for (column, weight) in columns.zip(weights) {
            for (sum, x) in component.iter_mut().zip(column) {
                *sum += weight * x;
            }
        }
        Some((component, ratio))
    }

    /// From the products of time points with time points.
    fn of_time_points(&self) -> Option<(Vec<f64>, f64)> {
        let mut series = vec![0.0; STEP * self.time_points];
        let mut gram = Mat::zeros(self.time_points, self.time_points);
        for first in (0..self.lesion.used()).step_by(STEP) {
            let count = self.fill(first..(first + STEP).min(self.lesion.used()), &mut series);
            let filled = &series[..count * self.time_points];
            let x = MatRef::from_column_major_slice(filled, self.time_points, count);
            add_product(&mut gram, x, x.transpose());
        }
        first_eigenvector(&gram)
    }
}

fn add_product(sum: &mut Mat<f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    matmul(sum.as_mut(), Accum::Add, a, b, 1.0, Par::Seq);
}

/// The eigenvector of the largest eigenvalue, and the root of the second largest over the root of the
/// largest. None if the matrix is zero, or of no rows, or if the iteration does not converge.
fn first_eigenvector(gram: &Mat<f64>) -> Option<(Vec<f64>, f64)> {
    let side = gram.nrows();
    if side == 0 {
        // The library has no scratch for it.
        return None;
    }
    let mut vectors = Mat::zeros(side, side);
    let mut values = vec![0.0; side];
    let options = faer::prelude::default();
    let scratch =
        self_adjoint_evd_scratch::<f64>(side, ComputeEigenvectors::Yes, Par::Seq, options);
    self_adjoint_evd(
        gram.as_ref(),
        faer::diag::DiagMut::from_slice_mut(&mut values),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        options,
    )
    .ok()?;
    // Ascending.
    let largest = *values.last().filter(|value| value.is_normal() && **value > 0.0)?;
    let second = if side > 1 { values[side - 2].max(0.0) } else { 0.0 };
    let vector = vectors.col(side - 1).iter().copied().collect();
    Some((vector, (second / largest).sqrt()))
}

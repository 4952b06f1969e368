//! How a grid is cut into slices from below to above, the left of the brain on the left.

use twoblade::brain::BrainMask;

/// Axes that lie farther than this from the world's are said to, in degrees.
const STRAIGHT: f64 = 1.0;
/// The orders that three axes can have.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Slices of a grid along its own axes, those nearest to the world's: x to the right, y upwards in a
/// slice, and z from slice to slice.
#[derive(Debug)]
pub(crate) struct Axial<'a> {
    pub(crate) mask: &'a BrainMask,
    /// The axes of the grid that are x, y and z, and whether their indices fall as those rise.
    axes: [(usize, bool); 3],
    /// The cosine of each with its world axis.
    cosines: [f64; 3],
    /// The first and the last index along x, y and z that the brain has.
    first: [usize; 3],
    last: [usize; 3],
}

impl<'a> Axial<'a> {
    pub(crate) fn new(mask: &'a BrainMask) -> Self {
        let affine = mask.space().affine();
        let cosine = |world: usize, axis: usize| {
            let length = affine.iter().map(|row| row[axis] * row[axis]).sum::<f64>().sqrt();
            affine[world][axis] / length
        };
        let fits = |order: &[usize; 3]| {
            order.iter().enumerate().map(|(world, &axis)| cosine(world, axis).abs()).sum::<f64>()
        };
        let best = ORDERS.iter().copied().reduce(|best, next| {
            // The first of those that fit as well.
            if fits(&next) > fits(&best) { next } else { best }
        });
        let order = best.unwrap_or(ORDERS[0]);
        let cosines = [0, 1, 2].map(|world| cosine(world, order[world]));
        let axes = [0, 1, 2].map(|world| (order[world], cosines[world] < 0.0));
        let mut axial = Self { mask, axes, cosines, first: [usize::MAX; 3], last: [0; 3] };
        for &voxel in mask.voxels() {
            let at = axial.at(voxel);
            for (world, &at) in at.iter().enumerate() {
                axial.first[world] = axial.first[world].min(at);
                axial.last[world] = axial.last[world].max(at);
            }
        }
        axial
    }

    /// The indices of a voxel along x, y and z, rising with them.
    pub(crate) fn at(&self, voxel: [u32; 3]) -> [usize; 3] {
        self.axes.map(|(axis, falls)| {
            let at = voxel[axis] as usize;
            if falls { self.mask.space().shape()[axis] - 1 - at } else { at }
        })
    }

    /// The voxel of indices along x, y and z.
    pub(crate) fn voxel(&self, at: [usize; 3]) -> [usize; 3] {
        let mut voxel = [0; 3];
        for (world, (axis, falls)) in self.axes.into_iter().enumerate() {
            let last = self.mask.space().shape()[axis] - 1;
            voxel[axis] = if falls { last - at[world] } else { at[world] };
        }
        voxel
    }

    /// The first index along x, y and z that the brain has.
    pub(crate) fn first(&self) -> [usize; 3] {
        self.first
    }

    /// Indices along x, y and z that the brain spans.
    pub(crate) fn spans(&self) -> [usize; 3] {
        [0, 1, 2].map(|world| self.last[world] + 1 - self.first[world])
    }

    /// The sides of voxels along x, y and z.
    pub(crate) fn sides(&self) -> [f64; 3] {
        let affine = self.mask.space().affine();
        self.axes
            .map(|(axis, _)| affine.iter().map(|row| row[axis] * row[axis]).sum::<f64>().sqrt())
    }

    /// z of the middle of a slice.
    pub(crate) fn height(&self, slice: usize) -> f64 {
        let middle = |world: usize| self.first[world].midpoint(self.last[world]);
        let voxel = self.voxel([middle(0), middle(1), slice]);
        self.mask.space().world(voxel.map(|at| at as f64))[2]
    }

    /// How far the slices lie from the world's planes, in degrees, where that is to be said.
    pub(crate) fn tilt(&self) -> Option<f64> {
        let least = self.cosines.iter().map(|cosine| cosine.abs()).fold(1.0, f64::min);
        Some(least.acos().to_degrees()).filter(|&degrees| degrees > STRAIGHT)
    }

    /// At most so many slices, from below to above: spread over the brain, and these among them.
    pub(crate) fn slices(&self, most: usize, wanted: &[usize]) -> Vec<usize> {
        let (first, count) = (self.first[2], self.spans()[2]);
        if count <= most {
            return (first..first + count).collect();
        }
        // The middles of equal parts of the brain.
        let mut slices: Vec<usize> =
            (0..most).map(|part| first + (2 * part + 1) * count / (2 * most)).collect();
        let mut kept = vec![false; most];
        for &slice in wanted {
            let free = (0..most).filter(|&place| !kept[place] || slices[place] == slice);
            if let Some(place) = free.min_by_key(|&place| slices[place].abs_diff(slice)) {
                (slices[place], kept[place]) = (slice, true);
            }
        }
        slices.sort_unstable();
        slices.dedup();
        slices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twoblade::brain::Space;

    fn mask(affine: [[f64; 4]; 3], shape: [usize; 3], voxels: Vec<[u32; 3]>) -> BrainMask {
        BrainMask::new(Space::new(shape, affine).unwrap(), voxels).unwrap()
    }

    #[test]
    fn the_left_is_on_the_left_whatever_the_storage() {
        // i runs down, j to the left, k to the back.
        let affine = [[0.0, -2.0, 0.0, 8.0], [0.0, 0.0, -3.0, 9.0], [-4.0, 0.0, 0.0, 7.0]];
        let mask = mask(affine, [4, 5, 6], vec![[0, 0, 0], [3, 4, 5], [1, 2, 2]]);
        let axial = Axial::new(&mask);
        for voxel in mask.voxels() {
            let at = axial.at(*voxel);
            assert_eq!(axial.voxel(at), voxel.map(|at| at as usize));
        }
        let world = |at| mask.space().world(axial.voxel(at).map(|at| at as f64));
        let [a, b] = [world([0, 0, 0]), world([4, 5, 3])];
        assert!(a.iter().zip(b).all(|(a, b)| *a < b), "{a:?} {b:?}");
        assert!(axial.sides().iter().zip([2.0, 3.0, 4.0]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!((axial.spans(), axial.tilt()), ([5, 6, 4], None));
        assert!((axial.height(0) - world([2, 2, 0])[2]).abs() < 1e-12);
    }

    #[test]
    fn a_grid_that_is_oblique_says_so() {
        let (sin, cos) = 10f64.to_radians().sin_cos();
        let affine = [
            [2.0, 0.0, 0.0, 0.0],
            [0.0, 2.0 * cos, -2.0 * sin, 0.0],
            [0.0, 2.0 * sin, 2.0 * cos, 0.0],
        ];
        let mask = mask(affine, [3, 3, 3], vec![[1, 1, 1]]);
        assert!((Axial::new(&mask).tilt().unwrap() - 10.0).abs() < 1e-6);
    }

    #[test]
    fn slices_are_spread_and_have_those_that_are_wanted() {
        let affine = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]];
        let mask = mask(affine, [1, 1, 50], (5..45).map(|k| [0, 0, k]).collect());
        let axial = Axial::new(&mask);
        assert_eq!(axial.slices(4, &[]), [10, 20, 30, 40]);
        assert_eq!(axial.slices(4, &[21, 20]), [20, 21, 30, 40]);
        assert_eq!(axial.slices(4, &[44, 44]), [10, 20, 30, 44]);
        assert_eq!(axial.slices(4, &[5, 6, 7, 8]), [5, 6, 7, 8]);
        assert_eq!(axial.slices(60, &[7]).len(), 40);
    }
}

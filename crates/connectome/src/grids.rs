//! How the voxels of one grid lie in those of another.

use twoblade_brain::{BrainMask, Space};

/// Millimetres that voxels which are said to be the same may lie apart: headers keep 32-bit numbers.
pub(crate) const STRICT_MM: f64 = 1e-3;
/// The part of the smallest side of a mask's voxel that is taken where tolerance is asked for.
pub(crate) const TOLERANT_SIDES: f64 = 0.5;
/// Voxels whose sides are this near, by ratio, are of one size.
const ONE_SIZE: f64 = 0.01;
/// Borders of voxels this near, in voxels, are one border.
const BORDER: f64 = 1e-4;

/// How an image lies in the grid of a mask.
pub(crate) struct Lying {
    /// For each axis of the image, the axis of the mask that it runs along.
    along: [usize; 3],
    /// For each axis of the image, voxels of the mask that a step goes.
    step: [f64; 3],
    /// For each axis of the image, the place of its first voxel along the axis of the mask.
    start: [f64; 3],
    /// Millimetres between voxels and where they would be on the nearest grid of whole steps.
    pub(crate) apart: f64,
    /// Millimetres between voxels and where they would be on the nearest parallel grid.
    pub(crate) oblique: f64,
    /// Whether the voxels are of one size.
    pub(crate) one_size: bool,
}

impl Lying {
    pub(crate) fn of(image: &Space, mask: &Space) -> Self {
        let zero = mask.indices(image.world([0.0; 3]));
        let steps = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(|one| {
            let there = mask.indices(image.world(one));
            [0, 1, 2].map(|axis| there[axis] - zero[axis])
        });
        // The permutation of axes that keeps most of the steps.
        let permutations: [[usize; 3]; 6] =
            [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let kept =
            |along: &[usize; 3]| (0..3).map(|axis| steps[axis][along[axis]].abs()).product::<f64>();
        let mut along = permutations[0];
        for permutation in permutations {
            if kept(&permutation) > kept(&along) {
                along = permutation;
            }
        }
        let step = [0, 1, 2].map(|axis| steps[axis][along[axis]]);
        let start = along.map(|axis| zero[axis]);
        let one_size = step.iter().all(|step| (step.abs() - 1.0).abs() < ONE_SIZE);
        let whole = (step.map(f64::signum), whole_start(image, &step, &start));
        let mut lying = Self { along, step, start, apart: 0.0, oblique: 0.0, one_size };
        lying.oblique = lying.farthest(image, mask, &lying.step, &lying.start);
        lying.apart = lying.farthest(image, mask, &whole.0, &whole.1);
        if one_size {
            (lying.step, lying.start) = whole;
        }
        lying
    }

    /// Millimetres from the corners of the image to where these steps would have them.
    fn farthest(&self, image: &Space, mask: &Space, step: &[f64; 3], start: &[f64; 3]) -> f64 {
        let corner = |bits: usize| {
            let at = [0, 1, 2].map(|axis| {
                if bits >> axis & 1 == 1 { (image.shape()[axis] - 1) as f64 } else { 0.0 }
            });
            let mut there = [0.0; 3];
            for axis in 0..3 {
                there[self.along[axis]] = start[axis] + step[axis] * at[axis];
            }
            let [a, b] = [image.world(at), mask.world(there)];
            a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
        };
        (0..8).map(corner).fold(0.0, f64::max)
    }

    /// Each given voxel of an image whose voxels are the mask's, with its number in the mask.
    pub(crate) fn same(
        &self,
        given: &[[usize; 3]],
        mask: &BrainMask,
        each: &mut dyn FnMut(usize, u32, f64),
    ) {
        for (number, at) in given.iter().enumerate() {
            let mut there = [0.0; 3];
            for axis in 0..3 {
                there[self.along[axis]] = self.start[axis] + self.step[axis] * at[axis] as f64;
            }
            if let Some(voxel) = numbered(mask, there) {
                each(number, voxel, 1.0);
            }
        }
    }

    /// Each given voxel with the voxels of the mask that it overlaps, and the share of these that it
    /// covers.
    pub(crate) fn overlaps(
        &self,
        given: &[[usize; 3]],
        mask: &BrainMask,
        each: &mut dyn FnMut(usize, u32, f64),
    ) {
        for (number, at) in given.iter().enumerate() {
            let mut spans = [(0.0, 0.0); 3];
            for axis in 0..3 {
                let centre = self.start[axis] + self.step[axis] * at[axis] as f64;
                let half = self.step[axis].abs() / 2.0;
                spans[self.along[axis]] = (border(centre - half), border(centre + half));
            }
            let sides = mask.space().shape();
            let [x, y, z] = [0, 1, 2].map(|axis| {
                let (from, to) = spans[axis];
                let last = sides[axis] as f64 - 0.5;
                covered((from.max(-0.5), to.min(last))).collect::<Vec<_>>()
            });
            for &(i, a) in &x {
                for &(j, b) in &y {
                    for &(k, c) in &z {
                        if let Some(voxel) = numbered(mask, [i, j, k]) {
                            each(number, voxel, a * b * c);
                        }
                    }
                }
            }
        }
    }
}

/// Of an image that lies obliquely: a finer one gives each of its voxels to the voxel of the mask that
/// its centre is in; a coarser one is looked up at the centres of the mask.
pub(crate) fn centres(
    image: &Space,
    given: &[[usize; 3]],
    mask: &BrainMask,
    each: &mut dyn FnMut(usize, u32, f64),
) {
    let share = image.voxel_volume() / mask.space().voxel_volume();
    if share < 0.5 {
        for (number, at) in given.iter().enumerate() {
            let there = mask.space().indices(image.world(at.map(|at| at as f64)));
            if let Some(voxel) = numbered(mask, there) {
                each(number, voxel, share);
            }
        }
        return;
    }
    let mut at = vec![usize::MAX; image.voxels()];
    for (number, &voxel) in given.iter().enumerate() {
        at[image.number(voxel)] = number;
    }
    for (voxel, &centre) in (0..).zip(mask.voxels()) {
        let there = image.voxel(mask.space().world(centre.map(f64::from)));
        if let Some(number) = there.map(|there| at[image.number(there)])
            && number != usize::MAX
        {
            each(number, voxel, 1.0);
        }
    }
}

/// The nearest start of whole steps: nearest in the middle of the image.
fn whole_start(image: &Space, step: &[f64; 3], start: &[f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|axis| {
        let middle = (image.shape()[axis] - 1) as f64 / 2.0;
        (start[axis] + (step[axis] - step[axis].signum()) * middle).round()
    })
}

/// The number, in the mask, of the voxel that a place of its grid is in.
fn numbered(mask: &BrainMask, there: [f64; 3]) -> Option<u32> {
    let mut voxel = [0; 3];
    for ((to, at), side) in voxel.iter_mut().zip(there).zip(mask.space().shape()) {
        let nearest = (at + 0.5).floor();
        if !(nearest >= 0.0 && nearest < side as f64) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let nearest = nearest as usize;
        *to = nearest;
    }
    mask.number(voxel)
}

/// A place, or the border between two voxels that it is next to.
fn border(place: f64) -> f64 {
    let border = (place - 0.5).round() + 0.5;
    if (place - border).abs() < BORDER { border } else { place }
}

/// The voxels that a span goes through, by their centres, and how much of each.
fn covered((from, to): (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
    let mut centre = (from + 0.5).floor();
    std::iter::from_fn(move || {
        let length = to.min(centre + 0.5) - from.max(centre - 0.5);
        centre += 1.0;
        (length > 0.0).then_some((centre - 1.0, length))
    })
}

/// The least and the greatest x, y and z of a grid, borders included.
pub(crate) fn extent(space: &Space) -> [(f64, f64); 3] {
    let mut extent = [(f64::INFINITY, f64::NEG_INFINITY); 3];
    for bits in 0..8 {
        let at = [0, 1, 2].map(|axis| {
            if bits >> axis & 1 == 1 { space.shape()[axis] as f64 - 0.5 } else { -0.5 }
        });
        for (extent, place) in extent.iter_mut().zip(space.world(at)) {
            *extent = (extent.0.min(place), extent.1.max(place));
        }
    }
    extent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_cut_at_borders() {
        let cut = |from, to| covered((border(from), border(to))).collect::<Vec<_>>();
        assert_eq!(cut(-0.5, 0.5), [(0.0, 1.0)]);
        assert_eq!(cut(0.25, 0.75), [(0.0, 0.25), (1.0, 0.25)]);
        assert_eq!(cut(0.500_000_1, 2.0), [(1.0, 1.0), (2.0, 0.5)]);
        assert_eq!(cut(-0.75, -0.250_000_2)[0], (-1.0, 0.25));
    }

    #[test]
    fn axes_are_found_whatever_their_order() {
        let mask = [[2.0, 0.0, 0.0, 10.0], [0.0, 2.0, 0.0, 20.0], [0.0, 0.0, 2.0, 30.0]];
        let mask = Space::new([5, 6, 7], mask).unwrap();
        // i runs down z, j along x, k down y.
        let image = [[0.0, 2.0, 0.0, 10.0], [0.0, 0.0, -2.0, 30.0], [-2.0, 0.0, 0.0, 42.0]];
        let image = Space::new([7, 5, 6], image).unwrap();
        let lying = Lying::of(&image, &mask);
        assert_eq!((lying.along, lying.one_size), ([2, 0, 1], true));
        assert!(lying.apart < 1e-9 && lying.oblique < 1e-9);
        let everywhere: Vec<[u32; 3]> =
            (0..5).flat_map(|i| (0..6).flat_map(move |j| (0..7).map(move |k| [i, j, k]))).collect();
        let brain = BrainMask::new(mask, everywhere).unwrap();
        let mut found = Vec::new();
        lying.same(&[[6, 1, 5]], &brain, &mut |_, voxel, _| found.push(voxel));
        assert_eq!(found, [brain.number([1, 0, 0]).unwrap()]);
    }
}

//! Clusters: voxels that touch each other.

use crate::mask::BrainMask;

/// Which voxels of a grid touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Neighbours {
    /// Those that share a face: 6.
    Faces,
    /// Those that share a face or an edge: 18.
    Edges,
    /// Those that share a face, an edge or a corner: 26.
    #[default]
    Corners,
}

impl Neighbours {
    /// One of each pair of opposite steps.
    fn steps(self) -> impl Iterator<Item = [i64; 3]> {
        let most = match self {
            Self::Faces => 1,
            Self::Edges => 2,
            Self::Corners => 3,
        };
        let each = -1..=1i64;
        let all = each.clone().flat_map(move |i| {
            let each = each.clone();
            each.clone().flat_map(move |j| each.clone().map(move |k| [i, j, k]))
        });
        all.filter(move |step| {
            *step > [0; 3] && step.iter().filter(|&&along| along != 0).count() <= most
        })
    }
}

/// The clusters of a map: voxels of the mask that hang together, positive and negative ones apart. Voxels
/// that are 0 or NaN are in none.
///
/// Each cluster is the numbers of its voxels in the mask, ascending; clusters are in the order of their
/// first voxels. Takes 4 bytes a voxel of the mask beside them.
///
/// # Panics
/// If there is not a value for each voxel of the mask.
pub fn clusters(mask: &BrainMask, values: &[f32], neighbours: Neighbours) -> Vec<Vec<u32>> {
    assert_eq!(values.len(), mask.count(), "a value for each voxel");
    let steps: Vec<[i64; 3]> = neighbours.steps().collect();
    let mut above: Vec<u32> = (0..).take(values.len()).collect();
    for (voxel, &at) in mask.voxels().iter().enumerate() {
        for step in &steps {
            let Some(other) = beside(mask, at, step) else { continue };
            let [one, two] = [values[voxel], values[other as usize]];
            // Not by their product, which is 0 where both are small.
            if one > 0.0 && two > 0.0 || one < 0.0 && two < 0.0 {
                join(&mut above, u32::try_from(voxel).unwrap_or(u32::MAX), other);
            }
        }
    }
    let mut place = vec![None; values.len()];
    let mut clusters: Vec<Vec<u32>> = Vec::new();
    for (voxel, value) in (0u32..).zip(values) {
        if *value == 0.0 || value.is_nan() {
            continue;
        }
        let first = first(&mut above, voxel) as usize;
        let cluster = *place[first].get_or_insert_with(|| {
            clusters.push(Vec::new());
            clusters.len() - 1
        });
        clusters[cluster].push(voxel);
    }
    clusters
}

/// The voxel of the mask that is a step away.
fn beside(mask: &BrainMask, at: [u32; 3], step: &[i64; 3]) -> Option<u32> {
    let mut there = [0; 3];
    for (axis, there) in there.iter_mut().enumerate() {
        *there = usize::try_from(i64::from(at[axis]) + step[axis]).ok()?;
        if *there >= mask.space().shape()[axis] {
            return None;
        }
    }
    mask.number(there)
}

/// Joins the clusters of two voxels; the first voxel of both stands for the whole.
fn join(above: &mut [u32], one: u32, other: u32) {
    let [one, other] = [one, other].map(|voxel| first(above, voxel));
    above[one.max(other) as usize] = one.min(other);
}

/// The voxel that stands for the cluster of one. Ways are halved as they are gone.
fn first(above: &mut [u32], mut voxel: u32) -> u32 {
    while above[voxel as usize] != voxel {
        let next = above[above[voxel as usize] as usize];
        above[voxel as usize] = next;
        voxel = next;
    }
    voxel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Space;
    use proptest::prelude::*;

    const SHAPE: [usize; 3] = [4, 3, 5];

    fn mask(voxels: Vec<[u32; 3]>) -> BrainMask {
        let affine = [[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]];
        BrainMask::new(Space::new(SHAPE, affine).unwrap(), voxels).unwrap()
    }

    #[test]
    fn voxels_touch_by_faces_edges_and_corners() {
        let mask = mask(vec![[0, 0, 0], [1, 1, 1], [1, 1, 2], [2, 2, 2], [0, 0, 4]]);
        let of = |neighbours| clusters(&mask, &[1.0, 1.0, 1e-30, 1e-30, 1.0], neighbours);
        assert_eq!(of(Neighbours::Faces), [vec![0], vec![1, 2], vec![3], vec![4]]);
        assert_eq!(of(Neighbours::Edges), [vec![0], vec![1, 2, 3], vec![4]]);
        assert_eq!(of(Neighbours::Corners), [vec![0, 1, 2, 3], vec![4]]);
        let signs = clusters(&mask, &[1.0, -1.0, -2.0, f32::NAN, 0.0], Neighbours::Corners);
        assert_eq!(signs, [vec![0], vec![1, 2]]);
        let counts = [Neighbours::Faces, Neighbours::Edges, Neighbours::Corners];
        assert_eq!(counts.map(|of| 2 * of.steps().count()), [6, 18, 26]);
    }

    /// The clusters by filling: from a voxel to all that touch it, until no more are found.
    fn filled(mask: &BrainMask, values: &[f32], squares: u32) -> Vec<Vec<u32>> {
        let touch = |a: usize, b: usize| {
            let apart = mask.voxels()[a].iter().zip(mask.voxels()[b]);
            let apart: Vec<u32> = apart.map(|(a, b)| a.abs_diff(b)).collect();
            apart.iter().all(|&d| d <= 1) && apart.iter().sum::<u32>() <= squares
        };
        let mut seen = vec![false; values.len()];
        let mut all = Vec::new();
        for start in 0..values.len() {
            if seen[start] || values[start].is_nan() || values[start] == 0.0 {
                continue;
            }
            seen[start] = true;
            let mut cluster = vec![start];
            let mut next = 0;
            while next < cluster.len() {
                for other in 0..values.len() {
                    let one_sign = values[other].is_sign_negative()
                        == values[start].is_sign_negative()
                        && values[other].abs() > 0.0;
                    if !seen[other] && one_sign && touch(cluster[next], other) {
                        seen[other] = true;
                        cluster.push(other);
                    }
                }
                next += 1;
            }
            cluster.sort_unstable();
            all.push(cluster.into_iter().map(|voxel| u32::try_from(voxel).unwrap()).collect());
        }
        all
    }

    proptest! {
        #[test]
        fn clusters_are_what_filling_finds(
            cells in prop::collection::vec(prop_oneof![
                Just(None), Just(Some(0.0f32)), Just(Some(f32::NAN)),
                Just(Some(2.0)), Just(Some(3.0)), Just(Some(-2.0)),
            ], 60),
            backwards in any::<bool>(),
        ) {
            let (mut voxels, mut values) = (Vec::new(), Vec::new());
            for (number, cell) in (0u32..).zip(cells) {
                if let Some(value) = cell {
                    voxels.push([number % 4, number / 4 % 3, number / 12]);
                    values.push(value);
                }
            }
            prop_assume!(!voxels.is_empty());
            if backwards {
                voxels.reverse();
                values.reverse();
            }
            let mask = mask(voxels);
            for (neighbours, squares) in
                [(Neighbours::Faces, 1), (Neighbours::Edges, 2), (Neighbours::Corners, 3)]
            {
                prop_assert_eq!(
                    clusters(&mask, &values, neighbours),
                    filled(&mask, &values, squares)
                );
            }
        }
    }
}

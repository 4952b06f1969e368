//! What is known after some subjects.

use serde::{Deserialize, Serialize};
use twoblade_core::{Integers, group_fields};

use crate::series::TILE;

/// The state of a functional network map: integers, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// For each tile of voxels: sums of a, sums of a^2, and how many of the subjects that count for the
    /// lesion do not count in the voxel, each lesion by lesion; a is z on a grid. Few subjects do not
    /// count, so that the last of the three is hardly ever written.
    pub(crate) maps: Integers,
    /// For each lesion, subjects that have a seed.
    pub(crate) counted: Integers,
    /// For each lesion, subjects whose seed has no series.
    pub(crate) seedless: Integers,
    /// For each lesion, subjects whose first component is ambiguous; empty where seeds are means.
    pub(crate) ambiguous: Integers,
    /// For each subject, how many of its voxels are constant, and how many have a sample that is not
    /// finite.
    pub(crate) subjects: Integers,
    /// For each lesion, z that were capped.
    pub(crate) capped: Integers,
    /// For each subject, lesion and parcel, the sum of a over voxels and how many have one; empty where
    /// these are not wanted.
    pub(crate) parcels: Integers,
}
group_fields!(State { maps, counted, seedless, ambiguous, subjects, capped, parcels });

/// The sizes of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) lesions: usize,
    pub(crate) voxels: usize,
    pub(crate) subjects: usize,
    pub(crate) time_points: usize,
    /// Whether seeds are first components.
    pub(crate) components: bool,
    /// Parcels whose means are wanted subject by subject.
    pub(crate) parcels: usize,
}

impl Shape {
    /// Integers of one plane of one tile.
    pub(crate) fn plane(&self) -> usize {
        self.lesions * TILE
    }

    /// Integers of the parcels of one subject: those of each lesion, two for each parcel.
    pub(crate) fn of_parcels(&self) -> usize {
        self.lesions * self.parcels * 2
    }

    fn lengths(&self) -> [usize; 7] {
        let maps = self.voxels.div_ceil(TILE) * 3 * self.plane();
        let seedless = self.lesions * self.subjects;
        let ambiguous = if self.components { seedless } else { 0 };
        [
            maps,
            self.lesions,
            seedless,
            ambiguous,
            2 * self.subjects,
            self.lesions,
            self.subjects * self.of_parcels(),
        ]
    }
}

impl State {
    pub(crate) fn new(shape: &Shape) -> Self {
        let [maps, counted, seedless, ambiguous, subjects, capped, parcels] =
            shape.lengths().map(Integers::new);
        Self { maps, counted, seedless, ambiguous, subjects, capped, parcels }
    }

    /// Makes it the state of nothing again, in place.
    pub(crate) fn clear(&mut self) {
        let Self { maps, counted, seedless, ambiguous, subjects, capped, parcels } = self;
        for integers in [maps, counted, seedless, ambiguous, subjects, capped, parcels] {
            integers.values_mut().fill(0);
        }
    }

    /// Bytes of a state, in memory and saved.
    pub(crate) fn bytes(shape: &Shape) -> usize {
        shape.lengths().into_iter().map(Integers::bytes).sum::<usize>() + size_of::<Self>()
    }
}

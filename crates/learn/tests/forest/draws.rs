//! What is drawn: rows of a tree, features of a split.

use twoblade_core::{Random, Serial, StreamingEstimator, Threads};
use twoblade_learn::Error;
use twoblade_learn::forest::{Estimate, Forest, Leaves, Options, Sample, Tree};
use twoblade_table::Rows;

use crate::planted::{Targets, batch, features, forest, plain, state};

/// Uniform columns, and classes that depend on none.
fn noise(rows: usize, width: usize) -> (Vec<Vec<f64>>, Targets) {
    let random = Random::new(11, 0);
    let column = |place: usize| {
        let draw = u32::try_from(place).unwrap();
        (0..rows).map(|row| random.uniform(row as u64, draw)).collect()
    };
    let classes = (0..rows).map(|row| random.below(row as u64, 99, 3) as usize).collect();
    ((0..width).map(column).collect(), Targets::Classes(classes))
}

fn trees(forest: &Estimate) -> Vec<&Tree> {
    forest.chunks().iter().flat_map(|chunk| &chunk.trees).collect()
}

/// A bootstrap of n rows counts n in all, and leaves a row out with a probability of (1 - 1/n)^n.
#[test]
fn a_bootstrap_draws_as_many_rows_as_there_are() {
    let (columns, targets) = noise(500, 2);
    let options = Options { trees: 40, sample: Sample::Bootstrap, ..plain() };
    let forest = forest(&columns, &targets, 500, &options);
    let mut seen = 0;
    for tree in trees(&forest) {
        let Leaves::Counts { counts, .. } = tree.leaves() else { panic!("classes were asked for") };
        assert_eq!(counts.iter().sum::<u32>(), 500);
        // Two columns tell all rows apart, so rows are alone in a leaf or with others of their class.
        assert!(counts.chunks(3).all(|leaf| leaf.iter().filter(|&&count| count > 0).count() == 1));
        seen += tree.leaves().len();
    }
    // 316 of 500 rows are seen, and a leaf has one of them or a few: with 3 classes at random, a run of
    // one class is 1.5 rows long in one dimension.
    let leaves = seen as f64 / 40.0;
    assert!((130.0..316.0).contains(&leaves), "{leaves}");
    let whole = Options { trees: 2, ..plain() };
    let forest = crate::planted::forest(&columns, &targets, 500, &whole);
    assert_eq!(trees(&forest)[0], trees(&forest)[1], "all rows and all features: nothing is drawn");
}

/// In a table of 10 columns that say nothing, each is at the root of a tenth of the trees that choose
/// from one; of 2,000 trees that is 200 with a standard deviation of 13, of which 5 are allowed.
#[test]
fn features_are_drawn_evenly() {
    let (columns, targets) = noise(100, 10);
    let options =
        Options { trees: 2000, sample: Sample::Bootstrap, tried: Some(1), depth: 1, ..plain() };
    let forest = forest(&columns, &targets, 100, &options);
    let mut roots = [0u32; 10];
    for tree in trees(&forest) {
        roots[tree.splits()[0].feature as usize] += 1;
    }
    assert_eq!(roots.iter().sum::<u32>(), 2000);
    assert!(roots.iter().all(|&count| count.abs_diff(200) <= 67), "{roots:?}");
}

/// A feature that does not vary is passed over if nothing that varies was drawn.
#[test]
fn a_feature_that_varies_is_always_found() {
    let (mut columns, targets) = noise(60, 1);
    columns.extend(vec![vec![3.0; 60]; 9]);
    let options = Options { trees: 50, tried: Some(1), depth: 1, ..plain() };
    let forest = forest(&columns, &targets, 60, &options);
    assert!(trees(&forest).iter().all(|tree| tree.splits()[0].feature == 0));
}

/// The seed, the chunk and the tree decide; how many others there are does not.
#[test]
fn trees_depend_on_seed_chunk_and_place_alone() {
    let (columns, targets) = noise(200, 5);
    let options =
        |seed, trees| Options { seed, trees, tried: None, sample: Sample::Bootstrap, ..plain() };
    let grow = |seed, trees| forest(&columns, &targets, 100, &options(seed, trees));
    let (three, two, other) = (grow(1, 3), grow(1, 2), grow(2, 2));
    for (three, two) in three.chunks().iter().zip(two.chunks()) {
        assert_eq!(three.trees[..2], two.trees);
        assert_ne!(three.trees[0], three.trees[1]);
    }
    assert_ne!(two.chunks()[0].trees, other.chunks()[0].trees);
    assert_ne!(two.chunks()[0].trees, two.chunks()[1].trees);
}

/// Leaves of the smaller tree, all of whose splits the larger one has at the same places.
fn prune(small: &Tree, large: &Tree, one: usize, other: usize) -> usize {
    let (Some(split), Some(whole)) = (small.splits().get(one), large.splits().get(other)) else {
        return usize::from(one >= small.splits().len());
    };
    assert_eq!(
        (split.feature, split.threshold.to_bits()),
        (whole.feature, whole.threshold.to_bits())
    );
    let below = |side: usize| {
        prune(small, large, split.children[side] as usize, whole.children[side] as usize)
    };
    below(0) + below(1)
}

/// Fewer leaves are a pruned tree: the draws of a node do not depend on what else was split.
#[test]
fn a_tree_with_fewer_leaves_is_the_same_tree_pruned() {
    let (columns, targets) = noise(200, 6);
    let grow = |leaves| {
        let options = Options { tried: Some(2), sample: Sample::Bootstrap, leaves, ..plain() };
        forest(&columns, &targets, 200, &options).chunks()[0].trees[0].clone()
    };
    let (small, large) = (grow(9), grow(u32::MAX));
    assert!(large.leaves().len() > 30);
    assert_eq!((small.leaves().len(), prune(&small, &large, 0, 0)), (9, 9));
}

/// Threads of a runner that plays them backwards.
#[test]
fn trees_of_a_chunk_may_grow_side_by_side() {
    struct Backwards;
    impl Threads for Backwards {
        fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
            (0..n).rev().for_each(f);
        }
    }
    let (columns, targets) = noise(80, 4);
    let options = Options { trees: 5, sample: Sample::Bootstrap, tried: None, ..plain() };
    let model = Forest::new(features(4, &targets), 1, 80, options).unwrap();
    let rows = Rows::new(0, batch(&columns, &targets));
    let state = |threads: &dyn Threads| {
        let mut state = model.init();
        model.pass_one(&rows, &mut state, threads).unwrap();
        state
    };
    assert_eq!(state(&Serial), state(&Backwards));
}

#[test]
fn configurations_without_sense_are_refused() {
    let (columns, targets) = noise(20, 2);
    let refused = |options: Options| {
        Forest::new(features(2, &targets), 1, 20, options).unwrap_err().to_string()
    };
    let expected = "trees of a chunk: 0; expected 1 or more";
    assert_eq!(refused(Options { trees: 0, ..plain() }), expected);
    let expected = "features that a split chooses from: 0; expected 1 or more";
    assert_eq!(refused(Options { tried: Some(0), ..plain() }), expected);
    let expected = "rows of a leaf: 0; expected 1 or more";
    assert_eq!(refused(Options { leaf_rows: 0, ..plain() }), expected);
    let expected = "splits above a leaf: 61; expected 1 to 60";
    assert_eq!(refused(Options { depth: 61, ..plain() }), expected);
    let expected = "leaves of a tree: 1; expected 2 or more";
    assert_eq!(refused(Options { leaves: 1, ..plain() }), expected);
    assert_eq!(
        plain().within(5, 3).unwrap_err().to_string(),
        "3 trees cannot have 5 leaves in all; 2 a tree are needed, 6"
    );
    assert_eq!(plain().within(7, 3).unwrap().leaves, 2);

    let model = Forest::new(features(2, &targets), 1, 19, plain()).unwrap();
    let rows = Rows::new(40, batch(&columns, &targets));
    let long = model.pass_one(&rows, &mut model.init(), &Serial).unwrap_err().to_string();
    let expected =
        "the chunk that begins at row 40, counted from 0, has 20 rows; at most 19 are planned";
    assert_eq!(long, expected);
}

/// A state that has a chunk twice is no state of a table.
#[test]
fn a_chunk_that_is_there_twice_is_refused() {
    use twoblade_core::Merge;
    let (columns, targets) = noise(40, 2);
    let (model, mut state) = state(&columns, &targets, 20, &plain());
    let again = state.clone();
    state.merge(&again);
    let error = model.finish(&state).unwrap_err();
    let expected = "the chunk that begins at row 0, counted from 0, is not there once; states of one \
                    table, each of other blocks, are expected";
    assert_eq!(error.to_string(), expected);
    assert!(matches!(error.downcast_ref(), Some(Error::Chunk { first: 0 })));
}

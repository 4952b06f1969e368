//! `FixedSums` against integers of any size.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::sync::Mutex;

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest};
use proptest::prelude::*;
use twoblade_core::{
    FixedSums, Grid, Group, GuardExceeded, Merge, Reach, Serial, Strip, Strips, Threads,
};

const SUMS: usize = 19;

fn bytes(sums: &FixedSums) -> Vec<u8> {
    postcard::to_stdvec(sums).unwrap()
}

/// The guard and the integers, from the saved form.
fn raw(sums: &FixedSums) -> (u128, Vec<i64>) {
    let (guard, pieces): (u128, Vec<Vec<u8>>) = postcard::from_bytes(&bytes(sums)).unwrap();
    let values = pieces.concat();
    let values = values.as_chunks().0.iter().map(|&value| i64::from_le_bytes(value));
    (guard, values.collect())
}

/// `value * 2^q` as mantissa and exponent.
fn scaled(value: f64, q: i16) -> (IBig, i32) {
    let bits = value.abs().to_bits();
    let (biased, fraction) = (i32::try_from(bits >> 52).unwrap(), bits & ((1 << 52) - 1));
    let (mantissa, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased - 1075) };
    let mantissa = IBig::from(mantissa);
    let mantissa = if value.is_sign_negative() { -mantissa } else { mantissa };
    (mantissa, exponent + i32::from(q))
}

/// `value * 2^q` to the nearest integer, ties to even.
fn on_the_grid(value: f64, q: i16) -> IBig {
    let (mantissa, exponent) = scaled(value, q);
    let Ok(drop) = usize::try_from(-exponent) else {
        return mantissa << usize::try_from(exponent).unwrap();
    };
    // Shifting right rounds down, also below zero.
    let floor = mantissa.clone() >> drop;
    let twice_rest = (mantissa - (floor.clone() << drop)) << 1;
    let unit = IBig::from(1) << drop;
    let odd = (floor.clone() & IBig::from(1)) == IBig::from(1);
    if twice_rest > unit || (twice_rest == unit && odd) { floor + IBig::from(1) } else { floor }
}

/// `|value| * 2^q`, rounded up; 2^64 for what is not finite or not below 2^64.
fn reach(value: f64, q: i16) -> u128 {
    if !value.is_finite() {
        return 1 << 64;
    }
    let (mantissa, exponent) = scaled(value.abs(), q);
    let up = match usize::try_from(-exponent) {
        Err(_) => mantissa << usize::try_from(exponent).unwrap(),
        Ok(drop) => -((-mantissa) >> drop),
    };
    if up.bit_len() > 64 { 1 << 64 } else { u128::try_from(up).unwrap() }
}

/// What the guard should be after some chunks.
fn guard(chunks: &[Vec<f64>], q: i16) -> u128 {
    let of_chunk = |chunk: &Vec<f64>| chunk.iter().map(|&value| reach(value, q)).max().unwrap_or(0);
    chunks.iter().map(of_chunk).sum()
}

fn folded(chunks: &[Vec<f64>], q: i16) -> FixedSums {
    let mut sums = FixedSums::new(SUMS);
    for chunk in chunks {
        sums.add(Grid::new(q), chunk);
    }
    sums
}

/// Contributions around 2^`size` grid units: ties and halves, wholes, large ones.
fn contribution(q: i16) -> impl Strategy<Value = f64> {
    let unit = Grid::new(q).unit();
    prop_oneof![
        4 => (-1000i32..1000).prop_map(move |half| f64::from(half) / 2.0 * unit),
        4 => (-1.0..1.0f64, 0i32..50).prop_map(move |(x, size)| x * 2f64.powi(size) * unit),
        1 => (-1.0..1.0f64, 50i32..62).prop_map(move |(x, size)| x * 2f64.powi(size) * unit),
    ]
}

/// Any double at all.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        Just(f64::NAN),
        Just(f64::NEG_INFINITY),
        Just(1e300),
        -1e3..1e3f64,
    ]
}

fn chunks(value: impl Strategy<Value = f64>, most: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec(value, SUMS), 0..most)
}

fn grid_and_chunks(most: usize) -> impl Strategy<Value = (i16, Vec<Vec<f64>>)> {
    (-200i16..200).prop_flat_map(move |q| (Just(q), chunks(contribution(q), most)))
}

fn wild_chunks(most: usize) -> impl Strategy<Value = (i16, Vec<Vec<f64>>)> {
    (-950i16..950, chunks(wild(), most))
}

/// From the last index to the first.
struct Backwards;

impl Threads for Backwards {
    fn each(&self, n: usize, f: &(dyn Fn(usize) + Sync)) {
        (0..n).rev().for_each(f);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_sum_is_that_of_every_contribution_rounded_to_the_grid((q, chunks) in grid_and_chunks(12)) {
        let sums = folded(&chunks, q);
        let (found, values) = raw(&sums);
        prop_assert_eq!(found, guard(&chunks, q));
        prop_assert_eq!(sums.check().is_ok(), found < 1 << 62);
        if sums.check().is_ok() {
            let mut out = [0.0; SUMS];
            sums.read(None, Grid::new(q), 0..SUMS, &mut out);
            for (index, &value) in values.iter().enumerate() {
                let exact: IBig = chunks.iter().map(|chunk| on_the_grid(chunk[index], q)).sum();
                prop_assert_eq!(IBig::from(value), exact);
                let rounded = value as f64 * Grid::new(q).unit();
                prop_assert_eq!(sums.value(Grid::new(q), index).to_bits(), rounded.to_bits());
                prop_assert_eq!(out[index].to_bits(), rounded.to_bits());
            }
        }
    }

    #[test]
    fn the_guard_counts_what_is_wild((q, chunks) in wild_chunks(6)) {
        let sums = folded(&chunks, q);
        let expected = guard(&chunks, q.clamp(-900, 900));
        prop_assert_eq!(raw(&sums).0, expected);
        let refused = if expected < 1 << 62 { Ok(()) } else { Err(GuardExceeded { guard: expected }) };
        prop_assert_eq!(sums.check(), refused);
    }

    #[test]
    fn a_grid_rounds_single_precision_as_it_rounds_double(values in prop::collection::vec(any::<f32>(), SUMS)) {
        let (mut single, mut double) = (FixedSums::new(SUMS), FixedSums::new(SUMS));
        single.add(Grid::new(7), &values);
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        double.add(Grid::new(7), &values);
        prop_assert_eq!(single, double);
    }

    #[test]
    fn no_sum_of_some_of_the_chunks_is_larger_than_their_guard(
        (q, chunks) in grid_and_chunks(7),
        taken in any::<u8>(),
    ) {
        let some: Vec<_> = (0..chunks.len())
            .filter(|index| taken >> index & 1 == 1)
            .map(|index| chunks[index].clone())
            .collect();
        let (guard, _) = raw(&folded(&some, q));
        for index in 0..SUMS {
            let exact: IBig = some.iter().map(|chunk| on_the_grid(chunk[index], q)).sum();
            prop_assert!(exact.abs() <= IBig::from(guard));
        }
    }

    #[test]
    fn any_order_and_any_tree_of_merging_gives_the_same_bits(
        (q, chunks) in prop_oneof![grid_and_chunks(9), wild_chunks(9)],
        owners in prop::collection::vec(0usize..4, 9),
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let whole = folded(&chunks, q);
        let part = |owner: usize| {
            let mine = chunks.iter().zip(&owners).filter(|(_, of)| **of == owner);
            folded(&mine.map(|(chunk, _)| chunk.clone()).collect::<Vec<_>>(), q)
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(|place| part(order[place]));
        let mut chain = a.clone();
        for part in [&b, &c, &d] {
            chain.merge(part);
        }
        let (mut left, mut right) = (c, d);
        left.merge(&a);
        right.merge(&b);
        right.merge(&left);
        for merged in [chain, right] {
            prop_assert_eq!(bytes(&merged), bytes(&whole));
            // So a guard that is exceeded is exceeded in every order, by as much.
            prop_assert_eq!(merged.check(), whole.check());
            prop_assert_eq!(merged, whole.clone());
        }
    }

    #[test]
    fn a_bad_block_that_is_removed_leaves_no_trace(
        (q, good) in grid_and_chunks(6),
        bad in chunks(wild(), 6),
        before in any::<bool>(),
    ) {
        let (good, bad) = (folded(&good, q), folded(&bad, q));
        let mut state = if before { bad.clone() } else { good.clone() };
        state.merge(if before { &good } else { &bad });
        state.remove(&bad);
        prop_assert_eq!(bytes(&state), bytes(&good));
        prop_assert_eq!(state.check(), good.check());
        state.remove(&good);
        prop_assert_eq!(state, FixedSums::new(SUMS));
    }

    #[test]
    fn reading_without_a_block_is_reading_what_is_left(
        (q, rest) in grid_and_chunks(6),
        held_out in chunks(wild(), 4),
        from in 0..SUMS,
    ) {
        let grid = Grid::new(q);
        let (rest, held_out) = (folded(&rest, q), folded(&held_out, q));
        let mut total = rest.clone();
        total.merge(&held_out);
        let (mut without, mut alone) = (vec![0.0; SUMS - from], vec![1.0; SUMS - from]);
        total.read(Some(&held_out), grid, from..SUMS, &mut without);
        rest.read(None, grid, from..SUMS, &mut alone);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&without), bits(&alone));
        prop_assert_eq!(total.check_without(Some(&held_out)), rest.check());
        prop_assert_eq!(total.check_without(None), total.check());
    }

    #[test]
    fn tiles_on_any_thread_add_what_one_piece_adds(
        (q, chunks) in prop_oneof![grid_and_chunks(5), wild_chunks(5)],
        len in 1..=SUMS + 3,
        cut in 0..SUMS,
    ) {
        let whole = folded(&chunks, q);
        for threads in [&Serial as &dyn Threads, &Backwards] {
            let mut tiled = FixedSums::new(SUMS);
            for chunk in &chunks {
                tiled.add_tiles(Grid::new(q), len, threads, &|index, tile| {
                    let mine = &chunk[index * len..SUMS.min((index + 1) * len)];
                    // In two pieces, the second one first: every place is still added to once.
                    let cut = cut.min(mine.len());
                    tile.add(cut, &mine[cut..]);
                    tile.add(0, &mine[..cut]);
                });
            }
            prop_assert_eq!(&tiled, &whole);
        }
    }

    #[test]
    fn strips_add_what_single_places_add(
        (q, chunks) in prop_oneof![grid_and_chunks(5), wild_chunks(5)],
        (widths, stride) in prop::sample::select(vec![
            ([1, 1], 2), ([2, 1], 5), ([4, 4], 8), ([4, 3], 9), ([1, 4], 6), ([3, 0], 3)
        ]),
    ) {
        let (mut by_rows, mut by_places) = (FixedSums::new(SUMS), FixedSums::new(SUMS));
        let mut keeping = by_rows.clone();
        for chunk in &chunks {
            let rows = SUMS / stride;
            let mut spread = vec![0.0; SUMS];
            let mut values = chunk.iter().copied();
            // The second strip is at the end of a row.
            let places = [0, stride - widths[1]];
            let strips: [Vec<[f64; 4]>; 2] = std::array::from_fn(|strip| {
                let mut rows = vec![[0.0; 4]; rows];
                for (row, numbers) in rows.iter_mut().enumerate() {
                    for (place, number) in numbers[..widths[strip]].iter_mut().enumerate() {
                        *number = values.next().unwrap_or(1.0);
                        spread[row * stride + places[strip] + place] = *number;
                    }
                }
                rows
            });
            let strip = |strip: usize| {
                Strip { at: places[strip], width: widths[strip], rows: &strips[strip] }
            };
            by_rows.add_tiles(Grid::new(q), SUMS, &Serial, &|_, tile| {
                tile.add_strips(stride, &[strip(0), strip(1)], None);
            });
            by_places.add(Grid::new(q), &spread);
            let kept = Mutex::new(vec![0.0; SUMS]);
            keeping.add_tiles(Grid::new(q), SUMS, &Serial, &|_, tile| {
                let kept = &mut kept.lock().unwrap();
                tile.add_strips(stride, &[strip(0), strip(1)], Some(kept));
            });
            let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&kept.into_inner().unwrap()), bits(&spread));
        }
        prop_assert_eq!(&by_rows, &by_places);
        prop_assert_eq!(keeping, by_places);
    }

    #[test]
    fn sums_less_strips_are_read_as_if_these_had_been_left_out(
        (q, chunks) in prop_oneof![grid_and_chunks(5), wild_chunks(5)],
        first in 0..SUMS,
        alone in any::<bool>(),
    ) {
        // Two places of each row of three, in a tile that begins at some place.
        const ROW: usize = 3;
        let grid = Grid::new(q);
        let count = (SUMS - first) / ROW;
        let nothing = vec![0.0; SUMS];
        let last = chunks.first().unwrap_or(&nothing);
        let rows: Vec<[f64; 4]> =
            (0..count).map(|row| [last[row], last[row + 1], 0.0, 0.0]).collect();
        let strips = [Strip { at: 1, width: 2, rows: &rows[..] }];
        let mut spread = vec![0.0; SUMS];
        for (row, numbers) in rows.iter().enumerate() {
            spread[first + row * ROW + 1..][..2].copy_from_slice(&numbers[..2]);
        }
        let rest = (!alone).then(|| folded(chunks.get(1..2).unwrap_or_default(), q));
        let mut held_out = rest.clone().unwrap_or_else(|| FixedSums::new(SUMS));
        let mut total = folded(chunks.get(2..).unwrap_or_default(), q);
        held_out.add(grid, &spread);
        total.merge(&held_out);

        let strips = Strips::new(grid, ROW, &strips);
        let mut guard = rest.as_ref().map_or_else(|| FixedSums::new(0), FixedSums::guard_alone);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let (mut staged, mut reach) = (Vec::new(), Reach::default());
        // In two pieces, so that what was staged for one does not show in the other.
        for rows in [0..count / 2, count / 2..count] {
            let places = first + rows.start * ROW..first + rows.end * ROW;
            let (mut found, mut expected) = (vec![1.0; places.len()], vec![2.0; places.len()]);
            let of = (&strips, rows);
            let (from, to) = (places.start, &mut found);
            reach.join(total.read_less_strips(rest.as_ref(), from, of, &mut staged, to));
            total.read(Some(&held_out), grid, places.clone(), &mut expected);
            prop_assert_eq!(bits(&found), bits(&expected));
            found.fill(1.0);
            total.read_less(rest.as_ref(), (from, grid), &spread[places], &mut found);
            prop_assert_eq!(bits(&found), bits(&expected));
        }
        guard.include(reach);
        prop_assert_eq!(guard, held_out.guard_alone());
    }

    #[test]
    fn chunks_that_are_added_tile_by_tile_leave_the_guard_of_one_after_the_other(
        (q, chunks) in grid_and_chunks(6),
        len in 1..=SUMS,
    ) {
        let mut again = FixedSums::new(SUMS);
        again.add_tiles(Grid::new(q), len, &Serial, &|number, tile| {
            for (at, chunk) in chunks.iter().enumerate() {
                if at > 0 {
                    tile.again();
                }
                tile.add(0, &chunk[number * len..SUMS.min((number + 1) * len)]);
            }
        });
        prop_assert_eq!(again, folded(&chunks, q));
    }

    #[test]
    fn damaged_bytes_are_an_error_or_other_sums(
        (q, chunks) in wild_chunks(4),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut saved = bytes(&folded(&chunks, q));
        for (place, byte) in damage {
            let place = place.index(saved.len());
            saved[place] = byte;
        }
        if cut {
            saved.truncate(length.index(saved.len()));
        }
        if let Ok(sums) = postcard::from_bytes::<FixedSums>(&saved) {
            let again: FixedSums = postcard::from_bytes(&bytes(&sums)).unwrap();
            prop_assert_eq!(&again, &sums);
            let mut twice = sums.clone();
            twice.merge(&sums);
            twice.remove(&sums);
            prop_assert_eq!(twice, sums);
        }
    }
}

/// 8,192 integers are saved in one piece.
#[test]
fn sums_of_any_length_survive_saving_and_fit_the_bytes_they_declare() {
    for len in [0, 1, 8191, 8192, 8193, 30_000] {
        let contributions: Vec<f64> = (0..len).map(|index| -1e15 - f64::from(index)).collect();
        let mut sums = FixedSums::new(contributions.len());
        sums.add(Grid::new(0), &contributions);
        sums.add(Grid::new(900), &vec![f64::MAX; contributions.len()]);
        let saved = bytes(&sums);
        let declared = FixedSums::bytes(contributions.len());
        assert!(saved.len() <= declared, "{} of {declared}", saved.len());
        assert!(declared <= 128 + saved.len() * 101 / 100, "{} of {declared}", saved.len());
        assert_eq!(postcard::from_bytes::<FixedSums>(&saved).unwrap(), sums);
    }
}

#[test]
fn a_piece_that_cuts_an_integer_is_an_error() {
    let whole = postcard::to_stdvec(&(0u128, vec![vec![1u8; 16], vec![0; 8]])).unwrap();
    assert_eq!(postcard::from_bytes::<FixedSums>(&whole).unwrap().len(), 3);
    let cut = postcard::to_stdvec(&(0u128, vec![vec![1u8; 16], vec![0; 7]])).unwrap();
    postcard::from_bytes::<FixedSums>(&cut).unwrap_err();
}

/// Two blocks that are fine alone exceed the guard together, and neither has wrapped.
#[test]
fn sums_that_would_wrap_are_refused_before_they_do() {
    let grid = Grid::new(0);
    let block = |value: f64| {
        let mut sums = FixedSums::new(2);
        sums.add(grid, &[value, 1.0]);
        sums
    };
    let below = 2f64.powi(61);
    let (a, b) = (block(below), block(below));
    assert_eq!((a.check(), b.check()), (Ok(()), Ok(())));
    for (mut first, second) in [(a.clone(), &b), (b.clone(), &a)] {
        first.merge(second);
        assert_eq!(first.check(), Err(GuardExceeded { guard: 1 << 62 }));
        assert_eq!(first.check_without(Some(second)), Ok(()));
        assert_eq!(first.value(grid, 0).to_bits(), 2f64.powi(62).to_bits());
    }
    // What cancels counts too: in another order the partial sum might have been out of range.
    let mut cancelled = block(below);
    cancelled.merge(&block(-below));
    assert_eq!(cancelled.value(grid, 0).to_bits(), 0.0f64.to_bits());
    assert_eq!(cancelled.check(), Err(GuardExceeded { guard: 1 << 62 }));
}

fn add(stride: usize, strips: &[Strip<'_, f64, 2>]) {
    FixedSums::new(4).add_tiles(Grid::new(0), 4, &Serial, &|_, tile| {
        tile.add_strips(stride, strips, None);
    });
}

#[test]
#[should_panic(expected = "do not overlap")]
fn strips_that_overlap_would_deceive_the_guard_and_are_refused() {
    let strip = |at| Strip { at, width: 2, rows: &[[1.0, 1.0]] };
    add(4, &[strip(0), strip(1)]);
}

#[test]
#[should_panic(expected = "within its row")]
fn a_strip_that_reaches_beyond_its_row_is_refused() {
    add(2, &[Strip { at: 1, width: 2, rows: &[[1.0, 1.0]] }]);
}

/// More rows than are put together at a time.
#[test]
fn what_is_kept_of_many_rows_lies_where_it_was_added() {
    const ROWS: u16 = 3000;
    const ROW: usize = 3;
    const PLACES: usize = ROWS as usize * ROW;
    let numbers = |row: u16| [f64::from(row), -f64::from(row) - 0.5, 0.0, 0.0];
    let rows: Vec<[f64; 4]> = (0..ROWS).map(numbers).collect();
    let mut sums = FixedSums::new(PLACES);
    let kept = Mutex::new(vec![0.0; PLACES]);
    sums.add_tiles(Grid::new(1), PLACES, &Serial, &|_, tile| {
        let strips = [Strip { at: 1, width: 2, rows: &rows[..] }];
        tile.add_strips(ROW, &strips, Some(&mut kept.lock().unwrap()));
    });
    for (place, kept) in kept.into_inner().unwrap().into_iter().enumerate() {
        let expected = if place % ROW == 0 { 0.0 } else { rows[place / ROW][place % ROW - 1] };
        assert_eq!((kept, sums.value(Grid::new(1), place)), (expected, expected), "{place}");
    }
}

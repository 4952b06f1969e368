//! Blocks, subjects, bytes and fingerprints.

use std::fs;
use std::ops::ControlFlow;

use twoblade_connectome::{Connectome, ConnectomeSource};
use twoblade_core::BlockSource;

use crate::files::{Layout, expected, folder, read, text};

#[test]
fn blocks_are_subjects_and_pieces_are_not_parted() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let blocks = |chunk: Option<[usize; 3]>, block_subjects: usize| {
        Layout { chunk, ..Layout::default() }.small(&file);
        let connectome = Connectome::open(&file).unwrap();
        let source = ConnectomeSource::new(&connectome, block_subjects).unwrap();
        assert_eq!(source.chunks(), 5);
        (0..source.blocks()).map(|block| source.subjects_of(block)).collect::<Vec<_>>()
    };
    assert_eq!(blocks(None, 1), [0..1, 1..2, 2..3, 3..4, 4..5]);
    assert_eq!(blocks(None, 2), [0..2, 2..4, 4..5]);
    assert_eq!(blocks(Some([2, 4, 6]), 1), [0..2, 2..4, 4..5]);
    assert_eq!(blocks(Some([2, 4, 6]), 3), [0..4, 4..5]);
    assert_eq!(blocks(Some([5, 4, 6]), 1).len(), 1);
}

#[test]
fn subjects_are_chosen_by_name_and_by_number() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let names: &[&str] = &["ann", "bob", "cas", "2", "eve"];
    Layout { chunk: Some([2, 4, 6]), names: Some(names), ..Layout::default() }.small(&file);
    let connectome = Connectome::open(&file).unwrap();
    let some = connectome.clone().subjects(&["eve", "bob", "2", "0"]).unwrap();
    assert_eq!(some.names().collect::<Vec<_>>(), ["ann", "bob", "2", "eve"]);
    assert_eq!((some.count(), some.listed()), (4, 5));
    let all = expected();
    assert_eq!(read(&some, 1), [&all[0], &all[1], &all[3], &all[4]].map(Clone::clone));

    let refused = |wanted: &[&str]| connectome.clone().subjects(wanted).unwrap_err().to_string();
    assert_eq!(
        refused(&["dan"]),
        "no subject is 'dan': there are 5, from ann to eve, or 0 to 4 by number"
    );
    assert_eq!(
        refused(&["bob", "1"]),
        "subject bob is asked for twice, as 'bob' and '1'; name each once"
    );
    assert_eq!(refused(&[]), "no subject is chosen, one at least of 5 is expected");
    let blocks = |count| ConnectomeSource::new(&connectome, count).unwrap_err().to_string();
    assert_eq!(blocks(0), "blocks of 0 subjects are asked for, from 1 to 5 are expected");
    assert_eq!(blocks(6), "blocks of 6 subjects are asked for, from 1 to 5 are expected");
}

#[test]
fn bytes_are_those_of_a_subject_and_its_piece() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let bytes = |chunk: Option<[usize; 3]>| {
        Layout { chunk, ..Layout::default() }.small(&file);
        let connectome = Connectome::open(&file).unwrap();
        ConnectomeSource::new(&connectome, 1).unwrap().chunk_bytes()
    };
    let subject = 4 * 6 * 4;
    assert_eq!(bytes(None), subject);
    assert_eq!(bytes(Some([1, 4, 6])), subject);
    assert_eq!(bytes(Some([5, 4, 6])), subject + 5 * subject);
    // Compressed: as it is stored, which may be an eighth longer, and the piece it becomes.
    Layout { chunk: Some([1, 4, 6]), filters: &["gzip"], ..Layout::default() }.small(&file);
    let connectome = Connectome::open(&file).unwrap();
    let held = ConnectomeSource::new(&connectome, 1).unwrap().chunk_bytes();
    assert_eq!(held, subject + subject + (subject + subject / 8 + 64));
}

#[test]
fn digests_and_fingerprints_follow_the_data() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let source = || ConnectomeSource::new(&Connectome::open(&file).unwrap(), 1).unwrap();
    let digests = |source: &ConnectomeSource| {
        let digest = |block| source.visit(block, &mut |_| ControlFlow::Continue(())).unwrap();
        (0..5).map(digest).collect::<Vec<u64>>()
    };
    Layout::default().small(&file);
    let first = source();
    let before = digests(&first);
    assert_eq!((source().fingerprint(), digests(&source())), (first.fingerprint(), before.clone()));
    // The same numbers, stored otherwise, are other bytes with the same digests.
    Layout { chunk: Some([1, 4, 6]), filters: &["gzip"], ..Layout::default() }.small(&file);
    assert_ne!(source().fingerprint(), first.fingerprint());
    assert_eq!(digests(&source()), before);
    let error = first.visit(0, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(
        text(&*error, &folder),
        "series.h5 has changed since it was first read; run again when it is complete"
    );
    fs::remove_file(&file).unwrap();
    let error = first.visit(0, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(text(&*error, &folder).starts_with("series.h5 could not be read: "));
}

#[test]
fn a_visit_ends_when_it_is_told() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    Layout::default().small(&file);
    let source = ConnectomeSource::new(&Connectome::open(&file).unwrap(), 5).unwrap();
    let mut seen = 0;
    let visit = &mut |_: &_| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    source.visit(0, visit).unwrap();
    assert_eq!(seen, 2);
}

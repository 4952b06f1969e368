//! Files that are almost states.

use super::*;

const TRIES: u64 = 10_000;

#[test]
fn no_damaged_state_is_taken_for_one() {
    let (header, payload) = (header(), payload(60));
    let whole = bytes(&header, &payload);
    let mut refused = 0;
    for number in 0..TRIES {
        let (what, bytes) = twoblade_testkit::damaged(&whole, number);
        match load(&bytes) {
            Err(StateError::Read { source, .. }) => panic!("{number}, {what}: {source}"),
            Err(_) => refused += 1,
            Ok(found) => {
                assert!(bytes == whole && found == (header.clone(), payload.clone()), "{what}");
            }
        }
    }
    say(&format!("{TRIES} damaged states: {refused} refused, the others were whole"));
    assert!(refused > TRIES * 9 / 10);
}

/// The checksum is that of the damage: nothing more is promised than an error or some state.
#[test]
fn what_a_bad_program_wrote_neither_panics_nor_hangs() {
    let (header, payload) = (header(), payload(60));
    let whole = bytes(&header, &payload);
    let (body, mut refused) = (&whole[..whole.len() - HASH], 0);
    for number in 0..TRIES {
        let (_, mut bytes) = twoblade_testkit::damaged(body, number);
        bytes.extend([0; HASH]);
        refused += u64::from(load(&sealed(bytes)).is_err());
    }
    say(&format!("{TRIES} states of a bad program: {refused} refused, the others read"));
    assert!(refused > TRIES / 2 && refused < TRIES);
}

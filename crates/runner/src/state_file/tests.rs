//! The file to the byte, and every way in which it can be something else.

mod damage;
mod faults;

use std::io::Cursor;

use twoblade_core::Fingerprint;

use super::*;
use crate::part::Part;

/// A state that is longer than any buffer.
type Payload = (u32, Vec<u64>, String);

fn header() -> Header {
    Header {
        identity: Identity {
            model: "toy".to_owned(),
            state_version: 3,
            configuration: Fingerprint::new([4; 32]),
            data: Fingerprint::new([5; 32]),
            blocks: 9,
            chunks: 77,
            instructions: "none".to_owned(),
        },
        pass: Pass::One,
        cover: [0, 1, 4].into_iter().collect(),
        digests: vec![11, u64::MAX, 13],
    }
}

fn payload(numbers: u64) -> Payload {
    // Of ten bytes each, as postcard has large integers.
    (7, (0..numbers).map(|number| u64::MAX - number).collect(), "words".to_owned())
}

fn bytes(header: &Header, payload: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_to(&mut bytes, header, payload).unwrap();
    bytes
}

/// With the checksum of what the bytes have become.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - HASH;
    let hash = blake3::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(hash.as_bytes());
    bytes
}

fn load(bytes: &[u8]) -> Result<(Header, Payload), StateError> {
    read_from(Cursor::new(bytes), Path::new("it"))
}

fn refused(bytes: &[u8]) -> String {
    load(bytes).unwrap_err().to_string()
}

/// What was tried, for whoever asks to see it.
#[expect(clippy::print_stdout, reason = "a test says what it counted")]
fn say(words: &str) {
    println!("{words}");
}

fn damaged(what: &str) -> String {
    format!("it is damaged ({what}): remove it, and make it again")
}

#[test]
fn the_layout_is_as_it_is_described() {
    let (header, payload) = (header(), payload(3));
    let bytes = bytes(&header, &payload);
    let (head, state) =
        (postcard::to_stdvec(&header).unwrap(), postcard::to_stdvec(&payload).unwrap());
    let mut expected = b"\x892B\r\n\x1aST\x01\0\0\0".to_vec();
    expected.extend(u32::try_from(head.len()).unwrap().to_le_bytes());
    expected.extend(head);
    expected.extend(state);
    let hash = blake3::hash(&expected);
    expected.extend(hash.as_bytes());
    assert_eq!(bytes, expected);
    assert_eq!(load(&bytes).unwrap(), (header, payload));
}

#[test]
fn every_field_of_the_header_is_kept_and_compared() {
    type Change = fn(&mut Identity);
    let changes: [(&str, Change); 7] = [
        ("model toy, here other", |it| it.model = "other".to_owned()),
        ("version of its states 3, here 4", |it| it.state_version = 4),
        ("blocks 9, here 10", |it| it.blocks = 10),
        ("chunks 77, here 78", |it| it.chunks = 78),
        ("instruction set none, here some", |it| it.instructions = "some".to_owned()),
        ("fingerprint of the data 050505050505, here 060606060606", |it| {
            it.data = Fingerprint::new([6; 32]);
        }),
        (
            "fingerprint of options, individuals, traits and the like 040404040404, here \
             060606060606",
            |it| it.configuration = Fingerprint::new([6; 32]),
        ),
    ];
    for (words, change) in changes {
        let mut other = header();
        change(&mut other.identity);
        assert_eq!(load(&bytes(&other, &payload(3))).unwrap().0, other);
        let (header, payload) = load(&bytes(&header(), &payload(3))).unwrap();
        let error = Part { header, payload }
            .expect(Path::new("it"), &other.identity, Pass::One)
            .unwrap_err();
        assert_eq!(error.to_string(), format!("it belongs to another run: {words}"));
    }
    let other = Header { pass: Pass::Two, ..header() };
    let (header, payload) = load(&bytes(&other, &payload(3))).unwrap();
    assert_eq!(header, other);
    let error =
        Part { header, payload }.expect(Path::new("it"), &other.identity, Pass::One).unwrap_err();
    assert_eq!(error.to_string(), "it holds pass two, and pass one is wanted here");
}

#[test]
fn a_later_format_is_refused_by_its_number() {
    let mut bytes = bytes(&header(), &payload(3));
    bytes[8..12].copy_from_slice(&2u32.to_le_bytes());
    let expected = "it is of format 2, and this twoblade reads 1: use the version that wrote it";
    assert_eq!(refused(&sealed(bytes)), expected);
}

#[test]
fn what_was_sent_as_text_is_refused_at_once() {
    let bytes = bytes(&header(), &payload(3));
    let replaced = |from: &[u8], to: &[u8]| {
        let mut text = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some((&first, after)) = rest.split_first() {
            if rest.starts_with(from) {
                text.extend(to);
                rest = &rest[from.len()..];
            } else {
                text.push(first);
                rest = after;
            }
        }
        text
    };
    let texts = [
        replaced(b"\r\n", b"\n"),
        replaced(b"\n", b"\r\n"),
        bytes.iter().map(|byte| byte & 0x7f).collect(),
        String::from_utf8_lossy(&bytes).into_owned().into_bytes(),
        bytes.split(|&byte| byte == 0x1a).next().unwrap().to_vec(), // the end of a text, once
        Vec::new(),
        b"nothing".to_vec(),
    ];
    for text in texts {
        assert_eq!(refused(&text), "it is not a state of twoblade", "{text:?}");
    }
}

#[test]
fn a_file_that_ends_anywhere_or_goes_on_is_refused() {
    let whole = bytes(&header(), &payload(40));
    for end in 0..whole.len() {
        let said = refused(&whole[..end]);
        let expected = match end {
            0..8 => "it is not a state of twoblade".to_owned(),
            _ if said.contains("ends early") => damaged("it ends early"),
            _ => damaged("its checksum differs"),
        };
        assert_eq!(said, expected, "{end} bytes of {}", whole.len());
    }
    assert_eq!(refused(&[&whole[..], &[0]].concat()), damaged("its checksum differs"));
}

#[test]
fn lengths_and_covers_that_cannot_be_are_refused_whatever_the_checksum_says() {
    let whole = bytes(&header(), &payload(3));
    for length in [0xffff_ffff, 0x7fff_ffff, u32::try_from(whole.len()).unwrap()] {
        let mut other = whole.clone();
        other[12..16].copy_from_slice(&length.to_le_bytes());
        assert_eq!(refused(&sealed(other)), damaged("it ends early"));
    }
    let mut short = whole.clone();
    short[12] -= 1;
    assert_eq!(refused(&sealed(short)), damaged("its header cannot be read"));

    let cover = |ranges: &[(usize, usize)]| -> Cover {
        postcard::from_bytes(&postcard::to_stdvec(ranges).unwrap()).unwrap()
    };
    let covers = [
        (cover(&[(0, 10)]), 10),        // of 9 blocks
        (cover(&[(2, 1)]), 1),          // backwards
        (cover(&[(3, 3)]), 0),          // empty
        (cover(&[(0, 2), (1, 3)]), 4),  // twice
        (cover(&[(0, 2), (2, 3)]), 3),  // one range in two
        (cover(&[(4, 5), (0, 1)]), 2),  // in another order
        (cover(&[(0, usize::MAX)]), 1), // of more than there is room for
        (cover(&[(0, 2)]), 1),          // digests missing
        (cover(&[(0, 2)]), 3),          // and too many
    ];
    for (cover, digests) in covers {
        let other = Header { cover, digests: vec![1; digests], ..header() };
        let said = refused(&bytes(&other, &payload(3)));
        assert_eq!(said, damaged("its header contradicts itself"), "{other:?}");
    }
}

#[test]
fn a_state_of_another_shape_is_refused() {
    let longer = bytes(&header(), &(payload(3), 1u8));
    assert_eq!(refused(&longer), damaged("there is more in it than a state"));
    for shorter in [bytes(&header(), &7u32), bytes(&header(), &())] {
        assert_eq!(refused(&shorter), damaged("its state is of another shape"));
    }
    // A length that nothing follows is not believed.
    let endless = bytes(&header(), &(7u32, u64::MAX));
    assert_eq!(refused(&endless), damaged("its state is of another shape"));
}

#[test]
fn a_file_that_is_not_there_or_a_folder_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    for file in [folder.path().join("nothing"), folder.path().to_path_buf()] {
        let error = read::<Payload>(&file).unwrap_err();
        assert!(matches!(error, StateError::Read { .. }), "{error}");
        assert_eq!(error.to_string(), format!("{} could not be read", file.display()));
    }
}

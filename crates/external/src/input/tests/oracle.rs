//! Records and fields are those of the `csv` crate.

use proptest::prelude::*;

use crate::error::Error;
use crate::input::table::Table;
use crate::input::tests::{all, as_words, words, written};

/// Fields of all records as the `csv` crate reads them.
fn fields(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut builder = csv::ReaderBuilder::new();
    let reader = builder.has_headers(false).flexible(true).from_reader(bytes);
    let record = |record: csv::Result<csv::StringRecord>| {
        record.unwrap().iter().map(str::to_owned).collect()
    };
    reader.into_records().map(record).collect()
}

/// Whether a quote is open at the end: byte by byte.
fn open(bytes: &[u8]) -> bool {
    let (mut begins, mut within) = (true, false);
    let mut at = 0;
    while at < bytes.len() {
        match (within, bytes[at]) {
            (true, b'"') if bytes.get(at + 1) == Some(&b'"') => at += 1,
            (true, b'"') => within = false,
            (false, b'"') if begins => within = true,
            _ => {}
        }
        begins = !within && matches!(bytes[at], b',' | b'\n' | b'\r');
        at += 1;
    }
    within
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let expected = fields(bytes);
    let (_folder, paths) = written(&[bytes]);
    let Some(first) = expected.first() else {
        let error = Table::open(&paths, &as_words(0)).unwrap_err();
        let empty = matches!(error, Error::Empty { .. });
        prop_assert!(empty, "{}", error);
        return Ok(());
    };
    let table = Table::open(&paths, &as_words(first.len())).unwrap();
    let whole = all(&table, 1 << 20, 1);
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if open(bytes) {
        for read in [whole, all(&table, 3, 2)] {
            let error = read.unwrap_err();
            let quote = matches!(error, Error::OpenQuote { .. });
            prop_assert!(quote, "{}", error);
        }
        return Ok(());
    }
    let whole = whole.unwrap();
    let found = words(&whole);
    let of_that_length: Vec<_> =
        expected.iter().filter(|fields| fields.len() == first.len()).collect();
    prop_assert_eq!(whole.skipped, (expected.len() - of_that_length.len()) as u64);
    prop_assert_eq!(found.len(), of_that_length.len());
    for ((found, expected), record) in found.iter().zip(&of_that_length).zip(&whole.records) {
        for (found, expected) in found.iter().zip(*expected) {
            prop_assert_eq!(found.as_deref().unwrap_or_default(), expected);
        }
        // The text of a record is the record.
        prop_assert_eq!(&fields(record), &[(*expected).clone()]);
    }
    for piece in [1, 2, 3, 5, 8, 13, 64] {
        let alone = all(&table, piece, 1).unwrap();
        prop_assert_eq!(&words(&alone), &found);
        prop_assert_eq!(&alone.records, &whole.records);
        prop_assert_eq!(alone.skipped, whole.skipped);
        for threads in 2..=4 {
            prop_assert_eq!(&all(&table, piece, threads).unwrap(), &alone);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(text in "\u{feff}?[ab,\"\r\n]{0,60}") {
        check(text.as_bytes())?;
    }

    #[test]
    fn what_looks_like_a_table(
        rows in prop::collection::vec(
            prop::collection::vec("[a-z0-9é ]{0,6}|\"([a-z,\r\n]|\"\"){0,6}\"|\"a\"[b\"]{0,2}", 3),
            1..20,
        ),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        last: bool,
    ) {
        let rows: Vec<String> = rows.iter().map(|fields| fields.join(",")).collect();
        check((rows.join(end) + if last { end } else { "" }).as_bytes())?;
    }
}

//! Where a run of bytes can be cut between records.

use memchr::{memchr, memrchr, memrchr2};

use crate::input::field::closing;

/// What a run of bytes that begins at a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Just behind the last end of a record, 0 if none ends.
    pub(crate) end: usize,
    /// A quote that opens and does not close.
    pub(crate) open: Option<usize>,
}

/// Finds the last end of a record in `bytes`; `whole`: nothing follows.
///
/// Quotes that open no field are passed over as [`field`](crate::input::field) does; between two
/// quotes nothing is looked at but the last end of a line, so this costs little beside parsing.
pub(crate) fn bounds(bytes: &[u8], delimiter: u8, whole: bool) -> Bounds {
    let mut end = 0;
    let mut from = 0;
    while let Some(length) = memchr(b'"', &bytes[from..]) {
        let quote = from + length;
        if let Some(last) = memrchr2(b'\n', b'\r', &bytes[from..quote]) {
            end = from + last + 1;
        }
        let opens = match quote.checked_sub(1).map(|before| bytes[before]) {
            None | Some(b'\n' | b'\r') => true,
            Some(before) => before == delimiter,
        };
        if !opens {
            from = quote + 1;
            continue;
        }
        match closing(bytes, quote) {
            // The first of two, perhaps.
            Some(close) if close + 1 == bytes.len() && !whole => {
                return Bounds { end, open: Some(quote) };
            }
            Some(close) => from = close + 1,
            None => return Bounds { end, open: Some(quote) },
        }
    }
    let tail = &bytes[from..];
    // A CR at the very end may be half of CR LF.
    let tail = if whole { tail } else { tail.strip_suffix(b"\r").unwrap_or(tail) };
    let last = match memrchr(b'\n', tail) {
        // What is common is found at once; only a file without LF is searched for CR alone.
        Some(last) => Some(memrchr(b'\r', &tail[last..]).map_or(last, |behind| last + behind)),
        None => memrchr(b'\r', tail),
    };
    if let Some(last) = last {
        end = from + last + 1;
    }
    Bounds { end, open: None }
}

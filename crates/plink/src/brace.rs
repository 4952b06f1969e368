//! Several prefixes written as one: `chr{1..22}`.

use std::path::{Path, PathBuf};

use crate::error::PlinkError;

/// Most prefixes that a range may stand for: each is three files, one of which stays open.
const MOST: usize = 10_000;

/// The prefixes that `prefix` stands for, in order: one for each number of its range, or itself if
/// it has no braces.
pub(crate) fn expand(prefix: &Path) -> Result<Vec<PathBuf>, PlinkError> {
    let Some(text) = prefix.to_str().filter(|text| text.contains(['{', '}'])) else {
        return Ok(vec![prefix.to_path_buf()]);
    };
    numbered(text)
        .ok_or_else(|| PlinkError::BraceRange { prefix: prefix.to_path_buf(), limit: MOST })
}

fn numbered(text: &str) -> Option<Vec<PathBuf>> {
    let (before, rest) = text.split_once('{')?;
    let (range, after) = rest.split_once('}')?;
    let (first, last) = range.split_once("..")?;
    if before.contains('}') || after.contains(['{', '}']) {
        return None;
    }
    // As a shell does: a zero in front asks for numbers of one width.
    let padded = [first, last].iter().any(|number| number.len() > 1 && number.starts_with('0'));
    let width = if padded { first.len().max(last.len()) } else { 0 };
    let (first, last) = (number(first)?, number(last)?);
    if first > last || last - first >= MOST {
        return None;
    }
    Some((first..=last).map(|n| PathBuf::from(format!("{before}{n:0width$}{after}"))).collect())
}

fn number(text: &str) -> Option<usize> {
    // `parse` would take a plus sign too.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Option<Vec<String>> {
        let name = |path: PathBuf| path.display().to_string();
        expand(Path::new(text)).ok().map(|paths| paths.into_iter().map(name).collect())
    }

    #[test]
    fn a_range_stands_for_its_numbers() {
        let cases: [(&str, &[&str]); 6] = [
            ("plain", &["plain"]),
            ("chr{9..11}", &["chr9", "chr10", "chr11"]),
            ("c{08..10}_v3", &["c08_v3", "c09_v3", "c10_v3"]),
            ("{9..010}", &["009", "010"]),
            ("x{0..1}/y", &["x0/y", "x1/y"]),
            ("{7..7}", &["7"]),
        ];
        for (text, expected) in cases {
            assert_eq!(names(text).unwrap(), expected);
        }
    }

    #[test]
    fn nothing_else_may_stand_in_braces() {
        for text in [
            "c{",
            "c}",
            "c{}",
            "c{1}",
            "c{1..}",
            "c{..2}",
            "c{1-22}",
            "c{1..2..1}",
            "c{2..1}",
            "c{a..b}",
            "c{+1..2}",
            "c{-1..2}",
            "c{1..2}{3..4}",
            "c}{1..2}",
            "c{{1..2}}",
            "c{1,2}",
            "c{1 .. 2}",
            "c{1..10001}",
            "c{1..99999999999999999999}",
        ] {
            assert_eq!(names(text), None, "{text}");
        }
        assert_eq!(names("c{1..10000}").unwrap().len(), 10_000);
    }

    proptest! {
        #[test]
        fn as_many_prefixes_as_numbers(first in 0usize..3000, more in 0usize..200) {
            let names = names(&format!("a{{{first}..{}}}b", first + more)).unwrap();
            let expected: Vec<_> = (first..=first + more).map(|n| format!("a{n}b")).collect();
            prop_assert_eq!(names, expected);
        }
    }
}

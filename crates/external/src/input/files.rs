//! The files that patterns stand for.
//!
//! A folder may be what an engine of many machines has written as one table: Spark
//! (`part-00000-….snappy.parquet`, `_SUCCESS`, `._SUCCESS.crc`), Dask (`part.0.parquet`, …,
//! `part.10.parquet`), Ballista and DataFusion. So names that begin with `.` or `_` are hidden, as they
//! are to these, and numbers in names count by their size.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use twoblade_files::folder_of;

use crate::disk::{Disk, Operation};
use crate::error::Error;

const ENDINGS: [&str; 7] =
    [".csv", ".tsv", ".csv.gz", ".csv.zst", ".tsv.gz", ".tsv.zst", ".parquet"];
const LISTED: &str = ".csv, .tsv (these also with .gz or .zst) or .parquet";

/// The files that `patterns` stand for, in their order: a file is itself, a folder its files that end
/// in .csv, .tsv (also with .gz, .zst) or .parquet and whose names do not begin with `.` or `_`, not
/// those of folders in it; in the last part of a pattern `*` stands for any characters, `?` for one.
/// What folders and patterns bring is in the order of names, in which `part.2` comes before `part.10`.
///
/// # Errors
/// If one stands for nothing, or a folder cannot be read; [`Error::NoPlainFolder`] if the files of
/// a folder are not a table as they are.
pub fn files(patterns: &[impl AsRef<Path>], disk: &Disk) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let before = files.len();
        let last = pattern.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if pattern.is_dir() {
            plain(pattern)?;
            let read = |name: &str| {
                !name.starts_with(['.', '_']) && ENDINGS.iter().any(|ending| name.ends_with(ending))
            };
            files.extend(list(pattern, pattern, disk, read)?);
        } else if pattern.exists() {
            files.push(pattern.to_path_buf());
        } else if last.contains(['*', '?']) {
            let wanted: Vec<char> = last.chars().collect();
            let named = pattern.parent().unwrap_or(Path::new(""));
            let matching = |name: &str| {
                matches(&wanted, &name.chars().collect::<Vec<_>>())
                    && (last.starts_with('.') || !name.starts_with('.'))
            };
            files.extend(list(folder_of(pattern), named, disk, matching)?);
        }
        if files.len() == before {
            return Err(Error::NoFiles { pattern: pattern.to_path_buf(), expected: LISTED });
        }
    }
    if files.is_empty() { Err(Error::NothingNamed) } else { Ok(files) }
}

/// The files in `folder` with such names, each joined to `named`.
fn list(
    folder: &Path,
    named: &Path,
    disk: &Disk,
    such: impl Fn(&str) -> bool,
) -> Result<Vec<PathBuf>, Error> {
    let failed = || Error::io("list", folder);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    disk.ask(Operation::File).map_err(failed())?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let name = entry.map_err(failed())?.file_name();
        if such(&name.to_string_lossy()) && folder.join(&name).is_file() {
            found.push(named.join(name));
        }
    }
    found.sort_by(|one: &PathBuf, other: &PathBuf| {
        let name =
            |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        by_name(&name(one), &name(other))
    });
    Ok(found)
}

const UNFINISHED: &str = "says that what writes it has not finished; wait for it, or, if it has failed, \
                          write the folder again";
const CHANGED: &str =
    "says which of the files are still the table's; have what wrote it write plain files";
const PARTITIONED: &str = "has a column in its name that is not in the files; write the table without \
                           partitions, or name such folders themselves, and the column is left out";

/// Refuses a folder whose files are not a table as they are.
fn plain(folder: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let name = entry.map_err(Error::io("list", folder))?.file_name();
        if !folder.join(&name).is_dir() {
            continue;
        }
        let name = name.to_string_lossy().into_owned();
        let why = match name.as_str() {
            "_temporary" => UNFINISHED,
            "_delta_log" => CHANGED,
            name if name.contains('=') && !name.starts_with(['.', '_']) => PARTITIONED,
            _ => continue,
        };
        return Err(Error::NoPlainFolder { folder: folder.to_path_buf(), name, why });
    }
    Ok(())
}

/// Names in order, but runs of digits by the number that they are; of names that are then equal, by
/// their letters.
fn by_name(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    while !left.is_empty() && !right.is_empty() {
        let (a, b) = (piece(left), piece(right));
        let order = if is_number(a) && is_number(b) {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        } else {
            a.cmp(b)
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (&left[a.len()..], &right[b.len()..]);
    }
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// The digits with which a name begins, or what is before the first.
fn piece(name: &str) -> &str {
    let number = is_number(name);
    let end = name.find(|sign: char| sign.is_ascii_digit() != number);
    &name[..end.unwrap_or(name.len())]
}

fn is_number(piece: &str) -> bool {
    piece.starts_with(|first: char| first.is_ascii_digit())
}

/// Whether `name` is one that `pattern` stands for.
fn matches(pattern: &[char], name: &[char]) -> bool {
    // Where to go back to when what follows the last star does not fit: one character further on.
    let mut back: Option<(usize, usize)> = None;
    let (mut at, mut of) = (0, 0);
    while of < name.len() {
        match pattern.get(at) {
            Some('*') => {
                back = Some((at, of));
                at += 1;
            }
            Some(&one) if one == '?' || one == name[of] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((star, from)) = back else { return false };
                back = Some((star, from + 1));
                at = star + 1;
                of = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the meaning of the signs alone.
    fn means(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len()).any(|taken| means(rest, &name[taken..])),
            Some((one, rest)) => name.split_first().is_some_and(|(first, others)| {
                (one == first || *one == '?') && means(rest, others)
            }),
        }
    }

    proptest! {
        #[test]
        fn stars_and_questions(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
            let (pattern, name): (Vec<char>, Vec<char>) =
                (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(matches(&pattern, &name), means(&pattern, &name));
        }

        /// An order is total: never both ways, and never in a circle.
        #[test]
        fn names_have_an_order(names in proptest::collection::vec("[a0-2._]{0,6}", 3)) {
            let order = |one: usize, other: usize| by_name(&names[one], &names[other]);
            prop_assert_eq!(order(0, 1), order(1, 0).reverse());
            prop_assert_eq!(order(0, 1).is_eq(), names[0] == names[1]);
            if order(0, 1).is_le() && order(1, 2).is_le() {
                prop_assert!(order(0, 2).is_le(), "{:?}", names);
            }
        }
    }

    #[test]
    fn numbers_in_names_count_by_their_size() {
        let sorted = [
            "data_2.csv",
            "data_10.csv",
            "part-00000-a.csv",
            "part-00001-a.csv",
            "part.0.csv",
            "part.01.csv",
            "part.1.csv",
            "part.2.csv",
            "part.10.csv",
            "part.10.csv.gz",
            "part.10a.csv",
            "part.99999999999999999999.csv",
            "part.a.csv",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by(|one, other| by_name(one, other));
        assert_eq!(names, sorted);
    }

    #[test]
    fn a_folder_of_an_engine_is_one_table_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in [
            "part.10.parquet",
            "part.9.parquet",
            "_SUCCESS",
            "._SUCCESS.crc",
            "_metadata",
            ".part.9.parquet.crc",
            "_old.parquet",
        ] {
            std::fs::write(path(name), "").unwrap();
        }
        std::fs::create_dir(path("old")).unwrap();
        let disk = Disk::new();
        let found = files(&[folder.path()], &disk).unwrap();
        assert_eq!(found, [path("part.9.parquet"), path("part.10.parquet")]);

        let name = folder.path().display();
        for (sign, why) in [
            (
                "_temporary",
                "says that what writes it has not finished; wait for it, or, if it has failed, write the \
                 folder again",
            ),
            (
                "_delta_log",
                "says which of the files are still the table's; have what wrote it write plain files",
            ),
            (
                "year=2013",
                "has a column in its name that is not in the files; write the table without partitions, or \
                 name such folders themselves, and the column is left out",
            ),
        ] {
            std::fs::create_dir(path(sign)).unwrap();
            let message = files(&[folder.path()], &disk).unwrap_err().to_string();
            assert_eq!(message, format!("{name} is no plain folder of files: {sign} in it {why}"));
            std::fs::remove_dir(path(sign)).unwrap();
        }
    }

    #[test]
    fn folders_patterns_and_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["b.csv", "a.tsv.gz", "c.parquet", "notes.txt", ".hidden.csv", "d[1].csv"] {
            std::fs::write(path(name), "x\n1\n").unwrap();
        }
        std::fs::create_dir(path("nested.csv")).unwrap();
        let disk = Disk::new();
        let found = |pattern: PathBuf| {
            let files = files(&[pattern], &disk)?;
            let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
            Ok::<_, Error>(files.iter().map(name).collect::<Vec<_>>())
        };
        assert_eq!(
            found(folder.path().into()).unwrap(),
            ["a.tsv.gz", "b.csv", "c.parquet", "d[1].csv"]
        );
        assert_eq!(found(path("?.csv")).unwrap(), ["b.csv"]);
        assert_eq!(found(path("*.csv")).unwrap(), ["b.csv", "d[1].csv"]);
        assert_eq!(found(path("d[1].csv")).unwrap(), ["d[1].csv"]);
        assert_eq!(found(path("notes.txt")).unwrap(), ["notes.txt"]);
        for nothing in ["x*.csv", "e.csv", "none/*.csv"] {
            let message = found(path(nothing)).unwrap_err().to_string();
            let expected = format!(
                "{}: no such file; a file, a folder, or a pattern with * and ? in its last part is \
                 expected, and files that end in .csv, .tsv (these also with .gz or .zst) or \
                 .parquet",
                path(nothing).display()
            );
            assert_eq!(message, expected);
        }
        let none: [&Path; 0] = [];
        assert_eq!(
            files(&none, &disk).unwrap_err().to_string(),
            "no file is named; name one at least"
        );
    }
}

//! The files that patterns stand for.

use std::path::{Path, PathBuf};

use twoblade_files::folder_of;

use crate::disk::{Disk, Operation};
use crate::error::Error;

const ENDINGS: [&str; 7] =
    [".csv", ".tsv", ".csv.gz", ".csv.zst", ".tsv.gz", ".tsv.zst", ".parquet"];
const LISTED: &str = ".csv, .tsv (these also with .gz or .zst) or .parquet";

/// The files that `patterns` stand for, in their order: a file is itself, a folder its files that end
/// in .csv, .tsv (also with .gz, .zst) or .parquet, not those of folders in it; in the last part of a
/// pattern `*` stands for any characters, `?` for one. What folders and patterns bring is in the order
/// of names.
///
/// # Errors
/// If one stands for nothing, or a folder cannot be read.
pub fn files(patterns: &[impl AsRef<Path>], disk: &Disk) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let before = files.len();
        let last = pattern.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if pattern.is_dir() {
            let read = |name: &str| ENDINGS.iter().any(|ending| name.ends_with(ending));
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
    found.sort();
    Ok(found)
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
            [".hidden.csv", "a.tsv.gz", "b.csv", "c.parquet", "d[1].csv"]
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

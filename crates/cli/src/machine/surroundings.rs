//! Where limits of a process are read: files of the kernel, and variables that a scheduler sets.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files under a root, and variables; of this process, or of a test.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    root: PathBuf,
    variables: HashMap<String, String>,
}

impl Surroundings {
    /// Those of this process. A variable that is not UTF-8 holds no number.
    pub(crate) fn of_process() -> Self {
        let text = |word: std::ffi::OsString| word.into_string().ok();
        let variables = std::env::vars_os();
        let variables = variables.filter_map(|(name, value)| Some((text(name)?, text(value)?)));
        Self { root: PathBuf::from("/"), variables: variables.collect() }
    }

    /// The text of a file by its absolute path, where there is one that can be read.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        fs::read_to_string(self.root.join(path.strip_prefix("/").unwrap_or(path))).ok()
    }

    /// A variable that is a whole number above 0: schedulers write 0 for no limit.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.variables.get(name)?.trim().parse().ok().filter(|&number| number > 0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tree of files and some variables; the folder goes with the test.
    pub(crate) fn surroundings(
        files: &[(&str, &str)],
        variables: &[(&str, &str)],
    ) -> (tempfile::TempDir, Surroundings) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let file = folder.path().join(path.trim_start_matches('/'));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let variables = variables.iter().map(owned).collect();
        let around = Surroundings { root: folder.path().to_path_buf(), variables };
        (folder, around)
    }
}

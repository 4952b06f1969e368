//! Reference data beside the checkout, for those who have them.

use std::path::PathBuf;

/// The path of a reference folder, or `None`, with a line that says so: then the test has nothing to
/// compare with.
#[expect(clippy::print_stderr, reason = "a test that passes over its data says so")]
pub fn folder(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.parent()?.parent()?.join("shared").join("reference").join(name);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("passed over: no reference data at {}", path.display());
    None
}

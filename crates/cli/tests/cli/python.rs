//! A Python that has nibabel, where there is one.

use std::path::PathBuf;
use std::process::Command;

/// Names an interpreter that must have what tests need.
const VARIABLE: &str = "TWOBLADE_PYTHON";

/// The interpreter, if it has these packages. Where `TWOBLADE_PYTHON` names one it has to; otherwise
/// `python3` may or may not, and the test that asks is passed over, which it says.
#[expect(clippy::print_stderr, reason = "a test that is passed over says so")]
pub(crate) fn with(packages: &[&str]) -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let python = named.clone().unwrap_or_else(|| PathBuf::from("python3"));
    let import = format!("import {}", packages.join(", "));
    let output = Command::new(&python).args(["-c", &import]).output();
    if output.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    assert!(named.is_none(), "{VARIABLE} has not {packages:?}: {output:?}");
    eprintln!("passed over: python3 has not {packages:?}; {VARIABLE} may name one that has");
    None
}

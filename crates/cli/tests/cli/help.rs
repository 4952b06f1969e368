//! The page of all options in the book is what the command says of itself.

use std::fmt::Write;
use std::path::Path;

use crate::study::{stdout, twoblade};

const COMMANDS: [&[&str]; 26] = [
    &[],
    &["rhe"],
    &["genie"],
    &["fnm"],
    &["simulate"],
    &["simulate", "connectome"],
    &["simulate", "table"],
    &["table"],
    &["table", "describe"],
    &["table", "sort"],
    &["table", "group"],
    &["table", "split"],
    &["table", "shuffle"],
    &["table", "convert"],
    &["learn"],
    &["learn", "fit"],
    &["learn", "predict"],
    &["learn", "evaluate"],
    &["learn", "inspect"],
    &["demo"],
    &["pass-one"],
    &["merge"],
    &["pass-two"],
    &["finish"],
    &["status"],
    &["verify"],
];

/// `TWOBLADE_WRITE_HELP=1 cargo test -p twoblade-cli --all-features help` writes the page anew.
#[test]
fn the_book_has_the_help_of_every_command() {
    let mut page = String::from("# All options\n\nWhat the command says of itself.\n");
    for command in COMMANDS {
        let mut help = twoblade();
        help.args(command).arg("--help").env_remove("COLUMNS");
        let output = help.output().unwrap();
        assert!(output.status.success());
        let name = ["twoblade"].iter().chain(command).copied().collect::<Vec<_>>().join(" ");
        let help = stdout(&output);
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        let help = lines.join("\n");
        let _ = write!(page, "\n## {name}\n\n```text\n{help}\n```\n");
    }
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/help.md");
    if std::env::var_os("TWOBLADE_WRITE_HELP").is_some() {
        std::fs::write(&book, &page).unwrap();
    }
    let written = std::fs::read_to_string(&book).unwrap();
    assert_eq!(written, page, "write it anew with TWOBLADE_WRITE_HELP=1");
}

//! The commands of `docs/src/brain-images.md`, run on the images that they are about.

use std::path::Path;
use std::process::Command;

use crate::python;
use crate::study::{stderr, stdout};

/// A command of the page, and what it says the command prints.
struct Step {
    command: String,
    prints: String,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut blocks = page.split("```").skip(1).step_by(2);
    let text = |block: &str, kind: &str| block.strip_prefix(kind).map(str::to_owned);
    blocks.try_for_each(|block| {
        if let Some(command) = text(block, "sh\n") {
            steps.push(Step { command, prints: String::new() });
        } else {
            steps.last_mut()?.prints = text(block, "text\n")?;
        }
        Some(())
    });
    steps
}

/// Whether two texts have the same words; numbers may differ where another processor rounds otherwise.
fn alike(one: &str, two: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (one, two) = (words(one), words(two));
    one.len() == two.len()
        && one.iter().zip(&two).all(|(one, two)| match (one.parse::<f64>(), two.parse::<f64>()) {
            (Ok(a), Ok(b)) => (a - b).abs() <= 1e-6 * a.abs().max(1.0),
            _ => one == two,
        })
}

#[test]
fn the_page_on_brain_images_does_what_it_says() {
    let Some(python) = python::with(&["nibabel", "nitime", "numpy"]) else { return };
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/brain-images.md");
    let page = std::fs::read_to_string(book).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let steps = steps(&page);
    let mut ran = 0;
    for step in steps.iter().filter(|step| !step.command.contains("pip install")) {
        let script = format!(
            "set -eu\npython3() {{ '{}' \"$@\"; }}\ntwoblade() {{ '{}' \"$@\"; }}\n{}",
            python.display(),
            assert_cmd::cargo::cargo_bin!("twoblade").display(),
            step.command
        );
        let output = Command::new("sh").current_dir(folder.path()).args(["-c", &script]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let printed = stdout(&output);
        assert!(!printed.is_empty() && alike(&printed, &step.prints), "it prints\n{printed}");
        ran += 1;
    }
    assert_eq!((steps.len(), ran), (4, 3));
}

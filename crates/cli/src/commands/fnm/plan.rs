//! What a run will do, in words.

use crate::commands::fnm::args::Args;
use crate::commands::fnm::groups::Group;
use crate::commands::fnm::inputs::Inputs;
use crate::quantity::{mebibytes, thousands};

/// What `--plan` prints.
pub(crate) fn plan_lines(
    args: &Args,
    (inputs, left): (&Inputs, usize),
    groups: &[Group<'_>],
) -> Vec<String> {
    let connectome = &inputs.connectome;
    let mut lines = vec!["plan for fnm".to_owned()];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<12} {text}"));
    line(
        "subjects",
        format!("{} of {}", thousands(connectome.count()), thousands(connectome.listed())),
    );
    line("voxels", thousands(connectome.mask().count()));
    line("granted", args.machine.words());
    line("lesions", thousands(inputs.lesions.len()));
    for (failure, error) in &inputs.failed {
        line("not mapped", format!("{}: {error}", failure.lesion));
    }
    if left < inputs.lesions.len() {
        line("finished", format!("{} lesions already", thousands(inputs.lesions.len() - left)));
    }
    let mut before = 0;
    for Group { lesions, plan } in groups {
        line("read", format!("lesions {} to {}", before + 1, before + lesions.len()));
        before += lesions.len();
        let memory = &plan.memory;
        let all = mebibytes(memory.total() + inputs.bytes());
        line("memory", format!("{all} of {}", mebibytes(args.machine.memory())));
        for (bytes, what) in [
            (memory.states, "states"),
            (memory.shared, "lesions, and the mean of z"),
            (memory.chunks, "series"),
            (memory.scratch, "scratch of threads"),
            (inputs.bytes(), "masks and names"),
        ] {
            line("", format!("{:>10}  {what}", mebibytes(bytes)));
        }
    }
    lines
}

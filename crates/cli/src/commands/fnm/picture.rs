//! The page of all lesions that are mapped.

use std::path::Path;

use anyhow::Result;

use crate::commands::fnm::inputs::{Input, Inputs};
use crate::commands::fnm::marks::Mark;
use crate::commands::fnm::names::Files;
use crate::exit::Failure;
use crate::page::{self, Page, PageLesion};
use crate::quantity::thousands;

/// Its name in the folder of the maps.
pub(crate) const PAGE: &str = "index.html";

/// What the page says of a lesion.
pub(crate) type Counts = Vec<(&'static str, String)>;

/// What a mark says, as the page says it.
pub(crate) fn counts(mark: &Mark) -> Counts {
    vec![
        ("voxels given", thousands(mark.voxels_given)),
        ("voxels used", thousands(mark.voxels_used)),
        ("voxels outside the brain", thousands(mark.voxels_outside)),
        ("voxels covered by less than half", thousands(mark.voxels_partial)),
        ("subjects read", thousands(mark.subjects)),
        ("subjects that count in a voxel, at most", thousands(mark.n as usize)),
    ]
}

/// Writes the page, from the maps that were written; `counts` of each lesion.
pub(crate) fn write(
    folder: &Path,
    inputs: &Inputs,
    (lesions, counts): (&[&Input], Vec<Counts>),
    failed: &[Failure],
) -> Result<()> {
    let lesions = lesions.iter().zip(counts).map(|(input, counts)| {
        let name = input.lesion.name.as_str();
        let map = Files { folder, name }.map("t");
        PageLesion { name, map, voxels: &input.lesion.voxels, counts }
    });
    let page = Page {
        title: "Functional network maps".to_owned(),
        notes: failed.iter().map(|failed| format!("Not mapped: {failed}")).collect(),
        mask: inputs.connectome.mask(),
        lesions: lesions.collect(),
    };
    page::write(&folder.join(PAGE), &page)
}

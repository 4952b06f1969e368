//! A page of maps: one file of HTML that needs nothing beside it.
//!
//! For each lesion slices of its t map, the lesion's outline in them, a histogram, and counts. One map is
//! in memory at a time.

mod axial;
mod histogram;
mod mosaic;
mod numbers;
mod scale;
mod values;

use std::path::{Path, PathBuf};

use anyhow::Result;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use twoblade::brain::BrainMask;
use twoblade::connectome::read_map;

use self::axial::Axial;
use self::histogram::Histogram;
use self::mosaic::Mosaic;
use self::numbers::{millimetres, short};
use self::scale::{Scale, Stop};
use self::values::Values;
use crate::output::stream_whole;
use crate::quantity::thousands;

/// The parts of the page. Their names end in `.html`, so that what is put into them is escaped.
const PARTS: [(&str, &str); 3] = [
    ("head.html", include_str!("head.html")),
    ("lesion.html", include_str!("lesion.html")),
    ("tail.html", include_str!("tail.html")),
];

/// What is on a page.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) title: String,
    /// Lines above the maps.
    pub(crate) notes: Vec<String>,
    pub(crate) mask: &'a BrainMask,
    pub(crate) lesions: Vec<PageLesion<'a>>,
}

/// A lesion on a page.
#[derive(Debug)]
pub(crate) struct PageLesion<'a> {
    pub(crate) name: &'a str,
    /// Its t map, which was written.
    pub(crate) map: PathBuf,
    /// The voxels of the mask that it touches, by number, ascending.
    pub(crate) voxels: &'a [u32],
    /// What is said of it, and how much that is.
    pub(crate) counts: Vec<(&'static str, String)>,
}

/// Writes a page, whole or not at all; the same page has the same bytes every time.
///
/// # Errors
/// A map that cannot be read, or a page that cannot be written.
pub(crate) fn write(path: &Path, page: &Page<'_>) -> Result<()> {
    let mut parts = Environment::new();
    for (name, text) in PARTS {
        parts.add_template(name, text)?;
    }
    let axial = Axial::new(page.mask);
    stream_whole(path, |to| {
        let head = Head {
            title: &page.title,
            notes: &page.notes,
            names: page.lesions.iter().map(|lesion| lesion.name).collect(),
            tilt: axial.tilt().map(|degrees| format!("{degrees:.0}")),
        };
        to.write_all(part(&parts, "head.html", &head)?.as_bytes())?;
        for (number, lesion) in page.lesions.iter().enumerate() {
            let section = section(page.mask, &axial, (number, lesion))?;
            to.write_all(part(&parts, "lesion.html", &section)?.as_bytes())?;
        }
        let tail = Tail { version: env!("CARGO_PKG_VERSION") };
        Ok(to.write_all(part(&parts, "tail.html", &tail)?.as_bytes())?)
    })
}

/// A part with what belongs into it.
fn part(parts: &Environment<'_>, name: &str, with: &impl Serialize) -> Result<String> {
    Ok(parts.get_template(name)?.render(Serde(with))?)
}

#[derive(Serialize)]
struct Head<'a> {
    title: &'a str,
    notes: &'a [String],
    names: Vec<&'a str>,
    /// Degrees that slices lie from the planes of the world, where that is to be said.
    tilt: Option<String>,
}

#[derive(Serialize)]
struct Tail {
    version: &'static str,
}

#[derive(Serialize)]
struct Section<'a> {
    number: usize,
    name: &'a str,
    counts: &'a [(&'static str, String)],
    voxels: String,
    without: String,
    beyond: String,
    range: String,
    /// The value, and where it is.
    highest: Option<[String; 2]>,
    lowest: Option<[String; 2]>,
    stops: Vec<Stop>,
    picture: String,
    mosaic: Mosaic,
    histogram: Option<Histogram>,
}

/// What the page has of one lesion.
fn section<'a>(
    mask: &BrainMask,
    axial: &Axial<'_>,
    (number, lesion): (usize, &'a PageLesion<'_>),
) -> Result<Section<'a>> {
    let t = read_map(&lesion.map, mask)?;
    let values = Values::new(&t);
    let scale = Scale::new(values.range);
    let mosaic = Mosaic::new(axial, &t, lesion.voxels, values.highest, scale);
    let place = |voxel: usize| {
        let world = mask.space().world(mask.voxels()[voxel].map(f64::from));
        [short(t[voxel].into()), world.map(millimetres).join(", ")]
    };
    Ok(Section {
        number: number + 1,
        name: lesion.name,
        counts: &lesion.counts,
        voxels: thousands(t.len()),
        without: thousands(values.without),
        beyond: thousands(values.beyond),
        range: short(values.range),
        highest: values.highest.map(place),
        lowest: values.lowest.map(place),
        stops: scale.stops(),
        picture: mosaic.picture()?,
        mosaic,
        histogram: Histogram::new(&t, scale),
    })
}

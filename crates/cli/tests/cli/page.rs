//! The page of maps that `twoblade fnm` writes.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use twoblade::brain::{BrainMask, Lesion};
use twoblade::connectome::{LesionOptions, SimulatedConnectome, read_lesion, read_map, read_mask};

use crate::study::{stderr, twoblade};

/// The side of a voxel of a simulation.
const SIDE: f64 = 2.0;
/// The colours of the scale, from the lowest to the highest, as its bar has them.
const SCALE: [[f64; 3]; 7] = [
    [33.0, 102.0, 172.0],
    [103.0, 169.0, 207.0],
    [209.0, 229.0, 240.0],
    [247.0, 247.0, 247.0],
    [253.0, 219.0, 199.0],
    [239.0, 138.0, 98.0],
    [178.0, 24.0, 43.0],
];

/// A connectome and its lesions; 20 voxels are constant.
fn network(subjects: usize, lesions: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let simulated = SimulatedConnectome {
        lesions,
        constant_voxels: 20,
        ..SimulatedConnectome::new(subjects, 20, 1100, 8)
    };
    simulated.write(folder.path()).unwrap();
    folder
}

/// Runs `twoblade fnm` on all lesions of a folder, and reads the page.
fn page(folder: &Path, arguments: &[&str], out: &str) -> String {
    let mut command = twoblade();
    command.current_dir(folder).args(["fnm", "--connectome", "connectome", "--out", out]);
    command.args(["--lesions", "lesions/*.nii.gz"]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    std::fs::read_to_string(folder.join(out).join("index.html")).unwrap()
}

/// What stands between two texts, for each time they do.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.map(|part| part.split(after).next().unwrap()).collect()
}

/// A picture of a page: red, green and blue of each pixel.
struct Picture {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    fn of(page: &str, number: usize) -> Self {
        let text = between(page, "data:image/png;base64,", "\"")[number];
        let bytes = STANDARD.decode(text).unwrap();
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let pixels = pixels.chunks(3).map(|pixel| pixel.try_into().unwrap()).collect();
        Self { width: frame.width as usize, pixels }
    }

    fn at(&self, [x, y]: [usize; 2]) -> [u8; 3] {
        self.pixels[y * self.width + x]
    }
}

/// Where the slices of a page's first lesion are: by z, the left, the right and the top.
fn tiles(page: &str) -> BTreeMap<i32, [usize; 3]> {
    let first = page.split("</section>").next().unwrap();
    let number = |text: &str| text.parse::<usize>().unwrap();
    let marks = |mark: &str| {
        let end = format!("\" text-anchor=\"middle\">{mark}</text>");
        let ends = first.split(end.as_str());
        let starts = ends.map(|before| before.rsplit_once("<text x=\"").unwrap().1.to_owned());
        let mut places: Vec<_> = starts.collect();
        places.pop();
        places
    };
    let (left, right) = (marks("L"), marks("R"));
    let heights = between(first, ">z = ", "<");
    assert_eq!((left.len(), right.len()), (heights.len(), heights.len()));
    assert!(heights.len() > 8, "{}", heights.len());
    let tile = |((left, right), z): ((&String, &String), &str)| {
        let (x, y) = left.split_once("\" y=\"").unwrap();
        let (end, _) = right.split_once("\" y=\"").unwrap();
        (z.replace('\u{2212}', "-").parse().unwrap(), [number(x), number(end), number(y) + 4])
    };
    left.iter().zip(&right).zip(heights).map(tile).collect()
}

/// Where voxels of the mask are in a picture.
struct Places {
    tiles: BTreeMap<i32, [usize; 3]>,
    /// The least x and the largest y of the mask.
    corner: [f64; 2],
    /// Pixels of a voxel, either way.
    pixels: usize,
}

impl Places {
    fn new(page: &str, mask: &BrainMask) -> Self {
        let worlds: Vec<_> =
            mask.voxels().iter().map(|at| mask.space().world(at.map(f64::from))).collect();
        let extreme = |axis: usize, pick: fn(f64, f64) -> f64| {
            worlds.iter().map(|world| world[axis]).reduce(pick).unwrap()
        };
        let (left, right) = (extreme(0, f64::min), extreme(0, f64::max));
        let tiles = tiles(page);
        let [start, end, _] = *tiles.values().next().unwrap();
        let across = whole((right - left) / SIDE) + 1;
        Self { tiles, corner: [left, extreme(1, f64::max)], pixels: (end - start) / across }
    }

    /// The pixel at the top left of a voxel, if its slice is there.
    fn of(&self, mask: &BrainMask, voxel: usize) -> Option<[usize; 2]> {
        let [x, y, z] = mask.space().world(mask.voxels()[voxel].map(f64::from));
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        let [left, _, top] = *self.tiles.get(&(z.round() as i32))?;
        let steps = [(x - self.corner[0]) / SIDE, (self.corner[1] - y) / SIDE].map(whole);
        Some([left + steps[0] * self.pixels, top + steps[1] * self.pixels])
    }

    /// The pixel in its middle.
    fn middle(&self, mask: &BrainMask, voxel: usize) -> Option<[usize; 2]> {
        self.of(mask, voxel).map(|place| place.map(|at| at + self.pixels / 2))
    }
}

fn whole(number: f64) -> usize {
    assert!((number - number.round()).abs() < 1e-9 && number > -0.5, "{number}");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as checked")]
    let number = number.round() as usize;
    number
}

/// How far the colours of the first lesion reach.
fn range(page: &str) -> f64 {
    between(page, "t, from &minus;", " to ")[0].parse().unwrap()
}

/// What the scale has for a value.
fn colour(value: f32, range: f64) -> [f64; 3] {
    let place = 3.0 + 3.0 * (f64::from(value) / range).clamp(-1.0, 1.0);
    let first = whole(place.floor().min(5.0));
    let part = place - place.floor().min(5.0);
    [0, 1, 2].map(|c| SCALE[first][c] + part * (SCALE[first + 1][c] - SCALE[first][c]))
}

struct Made {
    page: String,
    mask: BrainMask,
    t: Vec<f32>,
    lesion: Lesion,
}

fn made() -> Made {
    let folder = network(5, 1);
    let page = page(folder.path(), &[], "maps");
    let mask = read_mask(folder.path().join("mask.nii.gz")).unwrap();
    let t = folder.path().join("maps/sphere-001_stat-t_statmap.nii.gz");
    let t = read_map(t, &mask).unwrap();
    let lesion = folder.path().join("lesions/sphere-001.nii.gz");
    let (lesion, _) = read_lesion(lesion, &mask, LesionOptions::default()).unwrap();
    Made { page, mask, t, lesion }
}

#[test]
fn every_voxel_of_a_slice_has_the_colour_of_its_value() {
    let Made { page, mask, t, .. } = made();
    let (picture, places, range) = (Picture::of(&page, 0), Places::new(&page, &mask), range(&page));
    let (mut compared, mut grey) = (0, 0);
    for (voxel, &t) in t.iter().enumerate() {
        let Some(at) = places.middle(&mask, voxel) else { continue };
        let found = picture.at(at);
        if t.is_nan() {
            assert_eq!(found, [0xa6; 3]);
            grey += 1;
            continue;
        }
        for (found, expected) in found.into_iter().zip(colour(t, range)) {
            // There are 33 steps between two colours of the scale, which lie up to 114 apart: half a
            // step is 1.7, and half of one is rounded.
            assert!((f64::from(found) - expected).abs() < 2.3, "{found} {expected}");
        }
        compared += 1;
    }
    assert!(compared > 800 && grey > 0, "{compared} {grey}");

    // The slice of the highest t is there, with a ring around it, and its colour is the last.
    let highest = (0..t.len()).filter(|&voxel| !t[voxel].is_nan());
    let highest = highest.max_by(|&a, &b| t[a].total_cmp(&t[b])).unwrap();
    let at = places.middle(&mask, highest).unwrap();
    assert_eq!(picture.at(at), [178, 24, 43]);
    assert!(page.contains(&format!("<circle cx=\"{}\" cy=\"{}\"", at[0], at[1])));
    // It stands in numbers too.
    assert!(page.contains(&format!("<td>{:.1}</td>", t[highest])), "{}", t[highest]);
}

#[test]
fn the_outline_is_around_the_lesion_and_nowhere_else() {
    let Made { page, mask, lesion, .. } = made();
    let (picture, places) = (Picture::of(&page, 0), Places::new(&page, &mask));
    let in_lesion = |at: [u32; 3]| {
        let number = mask.number(at.map(|at| at as usize));
        number.is_some_and(|number| lesion.voxels.binary_search(&number).is_ok())
    };
    // It lies to one side, so that a mirrored one would be another.
    let worlds = lesion.voxels.iter().map(|&voxel| mask.voxels()[voxel as usize].map(f64::from));
    let middle = worlds.map(|at| mask.space().world(at)[0]).sum::<f64>() / lesion.used() as f64;
    assert!(middle.abs() > SIDE, "{middle}");
    let last = places.pixels - 1;
    let (mut outlined, mut open, mut black) = (0, 0, 0);
    for (voxel, &at) in mask.voxels().iter().enumerate() {
        let Some([x, y]) = places.of(&mask, voxel) else { continue };
        let here = in_lesion(at);
        let [i, j, k] = at;
        // The middles of its sides, and the neighbours behind them; a simulation has i to the right and
        // j to the front.
        let half = places.pixels / 2;
        for (pixel, next) in [
            ([x, y + half], [i - 1, j, k]),
            ([x + last, y + half], [i + 1, j, k]),
            ([x + half, y], [i, j + 1, k]),
            ([x + half, y + last], [i, j - 1, k]),
        ] {
            let is_black = picture.at(pixel) == [0; 3];
            assert_eq!(is_black, here && !in_lesion(next), "{at:?} {next:?}");
            if is_black { outlined += 1 } else { open += 1 }
        }
        for pixel in 0..places.pixels * places.pixels {
            let at = [x + pixel % places.pixels, y + pixel / places.pixels];
            let is_black = picture.at(at) == [0; 3];
            assert!(here || !is_black, "{at:?} is outside the lesion");
            black += usize::from(is_black);
        }
    }
    assert!(outlined > 20 && open > 1000, "{outlined} {open}");
    let all = picture.pixels.iter().filter(|&&pixel| pixel == [0; 3]).count();
    assert_eq!(all, black, "all that is black is in a voxel of the lesion");
}

#[test]
fn a_page_needs_nothing_beside_it_and_has_the_same_bytes_again() {
    let folder = network(4, 2);
    let first = page(folder.path(), &["--threads", "1"], "one");
    assert_eq!(first, page(folder.path(), &["--threads", "3"], "two"));
    assert_eq!(first, page(folder.path(), &["--threads", "1"], "one"), "written over");
    assert!(!first.to_lowercase().contains("http") && !first.contains("<script"));
    for (name, needed) in [("href", &["#", "data:"][..]), ("src", &[])] {
        for link in between(&first, &format!("{name}=\""), "\"") {
            assert!(needed.iter().any(|start| link.starts_with(start)), "{link:.40}");
        }
    }
    assert_eq!(between(&first, "<section id=\"", "\""), ["lesion-1", "lesion-2"]);
    assert!(first.contains("The left of the brain is on the left (neurological convention)"));
    for part in ["<th>voxels without a t</th><td>20</td>", "<th>voxels of the brain</th><td>1,100"]
    {
        assert!(first.contains(part), "{part}");
    }
    // As many voxels in the bars as have a t, but for rounding: heights are of 124 units to a tenth.
    let height = |text: &str| text.parse::<f64>().unwrap();
    let bars = first.split("<figcaption>").next().unwrap().split("Histogram of t").nth(1).unwrap();
    let heights: Vec<f64> = between(bars, " height=\"", "\"").into_iter().map(height).collect();
    let most: f64 = between(bars, "text-anchor=\"end\">", "<")[0].parse().unwrap();
    let counted = heights.iter().sum::<f64>() / 124.0 * most;
    let rounding = heights.len() as f64 * 0.05 / 124.0 * most;
    assert!((counted - 1080.0).abs() <= rounding, "{counted}, {rounding}");
}

#[test]
fn names_are_escaped() {
    let folder = network(3, 1);
    let lesions = folder.path().join("lesions");
    let odd = lesions.join("<b>&\"'.nii.gz");
    if std::fs::copy(lesions.join("sphere-001.nii.gz"), odd).is_err() {
        // Some file systems have no such names.
        return;
    }
    let page = page(folder.path(), &[], "maps");
    assert!(!page.contains("<b>"), "not escaped");
    let heads = between(&page, "<h2>", "</h2>");
    assert_eq!(heads, ["&lt;b&gt;&amp;&quot;&#x27;", "sphere-001"]);
}

#[test]
fn one_subject_has_no_t_and_the_page_says_so() {
    let folder = network(1, 1);
    let page = page(folder.path(), &[], "maps");
    assert!(page.contains("No voxel has a t: it takes two subjects."));
    assert!(page.contains("<th>voxels without a t</th><td>1,100</td>"));
    assert!(!page.contains("highest t</th>") && !page.contains("<circle"));
    let picture = Picture::of(&page, 0);
    assert!(picture.pixels.contains(&[0xa6; 3]) && picture.pixels.contains(&[0; 3]));
}

#[test]
fn what_is_not_mapped_is_named() {
    let folder = network(3, 1);
    std::fs::write(folder.path().join("lesions/broken.nii.gz"), "no image").unwrap();
    let mut command = twoblade();
    command.current_dir(folder.path()).args(["fnm", "--connectome", "connectome", "--out", "maps"]);
    let output = command.args(["--lesions", "lesions/*.nii.gz"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let page = std::fs::read_to_string(folder.path().join("maps/index.html")).unwrap();
    assert!(page.contains("<p>Not mapped: broken (lesions&#x2f;broken.nii.gz)</p>"));
    assert_eq!(between(&page, "<h2>", "</h2>"), ["sphere-001"]);
}

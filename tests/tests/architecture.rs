//! Who may use whom: the manifests against one table.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each crate, and all that it may depend on. A new edge is a new word here, with its reason in the
/// commit. Development dependencies are free, except where a rule below says otherwise.
const MAY_USE: &[(&str, &[&str])] = &[
    ("core", &["serde"]),
    ("files", &["tempfile"]),
    ("moments", &["core", "serde"]),
    ("runner", &["core", "files", "blake3", "postcard", "rayon", "serde", "thiserror"]),
    ("geno", &["core", "libm", "pulp", "serde", "thiserror"]),
    ("brain", &["core", "serde", "thiserror"]),
    ("testkit", &["core", "runner", "postcard", "serde", "tempfile", "thiserror"]),
    ("haseman", &["core", "geno", "blake3", "libm", "nalgebra", "pulp", "serde", "thiserror"]),
    (
        "plink",
        &[
            "core",
            "files",
            "geno",
            "bed-reader",
            "blake3",
            "libm",
            "ndarray",
            "serde",
            "thiserror",
            "xxhash-rust",
        ],
    ),
    (
        "connectome",
        &[
            "brain",
            "core",
            "files",
            "blake3",
            "flate2",
            "rust-hdf5",
            "serde",
            "thiserror",
            "xxhash-rust",
        ],
    ),
    ("fnm", &["brain", "core", "faer", "libm", "pulp", "serde", "thiserror"]),
    (
        "table",
        &["core", "arrow-array", "arrow-schema", "pulp", "serde", "thiserror", "xxhash-rust"],
    ),
    (
        "external",
        &[
            "core",
            "files",
            "table",
            "arrow-array",
            "arrow-buffer",
            "arrow-ipc",
            "arrow-row",
            "arrow-schema",
            "arrow-select",
            "blake3",
            "bytes",
            "fast-float2",
            "flate2",
            "libm",
            "lz4_flex",
            "memchr",
            "parquet",
            "postcard",
            "rustix",
            "serde",
            "tempfile",
            "thiserror",
            "xxhash-rust",
            "zstd",
        ],
    ),
    (
        "learn",
        &[
            "core",
            "table",
            "arrow-array",
            "blake3",
            "libm",
            "nalgebra",
            "postcard",
            "pulp",
            "serde",
            "thiserror",
            "xxhash-rust",
        ],
    ),
    ("rhe", &["geno", "haseman"]),
    ("rhe-cov", &["geno", "haseman"]),
    // A model with features of its own serializes them: they are its identity.
    ("rhe-dom", &["geno", "haseman", "serde"]),
    ("genie", &["geno", "haseman", "serde"]),
    (
        "twoblade",
        &[
            "brain",
            "connectome",
            "core",
            "external",
            "fnm",
            "genie",
            "geno",
            "haseman",
            "learn",
            "moments",
            "plink",
            "rhe",
            "rhe-cov",
            "rhe-dom",
            "runner",
            "table",
        ],
    ),
    (
        "cli",
        &[
            "files",
            "twoblade",
            "anyhow",
            "blake3",
            "base64",
            "clap",
            "comfy-table",
            "ctrlc",
            "glob",
            "indicatif",
            "libm",
            "minijinja",
            "png",
            "serde",
            "serde_json",
            "signal-hook",
            "toml",
        ],
    ),
];

/// Where a heavy or a delicate dependency may be used, development dependencies included.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("bed-reader", &["plink"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli"]),
    ("minijinja", &["cli"]),
    ("png", &["cli"]),
    ("glob", &["cli"]),
    ("rust-hdf5", &["connectome"]),
    ("arrow-array", &["external", "learn", "table"]),
    ("arrow-ipc", &["external"]),
    ("parquet", &["external"]),
    ("indicatif", &["cli"]),
    ("rayon", &["runner"]),
    ("toml", &["cli"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn manifests() -> BTreeMap<String, toml::Table> {
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        let text = std::fs::read_to_string(entry.path().join("Cargo.toml")).unwrap();
        (entry.file_name().into_string().unwrap(), text.parse().unwrap())
    };
    crates.map(read).collect()
}

/// Names of a table of dependencies, those of the workspace by their folder.
fn names(manifest: &toml::Table, table: &str) -> Vec<String> {
    let dependencies = manifest.get(table).and_then(toml::Value::as_table);
    let short = |name: &String| name.strip_prefix("twoblade-").unwrap_or(name).to_owned();
    dependencies.map(|names| names.keys().map(short).collect()).unwrap_or_default()
}

#[test]
fn every_crate_uses_only_what_it_may() {
    let manifests = manifests();
    let table: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    assert_eq!(manifests.keys().collect::<Vec<_>>(), table.keys().collect::<Vec<_>>());
    let mut edges = 0;
    for (name, manifest) in &manifests {
        let allowed = table[name.as_str()];
        for used in names(manifest, "dependencies") {
            assert!(allowed.contains(&used.as_str()), "{name} may not use {used}");
            edges += 1;
        }
        for &used in allowed {
            assert!(
                names(manifest, "dependencies").contains(&used.to_owned()),
                "{name} does not use {used}"
            );
        }
    }
    assert!(edges > 30, "{edges}");
}

#[test]
fn heavy_dependencies_stay_in_their_rooms() {
    for (name, manifest) in &manifests() {
        let used = [names(manifest, "dependencies"), names(manifest, "dev-dependencies")].concat();
        for (heavy, rooms) in ONLY_IN {
            let here = used.iter().any(|used| used == heavy);
            assert!(!here || rooms.contains(&name.as_str()), "{name} uses {heavy}");
        }
    }
}

/// The order of the floors: an arrow goes down, so there is no cycle either.
#[test]
fn every_arrow_points_down() {
    let floor = |name: &str| match name {
        "core" | "files" => Some(1),
        "moments" | "runner" | "geno" | "brain" | "table" => Some(2),
        "testkit" | "haseman" | "plink" | "connectome" | "external" | "learn" => Some(3),
        "rhe" | "rhe-cov" | "rhe-dom" | "genie" | "fnm" => Some(4),
        "twoblade" => Some(5),
        "cli" => Some(6),
        _ => None,
    };
    for (name, manifest) in &manifests() {
        let from = floor(name).expect("every crate has a floor");
        for to in names(manifest, "dependencies").iter().filter_map(|name| floor(name)) {
            assert!(to < from, "{name}, on floor {from}, uses something of floor {to}");
        }
    }
}

#[test]
fn every_member_takes_versions_and_lints_from_the_root() {
    let mut manifests = manifests();
    for member in ["tests", "benches"] {
        let text = std::fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        manifests.insert(member.to_owned(), text.parse().unwrap());
    }
    for (name, manifest) in &manifests {
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{name}");
        assert_eq!(manifest["package"]["version"]["workspace"].as_bool(), Some(true), "{name}");
        for table in ["dependencies", "dev-dependencies"] {
            let Some(table) = manifest.get(table).and_then(toml::Value::as_table) else { continue };
            for (used, how) in table {
                assert_eq!(
                    how["workspace"].as_bool(),
                    Some(true),
                    "{name} takes {used} from elsewhere"
                );
            }
        }
    }
}

#[test]
fn no_crate_of_ours_has_unsafe_code() {
    let mut files = 0;
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("allow(unsafe_code"), "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 50, "{files}");
}

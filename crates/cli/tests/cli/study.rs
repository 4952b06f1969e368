//! A small study in a folder of its own, and the command run on it.

use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with `study.bed` and the files beside it. Commands run in it, so that arguments and
/// messages have the bare names of files.
pub(crate) struct Study {
    folder: TempDir,
}

impl Study {
    /// Simulates one, with more arguments for `twoblade simulate`.
    pub(crate) fn simulate(arguments: &[&str]) -> Self {
        let study = Self::empty();
        let mut command = twoblade();
        command.arg("simulate").args(arguments).arg("--out").arg(study.path("study"));
        command.assert().success();
        study
    }

    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// 60 individuals, 40 variants, two bins, two traits.
    pub(crate) fn small() -> Self {
        let size = ["--individuals", "60", "--variants", "40", "--h2", "0.2,0.3", "--traits", "2"];
        Self::simulate(&[size.as_slice(), &["--missing", "0.02", "--seed", "3"]].concat())
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `twoblade` in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = twoblade();
        command.current_dir(self.folder.path()).args(arguments).output().unwrap()
    }

    /// The same where it has to work: what it prints.
    pub(crate) fn works(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// The same where it has to exit with a code: what it says.
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        stderr(&output)
    }

    /// Runs `twoblade rhe` in the folder with these arguments alone.
    pub(crate) fn rhe_alone(&self, arguments: &[&str]) -> Output {
        self.run(&[&["rhe"], arguments].concat())
    }

    /// Runs `twoblade rhe` on the study with more arguments: all its traits and 5 blocks, unless they
    /// say otherwise.
    pub(crate) fn rhe(&self, arguments: &[&str]) -> Output {
        let mut all = Vec::new();
        if !["--bfile", "--bfile-list", "--bed"].iter().any(|flag| arguments.contains(flag)) {
            all.extend(["--bfile", "study"]);
        }
        for [flag, value] in [["--pheno", "study.pheno"], ["--blocks", "5"], ["--out", "result"]] {
            if !arguments.contains(&flag) {
                all.extend([flag, value]);
            }
        }
        all.extend(arguments);
        self.rhe_alone(&all)
    }

    /// The same where it has to work: OUT.json as it is written.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = self.rhe(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        self.read("result.json")
    }

    /// The same, parsed.
    pub(crate) fn result(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(arguments)).unwrap()
    }

    /// A JSON file of the folder.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// OUT.log, of which each part must be there.
    pub(crate) fn log_says(&self, parts: &[&str]) {
        let log = self.read("result.log");
        for part in parts {
            assert!(log.contains(part), "'{part}' is not in:\n{log}");
        }
    }

    /// What the folder holds, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries.map(|entry| name(entry).into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A text file in the folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces a file in the folder.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), contents).unwrap();
    }

    /// FID and IID of everybody, in the order of the .fam.
    pub(crate) fn individuals(&self) -> Vec<String> {
        let identifiers =
            |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        self.read("study.fam").lines().map(identifiers).collect()
    }

    /// The values of the trait with this number, from 0, in the order of the .fam.
    pub(crate) fn values(&self, trait_number: usize) -> Vec<f64> {
        let value = |line: &str| {
            line.split_whitespace().nth(2 + trait_number).unwrap().parse::<f64>().unwrap()
        };
        self.read("study.pheno").lines().skip(1).map(value).collect()
    }

    /// Writes a phenotype or covariate file: for everybody what `row` says.
    pub(crate) fn write_columns(
        &self,
        name: &str,
        header: &str,
        mut row: impl FnMut(usize) -> String,
    ) {
        let rows = self.individuals().into_iter().enumerate();
        let rows: Vec<_> = rows.map(|(i, who)| format!("{who} {}\n", row(i))).collect();
        self.write(name, format!("FID IID {header}\n{}", rows.concat()));
    }

    /// Puts the rows of such a file into another order; the header stays.
    pub(crate) fn shuffle(&self, name: &str) {
        let text = self.read(name);
        let (header, rows) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.reverse();
        rows.swap(3, 30);
        self.write(name, format!("{header}\n{}\n", rows.join("\n")));
    }

    /// The genotypes of each variant as they are packed.
    pub(crate) fn variants(&self) -> Vec<Vec<u8>> {
        let bed = std::fs::read(self.path("study.bed")).unwrap();
        let stride = self.individuals().len().div_ceil(4);
        bed[3..].chunks(stride).map(<[u8]>::to_vec).collect()
    }

    /// Writes NAME.bed, NAME.bim and NAME.fam with some of the variants of the study.
    pub(crate) fn write_part(&self, name: &str, has: impl Fn(usize) -> bool) {
        let mut bed = vec![0x6c, 0x1b, 1];
        let variants = self.variants().into_iter().enumerate();
        variants.filter(|&(v, _)| has(v)).for_each(|(_, packed)| bed.extend(packed));
        let bim = self.read("study.bim");
        let rows = bim.lines().enumerate().filter(|&(v, _)| has(v));
        let rows: Vec<_> = rows.map(|(_, line)| format!("{line}\n")).collect();
        self.write(&format!("{name}.bed"), bed);
        self.write(&format!("{name}.bim"), rows.concat());
        self.write(&format!("{name}.fam"), self.read("study.fam"));
    }

    /// Changes the genotypes of the study, variant by variant.
    pub(crate) fn change_variants(&self, mut change: impl FnMut(usize, &mut [u8])) {
        let mut bed = vec![0x6c, 0x1b, 1];
        for (v, mut packed) in self.variants().into_iter().enumerate() {
            change(v, &mut packed);
            bed.extend(packed);
        }
        self.write("study.bed", bed);
    }
}

/// A line for each item.
pub(crate) fn lines<T>(items: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    items.into_iter().flat_map(|item| [line(item), "\n".to_owned()]).collect()
}

/// Genotypes of one code each: 0 two copies of the first allele, 1 missing, 2 one copy, 3 none.
pub(crate) fn counts(packed: &[u8], individuals: usize) -> [u32; 4] {
    let mut counts = [0; 4];
    (0..individuals).for_each(|i| counts[usize::from(packed[i / 4] >> (2 * (i % 4)) & 3)] += 1);
    counts
}

/// The frequency of the rarer allele among the known genotypes.
pub(crate) fn minor_frequency([two, _, one, none]: [u32; 4]) -> f64 {
    let p = f64::from(2 * two + one) / f64::from(2 * (two + one + none));
    p.min(1.0 - p)
}

/// The groups of OUT.json as they are written: numbers that are parsed may lose their last bit.
pub(crate) fn groups(text: &str) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line == "    {" {
            inside = true;
            groups.push(String::new());
        }
        if line.starts_with("    }") {
            inside = false;
        }
        if let (true, Some(group)) = (inside, groups.last_mut()) {
            group.push_str(line);
            group.push('\n');
        }
    }
    // What is found nowhere would be equal everywhere.
    assert!(!groups.is_empty() && groups.iter().all(|group| group.contains("\"h2\"")), "{text}");
    groups
}

/// All notes of a result, those of the data first.
pub(crate) fn notes(result: &Value) -> Vec<String> {
    let groups = result["groups"].as_array().unwrap().iter();
    let lists = [&result["notes"]].into_iter().chain(groups.map(|group| &group["notes"]));
    let notes = lists.flat_map(|list| list.as_array().unwrap());
    notes.map(|note| note.as_str().unwrap().to_owned()).collect()
}

/// The numbers of a JSON value, in order.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![number.as_f64().unwrap()],
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        Value::Object(fields) => fields.values().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}

/// Runs with these arguments, and checks the code, what is said, and that no file appeared.
pub(crate) fn refused(study: &Study, arguments: &[&str], code: i32, says: &[&str]) {
    let before = study.files();
    let output = study.rhe(arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    for part in says {
        assert!(text.contains(part), "'{part}' is not in:\n{text}");
    }
    assert_eq!(study.files(), before, "nothing is left behind");
}

/// The binary under test.
pub(crate) fn twoblade() -> Command {
    Command::new(env!("CARGO_BIN_EXE_twoblade"))
}

/// What a command said to stderr.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a command said to stdout.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

//! What `table describe` says, against numbers counted by hand.

use crate::study::Study;

const TABLE: &str = "id,<b>,word,flag,day\n\
    1,1.5,apple,true,2013-01-31\n\
    2,,pear,false,2012-02-29\n\
    3,2.5,apple,true,NA\n\
    4,-4,\"kiwi, ripe\",true,2014-12-01\n";

fn described() -> Study {
    let study = Study::empty();
    study.write("t.csv", TABLE);
    let said = study.works(&["table", "describe", "t.csv", "--out", "out"]);
    assert!(said.contains("4 rows; quantiles within 0.8 % of their value"), "{said}");
    assert!(said.ends_with("written: out.html out.tsv out.json\n"), "{said}");
    assert_eq!(study.files(), ["out.html", "out.json", "out.tsv", "t.csv"]);
    study
}

#[test]
fn the_json_has_everything() {
    let json = described().json("out.json");
    assert_eq!(
        (&json["schema_version"], &json["rows"], &json["skipped_rows"]),
        (&1.into(), &4.into(), &0.into())
    );
    let columns = json["columns"].as_array().unwrap();
    let kinds: Vec<_> = columns.iter().map(|column| column["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["integer", "float", "category", "boolean", "date"]);
    let float = &columns[1];
    assert_eq!((&float["present"], &float["missing"]), (&3.into(), &1.into()));
    assert_eq!(
        (&float["distinct"]["count"], float["distinct"]["error"].as_f64()),
        (&3.into(), Some(0.0))
    );
    let numbers = &float["summary"]["numbers"];
    assert_eq!((numbers["mean"].as_f64(), numbers["min"].as_f64()), (Some(0.0), Some(-4.0)));
    // (1.5^2 + 2.5^2 + 4^2) / 2
    assert!((numbers["sd"].as_f64().unwrap() - 12.25f64.sqrt()).abs() < 1e-15);
    let counts =
        numbers["histogram"].as_array().unwrap().iter().map(|bar| bar["count"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), 3);
    let words = &columns[2]["summary"]["words"]["commonest"];
    assert_eq!((&words[0]["word"], &words[0]["count"]), (&"apple".into(), &2.into()));
    assert_eq!(words.as_array().unwrap().len(), 3);
    assert_eq!(columns[3]["summary"]["booleans"]["yes"], 3);
    // Days since 1970: 2012-02-29 and 2014-12-01.
    assert_eq!(columns[4]["summary"]["instants"]["extremes"], serde_json::json!([15399, 16405]));
}

#[test]
fn the_table_to_paste_has_all_digits() {
    let study = described();
    let text = study.read("out.tsv");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines[0][..5], ["column", "kind", "n", "missing", "distinct"]);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{text}");
    assert_eq!(lines[2][..8], ["<b>", "float", "3", "1", "3", "0", "3.5", "-4"]);
    assert_eq!(lines[3][12], "apple: 2, kiwi, ripe: 1, pear: 1");
    assert_eq!((lines[5][7], lines[5][11]), ("2012-02-29", "2014-12-01"));
}

#[test]
fn the_page_needs_nothing_beside_it() {
    let study = described();
    let page = study.read("out.html");
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"), "names are escaped");
    assert!(!page.contains("http") && !page.contains("<script"), "nothing is loaded");
    assert!(page.contains("<svg") && page.contains("apple"), "a histogram and words");
    // The same description has the same page.
    study.works(&[
        "table",
        "describe",
        "t.csv",
        "--out",
        "out",
        "--threads",
        "3",
        "--memory",
        "64M",
    ]);
    assert_eq!(study.read("out.html"), page);
}

#[test]
fn a_plan_reads_nothing() {
    let study = Study::empty();
    study.write("t.csv", TABLE);
    let said =
        study.works(&["table", "describe", "t.csv", "--plan", "--out", "out", "--memory", "32M"]);
    for part in ["| id       integer  |", "1 file, 128 bytes, read once", "memory: at most 32 MiB"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(study.files(), ["t.csv"]);
}

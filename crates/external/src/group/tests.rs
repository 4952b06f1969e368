//! Groups against groups in memory, whatever the budget.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use proptest::prelude::*;
use twoblade_core::ExactSum;
use twoblade_table::Kind;

use super::*;
use crate::disk::Disk;
use crate::watch::Unwatched;

/// A row: two keys, and what something is made of.
#[derive(Clone, Debug, Default)]
struct Row {
    key: Option<i64>,
    word: Option<String>,
    x: Option<f64>,
    n: Option<i64>,
    yes: Option<bool>,
    day: Option<i32>,
}

fn schema() -> Schema {
    let column = |(name, kind): (&str, Kind)| Column { name: name.into(), kind };
    let columns = [
        ("key", Kind::Integer),
        ("word", Kind::Category),
        ("x", Kind::Float),
        ("n", Kind::Integer),
        ("yes", Kind::Boolean),
        ("day", Kind::Date),
    ];
    Schema::new(columns.into_iter().map(column).collect()).unwrap()
}

/// All columns of some rows.
fn columns(rows: &[Row]) -> Vec<ArrayRef> {
    let words: Vec<_> = rows.iter().map(|row| row.word.as_deref()).collect();
    vec![
        Arc::new(rows.iter().map(|row| row.key).collect::<Int64Array>()),
        Arc::new(StringArray::from(words)),
        Arc::new(rows.iter().map(|row| row.x).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.n).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.yes).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.day).collect::<Date32Array>()),
    ]
}

fn grouping(by: &str, aggregates: &str) -> Grouping {
    let schema = schema();
    let aggregates = Aggregate::parse(aggregates, &schema).unwrap();
    Grouping::new(&schema, By::parse(by, &schema).unwrap(), aggregates).unwrap()
}

/// Grouped in chunks of so many rows, within so many bytes.
fn grouped(
    grouping: &Grouping,
    rows: &[Row],
    chunk: usize,
    memory: usize,
    temp: &Path,
    disk: &Disk,
) -> Result<Vec<RecordBatch>, Error> {
    let scratch = Scratch::new(temp, disk)?;
    let mut groups = grouping.begin(&scratch, memory)?;
    let wanted = schema().arrow().project(grouping.wanted()).unwrap();
    for (number, rows) in rows.chunks(chunk).enumerate() {
        let all = columns(rows);
        let columns = grouping.wanted().iter().map(|&place| Arc::clone(&all[place])).collect();
        let batch = RecordBatch::try_new(Arc::new(wanted.clone()), columns).unwrap();
        groups.push(&Rows::new((number * chunk) as u64, batch))?;
    }
    groups.finish(&Unwatched)?.map(|rows| rows.map(|rows| rows.batch().clone())).collect()
}

const ALL: &str = "count(),count(x),sum(x),mean(x),var(x),sd(x),min(x),max(x),first(x),last(x),\
                   sum(n),mean(n),min(n),max(n),sd(n),sum(yes),mean(yes),max(yes),\
                   min(day),last(day),count(word),min(word),max(word),first(word),last(word)";

/// One value of one column, as text in which bits can be told apart.
fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "missing".into();
    }
    match Kind::of(column.data_type()).unwrap() {
        Kind::Integer => column.as_primitive::<Int64Type>().value(row).to_string(),
        Kind::Float => format!("{:?}", column.as_primitive::<Float64Type>().value(row)),
        Kind::Boolean => column.as_boolean().value(row).to_string(),
        Kind::Category => column.as_string::<i32>().value(row).to_owned(),
        _ => format!("{:?}", column.slice(row, 1).to_data().buffers()[0].as_slice()),
    }
}

fn float(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let column = batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
    column.is_valid(row).then(|| column.value(row))
}

/// The order of groups: by key, then by word, missing last.
fn key(row: &Row) -> (bool, i64, bool, String) {
    let word = row.word.clone();
    (row.key.is_none(), row.key.unwrap_or(0), word.is_none(), word.unwrap_or_default())
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or("missing".into(), |value| value.to_string())
}

/// Compares a group with its rows.
fn check(batch: &RecordBatch, at: usize, rows: &[&Row]) -> Result<(), TestCaseError> {
    let is = |name: &str, expected: String| {
        let found = cell(batch.column_by_name(name).unwrap(), at);
        prop_assert_eq!(found, expected, "{}", name);
        Ok(())
    };
    let xs: Vec<f64> = rows.iter().filter_map(|row| row.x).collect();
    let ns: Vec<i64> = rows.iter().filter_map(|row| row.n).collect();
    let words: Vec<&String> = rows.iter().filter_map(|row| row.word.as_ref()).collect();
    let yes: Vec<bool> = rows.iter().filter_map(|row| row.yes).collect();
    let days: Vec<i32> = rows.iter().filter_map(|row| row.day).collect();
    is("count()", rows.len().to_string())?;
    is("count(x)", xs.len().to_string())?;
    is("count(word)", words.len().to_string())?;
    let order = |a: &f64, b: &f64| a.partial_cmp(b).unwrap();
    let debug = |value: Option<f64>| value.map_or("missing".into(), |value| format!("{value:?}"));
    is("min(x)", debug(xs.iter().copied().min_by(order)))?;
    // Of equal ones, 0 and -0, the first is kept.
    is("max(x)", debug(xs.iter().rev().copied().max_by(order)))?;
    is("first(x)", debug(xs.first().copied()))?;
    is("last(x)", debug(xs.last().copied()))?;
    let sum: i128 = ns.iter().map(|&n| i128::from(n)).sum();
    is("sum(n)", text((!ns.is_empty()).then_some(sum)))?;
    is("mean(n)", debug((!ns.is_empty()).then(|| sum as f64 / ns.len() as f64)))?;
    is("min(n)", text(ns.iter().min()))?;
    is("max(n)", text(ns.iter().max()))?;
    let count = yes.iter().filter(|&&yes| yes).count();
    is("sum(yes)", text((!yes.is_empty()).then_some(count)))?;
    is("max(yes)", text(yes.iter().max()))?;
    let bytes = |day: &i32| format!("{:?}", day.to_le_bytes());
    is("min(day)", text(days.iter().min().map(bytes)))?;
    is("last(day)", text(days.last().map(bytes)))?;
    is("min(word)", text(words.iter().min()))?;
    is("max(word)", text(words.iter().max()))?;
    is("first(word)", text(words.first()))?;
    is("last(word)", text(words.last()))?;

    spread(batch, at, ("sum(x)", "mean(x)", "sd(x)"), &xs)?;
    let variance = float(batch, "var(x)", at).map(|variance| variance.sqrt().to_bits());
    prop_assert_eq!(variance, float(batch, "sd(x)", at).map(f64::to_bits));
    Ok(())
}

/// Sum, mean and standard deviation against exact sums.
fn spread(
    batch: &RecordBatch,
    at: usize,
    (sum, mean, sd): (&str, &str, &str),
    xs: &[f64],
) -> Result<(), TestCaseError> {
    let count = xs.len() as f64;
    let mut exact = ExactSum::default();
    for &x in xs {
        exact.add(x);
    }
    prop_assert_eq!(float(batch, sum, at).is_some(), !xs.is_empty());
    prop_assert_eq!(float(batch, sd, at).is_some(), xs.len() > 1);
    if let (Some(sum), Some(mean)) = (float(batch, sum, at), float(batch, mean, at)) {
        let size: f64 = xs.iter().map(|x| x.abs()).sum();
        // Neumaier: one rounding of the result, and n^2 eps^2 of the sizes; n is at most 300.
        let bound = 2.3e-16 * exact.value().abs() + 1e-26 * size;
        prop_assert!((sum - exact.value()).abs() <= bound, "{} {}", sum, exact.value());
        prop_assert!((mean - exact.value() / count).abs() <= bound / count * 2.0);
    }
    if let Some(sd) = float(batch, sd, at) {
        let mean = exact.value() / count;
        let squares: f64 = xs.iter().map(|x| (x - mean).powi(2)).sum();
        let expected = (squares / (count - 1.0)).sqrt();
        // Chan, Golub and LeVeque 1983: Welford's variance is off by n eps times the condition
        // number, sqrt(1 + mean^2 n / squares), and the reference by less.
        let size = (xs.iter().map(|x| x * x).sum::<f64>() / (count - 1.0)).sqrt();
        prop_assert!((sd - expected).abs() <= 1e-13 * size, "{} {}", sd, expected);
    }
    Ok(())
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![-1e3..1e3, (-9i32..9).prop_map(f64::from), -1e9..1e9, Just(0.0), Just(-0.0)]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let key = prop_oneof![3 => 0i64..5, 2 => 0i64..200, 1 => any::<i64>()];
    let word = prop_oneof!["[a-c]{0,2}", "[a-z]{0,40}", "(long){200,900}"];
    let row = (
        prop::option::weighted(0.9, key),
        prop::option::weighted(0.9, word),
        prop::option::weighted(0.9, value()),
        prop::option::weighted(0.9, -(1i64 << 52)..1 << 52),
        any::<Option<bool>>(),
        any::<Option<i32>>(),
    );
    let row = row.prop_map(|(key, word, x, n, yes, day)| Row { key, word, x, n, yes, day });
    prop::collection::vec(row, 0..300)
}

/// From one group in memory to all of them; between them where strings do not fit.
fn memory() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), (1usize << 20)..(3 << 20) / 2, Just(64 << 20)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn groups_are_those_of_the_rows(
        rows in rows(),
        by in prop_oneof![Just("key"), Just("key,word")],
        chunk in 1usize..100,
        memory in memory(),
    ) {
        let temp = tempfile::tempdir().unwrap();
        let grouping = grouping(by, ALL);
        let found = grouped(&grouping, &rows, chunk, memory, temp.path(), &Disk::new()).unwrap();
        let mut dense: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            let (none, value, no_word, word) = key(row);
            let word = if by == "key" { (false, String::new()) } else { (no_word, word) };
            dense.entry((none, value, word)).or_default().push(row);
        }
        let count: usize = found.iter().map(RecordBatch::num_rows).sum();
        prop_assert_eq!(count, dense.len());
        let places = found.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| (batch, at)));
        for ((batch, at), (_, rows)) in places.zip(&dense) {
            prop_assert_eq!(cell(batch.column(0), at), text(rows[0].key));
            if by != "key" {
                prop_assert_eq!(cell(batch.column(1), at), text(rows[0].word.as_ref()));
            }
            check(batch, at, rows)?;
        }
        // The same bits with other chunks and all the memory.
        let whole = grouped(&grouping, &rows, 1000, 64 << 20, temp.path(), &Disk::new()).unwrap();
        prop_assert_eq!(whole, found);
        prop_assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
    }
}

/// Rows of `keys` keys, and of one more that half of them have.
fn half_of_one(count: i64, keys: i64) -> Vec<Row> {
    let row = |at: i64| Row {
        key: Some(if at % 2 == 0 { -1 } else { at.wrapping_mul(7919) % keys }),
        word: Some(format!("word {at} {}", "x".repeat(usize::try_from(at % 700).unwrap()))),
        x: Some(at as f64 * 0.1),
        n: Some(at),
        ..Row::default()
    };
    (0..count).map(row).collect()
}

#[test]
fn a_key_with_half_of_the_rows_is_folded_at_any_budget() {
    let temp = tempfile::tempdir().unwrap();
    let rows = half_of_one(20_000, 3000);
    let grouping = grouping("key", "sum(x),count(),last(word)");
    let go = |rows: &[Row], memory| {
        grouped(&grouping, rows, 500, memory, temp.path(), &Disk::new()).unwrap()
    };
    let whole = go(&rows, 1 << 30);
    let first = &whole[0];
    assert_eq!(cell(first.column(0), 0), "-1");
    assert_eq!(cell(first.column(2), 0), "10000");
    // 0.2 (0 + 1 + ... + 9999).
    let sum = float(first, "sum(x)", 0).unwrap();
    assert!((sum - 0.2 * 9999.0 * 5000.0).abs() < 1e-8, "{sum}");
    assert_eq!(whole.iter().map(RecordBatch::num_rows).sum::<usize>(), 1501);
    for memory in [0, 1 << 20, 1_300_000, 2 << 20, 8 << 20] {
        assert_eq!(go(&rows, memory), whole, "{memory}");
    }
}

#[test]
fn floats_that_are_not_finite_take_part() {
    let temp = tempfile::tempdir().unwrap();
    let x = |key: i64, x: f64| Row { key: Some(key), x: Some(x), ..Row::default() };
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let rows = [
        x(0, 1.0),
        x(0, nan),
        x(0, -inf),
        x(1, inf),
        x(1, 1.0),
        x(2, inf),
        x(2, -inf),
        x(3, nan),
        x(3, nan),
    ];
    let grouping = grouping("key", "sum(x),min(x),max(x),mean(x),count(x)");
    let found = grouped(&grouping, &rows, 4, 0, temp.path(), &Disk::new()).unwrap().remove(0);
    let row = |at| found.columns()[1..].iter().map(|column| cell(column, at)).collect::<Vec<_>>();
    assert_eq!(row(0), ["NaN", "-inf", "NaN", "NaN", "3"]);
    assert_eq!(row(1), ["inf", "1.0", "inf", "inf", "2"]);
    assert_eq!(row(2), ["NaN", "-inf", "inf", "NaN", "2"]);
    assert_eq!(row(3), ["NaN", "NaN", "NaN", "NaN", "2"]);
}

#[test]
fn float_keys_are_one_where_they_are_equal() {
    let temp = tempfile::tempdir().unwrap();
    let x = |x: Option<f64>| Row { x, ..Row::default() };
    let other = f64::from_bits(f64::NAN.to_bits() | 1);
    let rows = [0.0, -0.0, f64::NAN, other, -f64::NAN, 1.0].map(|value| x(Some(value)));
    let rows = [&rows[..], &[x(None), x(None)]].concat();
    let grouping = grouping("-x", "count()");
    let found = grouped(&grouping, &rows, 3, 0, temp.path(), &Disk::new()).unwrap().remove(0);
    let cells = |column: usize| -> Vec<_> {
        (0..found.num_rows()).map(|at| cell(found.column(column), at)).collect()
    };
    assert_eq!(cells(0), ["NaN", "1.0", "0.0", "missing"]);
    assert_eq!(cells(1), ["3", "1", "2", "2"]);
}

#[test]
fn sums_beyond_64_bits_are_refused() {
    let temp = tempfile::tempdir().unwrap();
    let n = |n| Row { n: Some(n), ..Row::default() };
    let go =
        |rows: &[Row], what| grouped(&grouping("key", what), rows, 9, 0, temp.path(), &Disk::new());
    // On the way beyond, and back.
    let rows = [n(i64::MAX), n(i64::MAX), n(i64::MIN), n(-3)];
    let found = go(&rows, "sum(n)").unwrap().remove(0);
    assert_eq!(cell(found.column(1), 0), (i64::MAX - 1 - 3).to_string());
    let rows = [n(i64::MAX), n(5)];
    let message = go(&rows, "sum(n)").unwrap_err().to_string();
    assert_eq!(
        message,
        "sum(n) of a group is 9223372036854775812, which is more than 64 bits hold; ask for the mean, \
         or read the column as float"
    );
    assert!(go(&rows, "mean(n)").is_ok());
}

#[test]
fn columns_of_one_name_are_refused() {
    let schema = schema();
    let by = By::parse("key", &schema).unwrap();
    let twice = Aggregate::parse("sum(x),sum(x)", &schema).unwrap();
    let message = Grouping::new(&schema, by, twice).unwrap_err().to_string();
    assert!(message.starts_with("two columns are called `sum(x)`"), "{message}");
}

#[test]
fn what_fails_on_the_disk_fails_in_words_and_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let rows = half_of_one(1500, 100);
    let grouping = grouping("key", "sum(x),max(word)");
    let go = |fail: u64| {
        let asked = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&asked);
        let disk = Disk::watched(move |_| {
            if counter.fetch_add(1, Ordering::Relaxed) == fail {
                return Err(io::Error::other("told to fail"));
            }
            Ok(())
        });
        let done = grouped(&grouping, &rows, 100, 1_200_000, temp.path(), &disk);
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
        (done, asked.load(Ordering::Relaxed))
    };
    let (whole, all) = go(u64::MAX);
    assert!(whole.is_ok() && all > 50, "{all}");
    for fail in 0..all {
        let error = go(fail).0.unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("told to fail"), "{error}");
    }
}

/// Two CSV files of one table, with quotes, ragged rows, and missing values.
fn files(folder: &Path, keys: usize) -> Vec<std::path::PathBuf> {
    let files = ["a.csv", "b.csv"].map(|name| folder.join(name));
    for (number, file) in files.iter().enumerate() {
        let mut text = String::from("key,note,x,n\n");
        for row in 0..3000 {
            let at = row + number * 3000;
            let key = if row % 50 == 49 { String::new() } else { format!("k{}", at * 7919 % keys) };
            let x = if row % 7 == 0 { "NA".into() } else { format!("{}.5", at * 31 % 1009) };
            writeln!(text, "{key},\"a, \"\"b\"\"\n{at}\",{x},{row}").unwrap();
            if row % 1000 == 5 {
                text += "too,short\n";
            }
        }
        std::fs::write(file, text).unwrap();
    }
    files.to_vec()
}

#[test]
fn files_are_grouped_to_the_same_file_by_any_threads_and_memory() {
    let temp = tempfile::tempdir().unwrap();
    let files = files(temp.path(), 400);
    let options = crate::ReadOptions { bad_rows: crate::BadRows::Skip, ..Default::default() };
    let table = crate::Table::open(&files, &options).unwrap();
    let schema = table.schema();
    let aggregates = Aggregate::parse("count(),count(x),sum(x),last(n),max(note)", schema).unwrap();
    let grouping = Grouping::new(schema, By::parse("key", schema).unwrap(), aggregates).unwrap();
    let scratch = temp.path().join("scratch");
    std::fs::create_dir(&scratch).unwrap();
    let go = |target: &str, memory, threads| {
        let target = temp.path().join(target);
        let limits = crate::Limits { memory, threads, temp: scratch.clone() };
        let done = group(&table, &grouping, &target, &limits, &Unwatched, &Disk::new()).unwrap();
        assert_eq!((done.groups, done.rows, done.skipped), (393, 6000, 6));
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
        (target, done.spilled)
    };
    let (whole, spilled) = go("whole.csv", 1 << 30, 1);
    assert_eq!(spilled, 0);
    let text = std::fs::read_to_string(&whole).unwrap();
    for (threads, memory) in [(1, 0), (2, 0), (4, 10 << 20), (3, 64 << 20)] {
        let (target, spilled) = go("other.csv", memory, threads);
        assert_eq!(std::fs::read_to_string(target).unwrap(), text);
        assert_eq!(spilled > 0, memory < 64 << 20);
    }
    // Against the rows, counted here.
    let mut dense: BTreeMap<String, (u32, u32, f64, usize)> = BTreeMap::new();
    for at in 0..6000 {
        let row = at % 3000;
        let key = if row % 50 == 49 { "~".into() } else { format!("k{}", at * 7919 % 400) };
        let group = dense.entry(key).or_default();
        group.0 += 1;
        if row % 7 != 0 {
            group.1 += 1;
            group.2 += (at * 31 % 1009) as f64 + 0.5;
        }
        group.3 = row;
    }
    let mut records = csv::Reader::from_path(&whole).unwrap();
    let header = ["key", "count()", "count(x)", "sum(x)", "last(n)", "max(note)"];
    assert_eq!(records.headers().unwrap(), header.as_slice());
    let mut seen = 0;
    for (record, (key, (all, present, sum, last))) in records.records().zip(&dense) {
        let record = record.unwrap();
        assert_eq!(&record[0], if key == "~" { "" } else { key });
        assert_eq!((record[1].parse(), record[2].parse()), (Ok(*all), Ok(*present)));
        // Sums of few halves are exact.
        assert_eq!(record[3].parse::<f64>().unwrap().to_bits(), sum.to_bits());
        assert_eq!(record[4].parse(), Ok(*last));
        assert!(record[5].starts_with("a, \"b\"\n"));
        seen += 1;
    }
    assert_eq!((seen, dense.len()), (393, 393));
}

#[test]
fn a_file_of_groups_is_whole_or_not_there() {
    let temp = tempfile::tempdir().unwrap();
    let files = files(temp.path(), 9);
    let options = crate::ReadOptions { bad_rows: crate::BadRows::Skip, ..Default::default() };
    let table = crate::Table::open(&files, &options).unwrap();
    let schema = table.schema();
    let aggregates = Aggregate::parse("sum(x)", schema).unwrap();
    let grouping = Grouping::new(schema, By::parse("key", schema).unwrap(), aggregates).unwrap();
    let out = temp.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let go = |fail: u64| {
        let asked = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&asked);
        let disk = Disk::watched(move |_| {
            if counter.fetch_add(1, Ordering::Relaxed) == fail {
                return Err(io::Error::other("told to fail"));
            }
            Ok(())
        });
        let limits = crate::Limits { memory: 0, threads: 1, temp: out.clone() };
        let done = group(&table, &grouping, &out.join("g.csv"), &limits, &Unwatched, &disk);
        (done, asked.load(Ordering::Relaxed))
    };
    let (whole, all) = go(u64::MAX);
    assert!(whole.unwrap().spilled > 0 && all > 50, "{all}");
    let text = std::fs::read(out.join("g.csv")).unwrap();
    std::fs::remove_file(out.join("g.csv")).unwrap();
    for fail in 0..all {
        let error = go(fail).0.unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("told to fail"), "{error}");
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "{fail}: {error}");
    }
    go(u64::MAX).0.unwrap();
    assert_eq!(std::fs::read(out.join("g.csv")).unwrap(), text);
}

#[test]
fn a_group_by_stops_when_told() {
    struct Stop;
    impl Watch for Stop {
        fn stop(&self) -> bool {
            true
        }
    }
    let temp = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(temp.path(), &Disk::new()).unwrap();
    let grouping = grouping("key", "count()");
    let mut groups = grouping.begin(&scratch, 0).unwrap();
    let rows = half_of_one(10_000, 3000);
    let schema = schema().arrow().project(grouping.wanted()).unwrap();
    let batch = RecordBatch::try_new(Arc::new(schema), columns(&rows)[..1].to_vec()).unwrap();
    groups.push(&Rows::new(0, batch)).unwrap();
    assert!(matches!(groups.finish(&Stop), Err(Error::Stopped)));
}

//! A description over blocks of files: the laws of merging, and the same bits by any way.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use twoblade_core::BlockSource;
use twoblade_runner::Runner;
use twoblade_table::Describe;
use twoblade_table::describe::Detail;

use super::opened;
use crate::counted::{CountOptions, CountedSource};
use crate::disk::Disk;
use crate::input::{Limits, ReadOptions, Table};
use crate::output::convert;
use crate::watch::Unwatched;

fn text() -> String {
    let mut text = String::from("n,x,word,yes,day\n");
    for row in 0..500u32 {
        let x = if row % 10 == 3 { "NA".into() } else { format!("{}e-{}", row * row, row % 30) };
        let yes = row % 7 == 0;
        writeln!(
            text,
            "{},{x},\"w,\n{}\",{yes},19{:02}-05-17",
            250 - i64::from(row),
            row % 13,
            row % 90
        )
        .unwrap();
    }
    text
}

/// The same table as plain text, packed and as Parquet, in 8 blocks.
fn sources(folder: &Path, detail: Detail) -> Vec<CountedSource> {
    let path = |name: &str| folder.join(name);
    std::fs::write(path("t.csv"), text()).unwrap();
    let mut packed =
        GzEncoder::new(std::fs::File::create(path("t.csv.gz")).unwrap(), Compression::fast());
    packed.write_all(text().as_bytes()).unwrap();
    packed.finish().unwrap();
    let open = |name: &str| Table::open(&[path(name)], &ReadOptions::default()).unwrap();
    let limits = Limits { memory: 0, threads: 1, temp: folder.into() };
    convert(&open("t.csv"), &path("t.parquet"), &limits, &Unwatched, &Disk::new()).unwrap();
    let counted = |name: &str| {
        let table = open(name);
        let options =
            CountOptions { block_rows: 64, chunk_rows: 10, detail, ..CountOptions::new(&table) };
        opened(&table, &options, (None, folder), (1 << 10, 2), &Disk::new()).unwrap()
    };
    ["t.csv", "t.csv.gz", "t.parquet"].map(counted).into()
}

fn model(source: &CountedSource) -> Describe {
    Describe::new(source.counted().schema().clone()).detail(source.counted().options().detail)
}

macro_rules! laws {
    ($($law:ident),+ $(,)?) => {
        $(#[test]
        fn $law() {
            let folder = tempfile::tempdir().unwrap();
            for source in sources(folder.path(), Detail::Moments) {
                twoblade_testkit::hold(twoblade_testkit::$law(&model(&source), &source));
            }
        })+
    };
}
laws!(
    merging_has_an_identity,
    merging_commutes,
    merging_associates,
    folding_on_is_merging,
    any_split_of_the_blocks_agrees,
    threads_inside_a_chunk_do_not_matter,
    a_state_fits_its_declared_bytes,
);

fn bytes<T: serde::Serialize>(thing: &T) -> Vec<u8> {
    postcard::to_stdvec(thing).unwrap()
}

#[test]
fn any_threads_and_any_format_give_the_bits_of_the_counting_read() {
    for detail in [Detail::Moments, Detail::All] {
        let folder = tempfile::tempdir().unwrap();
        let sources = sources(folder.path(), detail);
        let expected = bytes(&sources[0].counted().description().unwrap());
        let prints: Vec<_> = sources.iter().map(BlockSource::fingerprint).collect();
        assert!(prints[0] != prints[1] && prints[0] != prints[2] && prints[1] != prints[2]);
        for source in &sources {
            assert_eq!((source.blocks(), source.chunks()), (8, 7 * 7 + 6));
            assert_eq!(bytes(&source.counted().description().unwrap()), expected);
            for threads in [1, 2, 3, 8] {
                let run = Runner::new().threads(threads).run(&model(source), source).unwrap();
                assert_eq!(bytes(&run.estimate), expected, "{threads} threads");
            }
        }
    }
}

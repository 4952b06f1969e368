//! Chunks against the bytes of the file.

use std::ops::ControlFlow;

use twoblade_core::{BlockSource, BoxError};
use twoblade_geno::{Bins, Cut, PackedChunk, Study, Subset};
use twoblade_plink::{BedSource, Plink};

use crate::folder::Folder;

fn study(listed: usize, individuals: Vec<u32>, variants: usize, blocks: usize) -> Study {
    let (cut, variants) = (Cut::new(variants, listed, blocks).unwrap(), Subset::all(variants));
    Study { listed, individuals, traits: Vec::new(), variants, bins: Bins::one("all"), cut }
}

fn every_third(listed: u32) -> Vec<u32> {
    (0..listed).filter(|row| row % 3 != 1).collect()
}

/// All chunks of all blocks, and the digest of each block.
fn visit_all(source: &BedSource) -> (Vec<PackedChunk>, Vec<u64>) {
    let mut chunks = Vec::new();
    let digests = (0..source.blocks()).map(|block| {
        let visited = source.visit(block, &mut |chunk| {
            chunks.push(chunk.clone());
            ControlFlow::Continue(())
        });
        visited.unwrap()
    });
    let digests = digests.collect();
    (chunks, digests)
}

fn genotype(bytes: &[u8], individual: usize) -> u8 {
    (bytes[individual / 4] >> (2 * (individual % 4))) & 3
}

/// Compares every genotype with the file; returns how many there were.
fn compare(folder: &Folder, study: &Study) -> usize {
    let bed = std::fs::read(folder.path("x.bed")).unwrap();
    let source = BedSource::new(&folder.open(), study).unwrap();
    let (chunks, _) = visit_all(&source);
    assert_eq!(chunks.len() as u64, source.chunks());
    let (mut next, mut compared, stride) = (0, 0, study.listed.div_ceil(4));
    for chunk in &chunks {
        assert_eq!((chunk.first(), chunk.individuals()), (next, study.individuals.len()));
        for variant in 0..chunk.variants() {
            let row = &bed[3 + next * stride..][..stride];
            for (place, &individual) in study.individuals.iter().enumerate() {
                let found = genotype(chunk.variant(variant), place);
                assert_eq!(found, genotype(row, individual as usize), "{next} {individual}");
                compared += 1;
            }
            next += 1;
        }
    }
    assert_eq!(next, study.cut.variants());
    compared
}

#[test]
fn chunks_hold_what_the_file_holds() {
    for listed in [9u32, 16, 61] {
        let folder = Folder::with_data_set(listed as usize, 50);
        for rows in [(0..listed).collect(), every_third(listed), vec![listed - 1], vec![0, 1, 2]] {
            let kept = rows.len();
            let mut study = study(listed as usize, rows, 50, 7);
            study.cut = study.cut.chunk_variants(3);
            assert_eq!(compare(&folder, &study), kept * 50);
        }
    }
}

#[test]
fn a_chunk_larger_than_the_second_buffer_is_read_in_parts() {
    // 2,048 bytes a variant: 512 variants fill the second buffer, 1,024 a chunk.
    let folder = Folder::with_data_set(8190, 1_300);
    let rows = every_third(8190);
    let study = study(8190, rows, 1_300, 1);
    assert_eq!(study.cut.largest_chunk(), 1024);
    let source = BedSource::new(&folder.open(), &study).unwrap();
    assert_eq!(source.chunk_bytes(), 1024 * 5460usize.div_ceil(4) + 512 * 2048);
    assert_eq!(compare(&folder, &study), 5460 * 1_300);
}

#[test]
fn a_source_holds_the_bytes_it_declares() {
    let folder = Folder::with_data_set(10, 20);
    let bytes = |rows| {
        let study = study(10, rows, 20, 3);
        BedSource::new(&folder.open(), &study).unwrap().chunk_bytes()
    };
    // Blocks of 6, 6 and 8 variants, each one chunk; 3 bytes a variant, and 2 of those that stay.
    assert_eq!(bytes((0..10).collect()), 8 * 3);
    assert_eq!(bytes((2..9).collect()), 8 * 2 + 8 * 3);
}

#[test]
fn a_visit_stops_when_told() {
    let folder = Folder::with_data_set(10, 20);
    let mut study = study(10, vec![1, 2], 20, 2);
    study.cut = study.cut.chunk_variants(2);
    let source = BedSource::new(&folder.open(), &study).unwrap();
    let mut seen = 0;
    let visited = source.visit(1, &mut |_| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((visited.is_ok(), seen), (true, 3));
}

#[test]
fn the_digest_is_of_the_bytes_read_however_they_are_cut_and_whoever_stays() {
    let folder = Folder::with_data_set(10, 20);
    let digests = |rows: Vec<u32>, chunk| {
        let mut study = study(10, rows, 20, 4);
        study.cut = study.cut.chunk_variants(chunk);
        visit_all(&BedSource::new(&folder.open(), &study).unwrap()).1
    };
    let bed = std::fs::read(folder.path("x.bed")).unwrap();
    let block = 5 * 3; // variants and bytes of each
    let expected: Vec<u64> = bed[3..].chunks(block).map(xxhash_rust::xxh3::xxh3_64).collect();
    for chunk in [1, 2, 5] {
        assert_eq!(digests((0..10).collect(), chunk), expected);
        assert_eq!(digests(vec![3, 7], chunk), expected);
    }
}

#[test]
fn the_fingerprint_tells_data_apart() {
    let folder = Folder::with_data_set(1_000, 200);
    let fingerprint = |rows, blocks| {
        let study = study(1_000, rows, 200, blocks);
        BedSource::new(&folder.open(), &study).unwrap().fingerprint()
    };
    let all: Vec<u32> = (0..1_000).collect();
    let mut seen = vec![fingerprint(all.clone(), 10)];
    assert_eq!(fingerprint(all.clone(), 10), seen[0]);
    seen.push(fingerprint(all.clone(), 11));
    seen.push(fingerprint(all[..999].to_vec(), 10));
    seen.push(fingerprint(all[1..].to_vec(), 10));
    for (name, find, replace) in [("x.fam", "f9 i9 ", "f9 j9 "), ("x.bim", "\trs5\t", "\tRs5\t")] {
        let text = std::fs::read_to_string(folder.path(name)).unwrap();
        assert!(text.contains(find));
        folder.write(name, text.replacen(find, replace, 1));
        seen.push(fingerprint(all.clone(), 10));
    }
    // 50,003 bytes are fewer than 64 pages, so every byte is sampled.
    let mut bed = std::fs::read(folder.path("x.bed")).unwrap();
    for place in [3, 4_100, 25_000, 50_002] {
        bed[place] ^= 1;
        folder.write("x.bed", &bed);
        seen.push(fingerprint(all.clone(), 10));
    }
    let different: std::collections::HashSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), different.len()), (10, 10));
}

#[test]
fn a_file_that_shrinks_is_an_error_that_names_the_variants() {
    for rows in [(0..10).collect(), vec![1, 5]] {
        let folder = Folder::with_data_set(10, 20);
        let source = BedSource::new(&folder.open(), &study(10, rows, 20, 4)).unwrap();
        let bed = std::fs::File::options().write(true).open(folder.path("x.bed")).unwrap();
        bed.set_len(3 + 12 * 3).unwrap();
        let visit = |block| source.visit(block, &mut |_| ControlFlow::Continue(()));
        assert!(visit(1).is_ok());
        let error: BoxError = visit(2).unwrap_err();
        let error = error.downcast::<twoblade_plink::PlinkError>().unwrap();
        assert!(std::error::Error::source(&*error).is_some());
        assert_eq!(
            folder.refusal::<()>(Err(*error)),
            "x.bed: the genotypes of variants 11 to 15 (counted from 1) could not be read"
        );
    }
}

#[test]
fn a_study_of_other_files_is_refused() {
    let folder = Folder::with_data_set(10, 20);
    let plink: Plink = folder.open();
    for (listed, variants) in [(11, 20), (10, 19)] {
        assert_eq!(
            folder.refusal(BedSource::new(&plink, &study(listed, vec![0, 1], variants, 2))),
            format!(
                "the study has {listed} individuals and {variants} variants, x.bed has 10 and 20; \
                 make the study from these files"
            )
        );
    }
    let descending = study(10, vec![2, 1], 20, 2);
    let beyond = study(10, vec![9, 10], 20, 2);
    for study in [descending, beyond] {
        assert_eq!(
            folder.refusal(BedSource::new(&plink, &study)),
            "the study keeps 2 individuals of 10; at least one row, ascending and below 10, is \
             expected; make the study again"
        );
    }
    let mut other_listed = study(10, vec![0, 1, 2], 20, 2);
    other_listed.cut = Cut::new(20, 9, 2).unwrap();
    let mut other_variants = study(10, vec![0, 1, 2], 20, 2);
    other_variants.variants = Subset::new(20, vec![3, 5]);
    for (study, kept, cut_listed) in [(other_listed, 20, 9), (other_variants, 2, 10)] {
        assert_eq!(
            folder.refusal(BedSource::new(&plink, &study)),
            format!(
                "the study has {kept} variants of 10 individuals and was cut for 20 of {cut_listed}; \
                 make the study again"
            )
        );
    }
    let nobody = study(10, vec![], 20, 2);
    assert!(folder.refusal(BedSource::new(&plink, &nobody)).starts_with("the study keeps 0 "));
}

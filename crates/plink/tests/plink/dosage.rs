//! Chunks against bed-reader, which decodes .bed files in its own way.

use std::ops::ControlFlow;

use twoblade_core::{BlockSource, Random};
use twoblade_geno::{Cut, Subset, code};
use twoblade_plink::BedSource;

use crate::folder::Folder;

#[test]
fn chunks_decode_to_the_dosages_that_bed_reader_finds() {
    let random = Random::new(3, 0);
    let (mut compared, mut missing) = (0, 0);
    for round in 0..12u32 {
        let listed = 1 + random.below(0, round, 90);
        let variants = 1 + random.below(1, round, 60) as usize;
        let folder = Folder::with_data_set(listed as usize, variants);
        let plink = folder.open();
        let stays = |row: &u32| round == 0 || random.below(100 + u64::from(*row), round, 3) > 0;
        let mut individuals: Vec<u32> = (0..listed).filter(stays).collect();
        if individuals.is_empty() {
            individuals.push(0);
        }
        let rows: Vec<usize> = individuals.iter().map(|&row| row as usize).collect();
        let cut = Cut::new(variants, listed as usize, 1).unwrap().chunk_variants(7);
        let source = BedSource::over(&plink, &individuals, &Subset::all(variants), cut).unwrap();
        let visited = source.visit(0, &mut |chunk| {
            let columns: Vec<usize> = (chunk.first()..chunk.first() + chunk.variants()).collect();
            let dosages = plink.dosages(&rows, &columns).unwrap();
            assert_eq!(dosages.dim(), (rows.len(), columns.len()));
            for ((place, variant), dosage) in dosages.indexed_iter() {
                let byte = chunk.variant(variant)[place / 4];
                let expected = match usize::from(byte >> (2 * (place % 4))) & 3 {
                    code::HOM_A1 => 2.0,
                    code::HET => 1.0,
                    code::HOM_A2 => 0.0,
                    _ => {
                        missing += 1;
                        f64::NAN
                    }
                };
                assert_eq!(dosage.to_bits(), f64::to_bits(expected), "{place} {variant}");
                compared += 1;
            }
            ControlFlow::Continue(())
        });
        assert!(visited.is_ok());
    }
    assert!(missing > 1_000 && compared > 4 * 1_000, "{missing} of {compared}");
}

#[test]
fn dosages_come_in_the_order_asked_for() {
    let folder = Folder::with_data_set(6, 4);
    folder.write("x.bed", [0x6c, 0x1b, 1, 0b11_10_01_00, 0b11, 0, 0, 0xff, 0xf, 0, 0]);
    let plink = folder.open();
    let dosages = plink.dosages(&[4, 3, 2, 0, 0], &[2, 0]).unwrap();
    let found: Vec<String> = dosages.rows().into_iter().map(|row| format!("{row}")).collect();
    assert_eq!(found, ["[0, 0]", "[0, 0]", "[0, 1]", "[0, 2]", "[0, 2]"]);
    assert!(plink.dosages(&[1], &[0]).unwrap()[(0, 0)].is_nan());
    assert_eq!(plink.dosages(&[], &[1]).unwrap().dim(), (0, 1));
    assert_eq!(plink.dosages(&[1], &[]).unwrap().dim(), (1, 0));
}

#[test]
fn dosages_come_from_the_file_that_holds_the_variant() {
    let folder = Folder::with_data_set(6, 9);
    folder.split(&[2, 6], &["a", "b", "c"]);
    let (one, several) = (folder.open(), folder.open_all(&["a", "b", "c"]).unwrap());
    let wanted = [8, 2, 3, 2, 0, 1, 5, 6, 8];
    let [one, several] = [one, several].map(|plink| {
        let dosages = plink.dosages(&[4, 0, 5], &wanted).unwrap();
        dosages.iter().map(|dosage| dosage.to_bits()).collect::<Vec<_>>()
    });
    assert_eq!((one.len(), &one), (27, &several));
}

#[test]
fn dosages_that_are_not_there_are_refused() {
    let folder = Folder::with_data_set(6, 4);
    let plink = folder.open();
    assert_eq!(
        folder.refusal(plink.dosages(&[0, 6], &[0])),
        "individual 6 (counted from 0) is asked for, x.bed has 6"
    );
    assert_eq!(
        folder.refusal(plink.dosages(&[0], &[usize::MAX])),
        format!("variant {} (counted from 0) is asked for, x.bed has 4", usize::MAX)
    );
    folder.write("x.bed", "gone");
    let refused = plink.dosages(&[0], &[0]);
    assert!(refused.as_ref().err().and_then(std::error::Error::source).is_some());
    assert_eq!(folder.refusal(refused), "x.bed: dosages could not be read");
}

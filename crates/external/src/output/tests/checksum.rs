//! Parquet of others may have a checksum for each page; what writes it here knows none, so it is put in.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use bytes::Bytes;
use flate2::Crc;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::disk::Disk;
use crate::input::ReadOptions;
use crate::output::tests::read;

/// A file of one page: its header, its bytes, and what stands behind it.
fn one_page() -> (Vec<u8>, Vec<u8>, Bytes) {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
    let batch = RecordBatch::try_from_iter([("x", numbers)]).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let footer = file.len() - 8;
    let footer = footer - u32::from_le_bytes(*file[footer..].first_chunk().unwrap()) as usize;
    // A header: fields 1 to 3 are its kind and two lengths, of which the second is that in the file.
    let mut at = 4;
    let mut length = 0;
    for _ in 0..3 {
        assert_eq!(file[at], 0x15);
        let last = (at + 1..file.len()).find(|&at| file[at] < 0x80).unwrap();
        let digits = file[at + 1..=last].iter().rev();
        length = digits.fold(0, |sum, &digit| sum << 7 | usize::from(digit & 0x7f)) / 2;
        at = last + 1;
    }
    assert_eq!(file[at], 0x2c, "two on, a structure: field 5");
    let page = footer - length;
    (file[4..page].to_vec(), file[page..footer].to_vec(), file.into())
}

/// The file again, with the checksum of the page as field 4 of its header.
fn with_checksum((header, page, file): &(Vec<u8>, Vec<u8>, Bytes)) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(page);
    // Signed, zigzag, seven bits a byte.
    let signed = i64::from(i32::from_le_bytes(crc.sum().to_le_bytes()));
    let mut left = (signed << 1 ^ signed >> 63).cast_unsigned();
    let mut field = vec![0x15];
    while left >= 0x80 {
        field.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    field.push(u8::try_from(left).unwrap());
    let before = {
        let mut at = 0;
        for _ in 0..3 {
            at = (at + 1..header.len()).find(|&at| header[at] < 0x80).unwrap() + 1;
        }
        at
    };
    let mut bytes = b"PAR1".to_vec();
    bytes.extend_from_slice(&header[..before]);
    bytes.extend_from_slice(&field);
    // One on, a structure: field 5.
    bytes.push(0x1c);
    bytes.extend_from_slice(&header[before + 1..]);
    bytes.extend_from_slice(page);
    let metadata = ParquetMetaDataReader::new().parse_and_finish(file).unwrap();
    let group = metadata.row_group(0).clone();
    let column = group.column(0).clone();
    let longer = column.compressed_size() + i64::try_from(field.len()).unwrap();
    let column = column.into_builder().set_total_compressed_size(longer).build().unwrap();
    let group = group.into_builder().set_column_metadata(vec![column]).build().unwrap();
    let metadata = metadata.into_builder().set_row_groups(vec![group]).build();
    ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().unwrap();
    bytes
}

fn numbers(path: &Path, bytes: &[u8]) -> Result<Vec<i64>, String> {
    std::fs::write(path, bytes).unwrap();
    let batch = read(path, &ReadOptions::default(), &Disk::new());
    let batch =
        batch.map_err(|error| error.to_string().replace(path.to_str().unwrap(), "t.parquet"))?;
    Ok(batch.column(0).as_primitive::<Int64Type>().values().to_vec())
}

/// A bit of a number makes another number: only the checksum tells.
#[test]
fn a_page_that_is_not_what_its_checksum_says_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let parts = one_page();
    let expected: Vec<i64> = (0..1000).collect();
    let (plain, checked) = (parts.2.to_vec(), with_checksum(&parts));
    assert_eq!(numbers(&path, &plain).unwrap(), expected);
    assert_eq!(numbers(&path, &checked).unwrap(), expected);
    for (mut bytes, has) in [(plain, false), (checked, true)] {
        // In the middle of the numbers, from the end of the page.
        let footer = bytes.len() - 8;
        let footer = footer - u32::from_le_bytes(*bytes[footer..].first_chunk().unwrap()) as usize;
        bytes[footer - 4000] ^= 1;
        let found = numbers(&path, &bytes);
        if has {
            let message = found.unwrap_err();
            assert!(message.starts_with("cannot read t.parquet as Parquet: "), "{message}");
            assert!(message.contains("checksum"), "{message}");
        } else {
            assert_ne!(found.unwrap(), expected);
        }
    }
}

//! HDF5 through rust-hdf5: the only file that knows that library's datasets.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rust_hdf5::{ByteOrder, DatatypeMessage, H5Dataset, H5File, H5Type, Hdf5Error, StorageLayout};

use crate::arrays::{Array, ArrayFile};
use crate::error::ConnectomeError;
use crate::number::{Kind, Stored, half};
use crate::placed;
use crate::superblock::Superblock;

/// Filters that the library undoes: deflate, shuffle, fletcher32, szip, n-bit, scale-offset, LZF.
const FILTERS: [u16; 7] = [1, 2, 3, 4, 5, 6, 32_000];

/// How much shorter gzip makes bytes, at most, with room for other filters.
const PRESSED: u64 = 1 << 12;
/// A piece of an array may be longer than the array: so many bytes anyway.
const LEAST: u64 = 1 << 20;

/// Opens a file.
pub(crate) fn open(file: &Path) -> Result<Box<dyn ArrayFile>, ConnectomeError> {
    let fault = |source| ConnectomeError::Read { file: file.to_path_buf(), source };
    let bytes = std::fs::metadata(file).map_err(fault)?.len();
    let superblock = guarded(file, "the head of the file", || Ok(Superblock::read(file)))??;
    let opened = guarded(file, "the file", || H5File::options().best_effort_locking().open(file))?;
    Ok(Box::new(Hdf5 { path: file.to_path_buf(), bytes, superblock, file: opened }))
}

/// Asks the library, which may panic on what it did not expect in a damaged file.
fn guarded<T>(
    file: &Path,
    what: &str,
    ask: impl FnOnce() -> Result<T, Hdf5Error>,
) -> Result<T, ConnectomeError> {
    let fault =
        |source| ConnectomeError::Hdf5 { file: file.to_path_buf(), what: what.to_owned(), source };
    match catch_unwind(AssertUnwindSafe(ask)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(source)) => Err(fault(source.into())),
        Err(_) => Err(fault("the HDF5 library panicked".into())),
    }
}

/// One handle, of one thread.
struct Hdf5 {
    path: PathBuf,
    /// Its length.
    bytes: u64,
    superblock: Superblock,
    file: H5File,
}

impl Hdf5 {
    /// Asks the library about a dataset.
    fn ask<T>(
        &self,
        name: &str,
        ask: impl FnOnce() -> Result<T, Hdf5Error>,
    ) -> Result<T, ConnectomeError> {
        guarded(&self.path, &format!("dataset '{name}'"), ask)
    }

    /// A dataset that is no larger than the file can hold: heads are not believed further, as buffers
    /// are made by them.
    fn dataset(&self, name: &str) -> Result<H5Dataset, ConnectomeError> {
        let (dataset, filters) = self.ask(name, || {
            let dataset = self.file.dataset(name)?;
            let filters = dataset.filters()?.len();
            Ok((dataset, filters))
        })?;
        let most = if filters > 0 { self.bytes.saturating_mul(PRESSED) } else { self.bytes };
        for shape in [Some(dataset.shape()), dataset.chunk_dims()].into_iter().flatten() {
            let size = dataset.element_size();
            let bytes = shape.iter().try_fold(size, |all, &side| all.checked_mul(side));
            if bytes.is_none_or(|bytes| bytes as u64 > most.max(LEAST)) {
                return Err(ConnectomeError::TooLarge {
                    file: self.path.clone(),
                    dataset: name.to_owned(),
                    shape,
                    bytes: self.bytes,
                });
            }
        }
        Ok(dataset)
    }

    /// Refuses what would be read wrongly, or not at all.
    fn check(&self, name: &str, dataset: &H5Dataset) -> Result<(), ConnectomeError> {
        let unsupported = |what: String| ConnectomeError::Unsupported {
            file: self.path.clone(),
            dataset: name.to_owned(),
            what,
        };
        let layout = self.ask(name, || dataset.storage_layout())?;
        if layout == StorageLayout::Virtual {
            return Err(unsupported(
                "a virtual dataset, whose numbers lie in other files".to_owned(),
            ));
        }
        let external = self.ask(name, || dataset.external_files())?;
        if !external.is_empty() {
            return Err(unsupported("numbers in another file beside this one".to_owned()));
        }
        let filters = self.ask(name, || dataset.filters())?;
        match filters.iter().find(|filter| !FILTERS.contains(&filter.id)) {
            Some(filter) => Err(unsupported(format!("the filter {}", filter_name(filter.id)))),
            None => Ok(()),
        }
    }

    /// Reads rows as they are stored, in the byte order of the machine, and converts them.
    fn convert<T: H5Type + Default + Copy>(
        &self,
        name: &str,
        (starts, counts): ([usize; 3], [usize; 3]),
        to: &mut [f32],
        number: impl Fn(T) -> f32,
    ) -> Result<(), ConnectomeError> {
        let mut raw = vec![T::default(); to.len()];
        let dataset = self.dataset(name)?;
        self.ask(name, || dataset.read_slice_into(&mut raw, &starts, &counts))?;
        for (to, raw) in to.iter_mut().zip(raw) {
            *to = number(raw);
        }
        Ok(())
    }
}

impl ArrayFile for Hdf5 {
    fn array(&self, name: &str) -> Result<Option<Array>, ConnectomeError> {
        let there = self.ask(name, || match self.file.dataset(name) {
            Ok(_) => Ok(true),
            Err(Hdf5Error::NotFound(_)) => Ok(false),
            Err(source) => Err(source),
        })?;
        if !there {
            return Ok(None);
        }
        let dataset = self.dataset(name)?;
        self.check(name, &dataset)?;
        let datatype = self.ask(name, || dataset.datatype())?;
        let filters = self.ask(name, || dataset.filters())?;
        Ok(Some(Array {
            shape: dataset.shape(),
            stored: stored(&datatype),
            pieces: dataset.chunk_dims(),
            filters: filters.len(),
        }))
    }

    fn placed(&self, name: &'static str, array: &Array) -> Result<(), ConnectomeError> {
        self.ask(name, || Ok(placed::check(&self.path, &self.superblock, name, array)))?
    }

    fn names(&self) -> Vec<String> {
        self.file.dataset_names()
    }

    fn integers(&self, name: &str) -> Result<Vec<i64>, ConnectomeError> {
        let dataset = self.dataset(name)?;
        self.ask(name, || dataset.read_numeric_as())
    }

    fn reals(&self, name: &str) -> Result<Vec<f64>, ConnectomeError> {
        let dataset = self.dataset(name)?;
        let datatype = self.ask(name, || dataset.datatype())?;
        if stored(&datatype).is_some_and(|stored| stored.kind.is_whole()) {
            return Ok(self.integers(name)?.into_iter().map(|number| number as f64).collect());
        }
        self.ask(name, || dataset.read_numeric_as())
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, ConnectomeError> {
        let dataset = self.dataset(name)?;
        self.ask(name, || dataset.read_strings())
    }

    fn attribute(&self, of: Option<&str>, name: &str) -> Result<Option<Vec<i64>>, ConnectomeError> {
        // The library reads attributes of datasets, and of the file only if they are texts.
        let Some(of) = of else {
            let what = "the head of the file";
            return guarded(&self.path, what, || Ok(self.superblock.attribute(&self.path, name)))?;
        };
        self.ask(of, || {
            let Ok(dataset) = self.file.dataset(of) else { return Ok(None) };
            match dataset.attr(name) {
                Ok(attribute) => attribute.read_numeric_as().map(Some),
                Err(_) => Ok(None),
            }
        })
    }

    fn rows(
        &self,
        name: &str,
        array: &Array,
        first: usize,
        to: &mut [f32],
    ) -> Result<(), ConnectomeError> {
        let (Some(stored), [_, time_points, voxels]) = (array.stored, array.shape.as_slice())
        else {
            return self.ask(name, || Err(Hdf5Error::TypeMismatch("no series".to_owned())));
        };
        let rows = to.len() / (time_points * voxels).max(1);
        let starts = [first, 0, 0];
        let counts = [rows, *time_points, *voxels];
        let at = (starts, counts);
        match stored.kind {
            Kind::F32 => {
                let dataset = self.dataset(name)?;
                self.ask(name, || dataset.read_slice_into(to, &starts, &counts))
            }
            Kind::F16 => self.convert(name, at, to, half),
            #[expect(clippy::cast_possible_truncation, reason = "rounded, as said")]
            Kind::F64 => self.convert(name, at, to, |number: f64| number as f32),
            Kind::I8 => self.convert(name, at, to, |number: i8| f32::from(number)),
            Kind::U8 => self.convert(name, at, to, |number: u8| f32::from(number)),
            Kind::I16 => self.convert(name, at, to, |number: i16| f32::from(number)),
            Kind::U16 => self.convert(name, at, to, |number: u16| f32::from(number)),
            Kind::I32 => self.convert(name, at, to, |number: i32| number as f32),
            Kind::U32 => self.convert(name, at, to, |number: u32| number as f32),
            Kind::I64 => self.convert(name, at, to, |number: i64| number as f32),
            Kind::U64 => self.convert(name, at, to, |number: u64| number as f32),
        }
    }
}

/// The kind of number, checked to the last bit of its layout: a read by size alone would be garbage.
fn stored(datatype: &DatatypeMessage) -> Option<Stored> {
    use rust_hdf5::format::messages::datatype::IeeeFormat;

    let (kind, order) = match datatype {
        DatatypeMessage::FloatingPoint { byte_order, .. } => {
            let kind = match datatype.ieee_format()? {
                IeeeFormat::Binary16 => Kind::F16,
                IeeeFormat::Binary32 => Kind::F32,
                IeeeFormat::Binary64 => Kind::F64,
            };
            (kind, byte_order)
        }
        DatatypeMessage::FixedPoint { size, byte_order, signed, bit_offset, bit_precision } => {
            if *bit_offset != 0 || u32::from(*bit_precision) != size * 8 {
                return None;
            }
            let kind = match (size, signed) {
                (1, true) => Kind::I8,
                (2, true) => Kind::I16,
                (4, true) => Kind::I32,
                (8, true) => Kind::I64,
                (1, false) => Kind::U8,
                (2, false) => Kind::U16,
                (4, false) => Kind::U32,
                (8, false) => Kind::U64,
                _ => return None,
            };
            (kind, byte_order)
        }
        _ => return None,
    };
    Some(Stored { kind, big_endian: *order == ByteOrder::BigEndian })
}

fn filter_name(id: u16) -> String {
    let name = match id {
        307 => "bzip2",
        32_001 => "Blosc",
        32_004 => "LZ4",
        32_008 => "bitshuffle",
        32_013 => "ZFP",
        32_015 => "Zstandard",
        32_026 => "Blosc2",
        _ => return format!("of number {id}"),
    };
    format!("{name} (of number {id})")
}

//! HDF5 through rust-hdf5: the only file that knows that library's datasets.

use std::path::{Path, PathBuf};

use rust_hdf5::{ByteOrder, DatatypeMessage, H5Dataset, H5File, H5Type, Hdf5Error, StorageLayout};

use crate::arrays::{Array, ArrayFile};
use crate::error::ConnectomeError;
use crate::number::{Kind, Stored, half};
use crate::superblock::Superblock;

/// Filters that the library undoes: deflate, shuffle, fletcher32, szip, n-bit, scale-offset, LZF.
const FILTERS: [u16; 7] = [1, 2, 3, 4, 5, 6, 32_000];

/// Opens a file.
pub(crate) fn open(file: &Path) -> Result<Box<dyn ArrayFile>, ConnectomeError> {
    let superblock = Superblock::read(file)?;
    let opened = H5File::options().best_effort_locking().open(file).map_err(|source| {
        ConnectomeError::Hdf5 {
            file: file.to_path_buf(),
            what: "the file".to_owned(),
            source: source.into(),
        }
    })?;
    Ok(Box::new(Hdf5 { path: file.to_path_buf(), superblock, file: opened }))
}

/// One handle, of one thread.
struct Hdf5 {
    path: PathBuf,
    superblock: Superblock,
    file: H5File,
}

impl Hdf5 {
    fn dataset(&self, name: &str) -> Result<H5Dataset, ConnectomeError> {
        self.file.dataset(name).map_err(|source| self.fault(name, source))
    }

    fn fault(&self, name: &str, source: Hdf5Error) -> ConnectomeError {
        let what = format!("dataset '{name}'");
        ConnectomeError::Hdf5 { file: self.path.clone(), what, source: source.into() }
    }

    /// Refuses what would be read wrongly, or not at all.
    fn check(&self, name: &str, dataset: &H5Dataset) -> Result<(), ConnectomeError> {
        let unsupported = |what: String| ConnectomeError::Unsupported {
            file: self.path.clone(),
            dataset: name.to_owned(),
            what,
        };
        let layout = dataset.storage_layout().map_err(|source| self.fault(name, source))?;
        if layout == StorageLayout::Virtual {
            return Err(unsupported(
                "a virtual dataset, whose numbers lie in other files".to_owned(),
            ));
        }
        let external = dataset.external_files().map_err(|source| self.fault(name, source))?;
        if !external.is_empty() {
            return Err(unsupported("numbers in another file beside this one".to_owned()));
        }
        let filters = dataset.filters().map_err(|source| self.fault(name, source))?;
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
        dataset
            .read_slice_into(&mut raw, &starts, &counts)
            .map_err(|source| self.fault(name, source))?;
        for (to, raw) in to.iter_mut().zip(raw) {
            *to = number(raw);
        }
        Ok(())
    }
}

impl ArrayFile for Hdf5 {
    fn array(&self, name: &str) -> Result<Option<Array>, ConnectomeError> {
        let dataset = match self.file.dataset(name) {
            Ok(dataset) => dataset,
            Err(Hdf5Error::NotFound(_)) => return Ok(None),
            Err(source) => return Err(self.fault(name, source)),
        };
        self.check(name, &dataset)?;
        let datatype = dataset.datatype().map_err(|source| self.fault(name, source))?;
        let filters = dataset.filters().map_err(|source| self.fault(name, source))?;
        Ok(Some(Array {
            shape: dataset.shape(),
            stored: stored(&datatype),
            pieces: dataset.chunk_dims(),
            filters: filters.len(),
        }))
    }

    fn names(&self) -> Vec<String> {
        self.file.dataset_names()
    }

    fn integers(&self, name: &str) -> Result<Vec<i64>, ConnectomeError> {
        let dataset = self.dataset(name)?;
        dataset.read_numeric_as().map_err(|source| self.fault(name, source))
    }

    fn reals(&self, name: &str) -> Result<Vec<f64>, ConnectomeError> {
        let dataset = self.dataset(name)?;
        let datatype = dataset.datatype().map_err(|source| self.fault(name, source))?;
        if stored(&datatype).is_some_and(|stored| stored.kind.is_whole()) {
            return Ok(self.integers(name)?.into_iter().map(|number| number as f64).collect());
        }
        dataset.read_numeric_as().map_err(|source| self.fault(name, source))
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, ConnectomeError> {
        self.dataset(name)?.read_strings().map_err(|source| self.fault(name, source))
    }

    fn attribute(&self, of: Option<&str>, name: &str) -> Result<Option<Vec<i64>>, ConnectomeError> {
        // The library reads attributes of datasets, and of the file only if they are texts.
        let Some(of) = of else { return self.superblock.attribute(&self.path, name) };
        let Ok(dataset) = self.file.dataset(of) else { return Ok(None) };
        match dataset.attr(name) {
            Ok(attribute) => {
                attribute.read_numeric_as().map(Some).map_err(|source| self.fault(of, source))
            }
            Err(_) => Ok(None),
        }
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
            return Err(self.fault(name, Hdf5Error::TypeMismatch("no series".to_owned())));
        };
        let rows = to.len() / (time_points * voxels).max(1);
        let starts = [first, 0, 0];
        let counts = [rows, *time_points, *voxels];
        let at = (starts, counts);
        match stored.kind {
            Kind::F32 => self
                .dataset(name)?
                .read_slice_into(to, &starts, &counts)
                .map_err(|source| self.fault(name, source)),
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

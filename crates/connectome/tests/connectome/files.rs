//! Small files of every format, made here.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use rust_hdf5::{H5File, H5Type, LibverBound};
use tempfile::TempDir;
use twoblade_connectome::{Connectome, ConnectomeSource};
use twoblade_core::BlockSource;

/// The shape of the small series: subjects, time points, voxels.
pub(crate) const SHAPE: [usize; 3] = [5, 4, 6];

/// A 2 mm grid of 3 x 4 x 5 whose first voxel is at (-2, -4, -6).
pub(crate) const GRID: [usize; 3] = [3, 4, 5];
pub(crate) const AFFINE: [[f64; 4]; 3] =
    [[2.0, 0.0, 0.0, -2.0], [0.0, 2.0, 0.0, -4.0], [0.0, 0.0, 2.0, -6.0]];

/// Six voxels of that grid.
pub(crate) const VOXELS: [[i64; 3]; 6] =
    [[0, 0, 0], [0, 0, 1], [1, 2, 3], [2, 0, 4], [2, 3, 0], [2, 3, 4]];

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A number that is its place, and a whole number in any kind.
pub(crate) fn value(subject: usize, time: usize, voxel: usize) -> i16 {
    i16::try_from(subject * 24 + time * 6 + voxel).unwrap() - 50
}

/// All values of the small series.
pub(crate) fn values() -> Vec<i16> {
    let [subjects, times, voxels] = SHAPE;
    (0..subjects * times * voxels)
        .map(|place| value(place / (times * voxels), place / voxels % times, place % voxels))
        .collect()
}

/// How an HDF5 file is laid out.
pub(crate) struct Layout {
    pub(crate) chunk: Option<[usize; 3]>,
    pub(crate) filters: &'static [&'static str],
    pub(crate) across: bool,
    pub(crate) voxels: Vec<[i64; 3]>,
    pub(crate) affine: [[f64; 4]; 3],
    pub(crate) grid: Option<[i64; 3]>,
    pub(crate) names: Option<&'static [&'static str]>,
    /// As the first libraries laid files out: no checksums.
    pub(crate) old: bool,
    pub(crate) without: &'static str,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            chunk: None,
            filters: &[],
            across: false,
            voxels: VOXELS.to_vec(),
            affine: AFFINE,
            grid: Some([3, 4, 5]),
            names: None,
            old: false,
            without: "",
        }
    }
}

impl Layout {
    /// Writes a file of these values, of any kind of number.
    pub(crate) fn write<T: H5Type>(&self, file: &Path, shape: &[usize], values: &[T]) {
        let options = H5File::options();
        let options = if self.old { options.libver(LibverBound::Earliest) } else { options };
        let h5 = options.create(file).unwrap();
        if self.without != "timeseries" {
            let mut series = h5.new_dataset::<T>().shape(shape);
            if let Some(chunk) = self.chunk {
                series = series.chunk(&chunk);
            }
            let pipeline = |pipeline: rust_hdf5::FilterPipeline| pipeline.filters;
            let filters: Vec<rust_hdf5::Filter> = self
                .filters
                .iter()
                .flat_map(|name| match *name {
                    "gzip" => pipeline(rust_hdf5::FilterPipeline::deflate(4)),
                    "shuffle" => {
                        let bytes = u32::try_from(T::element_size()).unwrap();
                        pipeline(rust_hdf5::FilterPipeline::shuffle(bytes))
                    }
                    "fletcher32" => vec![rust_hdf5::Filter { id: 3, flags: 0, cd_values: vec![] }],
                    other => panic!("no filter {other}"),
                })
                .collect();
            if !filters.is_empty() {
                series = series.filter_pipeline(rust_hdf5::FilterPipeline { filters });
            }
            let series = series.create("timeseries").unwrap();
            // Or it is there, and was never filled.
            if !values.is_empty() {
                series.write_raw(values).unwrap();
            }
        }
        let count = self.voxels.len();
        let (shape, entries): ([usize; 2], Vec<i64>) = if self.across {
            let axis = |axis: usize| self.voxels.iter().map(move |voxel| voxel[axis]);
            ([3, count], (0..3).flat_map(axis).collect())
        } else {
            ([count, 3], self.voxels.iter().flatten().copied().collect())
        };
        if self.without != "mask_indices" {
            let indices = h5.new_dataset::<i64>().shape(shape).create("mask_indices").unwrap();
            indices.write_raw(&entries).unwrap();
        }
        let affine: Vec<f64> =
            self.affine.into_iter().flatten().chain([0.0, 0.0, 0.0, 1.0]).collect();
        let dataset = h5.new_dataset::<f64>().shape([4, 4]).create("mask_affine").unwrap();
        dataset.write_raw(&affine).unwrap();
        if let Some(grid) = self.grid {
            h5.set_attr_array_numeric("mask_shape", &grid).unwrap();
        }
        if let Some(names) = self.names {
            h5.write_vlen_strings("subjects", names).unwrap();
        }
        h5.close().unwrap();
    }

    /// Writes the small series as 32-bit floats.
    pub(crate) fn small(&self, file: &Path) {
        let values: Vec<f32> = values().into_iter().map(f32::from).collect();
        self.write(file, &SHAPE, &values);
    }
}

/// All values of a connectome, subject by subject, run by run.
pub(crate) fn read(connectome: &Connectome, block_subjects: usize) -> Vec<Vec<Vec<f32>>> {
    let source = ConnectomeSource::new(connectome, block_subjects).unwrap();
    let mut subjects = Vec::new();
    for block in 0..source.blocks() {
        let visited = source.visit(block, &mut |subject| {
            assert_eq!(subject.number(), subjects.len());
            subjects.push(subject.runs().iter().map(|run| run.values.clone()).collect());
            ControlFlow::Continue(())
        });
        visited.unwrap();
    }
    subjects
}

/// The values of the small series, as a connectome gives them.
pub(crate) fn expected() -> Vec<Vec<Vec<f32>>> {
    let all: Vec<f32> = values().into_iter().map(f32::from).collect();
    all.chunks(SHAPE[1] * SHAPE[2]).map(|values| vec![values.to_vec()]).collect()
}

/// A NIfTI-1 file, field by field.
pub(crate) struct Nifti {
    pub(crate) shape: Vec<i16>,
    pub(crate) datatype: i16,
    pub(crate) scale: [f32; 2],
    pub(crate) sform: Option<[[f64; 4]; 3]>,
    /// Quaternion, offset, and the signed first size.
    pub(crate) qform: Option<([f32; 3], [f32; 3], f32)>,
    pub(crate) sizes: [f32; 3],
    pub(crate) data: Vec<u8>,
    pub(crate) big_endian: bool,
    pub(crate) magic: [u8; 4],
}

impl Nifti {
    /// Bytes of a data type of NIfTI's number.
    pub(crate) fn new(
        shape: &[usize],
        affine: [[f64; 4]; 3],
        datatype: i16,
        data: Vec<u8>,
    ) -> Self {
        Self {
            shape: shape.iter().map(|&side| i16::try_from(side).unwrap()).collect(),
            datatype,
            scale: [f32::NAN, f32::NAN],
            sform: Some(affine),
            qform: None,
            sizes: [2.0; 3],
            data,
            big_endian: false,
            magic: *b"n+1\0",
        }
    }

    /// An image of bytes that is 1 at some voxels of a grid.
    pub(crate) fn spots(shape: [usize; 3], affine: [[f64; 4]; 3], spots: &[[usize; 3]]) -> Self {
        let mut data = vec![0; shape.iter().product()];
        for at in spots {
            data[at[0] + shape[0] * (at[1] + shape[1] * at[2])] = 1;
        }
        Self::new(&shape, affine, 2, data)
    }

    /// An image of 32-bit floats.
    pub(crate) fn floats(shape: &[usize], affine: [[f64; 4]; 3], values: &[f32]) -> Self {
        Self::new(shape, affine, 16, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = vec![0u8; 352];
        let mut put = |at: usize, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            if self.big_endian {
                bytes.reverse();
            }
            head[at..at + bytes.len()].copy_from_slice(&bytes);
        };
        put(0, &348i32.to_le_bytes());
        put(40, &i16::try_from(self.shape.len()).unwrap().to_le_bytes());
        for (axis, side) in self.shape.iter().enumerate() {
            put(42 + 2 * axis, &side.to_le_bytes());
        }
        put(70, &self.datatype.to_le_bytes());
        put(108, &352f32.to_le_bytes());
        put(112, &self.scale[0].to_le_bytes());
        put(116, &self.scale[1].to_le_bytes());
        for (axis, size) in self.sizes.iter().enumerate() {
            put(80 + 4 * axis, &size.to_le_bytes());
        }
        if let Some((parts, offset, handed)) = self.qform {
            put(252, &1i16.to_le_bytes());
            put(76, &handed.to_le_bytes());
            for axis in 0..3 {
                put(256 + 4 * axis, &parts[axis].to_le_bytes());
                put(268 + 4 * axis, &offset[axis].to_le_bytes());
            }
        }
        if let Some(affine) = self.sform {
            put(254, &4i16.to_le_bytes());
            for (entry, number) in affine.iter().flatten().enumerate() {
                #[expect(clippy::cast_possible_truncation, reason = "as the format has it")]
                let number = *number as f32;
                put(280 + 4 * entry, &number.to_le_bytes());
            }
        }
        head[344..348].copy_from_slice(&self.magic);
        head.extend(&self.data);
        head
    }

    /// Writes it, compressed if the name says so.
    pub(crate) fn write(&self, file: impl AsRef<Path>) -> PathBuf {
        let file = file.as_ref();
        let bytes = self.bytes();
        if file.extension().is_some_and(|ending| ending == "gz") {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&bytes).unwrap();
            fs::write(file, gzip.finish().unwrap()).unwrap();
        } else {
            fs::write(file, bytes).unwrap();
        }
        file.to_path_buf()
    }
}

/// An .npy file.
pub(crate) fn npy(file: &Path, descr: &str, shape: &str, data: &[u8]) {
    let mut head = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + head.len() + 1) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(head.len()).unwrap().to_le_bytes());
    bytes.extend(head.as_bytes());
    bytes.extend(data);
    fs::write(file, bytes).unwrap();
}

/// A text, without the folder that files are in.
pub(crate) fn text(error: &dyn Error, folder: &TempDir) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text.replace(&format!("{}/", folder.path().display()), "")
}

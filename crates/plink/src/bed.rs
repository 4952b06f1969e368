//! The .bed file: its beginning, its length, its rows.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twoblade_geno::stride;

use crate::bim::BimPart;
use crate::error::PlinkError;
use crate::fam::Fam;
use crate::positioned::read_exact_at;

/// Two magic bytes, then 1 for variant-major.
pub(crate) const HEADER: [u8; 3] = [0x6c, 0x1b, 0x01];
const PAGES: u64 = 64;
const PAGE: usize = 4096;

/// An open .bed file.
#[derive(Clone, Debug)]
pub(crate) struct Bed {
    file: PathBuf,
    open: Arc<File>,
    length: u64,
}

impl Bed {
    /// Opens a file and checks how it begins.
    pub(crate) fn open(file: PathBuf) -> Result<Self, PlinkError> {
        let read = |source| PlinkError::Read { file: file.clone(), source };
        let open = File::open(&file).map_err(read)?;
        let length = open.metadata().map_err(read)?.len();
        let mut header = [0; 3];
        let there = &mut header[..usize::try_from(length).map_or(3, |length| length.min(3))];
        read_exact_at(&open, there, 0).map_err(read)?;
        match *there {
            [] => {
                let expected = "3 bytes of header and the genotypes are";
                return Err(PlinkError::Empty { file, expected });
            }
            [0x6c, 0x1b, 1] => {}
            [0x6c, 0x1b, 0] => return Err(PlinkError::IndividualMajor { file }),
            [0x6c, 0x1b, found] => return Err(PlinkError::BedMode { file, found }),
            ref other => {
                let bytes: Vec<String> = other.iter().map(|byte| format!("{byte:02x}")).collect();
                return Err(PlinkError::NotBed { file, found: bytes.join(" ") });
            }
        }
        Ok(Self { file, open: Arc::new(open), length })
    }

    /// How many variants there are if there are so many individuals.
    pub(crate) fn variants(&self, individuals: usize) -> u64 {
        (self.length - HEADER.len() as u64) / stride(individuals).max(1) as u64
    }

    /// Refuses a length that is not what the other two files say.
    pub(crate) fn check(&self, fam: &Fam, bim: &BimPart) -> Result<(), PlinkError> {
        let rows = (bim.variants.len() as u64).saturating_mul(stride(fam.count()) as u64);
        let expected = rows.saturating_add(HEADER.len() as u64);
        if self.length == expected {
            return Ok(());
        }
        Err(PlinkError::BedLength {
            file: self.file.clone(),
            found: self.length,
            expected,
            bim: bim.file.clone(),
            variants: bim.variants.len(),
            fam: fam.file().to_path_buf(),
            individuals: fam.count(),
        })
    }

    /// The file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Reads the rows of some variants; `buffer` has their size.
    pub(crate) fn read(
        &self,
        buffer: &mut [u8],
        individuals: usize,
        variants: Range<usize>,
    ) -> Result<(), PlinkError> {
        let offset = HEADER.len() as u64 + variants.start as u64 * stride(individuals) as u64;
        read_exact_at(&self.open, buffer, offset).map_err(|source| PlinkError::ReadVariants {
            file: self.file.clone(),
            first: variants.start + 1,
            last: variants.end,
            source,
        })
    }

    /// Hashes the length and pages spread evenly over the file: enough to tell files apart, and
    /// quick on any size. What changes between two reads is for the digests of the reads to notice.
    pub(crate) fn hash_sample(&self, hasher: &mut blake3::Hasher) -> Result<(), PlinkError> {
        hasher.update(&self.length.to_le_bytes());
        let last = self.length.saturating_sub(PAGE as u64);
        let mut page = vec![0; PAGE.min(usize::try_from(self.length).unwrap_or(PAGE))];
        for index in 0..PAGES {
            // Exact, and without overflow for any length.
            let offset = last / (PAGES - 1) * index + last % (PAGES - 1) * index / (PAGES - 1);
            let read: io::Result<()> = read_exact_at(&self.open, &mut page, offset);
            read.map_err(|source| PlinkError::Read { file: self.file.clone(), source })?;
            hasher.update(&page);
        }
        Ok(())
    }
}

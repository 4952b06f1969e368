//! A table as a source of blocks.

use std::ops::{ControlFlow, Range};
use std::path::Path;

use twoblade_core::{BlockSource, BoxError, Fingerprint};
use twoblade_table::Rows;

use super::bounds::Bounds;
use super::count::{Within, count, rewrite};
use super::extent::bits;
use super::found::Counted;
use super::identity::print;
use super::options::CountOptions;
use super::recut::Recut;
use super::rewritten::{BlockReader, Rewritten};
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, PIECE, Part, Reading, Table, Wanted};
use crate::watch::Watch;

/// A table that was counted, as a source: a chunk is some of its rows.
///
/// A block is as many rows as were asked for, in the order of the files, across their ends; the last
/// one has perhaps fewer. CSV is read from where a block begins to where the next one does, and is
/// compared with the text that was counted. CSV that is packed lies unpacked in a temporary file, as
/// Arrow IPC, as long as the source is there. Of Parquet the group of rows is read that the block
/// begins in, so blocks are best as long as those or longer.
///
/// Rows of Parquet are held as pages of at most 1 MiB for every column, and a dictionary of 1 MiB: what
/// those who write Parquet hold to if nothing else is said.
///
/// ```
/// use std::ops::ControlFlow;
/// use twoblade_core::BlockSource;
/// use twoblade_external::{
///     CountOptions, CountedSource, Disk, Limits, ReadOptions, Table, Unwatched,
/// };
/// use twoblade_table::describe::Summary;
///
/// # let folder = tempfile::tempdir()?;
/// let file = folder.path().join("winds.csv");
/// std::fs::write(&file, "station,wind\nOslo,4.5\nBergen,NA\nBodø,11.5\n")?;
///
/// let table = Table::open(&[file], &ReadOptions::default())?;
/// let options = CountOptions { block_rows: 2, ..CountOptions::new(&table) };
/// let limits = Limits { memory: 64 << 20, threads: 2, temp: std::env::temp_dir() };
/// let cache = folder.path().join("winds.counted");
/// let source =
///     CountedSource::open(&table, &options, Some(&cache), &limits, &Unwatched, &Disk::new())?;
/// assert_eq!((source.counted().rows(), source.blocks()), (3, 2));
/// // The second block begins with the third row: behind 32 bytes, on line 4.
/// let place = source.counted().blocks()[1].place;
/// assert_eq!((place.offset, place.line), (32, 4));
/// let columns = source.counted().description()?.columns;
/// let Summary::Numbers(wind) = &columns[1].summary else { unreachable!() };
/// assert_eq!((wind.mean, columns[1].missing), (8.0, 1));
///
/// source.visit(1, &mut |rows| {
///     assert_eq!((rows.first(), rows.count()), (2, 1));
///     ControlFlow::Continue(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct CountedSource {
    table: Table,
    counted: Counted,
    disk: Disk,
    way: Way,
}

/// Where the rows are.
#[derive(Debug)]
enum Way {
    Files(Reading),
    Rewritten(Rewritten),
}

/// Rows of a block as they come.
enum Reader<'a> {
    Part(Part<'a>),
    Rewritten(Box<BlockReader>),
}

/// Pages of Parquet that are held for a column, unless all of a group are less: a dictionary and a page,
/// each packed and unpacked.
const PAGES: usize = 4 << 20;

impl CountedSource {
    /// Counts a table, unless it was counted before with the same options and the file `cache` says so;
    /// else what is found is saved there.
    ///
    /// The counting read tells `watch` of its bytes as "counting".
    ///
    /// # Errors
    /// What is wrong with the table, the options or the disk, if the file `cache` is something else, if
    /// a file changes meanwhile, and if it is told to stop.
    pub fn open(
        table: &Table,
        options: &CountOptions,
        cache: Option<&Path>,
        limits: &Limits,
        watch: &dyn Watch,
        disk: &Disk,
    ) -> Result<Self, Error> {
        Self::open_within(table, options, cache, Within { limits, watch, disk, piece: PIECE })
    }

    pub(super) fn open_within(
        table: &Table,
        options: &CountOptions,
        cache: Option<&Path>,
        within: Within<'_>,
    ) -> Result<Self, Error> {
        options.check(table)?;
        if let Some(path) = cache
            && let Some(counted) = Counted::load(path, table, options, within.disk)?
        {
            return Self::ready(table, counted, None, within);
        }
        let (counted, rewritten) = count(table, options, within)?;
        if let Some(path) = cache {
            counted.save(path, within.disk)?;
        }
        Self::ready(table, counted, rewritten, within)
    }

    /// The source of a table that was counted, perhaps elsewhere; only what is packed is read here, and
    /// `watch` told of its bytes as "unpacking".
    ///
    /// # Errors
    /// [`Error::ChangedSinceCounted`] with the name of a file that is another now,
    /// [`Error::OtherCounting`] if another table was counted or in another way; what the disk has to
    /// say, and if it is told to stop.
    pub fn of(
        table: &Table,
        counted: Counted,
        limits: &Limits,
        watch: &dyn Watch,
        disk: &Disk,
    ) -> Result<Self, Error> {
        counted.check(table, disk)?;
        Self::ready(table, counted, None, Within { limits, watch, disk, piece: PIECE })
    }

    fn ready(
        table: &Table,
        counted: Counted,
        rewritten: Option<Rewritten>,
        within: Within<'_>,
    ) -> Result<Self, Error> {
        let rewritten = match rewritten {
            None if table.packed() => rewrite(table, &counted, within)?,
            done => done,
        };
        let way = if let Some(rewritten) = rewritten {
            Way::Rewritten(rewritten)
        } else {
            let wanted = Wanted { columns: counted.options.columns.clone(), text: false };
            Way::Files(table.reading_in(within.piece, &wanted, buffer(&counted))?)
        };
        Ok(Self { table: table.clone(), counted, disk: within.disk.clone(), way })
    }

    /// What was counted.
    pub fn counted(&self) -> &Counted {
        &self.counted
    }

    /// The rows of a block.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn rows_of(&self, block: usize) -> Range<u64> {
        assert!(block < self.blocks(), "block {block} of {}", self.blocks());
        self.bounds().rows(block as u64, self.counted.rows)
    }

    fn bounds(&self) -> Bounds {
        Bounds::of(&self.counted.options)
    }

    fn reader(&self, block: usize, rows: u64) -> Result<Reader<'_>, Error> {
        Ok(match &self.way {
            Way::Rewritten(rewritten) => Reader::Rewritten(Box::new(rewritten.read(block, rows)?)),
            Way::Files(reading) => {
                let blocks = &self.counted.blocks;
                let to = blocks.get(block + 1).map(|next| next.place);
                let places = (blocks[block].place, to);
                Reader::Part(self.table.part(reading, places, rows, &self.disk))
            }
        })
    }

    /// Bytes of the pages of Parquet that are held for all columns.
    fn pages(&self) -> usize {
        let files = self.table.parquet().unwrap_or_default();
        let groups = || files.iter().flat_map(|file| file.metadata.metadata().row_groups());
        let held = |&column: &usize| {
            let held = groups().map(|group| {
                let chunk = group.column(column);
                chunk.uncompressed_size().saturating_add(chunk.compressed_size())
            });
            usize::try_from(held.max().unwrap_or(0)).unwrap_or(PAGES).min(PAGES)
        };
        self.counted.options.columns.iter().map(held).sum()
    }

    /// What is behind an error: where all was well once, what is wrong now has changed.
    fn blamed(&self, block: usize, error: Error) -> Error {
        match (&self.way, error) {
            (Way::Rewritten(_), error) | (Way::Files(_), error @ Error::Io { .. }) => error,
            (Way::Files(_), _) => self.changed(block),
        }
    }

    /// Why a block is not what was counted.
    fn changed(&self, block: usize) -> Error {
        let paths = self.table.paths();
        for (path, file) in paths.iter().zip(&self.counted.files) {
            match print(path, &self.disk) {
                Ok(print) if print == file.print => {}
                Ok(_) => return Error::ChangedSinceCounted { path: path.to_path_buf() },
                Err(error) => return error,
            }
        }
        // It has changed where nobody looked.
        let blocks = &self.counted.blocks;
        let first = blocks[block].place.file;
        match blocks.get(block + 1).map_or(paths.len() - 1, |next| next.place.file) {
            last if last == first => {
                Error::ChangedSinceCounted { path: paths[first].to_path_buf() }
            }
            _ => Error::Changed,
        }
    }
}

impl BlockSource for CountedSource {
    type Chunk = Rows;

    fn blocks(&self) -> usize {
        self.counted.blocks.len()
    }

    fn chunks(&self) -> u64 {
        self.bounds().chunks(self.counted.rows)
    }

    fn chunk_bytes(&self) -> usize {
        let extent = &self.counted.extent;
        let columns = self.counted.schema.columns();
        let (beside, batch) = match &self.way {
            Way::Rewritten(rewritten) => (rewritten.held(), extent.batch),
            // What is cut elsewhere reaches into two of the batches that were measured, and grows.
            Way::Files(Reading::Parquet { .. }) => (self.pages(), 4 * extent.batch),
            Way::Files(Reading::Text { longest, .. }) => {
                let rows = longest / (extent.shortest.min(*longest) + 1) + 1;
                let fixed: usize = columns.iter().map(|it| bits(it.kind)).sum();
                // Vectors that grow are twice as long at most.
                (2 * longest, 2 * (rows * fixed / 8 + longest))
            }
        };
        // Of the batches that a chunk is in, the first and the last reach beyond it; then there is the
        // chunk itself, if it is in more than one.
        beside + 2 * batch + 3 * extent.chunk
    }

    fn fingerprint(&self) -> Fingerprint {
        self.counted.identity
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Rows) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let rows = self.rows_of(block);
        let mut recut = Recut::new(self.bounds(), rows.start);
        let mut reader = self.reader(block, rows.end - rows.start)?;
        while let Some(batch) = reader.next().map_err(|error| self.blamed(block, error))? {
            if batch.num_rows() as u64 > rows.end - recut.next() {
                return Err(self.changed(block).into());
            }
            if recut.push(&batch, visit)?.is_break() {
                return Ok(0);
            }
        }
        if recut.next() != rows.end {
            return Err(self.changed(block).into());
        }
        if recut.flush(visit)?.is_break() {
            return Ok(0);
        }
        let digest = reader.digest();
        let plain = matches!(self.way, Way::Files(_));
        match self.counted.blocks[block].digest {
            Some(counted) if plain && counted != digest => Err(self.changed(block).into()),
            _ => Ok(digest),
        }
    }
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Option<arrow_array::RecordBatch>, Error> {
        match self {
            Self::Part(part) => part.next(),
            Self::Rewritten(reader) => reader.next(),
        }
    }

    fn digest(&self) -> u64 {
        match self {
            Self::Part(part) => part.digest(),
            Self::Rewritten(reader) => reader.digest(),
        }
    }
}

/// A buffer that holds any record, however it comes to stand there: they are doubled until one does.
fn buffer(counted: &Counted) -> usize {
    2 * (counted.extent.longest + 2)
}

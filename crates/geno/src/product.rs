//! X U on packed genotypes: four genotypes are looked up at once, in a table of their sums.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::Instructions;

use crate::chunk::{PER_BYTE, PackedChunk};
use crate::column::Column;
use crate::element::Element;
use crate::kernel::{
    FOUR, GROUP, TABLE_ROWS, Tables, WIDTH, add_looked_up, find_rows, write_looked_up,
};

/// X U for the individuals of one tile, in buffers that are reused.
#[derive(Debug)]
pub struct Product<E> {
    instructions: Instructions,
    /// Which rows to look up: of a table, those of all individuals.
    words: Vec<u32>,
    /// Of which tables all genotypes are known.
    known: Vec<bool>,
    values: Vec<[E; 4]>,
    tables: Tables<E>,
    /// Individuals of the tile, and of each strip, filled up to fours.
    rows: Range<usize>,
    sums: Vec<[[E; WIDTH]; FOUR]>,
    /// How many of the sums are of this tile: memory is not made zero again, the first sums are written.
    used: usize,
}

/// Tables that are looked up in together, while sums stay in registers: their rows that occur often stay in
/// a core's nearest cache.
const TABLES: usize = 16;

impl<E: Element> Product<E> {
    /// With loops for these instructions.
    pub fn new(instructions: Instructions) -> Self {
        let (words, known, values) = (Vec::new(), Vec::new(), Vec::new());
        let (tables, sums) = (Tables::default(), Vec::new());
        Self { instructions, words, known, values, tables, rows: 0..0, sums, used: 0 }
    }

    /// Begins with other individuals, and no sums.
    ///
    /// # Panics
    /// If `rows` does not start at a multiple of 4.
    pub fn restart(&mut self, rows: Range<usize>) {
        assert!(rows.start.is_multiple_of(PER_BYTE), "tiles of whole bytes");
        self.rows = rows;
        self.used = 0;
    }

    /// Adds for every individual of the tile the `width` sums over `columns`, in as many
    /// [`strips`](Self::strips) as it takes; `loadings` has a row of `width` for each column, and lies as
    /// [`put_row`] puts it.
    ///
    /// The sums of 64 columns are added from 0 on, in the order of the columns but four at a time, and
    /// then to those of the columns before.
    ///
    /// # Panics
    /// If `loadings` has not a row for every column, or the tile ends beyond the individuals.
    pub fn push(
        &mut self,
        chunk: &PackedChunk,
        columns: &[Column],
        (loadings, width): (&[E], usize),
    ) {
        assert_eq!(loadings.len(), columns.len() * width, "a row for every column");
        assert!(self.rows.end <= chunk.individuals(), "individuals of the chunk");
        self.values.clear();
        self.values.extend(columns.iter().map(|column| column.values.map(E::nearest)));
        let bytes = self.rows.start / PER_BYTE..self.rows.end.div_ceil(PER_BYTE);
        let (fours, strips) = (bytes.len(), width.div_ceil(WIDTH));
        let before = self.used;
        self.used += strips * fours;
        if self.sums.len() < self.used {
            self.sums.resize(self.used, [[E::default(); WIDTH]; FOUR]);
        }
        if columns.is_empty() {
            self.sums[before..self.used].fill([[E::default(); WIDTH]; FOUR]);
        }
        // One strip takes the bytes of some tables while they are near; several share all.
        let some = if strips > 1 { columns.len().next_multiple_of(GROUP) } else { TABLES * GROUP };
        let some = some.max(GROUP);
        let groups = some.min(columns.len()).div_ceil(GROUP);
        self.words.resize(groups * fours, 0);
        for (number, columns) in columns.chunks(some).enumerate() {
            self.known.clear();
            let each = self.words.chunks_exact_mut(fours.max(1));
            for (columns, words) in zip(columns.chunks(GROUP), each) {
                let packed = |column: &Column| &chunk.variant(column.variant)[bytes.clone()];
                let mut group = [&[][..]; GROUP];
                zip(&mut group, columns).for_each(|(of, column)| *of = packed(column));
                let known = columns.iter().all(|column| column.missing == 0);
                find_rows(self.instructions, group, known, words);
                self.known.push(known);
            }
            let of = number * some..number * some + columns.len();
            for strip in 0..strips {
                let at = before + strip * fours..before + (strip + 1) * fours;
                self.strip((loadings, width), (strip * WIDTH, of.clone()), at);
            }
        }
    }

    /// Adds columns of the width from `first` on, of some columns of the chunk, to the sums at `at`.
    fn strip(
        &mut self,
        (loadings, width): (&[E], usize),
        (first, of): (usize, Range<usize>),
        at: Range<usize>,
    ) {
        let Self { instructions, words, known, values, tables, sums, .. } = self;
        let fours = at.len();
        let some = TABLES * GROUP;
        let (rows, width) = strip_of(values.len(), width, first);
        let loadings = &loadings[rows.start + of.start * width..rows.start + of.end * width];
        let loadings = loadings.chunks(some * width);
        let with = zip(known.chunks(TABLES), words.chunks(TABLES * fours.max(1)));
        let with = zip(loadings, with);
        for (number, (values, (loadings, (known, words)))) in
            zip(values[of.clone()].chunks(some), with).enumerate()
        {
            tables.fill(*instructions, values, known, (loadings, width));
            let sums = &mut sums[at.clone()];
            if of.start == 0 && number == 0 {
                write_looked_up(*instructions, tables, words, sums);
            } else {
                add_looked_up(*instructions, tables, words, sums);
            }
        }
    }

    /// The strips that were added, in order: for each row of the tile [`STRIP`] sums, of which those
    /// beyond the width are 0.
    pub fn strips(&self) -> impl Iterator<Item = &[[E; STRIP]]> {
        let fours = self.rows.len().div_ceil(FOUR).max(1);
        self.sums[..self.used]
            .chunks_exact(fours)
            .map(|strip| &strip.as_flattened()[..self.rows.len()])
    }
}

/// Puts the row of loadings of column `at` of `columns` where a [`Product`] reads it: strip after strip, in
/// each the columns one after the other, so that they are read in the order in which they lie.
///
/// # Panics
/// If there is no such column, or `loadings` has not a row for every column.
pub fn put_row<E: Copy>(loadings: &mut [E], (at, columns): (usize, usize), row: &[E]) {
    assert!(at < columns && loadings.len() == columns * row.len(), "a row for every column");
    for first in (0..row.len()).step_by(WIDTH) {
        let (rows, width) = strip_of(columns, row.len(), first);
        loadings[rows][at * width..][..width].copy_from_slice(&row[first..first + width]);
    }
}

/// Where the loadings lie of the strip from the number `first` of each row on, and how many of a row it has.
fn strip_of(columns: usize, width: usize, first: usize) -> (Range<usize>, usize) {
    let of_row = WIDTH.min(width - first);
    (columns * first..columns * (first + of_row), of_row)
}

/// Sums in a row of a strip.
pub const STRIP: usize = WIDTH;

/// Rows of a tile of few individuals and few numbers.
pub const TILE_ROWS: usize = 1024;
/// Fewest, of many numbers: below that tables cost more than what is looked up in them.
const LEAST_ROWS: usize = 256;
/// Most: tables are made anew for every tile.
const MOST_ROWS: usize = 5120;
/// Bytes of the sums of a tile, so that they stay near until they are added to a state: tables are made anew
/// for every tile, so with fewer it costs more to make them than what the nearer cache saves.
const TILE_BYTES: usize = 4 << 20;
/// Tiles that there should be for threads to share, if they are not too small then: fewer of one strip, whose
/// sums are few, because tables are made anew for every tile.
const TILES: usize = 8;
const TILES_OF_ONE_STRIP: usize = 4;

/// Rows of a tile of X U, of so many individuals and `strips`, of numbers of `number` bytes. No bit of the
/// product depends on it; but models sum over individuals tile by tile, so another height changes the last
/// bits of their estimates.
pub fn tile_rows(individuals: usize, strips: usize, number: usize) -> usize {
    let fit = TILE_BYTES / (strips * WIDTH * number).max(1);
    let tiles = if strips == 1 { TILES_OF_ONE_STRIP } else { TILES };
    let rows = individuals.div_ceil(tiles).max(TILE_ROWS).min(fit);
    rows.clamp(LEAST_ROWS, MOST_ROWS).next_multiple_of(PER_BYTE)
}

/// Bytes that one thread holds, for chunks of so many variants and individuals, `strips`, and numbers of
/// `number` bytes.
pub(crate) fn scratch_bytes(
    (variants, individuals): (usize, usize),
    strips: usize,
    number: usize,
) -> usize {
    let rows = tile_rows(individuals, strips, number);
    let rows = rows.min(individuals.next_multiple_of(PER_BYTE));
    let groups = variants.div_ceil(GROUP);
    let tables = TABLES.min(groups) * TABLE_ROWS * WIDTH * number;
    tables + groups * (rows + 1) + rows * strips * WIDTH * number + variants * 4 * number
}

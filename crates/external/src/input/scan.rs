//! A table read from its beginning to its end.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arrow_array::RecordBatch;
use twoblade_table::Rows;

use crate::error::Error;
use crate::input::cutter::{Cutter, Piece};
use crate::input::gate::{Alone, Gate};
use crate::input::parquet::ParquetRows;
use crate::input::parse::{Parsed, Plan, parse};
use crate::input::pool::Pool;
use crate::input::text::Text;

/// Some rows of a table.
#[derive(Debug)]
pub struct Scanned {
    /// The rows, of the columns that are wanted.
    pub rows: Rows,
    /// The same rows as they stand in the file, if they are wanted so (CSV).
    pub text: Option<Text>,
    /// Bytes of all files that have been read for these rows and those before.
    pub bytes: u64,
}

/// The rows of a table in the order of its files: the same pieces for any number of threads.
///
/// Memory that rows take counts until the next are asked for. After an error there is nothing more.
#[derive(Debug)]
pub struct Scan {
    way: Way,
    pool: Pool,
    first: u64,
    skipped: u64,
}

enum Way {
    /// Read and parsed where it is asked.
    Here {
        cutter: Box<Cutter>,
        plan: Arc<Plan>,
        rows: usize,
    },
    /// By threads.
    There(Threads),
    /// From Parquet, where it is asked.
    Parquet(Box<ParquetRows>),
    Done,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Here { .. } => "Here",
            Self::There(_) => "There",
            Self::Parquet(_) => "Parquet",
            Self::Done => "Done",
        })
    }
}

/// Threads that take pieces in turn, and what they have made of them.
struct Threads {
    gate: Arc<Gate>,
    results: Receiver<(u64, Made)>,
    /// What came before its turn.
    early: BTreeMap<u64, Made>,
    next: u64,
    /// Bytes of the piece that is handed out.
    held: usize,
    handles: Vec<JoinHandle<()>>,
    text: bool,
}

/// A piece and its rows; `None` at the end.
type Made = Result<Option<(Piece, Parsed)>, Error>;

/// What threads take pieces from.
struct Turns {
    cutter: Cutter,
    next: u64,
    done: bool,
}

impl Scan {
    pub(crate) fn of_text(
        cutter: Cutter,
        plan: Plan,
        pool: Pool,
        threads: usize,
        share: usize,
    ) -> Self {
        let plan = Arc::new(plan);
        let way = if threads <= 1 {
            Way::Here { cutter: Box::new(cutter), plan, rows: 0 }
        } else {
            Way::There(Threads::start(cutter, &plan, threads, share))
        };
        Self { way, pool, first: 0, skipped: 0 }
    }

    pub(crate) fn of_parquet(rows: ParquetRows) -> Self {
        let way = Way::Parquet(Box::new(rows));
        Self { way, pool: Pool::new(0), first: 0, skipped: 0 }
    }

    /// Rows of another length than the table's that were left out so far.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    fn advance(&mut self) -> Result<Option<Scanned>, Error> {
        let (made, text) = match &mut self.way {
            Way::Here { cutter, plan, rows } => {
                let Some(piece) = cutter.next(&Alone)? else { return Ok(None) };
                let parsed = parse(plan, &piece, *rows)?;
                *rows = about(&parsed);
                (Some((piece, parsed)), plan.text)
            }
            Way::There(threads) => (threads.take()?, threads.text),
            Way::Parquet(rows) => {
                let Some((batch, bytes)) = rows.next()? else { return Ok(None) };
                return Ok(Some(Scanned { rows: self.counted(batch), text: None, bytes }));
            }
            Way::Done => return Ok(None),
        };
        let Some((piece, Parsed { batch, spans, skipped })) = made else { return Ok(None) };
        let rows = self.counted(batch);
        self.skipped += skipped;
        let bytes = piece.read;
        if text {
            let text = Some(Text::new(piece, spans, self.pool.clone()));
            return Ok(Some(Scanned { rows, text, bytes }));
        }
        self.pool.give(piece.buffer);
        Ok(Some(Scanned { rows, text: None, bytes }))
    }

    fn counted(&mut self, batch: RecordBatch) -> Rows {
        let rows = Rows::new(self.first, batch);
        self.first += rows.count() as u64;
        rows
    }
}

/// How many rows to expect of a piece after this one.
fn about(parsed: &Parsed) -> usize {
    let rows = parsed.batch.num_rows();
    rows + rows / 8
}

impl Iterator for Scan {
    type Item = Result<Scanned, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.way = Way::Done;
        }
        next.transpose()
    }
}

impl Threads {
    fn start(cutter: Cutter, plan: &Arc<Plan>, threads: usize, share: usize) -> Self {
        let gate = Arc::new(Gate::new(share));
        let turns = Arc::new(Mutex::new(Turns { cutter, next: 0, done: false }));
        let (sender, results) = channel();
        let start = |_| {
            let (gate, turns) = (Arc::clone(&gate), Arc::clone(&turns));
            let (plan, sender) = (Arc::clone(plan), sender.clone());
            std::thread::spawn(move || work(&turns, &gate, &plan, &sender))
        };
        let handles = (0..threads).map(start).collect();
        let text = plan.text;
        Self { gate, results, early: BTreeMap::new(), next: 0, held: 0, handles, text }
    }

    fn take(&mut self) -> Made {
        self.gate.leave(std::mem::take(&mut self.held));
        let made = loop {
            if let Some(made) = self.early.remove(&self.next) {
                break made;
            }
            // A thread that panicked is why nothing comes any more: join says with what.
            let Ok((turn, made)) = self.results.recv() else {
                self.join();
                return Ok(None);
            };
            self.early.insert(turn, made);
        };
        self.next += 1;
        if let Ok(Some((piece, _))) = &made {
            self.held = piece.buffer.len();
        }
        made
    }

    fn join(&mut self) {
        self.gate.close();
        for handle in self.handles.drain(..) {
            if let Err(panic) = handle.join()
                && !std::thread::panicking()
            {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.join();
    }
}

/// Lets nobody wait for the piece of a thread that panicked.
struct Lookout<'a>(&'a Gate);

impl Drop for Lookout<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}

/// Takes pieces in turn, and parses them, until there is none.
fn work(turns: &Mutex<Turns>, gate: &Gate, plan: &Plan, results: &Sender<(u64, Made)>) {
    let _lookout = Lookout(gate);
    let mut rows = 0;
    loop {
        // Room is taken in turn as well, so that it is there for the piece that is waited for.
        let mut at = turns.lock().unwrap_or_else(PoisonError::into_inner);
        if at.done {
            return;
        }
        let piece = at.cutter.next(gate);
        at.done = !matches!(piece, Ok(Some(_)));
        let turn = at.next;
        at.next += 1;
        drop(at);
        let made = match piece {
            Ok(Some(piece)) => parse(plan, &piece, rows).map(|parsed| Some((piece, parsed))),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        if let Ok(Some((_, parsed))) = &made {
            rows = about(parsed);
        }
        // Nobody listens any more: the scan was dropped.
        if results.send((turn, made)).is_err() {
            return;
        }
    }
}

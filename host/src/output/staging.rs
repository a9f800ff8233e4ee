//! Rows that a sink can't write unseen: they are kept until their batch's result is recorded, and the sink reads them again to commit them.
//!
//! With a checkpoint they are objects in it, `staging/OUTPUT/BATCH-TERM-ATTEMPT-PARTITION.PIECE`, so that whoever goes on with the job after a crash can commit them; without one they stay in
//! memory, for as long as the process. A partition is cut into pieces of some MiB, and of each partition at most one is in memory. A piece is a file of tables
//! ([`crate::checkpoint::tables`]), a table for each MiB of rows or so.
//!
//! A sink [stages](Staging::stage) what it is given to write, [reads](Staging::read) it to commit it, and then, or to abort, [removes](Staging::remove) it. What crashes have left is removed
//! before the first rows of a term are staged: batches with a recorded result are committed by then.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::checkpoint::tables::{self, TablesWriter};
use crate::checkpoint::{Store, datasets, path_name};
use crate::clock::BatchTime;
use crate::engine::node::bytes_of;
use crate::engine::operators::rows_per_call;
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::output::{Staged, WriteId};

const FOLDER: &str = "staging";
/// A piece is full when it has so many bytes.
const PIECE_BYTES: u64 = 8 << 20;

/// What the sink of one output has staged.
#[derive(Debug)]
pub struct Staging {
    /// `staging/OUTPUT`.
    folder: String,
    place: Place,
    memory: MemoryBudget,
    piece_bytes: u64,
    /// What this process has begun to write and hasn't removed, so that what an attempt that failed left is found.
    written: Mutex<BTreeSet<Name>>,
    is_clean: OnceCell<()>,
}

#[derive(Debug)]
enum Place {
    Checkpoint(Store),
    Memory(Mutex<BTreeMap<Name, (Bytes, Reservation)>>),
}

/// What [`Staged::committable`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pieces {
    pieces: u32,
    bytes: u64,
}

/// A piece's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    batch: BatchTime,
    term: u64,
    attempt: u32,
    partition: u32,
    piece: u32,
}

impl Staging {
    /// What `output` stages is kept in `store`, which is the job's checkpoint; in memory, reserved from `memory`, if there is none.
    pub fn new(output: &str, store: Option<Store>, memory: MemoryBudget) -> Self {
        Self::with_pieces(output, store, memory, PIECE_BYTES)
    }

    fn with_pieces(output: &str, store: Option<Store>, memory: MemoryBudget, piece_bytes: u64) -> Self {
        let place = store.map_or_else(|| Place::Memory(Mutex::default()), Place::Checkpoint);
        let (folder, written, is_clean) =
            (format!("{FOLDER}/{}", path_name(output)), Mutex::default(), OnceCell::new());
        Self { folder, place, memory, piece_bytes, written, is_clean }
    }

    /// Keep the rows of a partition; they are as safe as the checkpoint is when this returns. The stream is read to its end. On an error nothing stays.
    ///
    /// # Errors
    /// When the stream fails, the checkpoint can't be written, or there is no memory for a piece.
    pub async fn stage(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> Result<Staged> {
        self.is_clean.get_or_init(|| self.clean(id.term)).await;
        let staged = self.write(id, &mut rows).await;
        if staged.is_err() {
            let of_partition = |name: &Name| name.with_piece(0) == Name::new(id, 0);
            // What can't be removed counts for nothing, and is removed by a later term; the error that is returned says what went wrong first.
            let _ = self.remove_written(of_partition).await;
        }
        staged
    }

    async fn write(&self, id: WriteId, rows: &mut SendableRecordBatchStream) -> Result<Staged> {
        let schema = rows.schema();
        let (mut n_rows, mut pieces) = (0, Pieces { pieces: 0, bytes: 0 });
        let mut piece = Piece::new(&self.memory)?;
        while let Some(batch) = rows.try_next().await.map_err(Error::failed)? {
            n_rows += batch.num_rows() as u64;
            let length = rows_per_call(batch.num_rows(), bytes_of(&batch));
            for start in (0..batch.num_rows()).step_by(length) {
                let chunk = batch.slice(start, length.min(batch.num_rows() - start));
                if !piece.has_room(&chunk) {
                    // Others may have the memory that a whole piece would take: a smaller one does as well.
                    self.put(id, &mut pieces, std::mem::replace(&mut piece, Piece::new(&self.memory)?)).await?;
                }
                piece.add(&schema, &chunk)?;
                if piece.bytes() >= self.piece_bytes {
                    self.put(id, &mut pieces, std::mem::replace(&mut piece, Piece::new(&self.memory)?)).await?;
                }
            }
        }
        self.put(id, &mut pieces, piece).await?;
        Ok(Staged { id, rows: n_rows, committable: serde_json::to_value(pieces).map_err(Error::failed)? })
    }

    async fn put(&self, id: WriteId, pieces: &mut Pieces, piece: Piece) -> Result<()> {
        let Some((bytes, held)) = piece.finish()? else { return Ok(()) };
        let name = Name::new(id, pieces.pieces);
        pieces.pieces += 1;
        pieces.bytes += bytes.len() as u64;
        self.written.lock().insert(name);
        match &self.place {
            Place::Checkpoint(store) => store.put(&self.path(name), bytes).await.map_err(Error::failed),
            Place::Memory(kept) => {
                kept.lock().insert(name, (bytes, held));
                Ok(())
            }
        }
    }

    /// The rows that were staged, in their order. Each record batch comes from a piece, which is read when it is needed.
    pub fn read<'a>(&'a self, staged: &'a Staged) -> BoxStream<'a, Result<RecordBatch>> {
        let read = async move {
            let pieces = pieces_of(staged)?;
            let pieces = stream::iter(0..pieces.pieces).then(move |piece| self.read_piece(Name::new(staged.id, piece)));
            Ok::<_, Error>(pieces.map_ok(|rows| stream::iter(rows.map(Ok))).try_flatten())
        };
        stream::once(read).try_flatten().boxed()
    }

    async fn read_piece(&self, name: Name) -> Result<ReadPiece> {
        let bytes = match &self.place {
            Place::Checkpoint(store) => store.get(&self.path(name)).await.map_err(Error::failed)?,
            Place::Memory(kept) => kept.lock().get(&name).map(|(bytes, _)| bytes.clone()),
        };
        let wrong = |what: &str| Error::failed(format_args!("what it staged as {} {what}", self.shown(name)));
        let bytes = bytes.ok_or_else(|| wrong("is gone"))?;
        let tables = tables::read(&bytes).map_err(|reason| wrong(&format!("can't be read: {reason}")))?;
        let mut held = self.memory.try_reserve(Share::Engine, 0).map_err(Error::failed)?;
        // A batch whose result is recorded must be committed, and no more than a piece is read at a time.
        held.resize_anyway(bytes.len() as u64);
        let rows: Vec<_> = tables.into_iter().flat_map(|table| table.rows).collect();
        Ok(ReadPiece { rows: rows.into_iter(), _held: held })
    }

    /// Forget what was staged, and what attempts that came before it at the same batches have left. Removing it again does nothing.
    ///
    /// # Errors
    /// When the checkpoint can't be written; what is left counts for nothing.
    pub async fn remove(&self, staged: &[Staged]) -> Result<()> {
        let mut names: BTreeSet<Name> = BTreeSet::new();
        for staged in staged {
            names.extend((0..pieces_of(staged)?.pieces).map(|piece| Name::new(staged.id, piece)));
        }
        let last = staged.iter().map(|staged| (staged.id.batch, (staged.id.term, staged.id.attempt)));
        let last: BTreeMap<BatchTime, (u64, u32)> = last.collect();
        let is_over = |name: &Name| last.get(&name.batch).is_some_and(|last| (name.term, name.attempt) <= *last);
        names.extend(self.written.lock().iter().filter(|name| is_over(name)));
        self.delete(names).await
    }

    async fn remove_written(&self, is_over: impl Fn(&Name) -> bool) -> Result<()> {
        let names = self.written.lock().iter().copied().filter(is_over).collect();
        self.delete(names).await
    }

    async fn delete(&self, names: BTreeSet<Name>) -> Result<()> {
        for name in names {
            match &self.place {
                Place::Checkpoint(store) => store.delete(&self.path(name)).await.map_err(Error::failed)?,
                Place::Memory(kept) => drop(kept.lock().remove(&name)),
            }
            self.written.lock().remove(&name);
        }
        Ok(())
    }

    /// Remove what drivers of terms before `term` have left. What can't be removed is told, and counts for nothing.
    async fn clean(&self, term: u64) {
        let Place::Checkpoint(store) = &self.place else { return };
        let clean = async {
            for object in store.list(&self.folder).await? {
                // A driver that doesn't know yet that another has taken over must leave alone what that one stages.
                if Name::parse(&object.path).is_some_and(|name| name.term < term) {
                    store.delete(&object.path).await?;
                }
            }
            Ok::<(), crate::checkpoint::StoreError>(())
        };
        if let Err(error) = clean.await {
            tracing::warn!(target: "sluicebox::output", %error, "what an earlier run staged could not be removed");
        }
    }

    fn path(&self, name: Name) -> String {
        format!("{}/{name}", self.folder)
    }

    /// Where it is, for people.
    fn shown(&self, name: Name) -> String {
        match &self.place {
            Place::Checkpoint(store) => format!("{}/{}", store.url(), self.path(name)),
            Place::Memory(_) => name.to_string(),
        }
    }
}

fn pieces_of(staged: &Staged) -> Result<Pieces> {
    Pieces::deserialize(&staged.committable).map_err(|error| {
        let WriteId { partition, attempt, .. } = staged.id;
        Error::failed(format_args!(
            "what partition {partition} staged in attempt {attempt} is no sink's of rows: {error}"
        ))
    })
}

impl Name {
    fn new(id: WriteId, piece: u32) -> Self {
        Self { batch: id.batch, term: id.term, attempt: id.attempt, partition: id.partition, piece }
    }

    fn with_piece(self, piece: u32) -> Self {
        Self { piece, ..self }
    }

    fn parse(path: &str) -> Option<Self> {
        let (name, piece) = path.rsplit('/').next()?.rsplit_once('.')?;
        let mut numbers = name.rsplitn(4, '-');
        let partition = numbers.next()?.parse().ok()?;
        let attempt = numbers.next()?.parse().ok()?;
        let term = numbers.next()?.parse().ok()?;
        let batch = BatchTime(numbers.next()?.parse().ok()?);
        Some(Self { batch, term, attempt, partition, piece: piece.parse().ok()? })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { batch, term, attempt, partition, piece } = self;
        write!(f, "{batch}-{term}-{attempt}-{partition}.{piece}")
    }
}

/// A piece that is being made.
struct Piece {
    tables: TablesWriter,
    n_tables: usize,
    held: Reservation,
}

impl Piece {
    fn new(memory: &MemoryBudget) -> Result<Self> {
        let held = memory.try_reserve(Share::Engine, 0).map_err(Error::failed)?;
        Ok(Self { tables: TablesWriter::default(), n_tables: 0, held })
    }

    fn bytes(&self) -> u64 {
        self.tables.bytes() as u64
    }

    /// Whether there is memory for these rows as well. If it isn't there, an empty piece has it none the less, or else says so.
    fn has_room(&mut self, rows: &RecordBatch) -> bool {
        self.n_tables == 0 || self.held.resize(self.with(rows)).is_ok()
    }

    fn with(&self, rows: &RecordBatch) -> u64 {
        self.bytes() + bytes_of(rows) as u64
    }

    fn add(&mut self, schema: &SchemaRef, rows: &RecordBatch) -> Result<()> {
        self.held.resize(self.with(rows)).map_err(Error::failed)?;
        let rows = datasets::own(rows).map_err(Error::failed)?;
        self.tables.add(&self.n_tables.to_string(), schema, &[rows]).map_err(Error::failed)?;
        self.n_tables += 1;
        self.held.resize_anyway(self.bytes());
        Ok(())
    }

    /// Its bytes, and the memory they take. None if it has no rows.
    fn finish(self) -> Result<Option<(Bytes, Reservation)>> {
        let Self { tables, n_tables, mut held } = self;
        if n_tables == 0 {
            return Ok(None);
        }
        let bytes = tables.finish().map_err(Error::failed)?;
        held.resize_anyway(bytes.len() as u64);
        Ok(Some((bytes, held)))
    }
}

/// The rows of a piece, and the memory they take.
struct ReadPiece {
    rows: std::vec::IntoIter<RecordBatch>,
    _held: Reservation,
}

impl Iterator for ReadPiece {
    type Item = RecordBatch;

    fn next(&mut self) -> Option<RecordBatch> {
        self.rows.next()
    }
}

#[cfg(test)]
mod tests;

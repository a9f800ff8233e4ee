//! Writes to a topic of Kafka, each batch in one transaction.
//!
//! A batch's rows are staged ([`super::staging`]), and sent when its result is recorded, in a transaction that also sets the output's [`mark`]: a batch of which it isn't known whether it is in, and one that
//! is committed again after a crash, is passed over where the mark says that it is. Beginning to write under an output's name ends the transactions of all who did so before; whoever is
//! ended so looks at the mark, and stops where it is another's. A batch is one transaction whatever the number of its partitions, so readers that read what is committed see all of it at once, and a number
//! that changes changes nothing. While brokers can't be reached, a commit waits and tries again, until `give-up-after`.

mod mark;
mod rows;
mod writer;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::StreamExt;
use tokio::sync::mpsc;

use self::mark::{Mark, Turn};
use self::rows::Parts;
use self::writer::{Fault, Names, Piece, Writer};
use crate::batch::listener::{Event, Listeners};
use crate::checkpoint::Store;
use crate::clock::{BatchTime, Clock, Stopwatch};
use crate::error::{Diagnostic, Error, Result};
use crate::job::kafka::{KafkaSinkDefinition, TRANSACTION_TIMEOUT};
use crate::output::identity::identity;
use crate::output::staging::Staging;
use crate::output::{Sink, Staged, WriteId};

/// The first pause before brokers are tried again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// The longest transactions that brokers allow if they aren't told otherwise.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What a sink is given.
#[derive(Debug)]
pub struct KafkaSinkOptions {
    /// What the job says.
    pub definition: KafkaSinkDefinition,
    /// The job's name.
    pub job: String,
    /// From one batch to the next.
    pub batch_interval: Duration,
    /// The output's name.
    pub output: String,
    /// Keeps rows until they are committed.
    pub staging: Staging,
    /// The job's checkpoint, if it has one.
    pub store: Option<Store>,
    /// Paces what is tried again.
    pub clock: Arc<dyn Clock>,
    /// Are told when brokers can't be reached.
    pub listeners: Listeners,
}

/// Writes to a topic.
#[derive(Debug)]
pub struct KafkaSink {
    options: KafkaSinkOptions,
    names: Names,
    timeout: Duration,
    parts: OnceLock<Arc<Parts>>,
    /// Once the sink is open.
    session: tokio::sync::Mutex<Option<Session>>,
}

/// How the sink stands with the brokers.
#[derive(Debug)]
struct Session {
    /// None after an error.
    writer: Option<Arc<Writer>>,
    /// As it was last written or read.
    mark: Mark,
    /// Whether no mark of this driver was written yet.
    is_first: bool,
}

impl KafkaSink {
    /// A sink that is bound to no columns yet. Nothing is connected to.
    ///
    /// # Errors
    /// When a transaction may not take as long as a batch.
    pub fn new(options: KafkaSinkOptions) -> Result<Self> {
        let interval = options.batch_interval;
        let timeout = options.definition.transaction_timeout.unwrap_or(TRANSACTION_TIMEOUT.max(interval).min(LONGEST));
        if timeout < interval {
            let (timeout, interval) = (humantime::format_duration(timeout), humantime::format_duration(interval));
            let message = format!(
                "transaction-timeout is {timeout}, and there is a batch every {interval}: the transaction of a batch that takes as long would be given up"
            );
            let help =
                format!("give transaction-timeout {interval} or more, as brokers allow by transaction.max.timeout.ms");
            return Err(Diagnostic::new(message).help(help).into());
        }
        let names = Names::new(&options.job, &options.output);
        let (parts, session) = Default::default();
        Ok(Self { options, names, timeout, parts, session })
    }

    /// Have the session's mark hold, and `batch` be in where there is one; again while that may help.
    async fn persist(&self, batch: Option<(BatchTime, &[Staged])>) -> Result<()> {
        let watch = Stopwatch::start();
        let mut session = self.session.lock().await;
        let session = session.as_mut().ok_or_else(|| Error::failed("the sink was not opened"))?;
        let mut pause = PAUSE;
        loop {
            let Err(fault) = self.attempt(session, batch).await else { return Ok(()) };
            self.drop_writer(session).await;
            let (tried_for, limit) = (watch.elapsed(), self.options.definition.give_up_after);
            if fault.is_lasting {
                return Err(Error::failed(fault.message));
            }
            if tried_for >= limit {
                let limit = humantime::format_duration(limit);
                let kept = if self.options.store.is_some() { "; its rows are kept in the checkpoint" } else { "" };
                let message = fault.message;
                return Err(Error::failed(format_args!("{message}; it was tried for {limit} (give-up-after){kept}")));
            }
            self.tell(batch.map(|(batch, _)| batch), &fault.message);
            self.options.clock.pause(pause.min(limit - tried_for)).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    async fn attempt(&self, session: &mut Session, batch: Option<(BatchTime, &[Staged])>) -> Result<(), Fault> {
        let writer = match session.writer.clone() {
            Some(writer) => writer,
            None => self.connect(session).await?,
        };
        let Some((batch, staged)) = batch else { return Ok(()) };
        if session.mark.batch.is_some_and(|last| last >= batch) {
            tracing::debug!(target: "sluicebox::output", output = self.options.output, batch_time = batch.0, "the batch is in already");
            return Ok(());
        }
        let mark = Mark { batch: Some(batch), ..session.mark.clone() };
        self.transact(writer, mark.clone(), staged).await?;
        session.mark = mark;
        Ok(())
    }

    /// A writer that no other disturbs, once the mark says that it may write.
    async fn connect(&self, session: &mut Session) -> Result<Arc<Writer>, Fault> {
        let (definition, names, timeout) = (self.options.definition.clone(), self.names.clone(), self.timeout);
        let (own, is_first, output) = (session.mark.clone(), session.is_first, self.options.output.clone());
        let connected = tokio::task::spawn_blocking(move || {
            let writer = Writer::open(&definition, &names, timeout)?;
            let mark = match Mark::turn(writer.mark()?.as_ref(), &own, is_first) {
                Turn::GoOn(mark) => mark,
                Turn::TakeOver(mark) => {
                    writer.set_mark(&mark)?;
                    mark
                }
                Turn::Fenced => {
                    return Err(Fault::lasting(format!(
                        "another run of the job has taken over output \"{output}\": its group {} says so",
                        names.group
                    )));
                }
            };
            Ok((Arc::new(writer), mark))
        });
        let (writer, mark) = connected.await.map_err(Fault::lasting)??;
        (session.writer, session.mark, session.is_first) = (Some(writer.clone()), mark, false);
        Ok(writer)
    }

    async fn transact(&self, writer: Arc<Writer>, mark: Mark, staged: &[Staged]) -> Result<(), Fault> {
        let parts = self.parts.get().ok_or_else(|| Fault::lasting("the sink was not bound to columns"))?.clone();
        // Some rows are sent while the next are read, and no more wait.
        let (pieces, sending) = mpsc::channel(2);
        let writing = tokio::task::spawn_blocking(move || writer.transact(&parts, &mark, sending));
        let read = self.read(staged, pieces).await;
        let written = writing.await.map_err(Fault::lasting)?;
        // Where rows can't be read, that the transaction was given up follows from it.
        read.and(written)
    }

    /// Hand over the rows of all partitions, in their order.
    async fn read(&self, staged: &[Staged], pieces: mpsc::Sender<Piece>) -> Result<(), Fault> {
        let mut partitions: Vec<&Staged> = staged.iter().collect();
        partitions.sort_by_key(|staged| staged.id.partition);
        for staged in partitions {
            let mut rows = self.options.staging.read(staged);
            while let Some(rows) = rows.next().await {
                let rows = rows.map_err(Fault::lasting)?;
                // A writer that is gone has failed, and says why itself.
                if pieces.send(Piece::Rows(rows)).await.is_err() {
                    return Ok(());
                }
            }
        }
        let _ = pieces.send(Piece::End).await;
        Ok(())
    }

    async fn drop_writer(&self, session: &mut Session) {
        if let Some(writer) = session.writer.take() {
            // It waits for the client's threads.
            let _ = tokio::task::spawn_blocking(move || drop(writer)).await;
        }
    }

    fn tell(&self, batch: Option<BatchTime>, error: &str) {
        let (output, error) = (self.options.output.clone(), error.to_owned());
        let batch_time = batch.map(|batch| batch.0);
        tracing::warn!(target: "sluicebox::output", output, batch_time, error, "the topic can't be written to, and is tried again");
        self.options.listeners.tell(&Event::OutputError { batch_time: batch, output, error });
    }
}

#[async_trait::async_trait]
impl Sink for KafkaSink {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        let parts = Arc::new(Parts::new(&self.options.definition, schema)?);
        // A sink is bound once; were it bound again, it would be to the same columns.
        self.parts.get_or_init(|| parts);
        Ok(())
    }

    async fn open(&self, term: u64) -> Result<()> {
        let checkpoint = identity(self.options.store.as_ref(), &self.options.output).await?;
        let mark = Mark { batch: None, term, checkpoint };
        *self.session.lock().await = Some(Session { writer: None, mark, is_first: true });
        self.persist(None).await
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        self.options.staging.stage(id, rows).await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        // A batch without rows is nothing to be seen, and nothing to be marked.
        if staged.iter().any(|staged| staged.rows > 0) {
            self.persist(Some((batch, staged))).await?;
        }
        if let Err(error) = self.options.staging.remove(staged).await {
            let output = &self.options.output;
            tracing::warn!(target: "sluicebox::output", output, %error, "what was staged could not be removed after it was committed");
        }
        Ok(())
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        self.options.staging.remove(staged).await
    }

    async fn finish(&self) {
        if let Some(session) = self.session.lock().await.as_mut() {
            self.drop_writer(session).await;
        }
    }
}

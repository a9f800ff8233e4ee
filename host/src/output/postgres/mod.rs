//! Writes to a table of a PostgreSQL database, each batch once.
//!
//! A batch's rows are staged ([`super::staging`]), and committed in one transaction with the batch's mark ([`marks`]): a batch of which it isn't known whether it is in, and one that is committed again after a
//! crash, is passed over where the mark says that it is; a driver that another has taken over from is refused. While the database can't be reached, a commit waits and tries again, until `give-up-after`.

mod address;
mod commit;
mod connection;
mod fault;
mod marks;
mod refusal;
mod rows;
mod table;
mod tls;
mod types;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;

use self::address::Address;
use self::commit::{Rows, Target};
use self::connection::Connection;
use self::fault::{Fault, FaultKind};
use self::marks::Mark;
use self::table::{Table, Wanted};
use crate::batch::listener::{Event, Listeners};
use crate::checkpoint::Store;
use crate::clock::{BatchTime, Clock, Stopwatch};
use crate::engine::error::external;
use crate::error::{Error, Result};
use crate::job::postgres::PostgresDefinition;
use crate::output::columns::places;
use crate::output::identity::identity;
use crate::output::staging::Staging;
use crate::output::{Sink, Staged, WriteId};

/// The first pause before the database is tried again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// How long a job that is only checked waits for the database.
const LOOK_TIMEOUT: Duration = Duration::from_secs(3);

/// What a sink is given.
#[derive(Debug)]
pub struct PostgresOptions {
    /// What the job says.
    pub definition: PostgresDefinition,
    /// The job's name.
    pub job: String,
    /// The output's name.
    pub output: String,
    /// Keeps rows until they are committed.
    pub staging: Staging,
    /// The job's checkpoint, if it has one.
    pub store: Option<Store>,
    /// Paces what is tried again.
    pub clock: Arc<dyn Clock>,
    /// Are told when the database can't be reached.
    pub listeners: Listeners,
}

/// Writes to PostgreSQL.
#[derive(Debug)]
pub struct PostgresSink {
    options: PostgresOptions,
    address: Address,
    binding: OnceLock<Binding>,
    /// Known once the database was reached.
    table: OnceLock<Table>,
    /// Known once the sink is open.
    mark: OnceLock<Mark>,
    connection: tokio::sync::Mutex<Option<Connection>>,
}

/// What is done at the database, again until it is done.
#[derive(Clone, Copy)]
enum Work<'a> {
    /// Be the one that may write.
    TakeOver,
    /// Commit a batch.
    Commit(BatchTime, &'a [Staged]),
}

/// The columns that are written.
#[derive(Debug)]
struct Binding {
    /// Where they stand in the stream.
    places: Vec<usize>,
    wanted: Arc<Wanted>,
}

impl PostgresSink {
    /// A sink that is bound to no columns yet. Nothing is connected to.
    ///
    /// # Errors
    /// When the URL is wrong, or something that it names isn't there.
    pub fn new(options: PostgresOptions) -> Result<Self> {
        let address = Address::new(&options.definition, |name| std::env::var(name).ok())?;
        let (binding, table, mark, connection) = Default::default();
        Ok(Self { options, address, binding, table, mark, connection })
    }

    fn binding(&self) -> Result<&Binding> {
        self.binding.get().ok_or_else(|| Error::failed("the sink was not bound to columns"))
    }

    /// The table, if the database can be reached at once.
    async fn look(address: Address, wanted: Arc<Wanted>) -> Result<Option<Table>> {
        let looked = async {
            let connection = Connection::open(&address, "sluicebox check").await?;
            table::look(&connection.client, &wanted.table, &wanted.mode).await
        };
        match tokio::time::timeout(LOOK_TIMEOUT, looked).await {
            Ok(Ok(looked)) => wanted.accept(looked, &address.shown).map(Some),
            Ok(Err(fault)) if fault.kind == FaultKind::Lasting => Err(Error::invalid(fault.message)),
            Ok(Err(fault)) => {
                tracing::warn!(target: "sluicebox::output", reason = fault.message, "the table can't be looked at yet");
                Ok(None)
            }
            Err(_) => {
                let database = &address.shown;
                tracing::warn!(target: "sluicebox::output", database, "the table can't be looked at yet: the database doesn't answer");
                Ok(None)
            }
        }
    }

    /// Do something at the database, again while that may help.
    async fn persist(&self, work: Work<'_>) -> Result<()> {
        let watch = Stopwatch::start();
        let mut kept = self.connection.lock().await;
        // One that was kept may have been closed since: that says nothing yet about the database.
        let mut is_old = kept.is_some();
        let (mut pause, mut is_locked) = (PAUSE, false);
        loop {
            let tried = match self.connected(&mut kept, is_locked).await {
                Ok(connection) => self.attempt(work, connection).await,
                Err(fault) => Err(fault),
            };
            let fault = match tried {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            *kept = None;
            if fault.kind == FaultKind::Lasting {
                return Err(fault.into());
            }
            is_locked = fault.kind == FaultKind::Locked;
            if std::mem::take(&mut is_old) {
                continue;
            }
            let (tried_for, limit) = (watch.elapsed(), self.options.definition.give_up_after);
            if tried_for >= limit {
                let limit = humantime::format_duration(limit);
                let kept = if self.options.store.is_some() { "; its rows are kept in the checkpoint" } else { "" };
                return Err(Error::failed(format_args!(
                    "{}; it was tried for {limit} (give-up-after){kept}",
                    fault.message
                )));
            }
            self.tell(work, &fault.message);
            self.options.clock.pause(pause.min(limit - tried_for)).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    async fn attempt(&self, work: Work<'_>, connection: &mut Connection) -> Result<(), Fault> {
        match work {
            Work::TakeOver => self.take_over(connection).await,
            Work::Commit(batch, staged) => {
                let mark = self.mark.get().ok_or_else(|| Fault::lasting("the sink was not opened"))?;
                commit::commit(&mut connection.client, &self.target()?, mark, batch, self.rows(staged)).await
            }
        }
    }

    /// The connection that there is, or a new one.
    async fn connected<'a>(
        &self,
        kept: &'a mut Option<Connection>,
        is_locked: bool,
    ) -> Result<&'a mut Connection, Fault> {
        if kept.as_ref().is_some_and(|connection| connection.client.is_closed()) {
            *kept = None;
        }
        if kept.is_none() {
            let name = self.mark.get().map_or_else(|| "sluicebox".to_owned(), Mark::session);
            let connection = Connection::open(&self.address, &name).await?;
            if is_locked {
                let n_ended = marks::end_others(&connection.client).await?;
                tracing::warn!(target: "sluicebox::output", output = self.options.output, n_ended, "sessions were ended that held the output's mark");
            }
            *kept = Some(connection);
        }
        kept.as_mut().ok_or_else(|| Fault::lasting("there is no connection"))
    }

    fn tell(&self, work: Work<'_>, error: &str) {
        let (output, error) = (self.options.output.clone(), error.to_owned());
        let batch = match work {
            Work::TakeOver => None,
            Work::Commit(batch, _) => Some(batch),
        };
        let batch_time = batch.map(|batch| batch.0);
        tracing::warn!(target: "sluicebox::output", output, batch_time, error, "the database can't be written to, and is tried again");
        self.options.listeners.tell(&Event::OutputError { batch_time: batch, output, error });
    }

    fn target(&self) -> Result<Target, Fault> {
        let table = self.table.get().ok_or_else(|| Fault::lasting("the sink was not opened"))?;
        let (schema, name) = (table.schema.clone(), table.name.clone());
        Ok(Target { schema, table: name, mode: self.options.definition.mode.clone() })
    }

    /// The rows of all partitions, in their order.
    fn rows<'a>(&'a self, staged: &'a [Staged]) -> Rows<'a> {
        let mut partitions: Vec<&Staged> = staged.iter().collect();
        partitions.sort_by_key(|staged| staged.id.partition);
        futures::stream::iter(partitions).flat_map(|staged| self.options.staging.read(staged)).boxed()
    }

    async fn take_over(&self, connection: &mut Connection) -> Result<(), Fault> {
        let binding = self.binding()?;
        if self.table.get().is_none() {
            let looked = table::look(&connection.client, &binding.wanted.table, &binding.wanted.mode).await?;
            let table = binding.wanted.accept(looked, &self.address.shown)?;
            self.table.get_or_init(|| table);
        }
        let (Some(table), Some(mark)) = (self.table.get(), self.mark.get()) else {
            return Err(Fault::lasting("the sink was not opened"));
        };
        let output = &self.options.output;
        if table.is_unlogged {
            tracing::warn!(target: "sluicebox::output", output, table = table.name, "the table is unlogged: it loses its rows when the database crashes");
        }
        if marks::make(&connection.client, &table.schema).await? {
            tracing::info!(target: "sluicebox::output", output, schema = table.schema, "made the table {}, which says which batches are in", marks::TABLE);
        }
        mark.take_over(&mut connection.client, &table.schema).await
    }
}

#[async_trait::async_trait]
impl Sink for PostgresSink {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        let definition = &self.options.definition;
        let places = places(definition.columns.as_deref(), schema)?;
        let columns: Vec<_> = places.iter().map(|idx| schema.fields()[*idx].clone()).collect();
        let wanted = Wanted {
            table: definition.table.clone(),
            columns: Arc::new(Schema::new(columns)),
            mode: definition.mode.clone(),
        };
        table::bindable(&wanted.columns, wanted.key())?;
        let wanted = Arc::new(wanted);
        let look = Self::look(self.address.clone(), wanted.clone());
        // The caller may be on a runtime, whose threads can't wait for one of its own tasks.
        let looking = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
            runtime.map_err(Error::failed)?.block_on(look)
        });
        let table = looking.join().map_err(|_| Error::failed("looking at the table panicked"))??;
        if let Some(table) = table {
            self.table.get_or_init(|| table);
        }
        // A sink is bound once; were it bound again, it would be to the same columns.
        self.binding.get_or_init(|| Binding { places, wanted });
        Ok(())
    }

    async fn open(&self, term: u64) -> Result<()> {
        let options = &self.options;
        let identity = identity(options.store.as_ref(), &options.output).await?;
        let (job, output) = (options.job.clone(), options.output.clone());
        self.mark.get_or_init(|| Mark { job, output, identity, term });
        self.persist(Work::TakeOver).await
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        let Binding { places, wanted } = self.binding()?;
        let (places, wanted, table) = (places.clone(), wanted.clone(), self.table.get().cloned());
        let columns = wanted.columns.clone();
        let mut n_rows = 0;
        let checked = rows.map(move |rows| {
            let rows: RecordBatch = rows?.project(&places)?;
            let refused = refusal::refusal(&rows, n_rows, &wanted, table.as_ref());
            n_rows += rows.num_rows() as u64;
            refused.map_or(Ok(rows), |reason| Err(external(Error::failed(reason))))
        });
        self.options.staging.stage(id, Box::pin(RecordBatchStreamAdapter::new(columns, checked))).await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        // A batch without rows is nothing to be seen, and nothing to be marked.
        if staged.iter().any(|staged| staged.rows > 0) {
            self.persist(Work::Commit(batch, staged)).await?;
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
}

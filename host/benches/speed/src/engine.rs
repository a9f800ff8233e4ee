//! What the engine's promises cost: rows in order through a shuffle, a stream that is made once however many read it, a fold in a guest.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::{Schema, SchemaRef};
use sluicebox::clock::BatchTime;
use sluicebox::datafusion::common::tree_node::{Transformed, TreeNode};
use sluicebox::datafusion::error::Result as DataFusionResult;
use sluicebox::datafusion::physical_expr::expressions::Column;
use sluicebox::datafusion::physical_plan::repartition::RepartitionExec;
use sluicebox::datafusion::physical_plan::{ExecutionPlan, Partitioning, SendableRecordBatchStream};
use sluicebox::engine::aggregate::{self, BuiltIn};
use sluicebox::engine::plugin_aggregate::{PluginAggregate, plugin_by_key};
use sluicebox::engine::{
    BlockStore, DatasetScanExec, DatasetStore, Engine, EngineOptions, ExchangeExec, ExchangeMode, Reports, Services,
    Shuffle, TransformExec,
};
use sluicebox::memory::{MemoryBudget, Share};
use sluicebox::state::StateStore;
use tokio::runtime::{Builder, Runtime};

use crate::inputs::{self, Numbers};
use crate::measure::{Result, case, duration, head, in_turns, ratio, row};
use crate::plugins::{BATCH, Guests, MEMORY, PARALLELISM};

/// Partitions that rows come in, as blocks do.
const SOURCES: usize = 6;
/// Rows of a partition, and of one of its record batches.
const ROWS: usize = 500_000;
const BATCH_ROWS: usize = 65_536;
const KEY_GROUPS: u32 = 128;
/// The batch that what is read is kept in; what is made is dropped with its own.
const INPUT: BatchTime = BatchTime(0);

type Plan = Arc<dyn ExecutionPlan>;

/// Print the table.
///
/// # Errors
/// If a plan fails, or two that should make the same number of rows don't.
pub fn table(guests: &Guests, budget: Duration) -> Result<()> {
    let bench = Bench::new(guests)?;
    let columns = ["what", "with it", "without it", "ratio", "rows"];
    let about = format!(
        "{} words in {SOURCES} partitions, {PARALLELISM} worked on at a time. Medians; the ratio is the median of the rounds' ratios.",
        SOURCES * ROWS
    );
    head("The engine", &about, &columns, 1);
    bench.compare(
        budget,
        "rows in order: words counted by key, against DataFusion's exchange",
        [&|| bench.run(bench.counted()?), &|| bench.run(unordered(bench.counted()?)?)],
    )?;
    bench.compare(
        budget,
        "rows in order: all words exchanged by key, against DataFusion's exchange",
        [&|| bench.run(bench.exchanged()?), &|| bench.run(unordered(bench.exchanged()?)?)],
    )?;
    bench.compare(
        budget,
        "a guest's fold: words counted by key, against the built-in count",
        [&|| bench.run(bench.tallied()?), &|| bench.run(bench.counted()?)],
    )?;
    bench.compare(
        budget,
        "made once: words split by a guest for two readers, against splitting them for each",
        [&|| bench.two_readers_of_one(), &|| bench.two_readers_of_two()],
    )
}

struct Bench<'g> {
    guests: &'g Guests,
    engine: Engine,
    runtime: Runtime,
    words: SchemaRef,
    lines: SchemaRef,
}

impl<'g> Bench<'g> {
    fn new(guests: &'g Guests) -> Result<Self> {
        let memory = MemoryBudget::new(MEMORY);
        let services = Services {
            job: "speed".into(),
            plugins: guests.host.clone(),
            memory: memory.clone(),
            blocks: BlockStore::new(),
            offset_readers: Default::default(),
            datasets: DatasetStore::new(),
            state: StateStore::new(memory.clone()),
            dead_letters: sluicebox::engine::DeadLetters::new(Default::default(), memory.clone()),
            reports: Reports::new(),
        };
        let engine = Engine::new(EngineOptions::new(PARALLELISM, KEY_GROUPS, services))?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut numbers = Numbers::new();
        let words = keep(&engine, "all words", |rows| inputs::words(&mut numbers, rows), ROWS)?;
        // A line has ten words.
        let lines = keep(&engine, "lines", |rows| inputs::lines(&mut numbers, rows), ROWS / 10)?;
        Ok(Self { guests, engine, runtime, words, lines })
    }

    /// Time what is named with and without it.
    fn compare(&self, budget: Duration, name: &str, [with, without]: [&dyn Fn() -> Result<u64>; 2]) -> Result<()> {
        let (rows, others) = (with()?, without()?);
        if rows != others {
            return Err(format!("{name}: {rows} rows, and {others} without it").into());
        }
        let times = in_turns(budget, vec![case(with), case(without)])?;
        row(&[
            name.to_owned(),
            duration(times[0].median()),
            duration(times[1].median()),
            ratio(times[0].ratio_to(&times[1])),
            rows.to_string(),
        ]);
        Ok(())
    }

    /// Run a plan to its end; the rows that it made.
    fn run(&self, plan: Plan) -> Result<u64> {
        let stream = "counts".into();
        let rows = self.engine.run_partitions(plan, &stream, BATCH, 0, |_, rows| counted(rows));
        let rows: u64 = self.runtime.block_on(rows)?.iter().sum();
        self.engine.services().reports.take(BATCH, 0);
        Ok(rows)
    }

    fn scan(&self, stream: &str, batch: BatchTime, partitions: usize, schema: &SchemaRef) -> Plan {
        Arc::new(DatasetScanExec::new(stream.into(), batch, partitions, schema.clone()))
    }

    fn all_words(&self) -> Plan {
        self.scan("all words", INPUT, SOURCES, &self.words)
    }

    fn counted(&self) -> Result<Plan> {
        Ok(aggregate::by_key(BuiltIn::Count, self.all_words(), &[0], &shuffle())?)
    }

    fn exchanged(&self) -> Result<Plan> {
        let mode = ExchangeMode::Keys { columns: vec![0], key_groups: KEY_GROUPS };
        Ok(Arc::new(ExchangeExec::try_new("counts".into(), self.all_words(), mode, PARALLELISM)?))
    }

    fn tallied(&self) -> Result<Plan> {
        let operator = self.guests.operator("tally");
        let binding = self.guests.host.bind_aggregate(&operator, &Schema::empty())?;
        let stream = "counts".into();
        let tally = PluginAggregate { operator, binding, values: vec![], stream, batch: BATCH, attempt: 0 };
        Ok(plugin_by_key(tally, self.all_words(), &[0], &shuffle())?)
    }

    /// The words of the lines, made by a guest when they are read.
    fn split(&self) -> Result<Plan> {
        let transform = self.guests.transform("split", &self.lines)?;
        let lines = self.scan("lines", INPUT, SOURCES, &self.lines);
        Ok(Arc::new(TransformExec::new(transform.operator, transform.binding, "words".into(), BATCH, 0, lines)))
    }

    fn two_readers_of_one(&self) -> Result<u64> {
        let words = self.split()?;
        let schema = words.schema();
        let kept = self.runtime.block_on(self.engine.materialize(words, &"words".into(), BATCH, 0))?;
        let read = || self.scan("words", BATCH, kept.partitions, &schema);
        let rows = self.read_twice(&[read(), read()]);
        self.engine.services().datasets.drop_batch(BATCH);
        rows
    }

    fn two_readers_of_two(&self) -> Result<u64> {
        self.read_twice(&[self.split()?, self.split()?])
    }

    /// One counts by word, the other all of them.
    fn read_twice(&self, [first, second]: &[Plan; 2]) -> Result<u64> {
        let by_word = self.run(aggregate::by_key(BuiltIn::Count, first.clone(), &[0], &shuffle())?)?;
        Ok(by_word + self.run(aggregate::count(second.clone(), &"all".into())?)?)
    }
}

fn shuffle() -> Shuffle {
    Shuffle { stream: "counts".into(), partitions: PARALLELISM, key_groups: KEY_GROUPS }
}

/// Keep the partitions of a stream to read from; its columns.
fn keep(
    engine: &Engine,
    stream: &str,
    mut make: impl FnMut(usize) -> Result<RecordBatch>,
    rows: usize,
) -> Result<SchemaRef> {
    let services = engine.services();
    for partition in 0..SOURCES {
        let starts = (0..rows).step_by(BATCH_ROWS);
        let batches = starts.map(|start| make(BATCH_ROWS.min(rows - start))).collect::<Result<_>>()?;
        let reserved = services.memory.try_reserve(Share::Engine, 0)?;
        services.datasets.insert(&stream.into(), INPUT, partition as u32, batches, reserved);
    }
    Ok(make(0)?.schema())
}

async fn counted(mut rows: SendableRecordBatchStream) -> DataFusionResult<u64> {
    let mut count = 0;
    while let Some(rows) = rows.next().await {
        count += rows?.num_rows() as u64;
    }
    Ok(count)
}

/// The same plan with DataFusion's own exchange, which mixes the rows of source partitions as they come.
fn unordered(plan: Plan) -> Result<Plan> {
    let replaced = plan.transform_up(|node| {
        if node.name() != "ExchangeExec" {
            return Ok(Transformed::no(node));
        }
        let input = node.children()[0].clone();
        let key = Arc::new(Column::new(input.schema().field(0).name(), 0));
        let hashed = Partitioning::Hash(vec![key], node.properties().output_partitioning().partition_count());
        Ok(Transformed::yes(Arc::new(RepartitionExec::try_new(input, hashed)?) as Plan))
    })?;
    Ok(replaced.data)
}

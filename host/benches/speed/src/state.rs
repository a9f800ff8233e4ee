//! Keyed state: what a batch costs that touches few of many keys, or all of them, and how much memory a key takes.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::clock::BatchTime;
use sluicebox::datafusion::physical_plan::ExecutionPlan;
use sluicebox::engine::state::{StateOperator, StateUse, Stateful, stateful};
use sluicebox::engine::state_builtin::BuiltInUpdate;
use sluicebox::engine::{BlockStore, DatasetScanExec, DatasetStore, Engine, EngineOptions, Reports, Services, Shuffle};
use sluicebox::memory::{MemoryBudget, Share};
use sluicebox::plugin::{StateBinding, StateKind};
use sluicebox::state::StateStore;
use tokio::runtime::{Builder, Runtime};

use crate::inputs::Numbers;
use crate::measure::{Result, case, duration, head, in_turns, row};
use crate::plugins::{Guests, MEMORY, PARALLELISM};

const KEY_GROUPS: u32 = 128;
/// Keys that a batch touches.
const TOUCHED: usize = 10_000;
/// Keys of a batch that only fills the state.
const FILL: usize = 500_000;

/// Print the table.
///
/// # Errors
/// If a plan fails, or keeps another number of keys than it should.
pub fn table(guests: &Guests, budget: Duration) -> Result<()> {
    let about = format!(
        "Keys of two kinds, int64 or text of 16 bytes, each with an int64 as its state. A batch has {TOUCHED} rows of random keys; its \
         time is from the plan until the state is that of the next batch. In {PARALLELISM} partitions."
    );
    head("Keyed state", &about, &["operator", "key", "keys held", "a batch, median", "bytes a key", "of them live"], 2);
    for (operator, is_text, n_keys) in [
        (Some("visits"), false, 10_000),
        (Some("visits"), false, 1_000_000),
        (Some("visits"), false, 10_000_000),
        (Some("visits"), true, 1_000_000),
        (Some("visits"), true, 10_000_000),
        (Some("sum"), false, 1_000_000),
        (Some("sum"), true, 1_000_000),
        (None, false, 1_000_000),
    ] {
        Bench::new(guests, operator, is_text)?.measure(n_keys, budget)?;
    }
    Ok(())
}

struct Bench {
    name: String,
    engine: Engine,
    runtime: Runtime,
    stateful: Arc<Stateful>,
    is_text: bool,
    batch: Cell<i64>,
}

impl Bench {
    /// An operator of the guest, or the host's own sum.
    fn new(guests: &Guests, operator: Option<&str>, is_text: bool) -> Result<Self> {
        let memory = MemoryBudget::new(MEMORY);
        let services = Services {
            job: "speed".into(),
            plugins: guests.host.clone(),
            memory: memory.clone(),
            blocks: BlockStore::new(),
            offset_readers: Default::default(),
            datasets: DatasetStore::new(),
            state: StateStore::new(memory.clone()),
            dead_letters: sluicebox::engine::DeadLetters::new(Default::default(), memory),
            reports: Reports::new(),
        };
        let engine = Engine::new(EngineOptions::new(PARALLELISM, KEY_GROUPS, services))?;
        let schema = rows(is_text, [0].into_iter())?.schema();
        let (key, value) = (schema.project(&[0])?, schema.project(&[1])?);
        let (operator, binding, name) = match operator {
            Some(name) => {
                let full = if is_text { format!("{name}-of-text") } else { name.to_owned() };
                let operator = guests.operator(&full);
                let binding = guests.host.bind_state(&operator, &key, &value)?;
                let kind = binding.kind.name();
                (StateOperator::Plugin(Box::new(operator)), binding, format!("{kind}, a guest's"))
            }
            None => {
                let input: SchemaRef = Arc::new(value);
                let binding = StateBinding {
                    kind: StateKind::UpdateStateByKey,
                    key_order: vec![0],
                    keys: Arc::new(key),
                    columns: vec![1],
                    state: BuiltInUpdate::Sum.state(&input)?,
                    input,
                    version: 1,
                    output: Arc::new(sluicebox::arrow::datatypes::Schema::empty()),
                    timeout: None,
                };
                (StateOperator::BuiltIn(BuiltInUpdate::Sum), binding, "update-state-by-key, `sum`".to_owned())
            }
        };
        let timeout_ms = binding.timeout.map(|timeout| i64::try_from(timeout.as_millis())).transpose()?;
        let stateful = Arc::new(Stateful {
            operator,
            binding,
            keys: vec![0],
            values: vec![1],
            timeout_ms,
            time_to_live_ms: None,
            state_size: None,
        });
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        Ok(Self { name, engine, runtime, stateful, is_text, batch: Cell::new(0) })
    }

    fn measure(&self, n_keys: usize, budget: Duration) -> Result<()> {
        for start in (0..n_keys).step_by(FILL) {
            let end = n_keys.min(start + FILL);
            self.run((start..end).map(|key| key as u64))?;
        }
        let state = self.engine.services().state.get("kept").ok_or("the state is gone")?;
        if state.n_keys() != n_keys as u64 {
            return Err(format!("{} keys are kept of {n_keys}", state.n_keys()).into());
        }
        let mut numbers = Numbers::new();
        let touch = || {
            let keys: Vec<u64> = (0..TOUCHED).map(|_| numbers.next() % n_keys as u64).collect();
            self.run(keys.into_iter())
        };
        let times = in_turns(budget, vec![case(touch)])?;
        let each = |bytes: u64| format!("{:.1}", bytes as f64 / n_keys as f64);
        row(&[
            self.name.clone(),
            if self.is_text { "text".to_owned() } else { "int64".to_owned() },
            n_keys.to_string(),
            duration(times[0].median()),
            each(state.held_bytes()),
            each(state.live_bytes()),
        ]);
        Ok(())
    }

    /// A batch of rows of these keys, all of it: as a batch of a job, from plan to commit.
    fn run(&self, keys: impl Iterator<Item = u64>) -> Result<()> {
        let batch = BatchTime(self.batch.get() + 1000);
        self.batch.set(batch.0);
        let input = rows(self.is_text, keys)?;
        let schema = input.schema();
        let services = self.engine.services();
        let half = input.num_rows() / 2;
        let parts = [input.slice(0, half), input.slice(half, input.num_rows() - half)];
        for (partition, rows) in (0..).zip(parts) {
            let reserved = services.memory.try_reserve(Share::Engine, 0)?;
            services.datasets.insert(&"rows".into(), batch, partition, vec![rows], reserved);
        }
        let scan: Arc<dyn ExecutionPlan> = Arc::new(DatasetScanExec::new("rows".into(), batch, 2, schema));
        let shuffle = Shuffle { stream: "kept".into(), partitions: PARALLELISM, key_groups: KEY_GROUPS };
        let stateful_use = StateUse {
            stateful: self.stateful.clone(),
            stream: "kept".into(),
            key_groups: KEY_GROUPS,
            batch,
            attempt: 0,
            times: None,
        };
        let plan = stateful(stateful_use, scan, None, &shuffle)?;
        self.runtime.block_on(self.engine.materialize(plan, &"kept".into(), batch, 0))?;
        let commits = services.state.commit(batch, 0);
        std::thread::scope(|scope| -> Result<()> {
            let applied: Vec<_> = commits.into_iter().map(|part| scope.spawn(|| part.apply())).collect();
            for applied in applied {
                applied.join().map_err(|_| "a commit panicked")??;
            }
            Ok(())
        })?;
        services.datasets.drop_batch(batch);
        services.reports.take(batch, 0);
        Ok(())
    }
}

/// A row of each key, with the value 1.
fn rows(is_text: bool, keys: impl Iterator<Item = u64>) -> Result<RecordBatch> {
    let column: ArrayRef = match is_text {
        true => Arc::new(keys.map(|key| Some(format!("user-{key:011}"))).collect::<StringArray>()),
        false => Arc::new(keys.map(|key| key as i64).collect::<Int64Array>()),
    };
    let ones: ArrayRef = Arc::new(Int64Array::from(vec![1; column.len()]));
    Ok(RecordBatch::try_from_iter([("key", column), ("n", ones)])?)
}

//! How fast an operator of a component is: its calls timed from outside and from inside, one after the other on one thread.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Schema, SchemaRef};

use super::job::{columns_of, key_of, operator_of};
use super::rows::made_up;
use super::{OperatorCase, job};
use crate::clock::{BatchTime, Stopwatch};
use crate::engine::node::{bytes_of, number};
use crate::engine::operators::rows_per_call;
use crate::error::{Error, Result};
use crate::job::machine;
use crate::memory::MemoryBudget;
use crate::plugin::{
    AggregateBinding, Compiler, Digest, Limits, OnError, Operator, OperatorKind, OperatorRef, PluginError, PluginHost,
    PluginHostOptions, Policy, StateBinding, StateWork, Task, TransformBinding, TransformKind,
};

/// Rows that are made up where a case doesn't say which.
pub const ROWS: usize = 65_536;
/// Keys that an aggregate's rows are of.
const GROUPS: u32 = 1_000;
/// What is measured isn't limited as a job would limit it, but for an end.
const TIME: Duration = Duration::from_secs(60);
/// How much is copied to find out how long copying takes, in bytes at a time.
const COPIED: usize = 1 << 20;

/// A component whose operators are measured.
pub struct OperatorBench {
    host: Arc<PluginHost>,
    digest: Digest,
    operators: Vec<Operator>,
    /// The component's size, in bytes.
    pub size: u64,
    /// How long it took to compile it.
    pub compiled_in: Duration,
}

/// What was measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// Rows handed over.
    pub rows: u64,
    /// Rows of one call, at most.
    pub rows_per_call: u64,
    /// Bytes of them.
    pub bytes_per_call: u64,
    /// Calls.
    pub calls: u64,
    /// How long they took, from rows in to rows out.
    pub took: Duration,
    /// How long of that the host spent to hand rows over and to take them back: laying them out, checking them, and what copying as many bytes takes.
    pub boundary: Duration,
    /// How long it takes until an instance takes its first row.
    pub start: Duration,
    /// The most memory that an instance had, in bytes.
    pub memory: u64,
}

/// What an operator is given.
#[derive(Debug, Clone)]
pub struct Given {
    operator: Operator,
    config: String,
    /// The key's columns come first.
    n_keys: usize,
    rows: RecordBatch,
}

impl Given {
    /// The operator's name.
    pub fn operator(&self) -> &str {
        &self.operator.name
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}

impl OperatorBench {
    /// Compile a component.
    ///
    /// # Errors
    /// If it is none that plugins can be.
    pub fn new(component: &[u8], compiler: Compiler) -> Result<Self> {
        let memory = MemoryBudget::new(machine::memory() / 2);
        let host = PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache: None, compiler })?;
        let watch = Stopwatch::start();
        let digest = host.add(component).map_err(|error| Error::invalid(error.kind.to_string()))?;
        let compiled_in = watch.elapsed();
        let inspection = host.inspect(&digest).map_err(|error| Error::invalid(error.to_string()))?;
        Ok(Self { host, digest, operators: inspection.operators, size: inspection.size, compiled_in })
    }

    /// Its operators that can be measured: those that take rows of a stream and make some.
    pub fn operators(&self) -> impl Iterator<Item = &str> {
        let can = |operator: &&Operator| !matches!(operator.kind, OperatorKind::Sink | OperatorKind::Receiver { .. });
        self.operators.iter().filter(can).map(|operator| operator.name.as_str())
    }

    /// What a case gives its operator in its first batch, as often as it takes to be many rows.
    ///
    /// # Errors
    /// What is wrong with the case.
    pub fn of_case(&self, case: &OperatorCase) -> Result<Given> {
        let operator = operator_of(&self.operators, case)?.clone();
        let schema = columns_of(case, &operator)?;
        let rows = job::first_rows(case, &schema)?;
        if rows.num_rows() == 0 {
            return Err(case
                .case
                .place
                .wrong(format!("case \"{}\": its first batch has no rows", case.case.name))
                .into());
        }
        let times = ROWS.div_ceil(rows.num_rows());
        let rows = arrow::compute::concat_batches(&schema, std::iter::repeat_n(&rows, times)).map_err(Error::failed)?;
        let keys = key_of(case, &operator);
        let (rows, n_keys) = keys_first(&rows, &keys)?;
        if matches!(operator.kind, OperatorKind::State(_)) {
            // A call has each key once.
            let made = made_up(&rows.schema(), rows.num_rows(), n_keys)?;
            let columns = made.columns()[..n_keys].iter().chain(&rows.columns()[n_keys..]).cloned();
            let rows =
                RecordBatch::try_new(rows.schema(), columns.collect::<Vec<ArrayRef>>()).map_err(Error::failed)?;
            return Ok(Given { operator, config: case.plugin.config.clone(), n_keys, rows });
        }
        Ok(Given { operator, config: case.plugin.config.clone(), n_keys, rows })
    }

    /// Made-up rows of the columns that an operator asks for.
    ///
    /// # Errors
    /// If there is no such operator, or it doesn't say which columns.
    pub fn made_up(&self, operator: &str) -> Result<Given> {
        let case = OperatorCase::of(operator);
        let help = |message: String, help: String| Error::invalid_with_help(message, help);
        let Some(operator) = self.operators.iter().find(|known| known.name == operator).cloned() else {
            let names: Vec<&str> = self.operators().collect();
            let message = format!("the component has no operator \"{operator}\"");
            return Err(help(message, format!("it has {}", names.join(", "))));
        };
        let schema = columns_of(&case, &operator).map_err(|_| {
            let message =
                format!("operator \"{}\" doesn't ask for columns that rows could be made up of", operator.name);
            help(message, "name a file with a case of it by --cases".to_owned())
        })?;
        let keys = key_of(&case, &operator);
        let (rows, n_keys) = keys_first(&made_up(&schema, ROWS, keys.len())?, &keys)?;
        Ok(Given { operator, config: "{}".to_owned(), n_keys, rows })
    }

    /// Call an operator with these rows again and again, for so long.
    ///
    /// # Errors
    /// If it fails, or the component has no such operator, or it doesn't take the columns.
    pub fn measure(&self, given: &Given, time: Duration) -> Result<Measured> {
        let Some(operator) = self.operators.iter().find(|operator| operator.name == given.operator.name) else {
            return Err(Error::invalid(format!("it has no operator \"{}\"", given.operator.name)));
        };
        let op = OperatorRef {
            plugin: "measured".to_owned(),
            operator: operator.name.clone(),
            digest: self.digest,
            config: given.config.clone(),
            limits: Limits { memory: 1 << 30, table_elements: 1 << 20, time: TIME, ..Limits::default() },
            on_reject: Policy::Skip,
            on_error: OnError::default(),
        };
        let fails = |error: PluginError| Error::failed(error.to_string());
        let wrong = |error: PluginError| Error::invalid(error.to_string());
        let offered = schema_from(given, given.n_keys);
        let bound = match operator.kind {
            OperatorKind::Transform(_) => Bound::Transform(self.host.bind_transform(&op, &offered).map_err(wrong)?),
            OperatorKind::Aggregate { .. } => Bound::Aggregate(self.host.bind_aggregate(&op, &offered).map_err(wrong)?),
            OperatorKind::State(_) => {
                let keys = Schema::new(given.rows.schema().fields()[..given.n_keys].to_vec());
                Bound::State(Box::new(self.host.bind_state(&op, &keys, &offered).map_err(wrong)?))
            }
            OperatorKind::Sink | OperatorKind::Receiver { .. } => {
                let message = format!("operator \"{}\" takes rows from outside, or gives them there", operator.name);
                return Err(Error::invalid(message));
            }
        };
        let chunks = self.chunks(given, &bound)?;
        let mut measured = Measured {
            rows_per_call: chunks.iter().map(|chunk| chunk.n_rows as u64).max().unwrap_or(0),
            bytes_per_call: chunks.iter().map(|chunk| chunk.bytes).max().unwrap_or(0),
            ..Measured::default()
        };
        // Caches and branch predictors are filled first.
        self.round(&op, &bound, &chunks, &mut Measured::default()).map_err(fails)?;
        let watch = Stopwatch::start();
        let (mut n_rounds, mut copied) = (0_u32, 0);
        while n_rounds == 0 || watch.elapsed() < time {
            copied += self.round(&op, &bound, &chunks, &mut measured).map_err(fails)?;
            n_rounds += 1;
        }
        measured.start /= n_rounds;
        let copying = copying(copied).min(measured.took.saturating_sub(measured.boundary));
        measured.boundary += copying;
        Ok(measured)
    }

    /// One partition: an instance, and a call for each chunk. Returns how many bytes crossed.
    fn round(&self, op: &OperatorRef, bound: &Bound, chunks: &[Chunk], to: &mut Measured) -> Result<u64, PluginError> {
        let task = Task {
            job: "bench".into(),
            stream: "measured".into(),
            batch: BatchTime(1000),
            partition: 0,
            partitions: 1,
            attempt: 0,
            done: 0,
            logged: Default::default(),
        };
        let watch = Stopwatch::start();
        let mut bytes = 0;
        let inside = || self.host.metrics().call_nanos;
        let mut timed = |to: &mut Measured, call: &mut dyn FnMut() -> Result<u64, PluginError>| {
            let (before, watch) = (inside(), Stopwatch::start());
            let made = call()?;
            let (took, guest) = (watch.elapsed(), Duration::from_nanos(inside().saturating_sub(before)));
            to.took += took;
            to.boundary += took.saturating_sub(guest);
            bytes += made;
            Ok::<(), PluginError>(())
        };
        let report = match bound {
            Bound::Transform(binding) => {
                let mut instance = self.host.open_transform(op, binding, &task)?;
                to.start += watch.elapsed();
                for chunk in chunks {
                    timed(to, &mut || Ok(bytes_of(&instance.process(&chunk.values)?.rows) as u64))?;
                }
                if binding.kind == TransformKind::MapPartitions {
                    let mut is_over = false;
                    while !is_over {
                        timed(to, &mut || {
                            let made = instance.finish()?;
                            is_over = made.is_none();
                            Ok(made.map_or(0, |rows| bytes_of(&rows) as u64))
                        })?;
                    }
                }
                instance.report()
            }
            Bound::Aggregate(binding) => {
                let mut instance = self.host.open_aggregate(op, binding, &task)?;
                to.start += watch.elapsed();
                for chunk in chunks {
                    timed(to, &mut || Ok(bytes_of(&instance.partial(&chunk.values, &chunk.groups, GROUPS)?) as u64))?;
                }
                instance.report()
            }
            Bound::State(binding) => {
                let mut instance = self.host.open_state(op, binding, &task)?;
                to.start += watch.elapsed();
                for chunk in chunks {
                    let Some(work) = &chunk.work else { continue };
                    timed(to, &mut || {
                        let outcome = instance.update(work)?;
                        Ok((bytes_of(&outcome.state) + bytes_of(&outcome.emitted)) as u64)
                    })?;
                }
                instance.report()
            }
        };
        to.calls += chunks.len() as u64;
        to.rows += chunks.iter().map(|chunk| chunk.n_rows as u64).sum::<u64>();
        to.memory = to.memory.max(report.memory_peak);
        Ok(bytes + chunks.iter().map(|chunk| chunk.bytes).sum::<u64>())
    }

    fn chunks(&self, given: &Given, bound: &Bound) -> Result<Vec<Chunk>> {
        let rows = &given.rows;
        let per_call = rows_per_call(rows.num_rows(), bytes_of(rows));
        let starts = (0..rows.num_rows()).step_by(per_call);
        starts.map(|start| Chunk::new(given, bound, start, per_call.min(rows.num_rows() - start))).collect()
    }
}

/// An operator that has agreed on columns.
enum Bound {
    Transform(TransformBinding),
    Aggregate(AggregateBinding),
    State(Box<StateBinding>),
}

/// What one call is given.
struct Chunk {
    n_rows: usize,
    bytes: u64,
    values: RecordBatch,
    groups: Vec<u32>,
    work: Option<StateWork>,
}

impl Chunk {
    fn new(given: &Given, bound: &Bound, start: usize, n_rows: usize) -> Result<Self> {
        let rows = given.rows.slice(start, n_rows);
        let columns = |of: &[usize], from: usize| {
            let of: Vec<usize> = of.iter().map(|idx| idx + from).collect();
            rows.project(&of).map_err(Error::failed)
        };
        let groups = (0..number(n_rows)).map(|row| row.wrapping_mul(2_654_435_761) % GROUPS).collect();
        let (values, work) = match bound {
            // The operator's own columns are taken out by the host.
            Bound::Transform(_) => (columns(&all(given), given.n_keys)?, None),
            Bound::Aggregate(binding) => (columns(&binding.columns, given.n_keys)?, None),
            Bound::State(binding) => {
                let values = columns(&binding.columns, given.n_keys)?;
                let work = StateWork {
                    keys: columns(&binding.key_order, 0)?,
                    values: values.clone(),
                    value_ends: (1..=number(n_rows)).collect(),
                    old: RecordBatch::new_empty(binding.state.clone()),
                    old_keys: vec![],
                    timed_out: vec![],
                };
                (values, Some(work))
            }
        };
        Ok(Self { n_rows, bytes: bytes_of(&rows) as u64, values, groups, work })
    }
}

fn all(given: &Given) -> Vec<usize> {
    (0..given.rows.num_columns() - given.n_keys).collect()
}

fn schema_from(given: &Given, first: usize) -> Schema {
    Schema::new(given.rows.schema().fields()[first..].to_vec())
}

/// The same rows with the key's columns first.
fn keys_first(rows: &RecordBatch, keys: &[String]) -> Result<(RecordBatch, usize)> {
    let schema = rows.schema();
    let key =
        |name: &String| schema.index_of(name).map_err(|_| Error::invalid(format!("there is no column \"{name}\"")));
    let keys: Vec<usize> = keys.iter().map(key).collect::<Result<_>>()?;
    let others = (0..schema.fields().len()).filter(|idx| !keys.contains(idx));
    let order: Vec<usize> = keys.iter().copied().chain(others).collect();
    Ok((rows.project(&order).map_err(Error::failed)?, keys.len()))
}

/// How long copying so many bytes takes on this machine.
fn copying(bytes: u64) -> Duration {
    let from = vec![1_u8; COPIED];
    let mut to = vec![0_u8; COPIED];
    let times = 64;
    let watch = Stopwatch::start();
    for _ in 0..times {
        to.copy_from_slice(std::hint::black_box(&from));
        std::hint::black_box(&mut to);
    }
    let per_byte = watch.elapsed().as_nanos() as f64 / (times * COPIED) as f64;
    Duration::from_nanos((per_byte * bytes as f64) as u64)
}

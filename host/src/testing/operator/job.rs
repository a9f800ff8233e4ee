//! The job that a case of an operator is run in.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};

use super::super::case::{Inner, InputDataset, Rows};
use super::super::runner::{Options, Outcome, Runner};
use super::super::value;
use super::{INPUT, OperatorCase};
use crate::engine::reports::OperatorReport;
use crate::error::{Diagnostic, Error, Result};
use crate::job::definition::{
    AggregateDefinition, ComponentSource, Definition, JobOptions, OperationDefinition, OperatorName, OutputDefinition,
    Place, PluginDefinition, SinkDefinition, SourceDefinition, StatefulDefinition, StreamBody, StreamDefinition,
    UpdateDefinition,
};
use crate::job::file::report::Report;
use crate::job::nearest::did_you_mean;
use crate::memory::MemoryBudget;
use crate::plugin::{
    Inspection, Limits, Operator, OperatorKind, PluginHost, PluginHostOptions, StateKind, TransformKind,
};
use crate::testing::Collected;

/// What the plugin is called in the job.
const PLUGIN: &str = "tested";
/// What the operator's stream is called where the operator is called as its input.
const MADE: &str = "made";
/// As many partitions as are worked on at a time: what comes of a case must not depend on the machine.
const PARALLELISM: usize = 2;

/// A component whose operators are run against cases.
#[derive(Debug)]
pub struct OperatorRunner {
    component: Arc<[u8]>,
    inspection: Inspection,
    options: Options,
}

/// What became of a case.
#[derive(Debug)]
pub struct OperatorOutcome {
    /// The operator.
    pub operator: String,
    /// What is not as the case expects it.
    pub outcome: Outcome,
    /// What the operator did, and used.
    pub report: OperatorReport,
    /// The fuel that it has burnt: what it did, counted alike in every run.
    pub fuel: u64,
}

impl OperatorRunner {
    /// Look at a component.
    ///
    /// # Errors
    /// If it is none that plugins can be.
    pub fn new(component: &[u8], options: Options) -> Result<Self> {
        let memory = MemoryBudget::new(crate::job::machine::memory() / 2);
        let (cache, compiler) = (options.cache.clone(), options.compiler.clone());
        let host = PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache, compiler })?;
        let refused = |error: crate::plugin::PluginError| Error::invalid(error.kind.to_string());
        let digest = host.add(component).map_err(refused)?;
        let inspection = host.inspect(&digest).map_err(|error| Error::invalid(error.to_string()))?;
        Ok(Self { component: component.into(), inspection, options })
    }

    /// What the component is and offers.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Look for mistakes in a case without running it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, case: &OperatorCase) -> Result<()> {
        let (runner, case, _) = self.runner(case, false)?;
        runner.check(&case)
    }

    /// Run a case: once as a job would, and, where that counts no fuel, once more to count it.
    ///
    /// # Errors
    /// What is wrong with the case.
    pub async fn run(&self, case: &OperatorCase) -> Result<OperatorOutcome> {
        let (runner, named, operator) = self.runner(case, false)?;
        let outcome = runner.run(&named).await?;
        let report = reported(&outcome);
        let fuel = match case.plugin.limits.fuel {
            Some(_) => report.fuel,
            None => {
                let (metered, named, _) = self.runner(case, true)?;
                reported(&metered.run(&named).await?).fuel
            }
        };
        Ok(OperatorOutcome { operator: operator.to_owned(), outcome, report, fuel })
    }

    /// A runner of the job that a case needs, the case with that job's names, and its operator.
    fn runner(&self, case: &OperatorCase, counts_fuel: bool) -> Result<(Runner, super::Case, &str)> {
        let operator = operator_of(&self.inspection.operators, case)?;
        let stream = if operator.name == INPUT { MADE } else { &operator.name };
        let definition = self.definition(case, operator, stream, counts_fuel)?;
        let mut named = case.case.clone();
        named.states.iter_mut().for_each(|state| stream.clone_into(&mut state.stream));
        named.expected.iter_mut().for_each(|expected| stream.clone_into(&mut expected.name));
        Ok((Runner::new(definition, self.options.clone()), named, &operator.name))
    }

    fn definition(
        &self,
        case: &OperatorCase,
        operator: &Operator,
        stream: &str,
        counts_fuel: bool,
    ) -> Result<Definition> {
        let schema = columns_of(case, operator)?;
        let mut plugin = PluginDefinition {
            name: PLUGIN.to_owned(),
            component: ComponentSource::Bytes(self.component.clone()),
            ..case.plugin.clone()
        };
        if counts_fuel {
            plugin.limits.fuel.get_or_insert(Limits::COUNTED);
        }
        let mut job = JobOptions::new("plugin-test", case.batch_interval);
        job.parallelism = PARALLELISM;
        let of = |name: &str, body| StreamDefinition {
            name: name.to_owned(),
            body,
            rates: Default::default(),
            event_time: None,
            place: Place::Program,
        };
        let input = of(INPUT, StreamBody::Source(SourceDefinition::Queue { schema, queue: None }));
        let operation = operation(case, operator)?;
        let made = of(stream, StreamBody::Operation { inputs: vec![INPUT.to_owned()], operation });
        let sink = SinkDefinition::Custom(Arc::new(Collected::default()));
        // Also of a case that only expects state, or that it fails.
        let output =
            OutputDefinition { name: format!("{stream}: rows"), input: stream.to_owned(), sink, place: Place::Program };
        Ok(Definition {
            job,
            plugins: vec![plugin],
            streams: vec![input, made],
            tables: vec![],
            broadcasts: vec![],
            outputs: vec![output],
            dead_letters: None,
            file: None,
            started_with: None,
        })
    }
}

/// The operator that a case is of.
pub(super) fn operator_of<'a>(operators: &'a [Operator], case: &OperatorCase) -> Result<&'a Operator> {
    let names = || operators.iter().map(|operator| operator.name.as_str());
    match (&case.operator, operators) {
        (None, [only]) => Ok(only),
        (None, _) => {
            let message = format!("case \"{}\": it doesn't say which operator it is of", case.case.name);
            let help = format!("add operator, one of {}", names().collect::<Vec<_>>().join(", "));
            Err(case.case.place.wrong(message).help(help).into())
        }
        (Some((name, place)), _) => operators.iter().find(|operator| operator.name == *name).ok_or_else(|| {
            let message = format!("case \"{}\": the component has no operator \"{name}\"", case.case.name);
            place.wrong(message).help(did_you_mean(name, names(), "operators")).into()
        }),
    }
}

/// What the one operator of a case's job did.
fn reported(outcome: &Outcome) -> OperatorReport {
    outcome.operators.values().next().cloned().unwrap_or_default()
}

fn wrong(case: &OperatorCase, operator: &Operator, message: &str, help: String) -> Error {
    let message = format!("case \"{}\": operator \"{}\" {message}", case.case.name, operator.name);
    Error::from(Diagnostic { ..case.case.place.wrong(message).help(help) })
}

fn operation(case: &OperatorCase, operator: &Operator) -> Result<OperationDefinition> {
    use OperationDefinition as Op;
    let name = OperatorName {
        plugin: PLUGIN.to_owned(),
        operator: operator.name.clone(),
        columns: None,
        overrides: Default::default(),
    };
    let key = key_of(case, operator);
    Ok(match &operator.kind {
        OperatorKind::Transform(_) if !case.key.is_empty() => {
            return Err(wrong(case, operator, "takes no key", "remove key".to_owned()));
        }
        OperatorKind::Transform(TransformKind::Map) => Op::Map(name),
        OperatorKind::Transform(TransformKind::FlatMap) => Op::FlatMap(name),
        OperatorKind::Transform(TransformKind::Filter) => Op::Filter(name),
        OperatorKind::Transform(TransformKind::MapPartitions) => Op::MapPartitions(name),
        OperatorKind::Aggregate { .. } if key.is_empty() => Op::Reduce { with: AggregateDefinition::Operator(name) },
        OperatorKind::Aggregate { .. } => {
            Op::ReduceByKey { key, with: AggregateDefinition::Operator(name), partitions: Some(1) }
        }
        OperatorKind::State(state) => {
            let columns: Vec<&str> = key.iter().map(String::as_str).collect();
            let mut stateful = StatefulDefinition::new(&columns, UpdateDefinition::Operator(name));
            stateful.partitions = Some(1);
            (stateful.timeout, stateful.time_to_live) = (case.timeout, case.time_to_live);
            match state.kind {
                StateKind::UpdateStateByKey => Op::UpdateStateByKey(Box::new(stateful)),
                StateKind::MapWithState => Op::MapWithState(Box::new(stateful)),
            }
        }
        OperatorKind::Sink | OperatorKind::Receiver { .. } => {
            let help = "try it in a job: its outside is there when the job runs".to_owned();
            return Err(wrong(case, operator, "takes rows from outside, or gives them there", help));
        }
    })
}

/// The key's columns: what the case says, or what an operator over keyed state asks for.
pub(super) fn key_of(case: &OperatorCase, operator: &Operator) -> Vec<String> {
    match &operator.kind {
        OperatorKind::State(state) if case.key.is_empty() => {
            let keys = state.keys.as_ref().map(|keys| named(keys, "key")).unwrap_or_default();
            keys.iter().map(|field| field.name().clone()).collect()
        }
        _ => case.key.clone(),
    }
}

/// The columns that the operator is given: what the case says, or what the operator asks for.
pub(super) fn columns_of(case: &OperatorCase, operator: &Operator) -> Result<SchemaRef> {
    if let Some(columns) = &case.columns {
        return Ok(columns.clone());
    }
    let unknown = |message: &str| {
        let help = "add columns, such as columns = { word = \"string\" }".to_owned();
        Err(wrong(case, operator, message, help))
    };
    let mut fields: Vec<FieldRef> = match &operator.kind {
        OperatorKind::State(state) => match &state.keys {
            None => return unknown("takes any key, and the case doesn't say which columns it has"),
            Some(keys) => {
                // The case may call a key's columns what it likes.
                let names = key_of(case, operator);
                let renamed = named(keys, "key").into_iter().zip(names);
                renamed.map(|(field, name)| Arc::new(Field::clone(&field).with_name(name))).collect()
            }
        },
        OperatorKind::Aggregate { .. } if !case.key.is_empty() => {
            return unknown("has a key, and the case doesn't say which columns there are");
        }
        _ => vec![],
    };
    match &operator.input {
        None => return unknown("takes any columns, and the case doesn't say which"),
        Some(input) => fields.extend(named(input, "value")),
    }
    if fields.is_empty() {
        return unknown("reads no columns, and rows have some");
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// Columns, those without a name called `any`, or that and a number where there are several.
fn named(columns: &Schema, any: &str) -> Vec<FieldRef> {
    let n_columns = columns.fields().len();
    let name = |(idx, field): (usize, &FieldRef)| match (field.name().is_empty(), n_columns) {
        (false, _) => field.clone(),
        (true, 1) => Arc::new(Field::clone(field).with_name(any)),
        (true, _) => Arc::new(Field::clone(field).with_name(format!("{any}{}", idx + 1))),
    };
    columns.fields().iter().enumerate().map(name).collect()
}

/// The rows of a case's first batch.
pub(super) fn first_rows(case: &OperatorCase, schema: &SchemaRef) -> Result<RecordBatch> {
    let report = Report::of_text(vec![], false);
    let about = format!("case \"{}\": input", case.case.name);
    let dataset = case.case.inputs.first().and_then(|input| input.datasets.first());
    let parts: Vec<&Rows> = match dataset {
        Some(InputDataset::Spread(rows)) => vec![rows],
        Some(InputDataset::Partitions(partitions)) => partitions.iter().collect(),
        Some(InputDataset::Missing) | None => vec![],
    };
    let read = |rows: &&Rows| match &rows.0 {
        Inner::Written(nodes) => value::rows(schema, nodes, &about, &report),
        Inner::Made(rows) => Some(rows.clone()),
    };
    let read: Option<Vec<RecordBatch>> = parts.iter().map(read).collect();
    match read {
        Some(read) => concat_batches(schema, &read).map_err(Error::failed),
        None => Err(Error::Invalid(report.into_mistakes())),
    }
}

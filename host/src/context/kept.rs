//! What a job that runs lends to another edition of itself: what is the same in both goes on as it is, with what it holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use crate::batch::broadcasts::Broadcasts;
use crate::batch::tables::StaticTable;
use crate::batch::{Backpressure, Shared};
use crate::job::definition::{
    Definition, JobOptions, OutputDefinition, SourceDefinition, StreamBody, StreamDefinition,
};
use crate::job::same;
use crate::output::Sink;
use crate::receiver::InputStream;

/// The running job, where a definition is looked at beside one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept<'a> {
    /// The other definition.
    pub definition: &'a Definition,
    /// The running job; none where a job is looked at for itself.
    pub shared: Option<&'a Shared>,
}

impl Kept<'_> {
    fn before(&self) -> Option<&Definition> {
        self.shared.map(|shared| shared.edition.definition())
    }

    /// The source of a stream, if it goes on as it is.
    pub fn source(&self, stream: &StreamDefinition) -> Option<Arc<dyn InputStream>> {
        let before = self.before()?;
        let known = before.streams.iter().find(|known| known.name == stream.name)?;
        let (StreamBody::Source(then), StreamBody::Source(now)) = (&known.body, &stream.body) else { return None };
        let same_operator = match now {
            SourceDefinition::Receiver(receiver) => same::operator(&receiver.operator, before, self.definition),
            _ => true,
        };
        let (job, job_before) = (&self.definition.job, &before.job);
        let same = same::source(then, now)
            && known.rates == stream.rates
            && same_operator
            && (!is_cut(now) || cutting(job) == cutting(job_before))
            && (stream.rates.initial.is_none() || job.backpressure.is_some() == job_before.backpressure.is_some());
        self.shared?.edition.sources.get(&stream.name).filter(|_| same).cloned()
    }

    /// The sink of an output that writes rows of these columns, if it goes on as it is.
    pub fn sink(&self, output: &OutputDefinition, schema: Option<&SchemaRef>) -> Option<Arc<dyn Sink>> {
        let (before, edition) = (self.before()?, &self.shared?.edition);
        let known = before.written().find(|known| known.name == output.name)?;
        let same_operator = output.sink.operator().is_none_or(|name| same::operator(name, before, self.definition));
        // A function is given the dataset of its stream, by name.
        let same_input =
            known.input == output.input || !matches!(output.sink, crate::job::definition::SinkDefinition::ForEach(_));
        let resolved = edition.graph.outputs.iter().find(|of| of.name == output.name)?;
        let same_columns = schema.is_some_and(|schema| *schema == edition.graph.streams[resolved.stream].schema);
        let same = same::sink(&known.sink, &output.sink) && same_operator && same_input && same_columns;
        edition.sink(&output.name).filter(|_| same).cloned()
    }

    /// The static tables that go on as they are, among those that are read by plugins or aren't.
    pub fn tables(&self) -> BTreeMap<String, Arc<StaticTable>> {
        let (Some(before), Some(shared)) = (self.before(), self.shared) else { return BTreeMap::new() };
        let is_same = |name: &String| {
            let table = |definition: &Definition| definition.tables.iter().find(|table| table.name == *name).cloned();
            let same = matches!((table(before), table(self.definition)), (Some(a), Some(b)) if same::table(&a, &b));
            same && granted(before, name) == granted(self.definition, name)
        };
        let tables = shared.edition.tables.0.iter().filter(|(name, _)| is_same(name));
        tables.map(|(name, table)| (name.clone(), table.clone())).collect()
    }

    /// What estimates the rates of sources, if it goes on as it is.
    pub fn backpressure(&self) -> Option<Arc<Backpressure>> {
        let same = self.before()?.job.backpressure == self.definition.job.backpressure;
        self.shared.filter(|_| same).map(|shared| shared.edition.backpressure.clone())
    }

    /// The broadcast values, if they go on as they are.
    pub fn broadcasts(&self) -> Option<Arc<Broadcasts>> {
        let before = self.before()?;
        let said = |definition: &Definition| {
            let of = definition.broadcasts.iter().map(|of| (of.name.clone(), of.source.clone(), of.refresh));
            of.collect::<Vec<_>>()
        };
        let same = said(before) == said(self.definition);
        self.shared.filter(|_| same).map(|shared| shared.edition.broadcasts.clone())
    }
}

/// Whether some plugin may read a table.
pub(super) fn granted(definition: &Definition, table: &str) -> bool {
    let mut grants = definition.plugins.iter().map(|plugin| &plugin.limits.grants);
    grants.any(|grants| grants.tables.iter().any(|granted| granted == table))
}

/// Whether rows of a source are cut into blocks as the job says.
fn is_cut(source: &SourceDefinition) -> bool {
    matches!(source, SourceDefinition::Socket { .. } | SourceDefinition::Receiver(_))
}

fn cutting(job: &JobOptions) -> (std::time::Duration, u64, usize) {
    (job.block_interval, job.block_size, job.block_queue)
}

//! Another component for a plugin of a running job.
//!
//! A candidate is validated and compiled beside the batches, and its state migrated, where it keeps another version. Then one record goes to the batch log, between two plans: every batch that is planned
//! after it runs with the candidate, every batch planned before with what it was planned with, also when it is run again by another process. If one of the first batches fails by the candidate, the job goes
//! back to the component before, by a record of the same sort.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::driver::Driver;
use super::keep::{dataset_columns, shape};
use super::listener::Event;
use super::log::{Record, SwapKind, SwapRecord};
use super::migrate::stateful;
use super::vouched::Vouched;
use crate::clock::BatchTime;
use crate::dstream::{DStream, Evaluation, Graph, Reads, StreamKind};
use crate::engine::EngineError;
use crate::error::{Error, Result};
use crate::job::nearest::nearest;
use crate::job::types::SchemaNames;
use crate::plugin::Digest;
use crate::receiver::InputStream;

/// The longest text that says who wants a swap, or why, in bytes.
const MAX_TEXT: usize = 1_024;
/// Components that are kept compiled besides those in use, so that going back to them takes no time, or is possible at all in a job without a checkpoint.
const KEPT: usize = 8;

/// What is to be swapped.
#[derive(Debug, Clone)]
pub struct SwapRequest {
    /// The plugin's name in the job.
    pub plugin: String,
    /// The component.
    pub component: Bytes,
    /// Its signature, the text of the file: needed where the job has trusted keys.
    pub signature: Option<String>,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What to go back to.
#[derive(Debug, Clone)]
pub struct RollbackRequest {
    /// The plugin's name in the job.
    pub plugin: String,
    /// A component that it was; the one before the last swap if none.
    pub to: Option<Digest>,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub why: String,
}

impl Driver {
    /// The last swaps, oldest first.
    pub fn swaps(&self) -> Vec<SwapRecord> {
        self.components.swaps()
    }

    /// The component that each plugin is in batches planned from now on.
    pub fn components_now(&self) -> BTreeMap<String, Digest> {
        self.components.current().graph.plugins.clone()
    }

    /// See [`crate::context::RunningJob::swap`].
    pub async fn swap(self: Arc<Self>, request: SwapRequest) -> Result<SwapRecord> {
        let SwapRequest { plugin, component: bytes, signature, by, why } = request;
        self.components.until_ready().await;
        let _one = self.components.swapping.lock().await;
        let to = self.load_candidate(&plugin, bytes.clone(), signature.as_deref()).await?;
        let vouched = Vouched { bytes, signature };
        let swapped = self.swap_to(&plugin, to, Some(vouched), SwapKind::Swap, (by, why)).await;
        self.forget_components(to);
        swapped
    }

    /// See [`crate::context::RunningJob::rollback`].
    pub async fn rollback(self: Arc<Self>, request: RollbackRequest) -> Result<SwapRecord> {
        let RollbackRequest { plugin, to, by, why } = request;
        self.components.until_ready().await;
        let _one = self.components.swapping.lock().await;
        self.digest_now(&plugin)?;
        let earlier = self.earlier(&plugin);
        let to = match to.or_else(|| self.components.last_swap(&plugin).map(|swap| swap.from)) {
            Some(to) if earlier.contains(&to) => to,
            Some(to) => {
                let known: Vec<String> = earlier.iter().map(ToString::to_string).collect();
                let message = format!("plugin \"{plugin}\" was never the component {to}");
                return Err(Error::invalid_with_help(message, format!("it was {}", known.join(", "))));
            }
            None => return Err(Error::invalid(format!("plugin \"{plugin}\" was never another component"))),
        };
        if self.parts.plugins.inspect(&to).is_err() {
            let gone = |reason: String| Error::invalid(format!("plugin \"{plugin}\": {reason}"));
            let Some(store) = &self.parts.checkpoint else {
                return Err(gone(format!(
                    "the component {to} is kept no more: a job without a checkpoint has the last {KEPT} only"
                )));
            };
            let restored = self.restore_component(store, &to).await;
            restored.and_then(|restored| restored).map_err(|reason| {
                Error::invalid_with_help(
                    format!("plugin \"{plugin}\": {reason}"),
                    "if it is one of long ago, it is kept no more: give its file to `swap` instead",
                )
            })?;
        }
        let swapped = self.swap_to(&plugin, to, None, SwapKind::Rollback, (by, why)).await;
        self.forget_components(to);
        swapped
    }

    /// Check and compile a component, once it is known that someone the job trusts vouches for it.
    pub(super) async fn load_candidate(&self, plugin: &str, bytes: Bytes, signature: Option<&str>) -> Result<Digest> {
        self.digest_now(plugin)?;
        self.check_candidate(plugin, &bytes, signature)?;
        let host = self.parts.plugins.clone();
        let added = tokio::task::spawn_blocking(move || host.add(&bytes)).await.map_err(Error::failed)?;
        let digest = added.map_err(|error| Error::invalid(format!("plugin \"{plugin}\": {error}")))?;
        self.parts.plugins.keep_signature(&digest, signature);
        Ok(digest)
    }

    fn digest_now(&self, plugin: &str) -> Result<Digest> {
        let plugins = self.components_now();
        plugins.get(plugin).copied().ok_or_else(|| {
            let message = format!("the job has no plugin \"{plugin}\"");
            match nearest(plugin, plugins.keys().map(String::as_str)) {
                Some(near) => Error::invalid_with_help(message, format!("did you mean \"{near}\"?")),
                None => Error::invalid(message),
            }
        })
    }

    /// All components that a plugin was.
    fn earlier(&self, plugin: &str) -> Vec<Digest> {
        let mut all: Vec<Digest> = self.edition().graph.plugins.get(plugin).copied().into_iter().collect();
        for swap in self.components.swaps().iter().filter(|swap| swap.plugin == plugin) {
            all.extend([swap.from, swap.to].into_iter().filter(|digest| !all.contains(digest)).collect::<Vec<_>>());
        }
        all
    }

    /// The job's graph with a component, which is loaded, if it may take the place of the current one.
    pub(super) async fn validated(&self, plugin: &str, to: Digest) -> Result<Arc<Graph>> {
        if self.digest_now(plugin)? == to {
            return Err(about(plugin, to, "the job runs with it already".to_owned()));
        }
        let mut plugins = self.components_now();
        plugins.insert(plugin.to_owned(), to);
        self.fitting(plugin, to, &plugins).await
    }

    /// The job's graph with these components, all of which are loaded, if the one that `plugin` is among them is one that the job file allows, and they may take the place of the current ones.
    async fn fitting(&self, plugin: &str, to: Digest, plugins: &BTreeMap<String, Digest>) -> Result<Arc<Graph>> {
        let about = |message: String| about(plugin, to, message);
        let edition = self.edition();
        let allowed = self.check_allowed(edition.definition(), plugin, &to);
        allowed.map_err(|forbidden| forbidden.about(plugin, Some(&to)))?;
        let graph = self.bound(plugins).await.map_err(&about)?;
        let now = self.components.current();
        fits(&now.graph, &graph, self.parts.engine.key_groups()).map_err(&about)?;
        for source in edition.sources.values() {
            source.check_components(plugins).map_err(|error| about(error.to_string()))?;
        }
        for (sink, output) in edition.sinks.iter().zip(&graph.outputs) {
            let checked = sink.check_components(plugins);
            checked.map_err(|error| about(format!("output \"{}\": {error}", output.name)))?;
        }
        Ok(graph)
    }

    /// The plugin is to be `to`, which is loaded.
    async fn swap_to(
        self: &Arc<Self>,
        plugin: &str,
        to: Digest,
        vouched: Option<Vouched>,
        kind: SwapKind,
        (by, why): (String, String),
    ) -> Result<SwapRecord> {
        let graph = self.validated(plugin, to).await?;
        let from = self.digest_now(plugin)?;
        if let Some(vouched) = vouched {
            self.keep_component(&to, &vouched).await?;
        }
        let record = SwapRecord {
            plugin: plugin.to_owned(),
            from,
            to,
            filed: self.edition().graph.plugins.get(plugin).copied().unwrap_or(from),
            after: None,
            planned_too: false,
            kind,
            time_ms: 0,
            by: cut(by),
            why: cut(why),
        };
        loop {
            self.migrate_beside(&graph).await.map_err(|error| about(plugin, to, error.to_string()))?;
            let recorded = self.record(record.clone(), graph.clone()).await;
            if !matches!(recorded, Ok(Some(_))) {
                self.forget_migrations(|of| of.digest() == to);
            }
            // Else the first batch was planned that makes state into what the swap before wants.
            if let Some(recorded) = recorded.transpose() {
                return recorded;
            }
        }
    }

    /// Record a swap between two plans: batches are planned with `graph` from then on. None where the next batch would find other state than was migrated.
    async fn record(&self, mut swap: SwapRecord, graph: Arc<Graph>) -> Result<Option<SwapRecord>> {
        let planning = self.components.planning.lock().await;
        let mut planned = self.components_now();
        planned.insert(swap.plugin.clone(), swap.to);
        if self.digest_now(&swap.plugin)? != swap.from || planned != graph.plugins {
            let plugin = &swap.plugin;
            return Err(Error::failed(format_args!(
                "plugin \"{plugin}\": the job went back to an earlier component meanwhile"
            )));
        }
        if !self.is_state_as_planned() {
            return Ok(None);
        }
        swap.after = self.components.last_planned();
        swap.time_ms = self.parts.clock.now_ms();
        self.put_down(&swap, graph).await?;
        drop(planning);
        self.tell(&Event::Swapped(swap.clone()));
        Ok(Some(swap))
    }

    /// Write a swap into the batch log, and plan with `graph` from then on; whoever calls holds `planning`.
    async fn put_down(&self, swap: &SwapRecord, graph: Arc<Graph>) -> Result<()> {
        self.parts.log.append(Record::Swap(swap.clone())).await.map_err(Error::failed)?;
        for (name, source) in &self.edition().sources {
            give_components(name, source.as_ref(), &graph.plugins);
        }
        self.components.set_current(graph);
        self.components.swapped(swap);
        Ok(())
    }

    /// Before a batch runs: sinks and keyed state are of the components that it was planned with.
    ///
    /// # Errors
    /// When a sink, or state, can't be.
    pub(super) async fn ready_components(self: &Arc<Self>, batch: BatchTime) -> Result<(), EngineError> {
        let graph = self.components.of(batch);
        for (sink, output) in self.edition().sinks.iter().zip(&graph.outputs) {
            sink.use_components(&graph.plugins).map_err(|error| EngineError {
                stream: output.name.as_str().into(),
                is_output: true,
                batch,
                attempt: 0,
                partition: None,
                cause: Box::new(error),
            })?;
        }
        self.adapt_states(&graph, batch).await
    }

    /// A batch has failed for good. If that is by a component that its plugin was swapped to not long ago, the job goes back to the one before, and if the plugin is another component by now, on to that: says whether it has.
    ///
    /// # Errors
    /// When that can't be recorded.
    pub(super) async fn back_out(self: &Arc<Self>, batch: BatchTime, error: &EngineError) -> Result<bool> {
        let Some(plugin) = error.plugin().map(str::to_owned) else { return Ok(false) };
        // No swap comes between what the plugin is now and what it is recorded to be instead.
        let planning = self.components.planning.lock().await;
        let Some(failed) = self.components.of(batch).plugins.get(&plugin).copied() else { return Ok(false) };
        let Ok(now) = self.digest_now(&plugin) else { return Ok(false) };
        // One that is kept no more can't be gone back to, and neither can one that can't read the state.
        for to in self.components.instead_of(&plugin, failed, now) {
            if self.parts.plugins.inspect(&to).is_err() {
                continue;
            }
            if let Some(swap) = self.change_back(batch, &plugin, failed, now, to, error).await? {
                drop(planning);
                self.tell(&Event::Swapped(swap));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The plugin, which is `now`, is `to` from the batch on that failed, if the job can go on with that; whoever calls holds `planning`.
    async fn change_back(
        self: &Arc<Self>,
        batch: BatchTime,
        plugin: &str,
        failed: Digest,
        now: Digest,
        to: Digest,
        error: &EngineError,
    ) -> Result<Option<SwapRecord>> {
        let plugin = plugin.to_owned();
        // Batches that are planned already, and last what batches are planned with.
        let current = self.components.current().graph.clone();
        let (batches, graphs): (Vec<BatchTime>, Vec<Arc<Graph>>) = self.components.from(batch).into_iter().unzip();
        let mut rebound: Vec<Arc<Graph>> = vec![];
        for graph in graphs.into_iter().chain([current.clone()]) {
            let mut plugins = graph.plugins.clone();
            plugins.insert(plugin.clone(), to);
            let graph = match rebound.iter().find(|graph| graph.plugins == plugins) {
                Some(graph) => graph.clone(),
                None => match self.fitting(&plugin, to, &plugins).await {
                    Ok(graph) => graph,
                    Err(reason) => {
                        tracing::error!(target: "sluicebox::job", plugin, %to, %reason, "the job can't go on with the other component");
                        return Ok(None);
                    }
                },
            };
            rebound.push(graph);
        }
        // Nothing is recorded that the job couldn't go on with.
        if batches.first() == Some(&batch)
            && let Err(reason) = self.adapt_states(&rebound[0], batch).await
        {
            tracing::error!(target: "sluicebox::job", plugin, %to, %reason, "the job can't go on with the other component");
            return Ok(None);
        }
        let why = cut(format!("batch {batch} failed: {error}"));
        let swap = SwapRecord {
            plugin: plugin.clone(),
            from: now,
            to,
            filed: self.edition().graph.plugins.get(&plugin).copied().unwrap_or(to),
            after: self.components.last_planned(),
            planned_too: true,
            kind: SwapKind::Failure,
            time_ms: self.parts.clock.now_ms(),
            by: String::new(),
            why,
        };
        tracing::error!(target: "sluicebox::job", plugin, batch_time = batch.0, from = %failed, %to, %error, "a batch failed with a component that its plugin was swapped to: it is run again with another, which the plugin is from now on");
        let next = rebound.pop().unwrap_or(current);
        self.put_down(&swap, next).await?;
        for (of, graph) in batches.into_iter().zip(rebound) {
            self.components.set_of(of, graph);
        }
        self.forget_migrations(|of| of.digest() == failed);
        Ok(Some(swap))
    }

    /// Compiled components that neither batches nor a quick way back need are given up; `last` is one that was just looked at.
    pub(super) fn forget_components(&self, last: Digest) {
        let mut keep = self.components.in_use();
        keep.extend(self.edition().graph.plugins.values());
        let swaps = self.components.swaps();
        let recent: Vec<Digest> = swaps.iter().rev().flat_map(|swap| [swap.to, swap.from]).collect();
        let mut recent_kept: Vec<Digest> = vec![];
        for digest in recent {
            if recent_kept.len() < KEPT && !recent_kept.contains(&digest) {
                recent_kept.push(digest);
            }
        }
        keep.extend(recent_kept);
        let gone = swaps.iter().flat_map(|swap| [swap.from, swap.to]).chain([last]);
        for digest in gone.filter(|digest| !keep.contains(digest)) {
            self.parts.plugins.remove(&digest);
        }
    }
}

/// What outlives a batch, and what outputs are bound to, stays as it is; streams between may have other columns.
pub(super) fn fits(now: &Graph, then: &Graph, key_groups: u32) -> Result<(), String> {
    let (evaluations, mut lasts) = (now.evaluations(), vec![false; now.streams.len()]);
    for output in &now.outputs {
        lasts[output.stream] = true;
    }
    for (idx, stream) in now.streams.iter().enumerate() {
        let operation = stream.operation();
        lasts[idx] |=
            now.remember.is_some() || stream.event_time.is_some() || operation.is_some_and(DStream::reads_itself);
        if matches!(operation.map(DStream::reads), Some(Reads::Back(_))) {
            stream.parents.iter().for_each(|parent| lasts[*parent] = true);
        }
    }
    if now.streams.len() != then.streams.len() {
        return Err("with it the job would have other streams".to_owned());
    }
    for (idx, (now, then)) in now.streams.iter().zip(&then.streams).enumerate() {
        let same_kind = matches!(
            (&now.kind, &then.kind),
            (StreamKind::Source { .. }, StreamKind::Source { .. })
                | (StreamKind::Table, StreamKind::Table)
                | (StreamKind::Operation(_), StreamKind::Operation(_))
        );
        if now.name != then.name || now.parents != then.parents || now.slide != then.slide || !same_kind {
            return Err(format!("with it the stream \"{}\" would be made in another way", now.name));
        }
        if lasts[idx] && evaluations[idx] != Evaluation::Unneeded {
            let columns = |schema: &SchemaRef| SchemaNames(schema).to_string();
            if columns(&now.schema) != columns(&then.schema) {
                let (now_columns, then_columns) = (columns(&now.schema), columns(&then.schema));
                return Err(format!(
                    "the stream \"{}\", which an output or a later batch reads, has the columns ({now_columns}), and with it ({then_columns})",
                    now.name
                ));
            }
            if dataset_columns(now) != dataset_columns(then) {
                return Err(format!(
                    "the stream \"{}\", which later batches read, holds partials of another version than with it",
                    now.name
                ));
            }
        }
    }
    for ((stream, now), (_, then)) in stateful(now).zip(stateful(then)) {
        let (now, then) = (shape(&now.spec(key_groups)), shape(&then.spec(key_groups)));
        if now.keys != then.keys || (now.version == then.version && now != then) {
            return Err(format!(
                "the stream \"{}\": its state is of the key and columns ({}), version {}, and with it ({}), version {}: an operator whose state has other columns declares another version",
                stream.name,
                super::recover::in_words(&[now.keys, now.state].concat()),
                now.version,
                super::recover::in_words(&[then.keys, then.state].concat()),
                then.version
            ));
        }
    }
    Ok(())
}

/// A source that runs is of these components from now on.
pub(super) fn give_components(name: &str, source: &dyn InputStream, plugins: &BTreeMap<String, Digest>) {
    // It was checked, so this is for what can't be foreseen; rows then go on coming from the component before.
    if let Err(error) = source.use_components(plugins) {
        tracing::error!(target: "sluicebox::receiver", stream = name, %error, "the source can't go on with the other component");
    }
}

fn about(plugin: &str, to: Digest, message: String) -> Error {
    Error::invalid(format!("plugin \"{plugin}\", component {to}: {message}"))
}

/// As much of a text as is kept.
pub(super) fn cut(text: String) -> String {
    if text.len() <= MAX_TEXT {
        return text;
    }
    let mut cut = text[..text.floor_char_boundary(MAX_TEXT)].to_owned();
    cut.push('…');
    cut
}

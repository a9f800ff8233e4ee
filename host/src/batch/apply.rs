//! Another job file for a running job: from one edition to the next, between two batches.
//!
//! The candidate is made beside the batches, with all that it has in common with the edition that runs: sources, sinks, tables that are the same go on as they are. Sources that go are stopped, and
//! batches are planned until what they hold is in one. Then, with no batch under way and none planned meanwhile, what is new is opened and started, one record goes to the batch log, and the job is of
//! the other file. Until the record, whatever goes wrong leaves the job as it was; from the record on, it is what a driver goes on with, whenever the job is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::changes::{ApplyPlan, Candidate, is_same};
use super::driver::{Driver, receiver_info};
use super::edition::Edition;
use super::listener::Event;
use super::log::{ApplyKind, ApplyRecord, Record, SwapKind, SwapRecord};
use super::swap::{cut, fits, give_components};
use super::tables::StaticTables;
use crate::clock::Stopwatch;
use crate::engine::DeadLetterLimits;
use crate::error::{Diagnostics, Error, Result};
use crate::output::Sink;
use crate::plugin::Digest;
use crate::receiver::{InputRange, InputStream, Past};

/// Changes that a record tells of.
const MAX_CHANGES: usize = 64;
/// How long what an output does in the background may hold up the job that another takes its place in.
const FINISHING: Duration = Duration::from_secs(10);

/// Makes a source of the edition that runs once more, as it was defined: one that was stopped can't be started again.
pub type Remake<'a> = &'a (dyn Fn(&str) -> Result<Arc<dyn InputStream>> + Send + Sync);

/// Who wants another job file, and why.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What was begun, to be undone where it goes wrong.
#[derive(Default)]
struct Begun {
    /// New sources that were started.
    sources: BTreeMap<String, Arc<dyn InputStream>>,
    /// New sinks that were opened.
    sinks: Vec<Arc<dyn Sink>>,
    /// New tables that were read.
    tables: StaticTables,
}

impl Driver {
    /// The last job files that were applied, oldest first.
    pub fn applies(&self) -> Vec<ApplyRecord> {
        self.components.applies()
    }

    /// The candidate whose components and columns fit, of an edition that was made beside this job.
    ///
    /// # Errors
    /// What doesn't fit.
    pub async fn candidate(&self, edition: Edition) -> Result<Candidate> {
        let now = self.edition();
        let current = self.components.current().graph.clone();
        let swapped = |(name, filed): (&String, &Digest)| {
            let same_file = now.graph.plugins.get(name) == Some(filed);
            let is_pinned = edition.definition().pinned(name).is_some();
            let digest = if same_file && !is_pinned { current.plugins.get(name).copied() } else { None };
            (name.clone(), digest.unwrap_or(*filed))
        };
        let plugins: BTreeMap<String, Digest> = edition.graph.plugins.iter().map(swapped).collect();
        for plugin in &edition.definition().plugins {
            let Some(digest) = plugins.get(&plugin.name) else { continue };
            self.check_allowed(edition.definition(), &plugin.name, digest).map_err(|forbidden| {
                let wrong = plugin.place.wrong(forbidden.message(&plugin.name, Some(digest)));
                Error::from(match forbidden.help {
                    Some(help) => wrong.help(help),
                    None => wrong,
                })
            })?;
        }
        let mut graph = edition.graph.clone();
        if plugins != graph.plugins {
            let binder = edition.binder.clone();
            let bound = tokio::task::spawn_blocking(move || binder.bind(&plugins)).await.map_err(Error::failed)?;
            let doesnt = |why: String| {
                let message = format!("plugins were swapped, and what they are now doesn't fit the job file: {why}");
                Error::invalid_with_help(message, "name the components that they are now in the job file")
            };
            graph = Arc::new(bound.map_err(|mistakes| doesnt(mistakes.to_string()))?);
            fits(&edition.graph, &graph, self.parts.engine.key_groups()).map_err(doesnt)?;
            let is_new = |name: &str, source: &Arc<dyn InputStream>| {
                !now.sources.get(name).is_some_and(|of| is_same(of, source))
            };
            for (_, source) in edition.sources.iter().filter(|(name, source)| is_new(name, source)) {
                source.use_components(&graph.plugins)?;
            }
        }
        for source in edition.sources.values() {
            source.check_components(&graph.plugins)?;
        }
        for sink in &edition.sinks {
            sink.check_components(&graph.plugins)?;
        }
        Ok(Candidate { edition: Arc::new(edition), graph })
    }

    /// Put a candidate in the place of the edition that runs. Nobody swaps meanwhile.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what doesn't fit, [`Error::Failed`] when something new can't be opened or started, or the job ends: the job is what it was.
    pub async fn apply(self: &Arc<Self>, candidate: Candidate, wish: Wish, remake: Remake<'_>) -> Result<ApplyRecord> {
        let plan = self.plan_of(&candidate);
        if !plan.refused.is_empty() {
            return Err(Error::Invalid(Diagnostics(plan.refused)));
        }
        if !plan.leaving.is_empty() && *self.paused.borrow() {
            let names: Vec<&str> = plan.leaving.iter().map(String::as_str).collect();
            let message = format!(
                "the job is paused, and what sources hold that go or change ({}) has to come into a batch first",
                names.join(", ")
            );
            return Err(Error::invalid_with_help(message, "resume the job, and apply the file then"));
        }
        self.keep_edition(&candidate.edition).await?;
        self.migrate_beside(&candidate.graph).await?;
        let mut begun = Begun::default();
        let put = match self.read_tables(&candidate.edition, &mut begun, false).await {
            Ok(()) => self.put_in_place(&candidate, wish, &mut begun).await,
            Err(error) => Err(error),
        };
        match put {
            Ok(record) => Ok(record),
            Err(error) => {
                self.undo(&candidate, begun, remake).await;
                Err(error)
            }
        }
    }

    /// What a driver needs to go on with the edition is in the checkpoint before the log names it.
    async fn keep_edition(&self, edition: &Edition) -> Result<()> {
        let Some(store) = &self.parts.checkpoint else { return Ok(()) };
        for (digest, vouched) in &edition.components {
            self.keep_component(digest, vouched).await?;
        }
        if let Some(file) = &edition.definition().file {
            let json = serde_json::to_vec(&**file).map_err(Error::failed)?;
            store.put(&job_file(&file.digest()), json.into()).await.map_err(Error::failed)?;
        }
        Ok(())
    }

    /// Read the tables that are new; those that plugins read too are read between two batches, since plugins know them by name only.
    async fn read_tables(&self, after: &Edition, begun: &mut Begun, between: bool) -> Result<()> {
        let before = self.edition();
        let is_kept = |name: &str, table: &Arc<_>| before.tables.0.get(name).is_some_and(|of| Arc::ptr_eq(of, table));
        let new = after.tables.0.iter().filter(|(name, table)| !is_kept(name, table));
        let new = new.filter(|(_, table)| table.is_for_plugins() == between);
        let new = StaticTables(new.map(|(name, table)| (name.clone(), table.clone())).collect());
        begun.tables.0.extend(new.0.iter().map(|(name, table)| (name.clone(), table.clone())));
        let begin = self.components.last_planned().unwrap_or_else(|| self.first.before(self.parts.interval));
        new.start(&self.parts.engine, begin).await?;
        if between && !Arc::ptr_eq(&before.broadcasts, &after.broadcasts) {
            after.broadcasts.start(&self.parts.engine.services().memory, begin).await?;
        }
        Ok(())
    }

    /// The sources that go hold nothing any more: batches were given the rest.
    async fn drain(&self, leaving: &BTreeSet<String>) {
        if leaving.is_empty() {
            return;
        }
        let edition = self.edition();
        let going = edition.sources.iter().filter(|(name, _)| leaving.contains(*name));
        futures::future::join_all(going.map(|(name, source)| async move {
            source.stop().await;
            self.note_stopped(name, source.as_ref());
        }))
        .await;
        self.leaving.send_replace(leaving.clone());
        // The sender lives as long as self, so this can't fail.
        let _ = self.leaving.subscribe().wait_for(BTreeSet::is_empty).await;
    }

    /// A batch is given this: sources that are stopped, and have nothing for it, have nothing for any other.
    pub(super) fn note_drained(&self, inputs: &BTreeMap<String, InputRange>) {
        let is_empty =
            |name: &String| inputs.get(name).is_none_or(|range| *range != InputRange::NoDataset && range.is_empty());
        self.leaving.send_if_modified(|leaving| {
            let before = leaving.len();
            leaving.retain(|name| !is_empty(name));
            leaving.len() < before
        });
    }

    async fn put_in_place(
        self: &Arc<Self>,
        candidate: &Candidate,
        wish: Wish,
        begun: &mut Begun,
    ) -> Result<ApplyRecord> {
        let leaving = self.plan_of(candidate).leaving;
        self.drain(&leaving).await;
        let boundary = self.boundary.lock().await;
        let watch = Stopwatch::start();
        if boundary.is_ending {
            return Err(Error::failed("the job is stopping: the file isn't applied"));
        }
        self.components.until_settled().await;
        let waited = watch.elapsed();
        // What was planned beforehand may have changed: the job has gone on since.
        let plan = self.plan_of(candidate);
        if !plan.refused.is_empty() {
            return Err(Error::Invalid(Diagnostics(plan.refused)));
        }
        if plan.leaving != leaving {
            return Err(Error::failed("the job's sources have changed meanwhile: apply the file once more"));
        }
        self.open_sinks(&candidate.edition, begun).await?;
        self.read_tables(&candidate.edition, begun, true).await?;
        self.start_new(&candidate.edition, &plan, begun).await?;
        let record = self.record_apply(&plan, candidate, wish).await?;
        self.go_over(candidate, &plan, &record).await;
        if self.parts.checkpoint.is_some() {
            // How new sources stand is known before their first batch is planned.
            self.compact().await?;
        }
        tracing::info!(
            target: "sluicebox::job",
            changes = plan.changes.len(), after = record.after.map(|batch| batch.0), ?waited, pause = ?(watch.elapsed() - waited),
            "another job file was applied"
        );
        drop(boundary);
        self.tell(&Event::Applied(Box::new(record.clone())));
        Ok(record)
    }

    /// Open the sinks that are new. No batch is under way, so that none of theirs is staged where they write.
    async fn open_sinks(&self, after: &Edition, begun: &mut Begun) -> Result<()> {
        let before = self.edition();
        let is_kept = |sink: &Arc<dyn Sink>, among: &[Arc<dyn Sink>]| among.iter().any(|of| is_same_sink(of, sink));
        let going: Vec<_> = before.sinks.iter().filter(|sink| !is_kept(sink, &after.sinks)).cloned().collect();
        let finishing = async move {
            let finishing = futures::future::join_all(going.iter().map(|sink| sink.finish()));
            if tokio::time::timeout(FINISHING, finishing).await.is_err() {
                tracing::warn!(target: "sluicebox::output", "what outputs do in the background that are no more is given up");
            }
            going.iter().for_each(|sink| sink.let_go());
        };
        let new = after.sinks.iter().zip(&after.graph.outputs).filter(|(sink, _)| !is_kept(sink, &before.sinks));
        let new: Vec<_> = new.collect();
        if new.is_empty() {
            tokio::spawn(finishing);
            return Ok(());
        }
        // A new one may write where one wrote that goes.
        finishing.await;
        let next = self.components.last_planned().map_or(self.first, |last| last.after(self.parts.interval));
        for (sink, output) in new {
            let about = |error: &dyn fmt::Display| Error::failed(format_args!("output \"{}\": {error}", output.name));
            begun.sinks.push(sink.clone());
            sink.open(self.term()).await.map_err(|error| about(&error))?;
            let last = sink.last().await.map_err(|error| about(&error))?;
            if let Some(last) = last.filter(|last| *last >= next) {
                return Err(about(&format_args!(
                    "an earlier run has written batches up to {last} there, and the next is {next}: write to another place"
                )));
            }
        }
        Ok(())
    }

    /// Start the sources that are new, each where it stands whose place it takes.
    async fn start_new(&self, after: &Edition, plan: &ApplyPlan, begun: &mut Begun) -> Result<()> {
        let before = self.edition();
        if let Some(log) = &self.parts.received {
            log.open_late(self.term()).await?;
            plan.dropped.sources.iter().for_each(|source| log.forget_positions(source));
        }
        for (name, source) in &after.sources {
            if before.sources.get(name).is_some_and(|of| is_same(of, source)) {
                continue;
            }
            let succeeds = plan.succeeded.contains(name);
            let standing = before.sources.get(name).filter(|_| succeeds).map(|of| of.standing()).transpose()?.flatten();
            if succeeds {
                source.recover(Past { standing, given: vec![] }).await?;
            }
            begun.sources.insert(name.clone(), source.clone());
            source.start().await?;
        }
        Ok(())
    }

    async fn record_apply(&self, plan: &ApplyPlan, candidate: &Candidate, wish: Wish) -> Result<ApplyRecord> {
        let planning = self.components.planning.lock().await;
        let mut changes: Vec<String> = plan.changes.iter().map(|change| cut(change.to_string())).collect();
        if changes.len() > MAX_CHANGES {
            let more = changes.len() - (MAX_CHANGES - 1);
            changes.truncate(MAX_CHANGES - 1);
            changes.push(format!("and {more} more"));
        }
        let record = ApplyRecord {
            from: plan.from,
            to: plan.to,
            filed: self.parts.edition.definition().filed(),
            after: self.components.last_planned(),
            kind: ApplyKind::Applied,
            changes,
            dropped: plan.dropped.clone(),
            time_ms: self.parts.clock.now_ms(),
            by: cut(wish.by),
            why: cut(wish.why),
        };
        self.parts.log.append(Record::Apply(Box::new(record.clone()))).await.map_err(Error::failed)?;
        self.components.applied(&record);
        for swap in self.filed_swaps(candidate, &record) {
            self.parts.log.append(Record::Swap(swap.clone())).await.map_err(Error::failed)?;
            self.components.swapped(&swap);
            self.tell(&Event::Swapped(swap));
        }
        drop(planning);
        Ok(record)
    }

    /// Plugins that are other components from now on, as the job file names others: going back to what they were is possible.
    fn filed_swaps(&self, candidate: &Candidate, record: &ApplyRecord) -> Vec<SwapRecord> {
        let now = self.components.current();
        let swap = |(plugin, to): (&String, &Digest)| {
            let from = now.graph.plugins.get(plugin).filter(|from| *from != to)?;
            Some(SwapRecord {
                plugin: plugin.clone(),
                from: *from,
                to: *to,
                filed: *to,
                after: record.after,
                planned_too: false,
                kind: SwapKind::Filed,
                time_ms: record.time_ms,
                by: record.by.clone(),
                why: "the job file that was applied names another component".to_owned(),
            })
        };
        candidate.graph.plugins.iter().filter_map(swap).collect()
    }

    /// The record is there: the job is of the other edition.
    async fn go_over(&self, candidate: &Candidate, plan: &ApplyPlan, record: &ApplyRecord) {
        let (before, after) = (self.edition(), candidate.edition.clone());
        let services = self.parts.engine.services();
        services.offset_readers.adopt(&after.offset_readers);
        let letters = after.definition().dead_letters.as_ref().map(|letters| letters.limits);
        services.dead_letters.set_limits(letters.unwrap_or_else(DeadLetterLimits::default));
        for stream in &plan.dropped.states {
            services.state.remove(stream);
            if let Some(keeper) = self.keeper.get() {
                keeper.forget(stream);
            }
        }
        plan.dropped.datasets.iter().for_each(|stream| services.datasets.drop_stream(stream));
        plan.dropped.event_times.iter().for_each(|stream| services.reports.forget_event_time(stream));
        for (name, table) in &before.tables.0 {
            if !after.tables.0.get(name).is_some_and(|of| Arc::ptr_eq(of, table)) {
                table.forget(&self.parts.engine);
            }
        }
        for (name, source) in &after.sources {
            match before.sources.get(name) {
                Some(of) if is_same(of, source) => {
                    give_components(name, source.as_ref(), &candidate.graph.plugins);
                }
                _ => self.note_started(name, source.as_ref()),
            }
        }
        let retained: Vec<&String> = candidate.graph.plugins.keys().collect();
        self.components.retain_plugins(|plugin| retained.iter().any(|of| *of == plugin));
        self.components.set_current(candidate.graph.clone());
        self.set_edition(after);
        let going: Vec<_> =
            before.sources.iter().filter(|(name, _)| plan.leaving.contains(*name)).map(|(_, of)| of.clone()).collect();
        futures::future::join_all(going.iter().map(|source| source.close())).await;
        tracing::debug!(target: "sluicebox::job", after = record.after.map(|batch| batch.0), "the job is of another file");
    }

    /// Something new couldn't be opened or started: what runs goes on.
    async fn undo(self: &Arc<Self>, candidate: &Candidate, begun: Begun, remake: Remake<'_>) {
        let before = self.edition();
        if Arc::ptr_eq(&before, &candidate.edition) {
            // It went wrong after the record.
            return;
        }
        // Nobody swaps or tries anything meanwhile, so there are no others.
        self.forget_migrations(|_| true);
        for source in begun.sources.values() {
            source.stop().await;
            source.close().await;
        }
        begun.sinks.iter().for_each(|sink| sink.let_go());
        begun.tables.0.values().for_each(|table| table.forget(&self.parts.engine));
        before.tables.0.values().for_each(|table| table.offer(&self.parts.engine));
        if !Arc::ptr_eq(&before.broadcasts, &candidate.edition.broadcasts) {
            before.broadcasts.offer();
        }
        for (sink, output) in before.sinks.iter().zip(&before.graph.outputs) {
            let was_kept = candidate.edition.sinks.iter().any(|of| is_same_sink(of, sink));
            if was_kept || begun.sinks.is_empty() {
                continue;
            }
            if let Err(error) = sink.open(self.term()).await {
                tracing::error!(target: "sluicebox::output", output = output.name, %error, "the output can't be opened again");
            }
        }
        self.revive(&before, remake).await;
    }

    /// Sources that were stopped for nothing are started once more.
    async fn revive(&self, before: &Arc<Edition>, remake: Remake<'_>) {
        let stopped: Vec<String> = before.sources.keys().filter(|name| !self.is_started(name)).cloned().collect();
        let boundary = self.boundary.lock().await;
        if stopped.is_empty() || boundary.is_ending {
            return;
        }
        let mut sources = before.sources.clone();
        for name in stopped {
            let Some(old) = before.sources.get(&name) else { continue };
            let again = async {
                let source = remake(&name)?;
                source.use_components(&self.components.current().graph.plugins)?;
                source.recover(Past { standing: old.standing()?, given: vec![] }).await?;
                source.start().await?;
                Ok::<_, Error>(source)
            };
            match again.await {
                Ok(source) => {
                    self.note_started(&name, source.as_ref());
                    old.close().await;
                    sources.insert(name, source);
                }
                Err(error) => {
                    tracing::error!(target: "sluicebox::receiver", stream = name, %error, "the source can't be started again: apply a job file, or start the job again");
                }
            }
        }
        self.set_edition(Arc::new(before.with_sources(sources)));
    }

    fn note_started(&self, name: &str, source: &dyn InputStream) {
        self.forget_source(name);
        self.rate(name, source, self.parts.clock.now_ms());
        self.set_started(name, true);
        self.tell(&Event::ReceiverStarted(receiver_info(name, source)));
    }

    fn note_stopped(&self, name: &str, source: &dyn InputStream) {
        self.set_started(name, false);
        self.tell(&Event::ReceiverStopped(receiver_info(name, source)));
    }
}

fn is_same_sink(a: &Arc<dyn Sink>, b: &Arc<dyn Sink>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
}

/// Where a job file is kept, below the checkpoint.
pub fn job_file(digest: &Digest) -> String {
    format!("jobs/{digest}.json")
}

//! Which components batches run with: the job's own, until a plugin is swapped.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use super::canary::Canary;
use super::log::{ApplyRecord, History, SwapKind, SwapRecord};
use super::migrate::Migration;
use crate::clock::BatchTime;
use crate::dstream::Graph;
use crate::plugin::Digest;
use crate::state::StreamState;

/// The first batches with another component: if one of them fails by it, the job goes back to the component before.
pub const PROBATION: u64 = 100;

/// The graph that batches are planned with.
#[derive(Debug)]
pub struct Current {
    /// With the components that plugins are now.
    pub graph: Arc<Graph>,
    /// Its shape's name.
    pub fingerprint: String,
}

impl Current {
    fn new(graph: Arc<Graph>) -> Arc<Self> {
        Arc::new(Self { fingerprint: graph.fingerprint(), graph })
    }
}

/// What batches are planned with, and run with.
#[derive(Debug)]
pub struct Components {
    current: RwLock<Arc<Current>>,
    /// The graphs of batches that are planned and not done: at most as many as may wait.
    of_batches: Mutex<BTreeMap<BatchTime, Arc<Graph>>>,
    last_planned: Mutex<Option<BatchTime>>,
    swaps: Mutex<VecDeque<SwapRecord>>,
    applies: Mutex<VecDeque<ApplyRecord>>,
    /// Batches that a plugin's component has yet to pass.
    on_probation: Mutex<BTreeMap<String, u64>>,
    /// Components by which a batch has failed since they were given: no way back leads to them.
    failed: Mutex<BTreeSet<Digest>>,
    /// State that is made into another version while batches go on.
    pub migrations: Mutex<Vec<Arc<Migration>>>,
    /// State as it was before the batch that is under way, in an earlier version.
    pub retired: Mutex<Vec<Arc<StreamState>>>,
    /// A candidate that is tried beside batches.
    pub canary: Mutex<Option<Arc<Canary>>>,
    /// Held while a batch is planned, or a swap recorded.
    pub planning: tokio::sync::Mutex<()>,
    /// Held by the one swap that is under way.
    pub swapping: tokio::sync::Mutex<()>,
    /// Held while a batch's changes of state are applied, or a key group is copied.
    pub state_gate: Arc<tokio::sync::Mutex<()>>,
    is_ready: watch::Sender<bool>,
    /// Told when a batch is done, or has made state into what it keeps.
    moved: watch::Sender<()>,
    /// The last batch that nothing is left to be done of.
    settled: watch::Sender<Option<BatchTime>>,
}

impl Components {
    /// The job's own.
    pub fn new(graph: Arc<Graph>) -> Self {
        Self {
            current: RwLock::new(Current::new(graph)),
            of_batches: Mutex::default(),
            last_planned: Mutex::default(),
            swaps: Mutex::default(),
            applies: Mutex::default(),
            on_probation: Mutex::default(),
            failed: Mutex::default(),
            migrations: Mutex::default(),
            retired: Mutex::default(),
            canary: Mutex::default(),
            planning: tokio::sync::Mutex::default(),
            swapping: tokio::sync::Mutex::default(),
            state_gate: Arc::default(),
            is_ready: watch::Sender::new(false),
            moved: watch::Sender::default(),
            settled: watch::Sender::new(None),
        }
    }

    /// The driver has taken over and recovered: plugins can be swapped.
    pub fn ready(&self) {
        self.is_ready.send_replace(true);
    }

    /// Returns once plugins can be swapped.
    pub async fn until_ready(&self) {
        // The sender lives as long as self, so this can't fail.
        let _ = self.is_ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// Nothing is left to be done of the batch, and nothing of what it ran with is in use.
    pub fn settled(&self, batch: BatchTime) {
        self.settled.send_replace(Some(batch));
    }

    /// Returns once all batches that are planned are settled.
    pub async fn until_settled(&self) {
        let Some(last) = self.last_planned() else { return };
        // The sender lives as long as self, so this can't fail.
        let _ = self.settled.subscribe().wait_for(|settled| settled.is_some_and(|settled| settled >= last)).await;
    }

    /// What batches are planned with.
    pub fn current(&self) -> Arc<Current> {
        self.current.read().clone()
    }

    /// Batches are planned with this from now on.
    pub fn set_current(&self, graph: Arc<Graph>) {
        *self.current.write() = Current::new(graph);
    }

    /// A batch is planned with this graph.
    pub fn planned(&self, batch: BatchTime, graph: Arc<Graph>) {
        self.of_batches.lock().insert(batch, graph);
        *self.last_planned.lock() = Some(batch);
    }

    /// What the checkpoint says was planned, and swapped, before.
    pub fn recovered(&self, history: &History) {
        *self.last_planned.lock() = history.planned;
        self.settled.send_replace(history.done);
        self.applies.lock().clone_from(&history.applies);
        self.swaps.lock().clone_from(&history.swaps);
        let swapped = history.components.iter().filter(|(_, now)| now.digest != now.filed);
        self.on_probation.lock().extend(swapped.map(|(plugin, _)| (plugin.clone(), PROBATION)));
    }

    /// The last batch that is planned.
    pub fn last_planned(&self) -> Option<BatchTime> {
        *self.last_planned.lock()
    }

    /// What a batch runs with.
    pub fn of(&self, batch: BatchTime) -> Arc<Graph> {
        let planned = self.of_batches.lock().get(&batch).cloned();
        planned.unwrap_or_else(|| self.current().graph.clone())
    }

    /// What the last batch runs with that is planned and not done, if there is one.
    pub fn last_waiting(&self) -> Option<Arc<Graph>> {
        self.of_batches.lock().last_key_value().map(|(_, graph)| graph.clone())
    }

    /// A batch is done, or has made state into what it keeps.
    pub fn tell_moved(&self) {
        self.moved.send_replace(());
    }

    /// Tells of [`Components::tell_moved`].
    pub fn moves(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// What batches run with that are planned and not done, from `batch` on.
    pub fn from(&self, batch: BatchTime) -> Vec<(BatchTime, Arc<Graph>)> {
        self.of_batches.lock().range(batch..).map(|(batch, graph)| (*batch, graph.clone())).collect()
    }

    /// A batch that is planned already runs with this graph.
    pub fn set_of(&self, batch: BatchTime, graph: Arc<Graph>) {
        self.of_batches.lock().insert(batch, graph);
    }

    /// The batch is done.
    pub fn done(&self, batch: BatchTime) {
        let graph = self.of(batch);
        let mut of_batches = self.of_batches.lock();
        *of_batches = of_batches.split_off(&BatchTime(batch.0 + 1));
        drop(of_batches);
        self.tell_moved();
        self.retired.lock().clear();
        let current = self.current();
        self.on_probation.lock().retain(|plugin, left| {
            if graph.plugins.get(plugin) == current.graph.plugins.get(plugin) {
                *left -= 1;
            }
            *left > 0
        });
    }

    /// Remember a swap, with which the plugin's component has yet to prove itself, also if it was there before: that may have been for as few batches as one that failed.
    pub fn swapped(&self, swap: &SwapRecord) {
        if swap.kind != SwapKind::Failure {
            // Whoever wants it again has a reason.
            self.failed.lock().remove(&swap.to);
        }
        match swap.kind {
            // What the job's author has put into the job file isn't taken out of it.
            SwapKind::Filed => drop(self.on_probation.lock().remove(&swap.plugin)),
            _ => drop(self.on_probation.lock().insert(swap.plugin.clone(), PROBATION)),
        }
        let mut swaps = self.swaps.lock();
        if swaps.len() >= History::SWAPS {
            swaps.pop_front();
        }
        swaps.push_back(swap.clone());
    }

    /// The last swaps, oldest first.
    pub fn swaps(&self) -> Vec<SwapRecord> {
        self.swaps.lock().iter().cloned().collect()
    }

    /// Remember that another job file was applied.
    pub fn applied(&self, apply: &ApplyRecord) {
        let mut applies = self.applies.lock();
        while applies.len() >= History::APPLIES {
            applies.pop_front();
        }
        applies.push_back(apply.clone());
    }

    /// The last job files that were applied, oldest first.
    pub fn applies(&self) -> Vec<ApplyRecord> {
        self.applies.lock().iter().cloned().collect()
    }

    /// Forget plugins that the job has no more.
    pub fn retain_plugins(&self, is_there: impl Fn(&str) -> bool) {
        self.on_probation.lock().retain(|plugin, _| is_there(plugin));
    }

    /// The last swap of a plugin to another component: a job file that names what the plugin was swapped to is recorded, too.
    pub fn last_swap(&self, plugin: &str) -> Option<SwapRecord> {
        self.swaps.lock().iter().rev().find(|swap| swap.plugin == plugin && swap.from != swap.to).cloned()
    }

    /// A batch has failed by a component, which its plugin may still be: the components that it is to be another of, the nearest first. Those by which batches have failed aren't among them.
    pub fn instead_of(&self, plugin: &str, failed: Digest, now: Digest) -> Vec<Digest> {
        let mut all_failed = self.failed.lock();
        all_failed.insert(failed);
        let swaps = self.swaps.lock();
        while all_failed.len() > History::SWAPS {
            all_failed.pop_first();
        }
        // It was given another since, which may well be because this one fails.
        let given = (now != failed).then_some(now);
        let before = swaps.iter().rev().filter(|swap| swap.plugin == plugin).flat_map(|swap| [swap.to, swap.from]);
        let before = before.filter(|_| given.is_some() || self.is_on_probation(plugin));
        let mut found: Vec<Digest> = vec![];
        for digest in given.into_iter().chain(before) {
            if !all_failed.contains(&digest) && !found.contains(&digest) {
                found.push(digest);
            }
        }
        found
    }

    /// Whether a plugin's component has yet to prove itself.
    pub fn is_on_probation(&self, plugin: &str) -> bool {
        self.on_probation.lock().contains_key(plugin)
    }

    /// Components that some batch may still run with.
    pub fn in_use(&self) -> Vec<Digest> {
        let current = self.current();
        let of_batches: Vec<_> = self.of_batches.lock().values().cloned().collect();
        of_batches.iter().chain([&current.graph]).flat_map(|graph| graph.plugins.values().copied()).collect()
    }
}
